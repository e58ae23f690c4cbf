"""Local servers that receive messages."""

import socket
import socketserver
import ssl
import threading
from contextlib import ExitStack, suppress
from types import SimpleNamespace

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from messages import MESSAGE

from papertrack import channels

_PASSWORD = "open sesame"


@pytest.fixture
def deliver():
    """Sends a message through a channel, as alerts do."""

    def send(channel, message=MESSAGE, seconds=60.0, *, stdout=None, **environ):
        return channels.connect(channel, environ, stdout, "tests/1").send(message, seconds)

    return send


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """A certificate authority for tests: its certificate file, and the SSL context of a server."""
    issuer = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    issuer.cert_pem.write_to_path(str(path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issuer.issue_cert("127.0.0.1").configure_cert(context)
    return SimpleNamespace(path=str(path), context=context)


@pytest.fixture
def smtp_server():
    """Starts real SMTP servers with a `port`, their accepted `mails` and the `password` of "me"."""

    def start(**settings):
        mails = []

        async def handle_data(_server, _session, envelope):
            mails.append(envelope)
            return "250 accepted"

        def authenticate(_server, _session, _envelope, _mechanism, login):
            success = (login.login, login.password) == (b"me", _PASSWORD.encode())
            return AuthResult(success=success, handled=False)

        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        handler = SimpleNamespace(handle_DATA=handle_data)
        server = Controller(
            handler, hostname="127.0.0.1", port=port, authenticator=authenticate, **settings
        )
        server.start()
        stack.callback(server.stop)
        return SimpleNamespace(port=port, mails=mails, password=_PASSWORD)

    with ExitStack() as stack:
        yield start


@pytest.fixture
def scripted_smtp():
    """Starts servers that reply to SMTP commands from a dictionary; `lines` has all lines received.

    The key "." is the reply to the text of an email, "hello" the greeting. A reply may be a
    function that is called with the connection. Commands are compared without case, because Python
    writes them differently from version to version.
    """

    def start(**replies):
        lines = []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                with suppress(OSError):
                    _converse(self, replies, lines)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        server = stack.enter_context(Server(("127.0.0.1", 0), Handler))
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        stack.callback(server.shutdown)
        return SimpleNamespace(port=server.server_address[1], lines=lines)

    with ExitStack() as stack:
        yield start


def _converse(handler, replies, lines):
    script = {"EHLO": "250-here\r\n250 AUTH PLAIN", "DATA": "354 go on"}
    script |= {command.upper(): reply for command, reply in replies.items()}
    _reply(handler, script.get("HELLO", "220 here"))
    in_text = False
    for received in handler.rfile:
        line = received.decode().rstrip("\r\n")
        lines.append(line)
        if in_text and line != ".":
            continue
        verb, _, rest = line.partition(" ")
        reply = script.get(rest.upper(), script.get(verb.upper(), "250 fine"))
        in_text = line.upper() == "DATA"
        _reply(handler, reply)


def _reply(handler, reply):
    if callable(reply):
        reply(handler.connection)
    else:
        handler.wfile.write(f"{reply}\r\n".encode())

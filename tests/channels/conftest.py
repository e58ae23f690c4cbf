"""Receivers on this machine, and a message for them."""

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
def sent():
    """Sends through a channel as the alerts do."""

    def send(channel, message=MESSAGE, seconds=60.0, *, stdout=None, **environ):
        return channels.connect(channel, environ, stdout, "tests/1").send(message, seconds)

    return send


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """A certificate authority of the tests: its file, and the context of a server."""
    issuer = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    issuer.cert_pem.write_to_path(str(path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issuer.issue_cert("127.0.0.1").configure_cert(context)
    return SimpleNamespace(path=str(path), context=context)


@pytest.fixture
def post_office():
    """Starts real SMTP servers; each has its `port`, in `mails` what it took, and the `password`
    with which `me` logs in.
    """

    def start(**settings):
        mails = []

        async def handle_data(_server, _session, envelope):
            mails.append(envelope)
            return "250 taken"

        def authenticate(_server, _session, _envelope, _mechanism, login):
            right = (login.login, login.password) == (b"me", _PASSWORD.encode())
            return AuthResult(success=right, handled=False)

        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        handler = SimpleNamespace(handle_DATA=handle_data)
        running = Controller(
            handler, hostname="127.0.0.1", port=port, authenticator=authenticate, **settings
        )
        running.start()
        stack.callback(running.stop)
        return SimpleNamespace(port=port, mails=mails, password=_PASSWORD)

    with ExitStack() as stack:
        yield start


@pytest.fixture
def script():
    """Starts servers that answer SMTP commands as a dictionary says, and the text of a mail under
    "."; an answer may be a function that gets the connection. `heard` has every line. Commands mean
    the same in any case, and Python writes them differently from version to version.
    """

    def start(**answers):
        heard = []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                with suppress(OSError):
                    _talk(self, answers, heard)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        running = stack.enter_context(Server(("127.0.0.1", 0), Handler))
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        stack.callback(running.shutdown)
        return SimpleNamespace(port=running.server_address[1], heard=heard)

    with ExitStack() as stack:
        yield start


def _talk(handler, answers, heard):
    known = {"EHLO": "250-here\r\n250 AUTH PLAIN", "DATA": "354 go on"}
    known |= {command.upper(): answer for command, answer in answers.items()}
    _answer(handler, known.get("HELLO", "220 here"))
    in_text = False
    for line in handler.rfile:
        told = line.decode().rstrip("\r\n")
        heard.append(told)
        if in_text and told != ".":
            continue
        verb, _, rest = told.partition(" ")
        answer = known.get(rest.upper(), known.get(verb.upper(), "250 fine"))
        in_text = told.upper() == "DATA"
        _answer(handler, answer)


def _answer(handler, answer):
    if callable(answer):
        answer(handler.connection)
    else:
        handler.wfile.write(f"{answer}\r\n".encode())

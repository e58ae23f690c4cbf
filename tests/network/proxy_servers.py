"""Small proxies on this machine, which connect to this machine whatever host is requested."""

import base64
import re
import socket
import socketserver
import threading
from contextlib import ExitStack, contextmanager, suppress
from types import SimpleNamespace

LOGIN = ("me", "open sesame")


@contextmanager
def http_proxy(*, refuse=None, login=None):
    """A proxy for HTTP, and with CONNECT for TLS; `refuse` is a status line instead.

    It has an `address`, and `asked` lists what it was requested.
    """
    required = login and b"Basic " + base64.b64encode(":".join(login).encode())

    def answer(connection, asked):
        head = _read_head(connection)
        method, target, _ = head.split(b" ", 2)
        asked.append(f"{method.decode()} {target.decode()}")
        if required and b"Proxy-Authorization: " + required not in head:
            connection.sendall(b"HTTP/1.1 407 Log In\r\nContent-Length: 0\r\n\r\n")
        elif refuse:
            connection.sendall(b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % refuse)
        elif method == b"CONNECT":
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            _relay(connection, int(target.rpartition(b":")[2]), b"")
        else:
            port, path = re.match(rb"http://[^/]*?:(\d+)(/.*)", target).groups()
            _relay(connection, int(port), head.replace(target, path, 1))

    with _serving(answer) as proxy:
        yield proxy


@contextmanager
def socks_proxy(*, login=None, reply=0):
    """A SOCKS 5 proxy; a `reply` but 0 refuses every connection.

    It has an `address`, and `asked` lists the hosts that it was requested to connect to.
    """

    def answer(connection, asked):
        methods = connection.recv(2)[1]
        wanted = 2 if login else 0
        if wanted not in connection.recv(methods):
            connection.sendall(b"\x05\xff")
            return
        connection.sendall(bytes([5, wanted]))
        if login:
            connection.recv(1)  # the version
            given = _counted(connection).decode(), _counted(connection).decode()
            correct = given == login
            connection.sendall(bytes([1, not correct]))
            if not correct:
                return
        kind = connection.recv(4)[3]
        host = _counted(connection).decode() if kind == 3 else socket.inet_ntoa(connection.recv(4))
        port = int.from_bytes(connection.recv(2), "big")
        asked.append(host)
        connection.sendall(bytes([5, reply, 0, 1]) + bytes(6))
        if not reply:
            _relay(connection, port, b"")

    with _serving(answer) as proxy:
        yield proxy


def _counted(connection):
    return connection.recv(connection.recv(1)[0])


def _read_head(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(65536)
    return head


def _relay(connection, port, opening):
    """Send the bytes of each side to the other until both have finished."""
    with socket.create_connection(("127.0.0.1", port)) as server:
        server.sendall(opening)
        back = threading.Thread(target=_pump, args=(server, connection), daemon=True)
        back.start()
        _pump(connection, server)
        back.join()


def _pump(reader, writer):
    with suppress(OSError):
        while part := reader.recv(65536):
            writer.sendall(part)
        writer.shutdown(socket.SHUT_WR)


@contextmanager
def _serving(answer):
    asked = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            with suppress(OSError):
                answer(self.request, asked)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    with ExitStack() as stack:
        server = stack.enter_context(Server(("127.0.0.1", 0), Handler))
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        stack.callback(server.shutdown)
        yield SimpleNamespace(address=f"127.0.0.1:{server.server_address[1]}", asked=asked)

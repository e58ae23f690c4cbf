"""Asking real servers, and how they answer."""

import gzip
import socket
import struct
import time

import pytest
from werkzeug import Response

from papertrack.errors import SourceError

# Seconds: longer than anything takes that does not hang.
AWHILE = 20.0
PACKED = gzip.compress(b"x" * 5000)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def ask(client, url, **params):
    return client.get("somewhere", url, params).body


def failure(client, url, **more):
    with pytest.raises(SourceError) as caught:
        client.get("somewhere", url, {}, **more)
    assert caught.value.source == "somewhere"
    assert caught.value.lines() == (caught.value.what,)
    assert "\n" not in caught.value.what
    return caught.value


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def answering(head, body=b""):
    return lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body)


def trickling(opening, drop=b"x"):
    def answer(connection):
        connection.sendall(opening)
        while True:
            connection.sendall(drop)
            time.sleep(0.02)

    return answer


def statuses(server, *answers):
    """Answers with one (status, headers) after the other, and from then on with 200."""
    left, moments = list(answers), []

    def answer(_request):
        moments.append(time.monotonic())
        status, headers = left.pop(0) if left else (200, {})
        return Response("hi" if status == 200 else "", status, headers)

    server.expect_request("/").respond_with_handler(answer)
    return moments


def soon():
    return time.monotonic() + AWHILE


def taken(turns):
    """How long it took to get the turn."""
    started = time.monotonic()
    with turns.turn(soon()):
        return time.monotonic() - started

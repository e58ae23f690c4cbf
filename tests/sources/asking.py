"""Asking real servers, and how they answer."""

import gzip
import socket
import struct
import time

import pytest
from werkzeug import Response

from papertrack.errors import SourceError

# Seconds: longer than anything takes that does not hang.
AWHILE = 60.0
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


def trickling(opening, drop=b"x", clock=None):
    """Sends the drop again and again, and with each lets a second of the clock pass."""

    def answer(connection):
        connection.sendall(opening)
        while True:
            connection.sendall(drop)
            time.sleep(0.01)
            if clock:
                clock.move(1)

    return answer


def silent(clock, seconds):
    """Lets so many seconds pass, and says nothing until the client hangs up."""

    def answer(connection):
        clock.move(seconds)
        hung_up(connection)

    return answer


def hung_up(connection):
    """Wait until the client closes the connection."""
    while connection.recv(65536):
        pass


def statuses(server, *answers, now=time.monotonic):
    """Answers with one (status, headers) after the other, and from then on with 200; the moments of
    the requests.
    """
    left, moments = list(answers), []

    def answer(_request):
        moments.append(now())
        status, headers = left.pop(0) if left else (200, {})
        return Response("hi" if status == 200 else "", status, headers)

    server.expect_request("/").respond_with_handler(answer)
    return moments


def until(happened):
    """Wait for something that another thread does."""
    end = soon()
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def soon():
    return time.monotonic() + AWHILE


def taken(turns):
    """How long it took to get the turn."""
    started = time.monotonic()
    with turns.slot(soon()):
        return time.monotonic() - started

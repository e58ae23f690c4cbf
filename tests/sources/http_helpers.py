"""Requests to real local servers, and the ways in which those respond."""

import gzip
import socket
import struct
import time

import pytest
from werkzeug import Response

from papertrack.errors import SourceError

# Seconds: longer than anything takes that does not hang.
AWHILE = 60.0
COMPRESSED = gzip.compress(b"x" * 5000)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def fetch(client, url, **params):
    return client.get("somewhere", url, params).body


def failure(client, url, **options):
    with pytest.raises(SourceError) as caught:
        client.get("somewhere", url, {}, **options)
    assert caught.value.source == "somewhere"
    assert caught.value.lines() == (caught.value.what,)
    assert "\n" not in caught.value.what
    return caught.value


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def responding(head, body=b""):
    return lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body)


def trickling(opening, drop=b"x", clock=None):
    """Sends the drop again and again, and moves the clock by a second with each."""

    def respond(connection):
        connection.sendall(opening)
        while True:
            connection.sendall(drop)
            time.sleep(0.01)
            if clock:
                clock.move(1)

    return respond


def silent(clock, seconds):
    """Moves the clock and sends nothing until the client disconnects."""

    def respond(connection):
        clock.move(seconds)
        wait_for_disconnect(connection)

    return respond


def wait_for_disconnect(connection):
    """Wait until the client closes the connection."""
    while connection.recv(65536):
        pass


def serve_statuses(server, *statuses, now=time.monotonic):
    """Respond with each (status, headers) in turn, then with 200; return the request times."""
    left, times = list(statuses), []

    def respond(_request):
        times.append(now())
        status, headers = left.pop(0) if left else (200, {})
        return Response("hi" if status == 200 else "", status, headers)

    server.expect_request("/").respond_with_handler(respond)
    return times


def wait_until(condition):
    """Wait for something that another thread does."""
    end = soon()
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def soon():
    return time.monotonic() + AWHILE


def slot_seconds(rate_limit):
    """How long it took to get a slot."""
    started = time.monotonic()
    with rate_limit.slot(soon()):
        return time.monotonic() - started

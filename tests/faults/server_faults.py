"""The faults of a server in one response: each is a function of the exchange."""

import gzip
import re
import socket
import struct
import zlib
from email.utils import formatdate
from functools import cache
from threading import Lock
from time import time

from faulty import page

_OK = b"HTTP/1.1 200 OK\r\n"
_DEEP = 100_000
_COMPRESSING = Lock()
_GZIP = "Content-Encoding: gzip"
_BOMB = [
    b'<?xml version="1.0"?>\n<!DOCTYPE rss [<!ENTITY a "ha">',
    *(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)),
    b"]>\n<rss><channel><title>&j;</title></channel></rss>",
]


# Time

UNRESPONSIVE = "accepts no connection, so that clients wait"


def is_silent(exchange):
    exchange.ended.wait(60)


def stalls_half_way(exchange):
    _half(exchange)
    exchange.ended.wait(60)


def trickles(opening):
    """A byte per second after this opening."""

    def respond(exchange):
        exchange.connection.sendall(_OK + opening)
        while not exchange.ended.wait(1):
            exchange.connection.sendall(b"x")

    return respond


# Connections


def resets_half_way(exchange):
    _half(exchange)
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.connection.close()


def _half(exchange):
    exchange.connection.sendall(_OK + b"Content-Length: %d\r\n\r\n" % len(exchange.body))
    exchange.connection.sendall(exchange.body[: len(exchange.body) // 2])


def once(fault):
    """The fault at the first request to each target, then the correct response."""
    return lambda exchange: fault(exchange) if exchange.number == 1 else exchange.send()


def says_length(change):
    return lambda exchange: exchange.send(length=len(exchange.body) + change)


# Bodies


def says(body, *head):
    return lambda exchange: exchange.send(body, *head)


def sends(change):
    """The correct body, changed."""
    return lambda exchange: exchange.send(change(exchange.body))


def is_invalid_utf8(body):
    return body.replace(b"says", b"\xff\xfe") if b"says" in body else b"\xff" + body


def is_cut(body):
    return body[: 2 * len(body) // 3]


def compresses(change):
    """The correct body as gzip, changed after compression."""
    return lambda exchange: exchange.send(change(gzip.compress(exchange.body)), _GZIP)


def is_damaged(compressed):
    middle = len(compressed) // 2
    return compressed[:middle] + bytes(9) + compressed[middle + 9 :]


def sends_gzip_bomb(exchange):
    with _COMPRESSING:
        bomb = _bomb()
    exchange.send(bomb, _GZIP)


@cache
def _bomb():
    """A gigabyte of zeros as a megabyte of gzip: 64 equal parts, each independent of the others.

    Its checksum is wrong, because a client that gets that far has failed already.
    """
    zeros = bytes(2**24)
    compressor = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    part = compressor.compress(zeros) + compressor.flush(zlib.Z_FULL_FLUSH)
    head, end = b"\x1f\x8b\x08" + bytes(5) + b"\x02\xff", b"\x03\x00"
    return head + 64 * part + end + struct.pack("<II", 0, 64 * len(zeros))


def never_ends(exchange):
    exchange.connection.sendall(_OK + b"\r\n")
    while not exchange.ended.is_set():
        exchange.connection.sendall(b" " * 2**20)


DEEP_JSON = b"[" * _DEEP + b"]" * _DEEP
DEEP_XML = b"<a>" * _DEEP + b"</a>" * _DEEP
ENTITY_BOMB = b"".join(_BOMB)
EXTERNAL_ENTITY = b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>'


def is_deep_outside(body):
    """Insert deeply nested elements before the first entry."""
    return re.sub(rb"(?=<(?:item|entry|record)>)", DEEP_XML, body, count=1)


def is_deep_inside(body):
    """Insert deeply nested elements at the end of the first entry."""
    return re.sub(rb"(?=</(?:item|entry|arXiv)>)", DEEP_XML, body, count=1)


def sends_much(exchange):
    """A response that is small to send and large as objects of Python."""
    with _COMPRESSING:
        body = _much(exchange.service == "hf")
    exchange.send(body, _GZIP)


@cache
def _much(json):
    """Ten million lists, which are 30 MB of JSON, or a million elements."""
    lists, elements = b"[" + b"[]," * 10_000_000 + b"[]]", b"<rss>" + b"<a/>" * 999_998 + b"</rss>"
    return gzip.compress(lists if json else elements, 1)


# Statuses


def refuses(status, *head):
    return lambda exchange: exchange.send(b"", *head, status=status)


def refuses_for(status, seconds):
    """Send a Retry-After date some seconds from now."""
    return lambda exchange: exchange.send(b"", _retry_after(seconds), status=status)


def _retry_after(seconds):
    return f"Retry-After: {formatdate(time() + seconds, usegmt=True)}"


def redirects(to):
    """Redirect to the same target on another server, `to` of the port.

    Requested with any other host name the server responds correctly, so that a client which
    follows the redirect is noticed.
    """

    def respond(exchange):
        if exchange.own_host:
            location = f"Location: {to(exchange.services.port)}{exchange.target}"
            exchange.send(b"", location, status="302 Found")
        else:
            exchange.send()

    return respond


# Listings


def lists(change, **options):
    """A page with the entries that `change` returns for the correct entries."""

    def respond(exchange):
        listed = change(exchange.entries) if exchange.entries else []
        exchange.send(page(exchange.service, listed, exchange.day, **options))

    return respond


def with_duplicate(entries):
    """List a paper twice."""
    return [*entries, entries[9]]


def repeats(exchange):
    """Send the same page again and again."""
    if exchange.service == "hf":
        first = exchange.services.listing("hf", exchange.params | {"p": "0"})[1]
        numbers = range(max(0, 100 - len(first)) if first else 0)
        extra = [first[0] | {"paper": first[0]["paper"] | {"id": f"2602.{n:05}"}} for n in numbers]
        exchange.send(page("hf", first + extra, exchange.day))
    elif exchange.service == "oai":
        again = "<resumptionToken>skip%3D25</resumptionToken>"
        _, listed = exchange.services.listing("oai", {"from": str(exchange.services.present)})
        exchange.send(page("oai", listed, exchange.day, end=again))
    else:
        exchange.send(page("api", exchange.entries, exchange.day, total=250))


def second_page_is(body):
    """OAI-PMH: a token after the first page, and this body for the token."""

    def respond(exchange):
        if "resumptionToken" in exchange.params:
            exchange.send(body)
        else:
            token = "<resumptionToken>skip%3D25</resumptionToken>"
            exchange.send(page("oai", exchange.entries, exchange.day, end=token))

    return respond


def damages(count, damage):
    """The correct page with some of its entries damaged."""
    return lists(lambda listed: [*map(damage, listed[:count]), *listed[count:]])


def without_title(entry):
    if isinstance(entry, str):
        return re.sub("<title>.*?</title>", "", entry)
    inner = {key: value for key, value in entry["paper"].items() if key != "title"}
    outer = {key: value for key, value in entry.items() if key != "title"}
    return outer | {"paper": inner}

"""What a server can do wrong with one answer: each is a function of the exchange."""

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
_PACKING = Lock()
_GZIP = "Content-Encoding: gzip"
_BOMB = [
    b'<?xml version="1.0"?>\n<!DOCTYPE rss [<!ENTITY a "ha">',
    *(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)),
    b"]>\n<rss><channel><title>&j;</title></channel></rss>",
]


# Time

ACCEPTS_NOBODY = "no answer at all: who connects waits"


def is_silent(asked):
    asked.ended.wait(60)


def stalls_half_way(asked):
    _half(asked)
    asked.ended.wait(60)


def trickles(opening):
    """A byte a second after this opening."""

    def answer(asked):
        asked.connection.sendall(_OK + opening)
        while not asked.ended.wait(1):
            asked.connection.sendall(b"x")

    return answer


# Connections


def resets_half_way(asked):
    _half(asked)
    asked.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    asked.connection.close()


def _half(asked):
    asked.connection.sendall(_OK + b"Content-Length: %d\r\n\r\n" % len(asked.body))
    asked.connection.sendall(asked.body[: len(asked.body) // 2])


def once(fault):
    """The fault at the first request for each thing, and then the right answer."""
    return lambda asked: fault(asked) if asked.number == 1 else asked.send()


def says_length(change):
    return lambda asked: asked.send(length=len(asked.body) + change)


# Bodies


def says(body, *head):
    return lambda asked: asked.send(body, *head)


def sends(change):
    """The right body, changed."""
    return lambda asked: asked.send(change(asked.body))


def is_invalid_utf8(body):
    return body.replace(b"says", b"\xff\xfe") if b"says" in body else b"\xff" + body


def is_cut(body):
    return body[: 2 * len(body) // 3]


def packs(change):
    """The right body as gzip, changed then."""
    return lambda asked: asked.send(change(gzip.compress(asked.body)), _GZIP)


def is_bent(packed):
    middle = len(packed) // 2
    return packed[:middle] + bytes(9) + packed[middle + 9 :]


def bombs(asked):
    with _PACKING:
        bomb = _bomb()
    asked.send(bomb, _GZIP)


@cache
def _bomb():
    """A gigabyte of zeros as a megabyte of gzip: 64 times the same part, each of which forgets what
    was before it.
    """
    zeros, check = bytes(2**24), 0
    packing = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    part = packing.compress(zeros) + packing.flush(zlib.Z_FULL_FLUSH)
    for _ in range(64):
        check = zlib.crc32(zeros, check)
    head, end = b"\x1f\x8b\x08" + bytes(5) + b"\x02\xff", b"\x03\x00"
    return head + 64 * part + end + struct.pack("<II", check, 64 * len(zeros))


def never_ends(asked):
    asked.connection.sendall(_OK + b"\r\n")
    while not asked.ended.is_set():
        asked.connection.sendall(b" " * 2**20)


DEEP_JSON = b"[" * _DEEP + b"]" * _DEEP
DEEP_XML = b"<a>" * _DEEP + b"</a>" * _DEEP
ENTITY_BOMB = b"".join(_BOMB)
OUTSIDE_ENTITY = b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>'


def is_deep_outside(body):
    """Before the first entry stands something very deep."""
    return re.sub(rb"(?=<(?:item|entry|record)>)", DEEP_XML, body, count=1)


def is_deep_inside(body):
    """The first entry ends with something very deep."""
    return re.sub(rb"(?=</(?:item|entry|arXiv)>)", DEEP_XML, body, count=1)


def sends_much(asked):
    """What is short to send and, as objects of Python, long to hold."""
    with _PACKING:
        much = _much(asked.service == "hf")
    asked.send(much, _GZIP)


@cache
def _much(json):
    """Ten million lists, which are 30 MB of JSON, or a million elements."""
    lists, elements = b"[" + b"[]," * 10_000_000 + b"[]]", b"<rss>" + b"<a/>" * 999_998 + b"</rss>"
    return gzip.compress(lists if json else elements, 1)


# Refusals


def refuses(status, *head):
    return lambda asked: asked.send(b"", *head, status=status)


def refuses_for(status, seconds):
    """Ask to wait until the moment so many seconds from now."""
    return lambda asked: asked.send(b"", _retry_after(seconds), status=status)


def _retry_after(seconds):
    return f"Retry-After: {formatdate(time() + seconds, usegmt=True)}"


def redirects(to):
    """To the same target, at what `to` makes of the port. Under any other name but its own the
    server answers well, so that whoever follows is found out.
    """

    def answer(asked):
        if asked.here:
            where = f"Location: {to(asked.services.port)}{asked.target}"
            asked.send(b"", where, status="302 Found")
        else:
            asked.send()

    return answer


# Listings


def lists(change, **more):
    """A page of what `change` makes of the right entries."""

    def answer(asked):
        listed = change(asked.entries) if asked.entries else []
        asked.send(page(asked.service, listed, asked.day, **more))

    return answer


def twice_one(entries):
    """One entry stands in the place of another, too."""
    return [*entries[:3], entries[9], *entries[4:]]


def repeats(asked):
    """Page after page, always the same."""
    if asked.service == "hf":
        first = asked.services.listing("hf", asked.params | {"p": "0"})[1]
        numbers = range(max(0, 100 - len(first)) if first else 0)
        more = [first[0] | {"paper": first[0]["paper"] | {"id": f"2602.{n:05}"}} for n in numbers]
        asked.send(page("hf", first + more, asked.day))
    elif asked.service == "oai":
        again = "<resumptionToken>skip%3D25</resumptionToken>"
        whole = asked.services.listing("oai", {"from": str(asked.services.present)})
        asked.send(page("oai", whole[1], asked.day, end=again))
    else:
        asked.send(page("api", asked.entries, asked.day, total=250))


def second_page_is(body):
    """OAI-PMH: a token after the first page, and this for the token."""

    def answer(asked):
        if "resumptionToken" in asked.params:
            asked.send(body)
        else:
            token = "<resumptionToken>skip%3D25</resumptionToken>"
            asked.send(page("oai", asked.entries, asked.day, end=token))

    return answer


def spoils(count, spoil):
    """The right page with so many of its entries spoilt."""
    return lists(lambda listed: [*map(spoil, listed[:count]), *listed[count:]])


def without_title(entry):
    if isinstance(entry, str):
        return re.sub("<title>.*?</title>", "", entry)
    inner = {key: one for key, one in entry["paper"].items() if key != "title"}
    return {key: one for key, one in entry.items() if key != "title"} | {"paper": inner}

"""What a server answered: its body or its excuse, within bounds, and what it calls the answer."""

import json
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic

import httpx

from papertrack.errors import SourceError
from papertrack.text import clean, shorten

_GZIP = ("gzip", "x-gzip")
_EXCUSE_LIMIT = 2**16
_PIECE = 2**18
_VALIDATOR = re.compile(r"(ETag|Last-Modified): ([!-~](?:[ -~]{0,498}[!-~])?)")
_CONDITIONS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


def read_body(source: str, response: httpx.Response, limit: int, until: float) -> bytes:
    """The body, decompressed.

    Raises SourceError of kind "too-large" where it or what came over the wire exceeds `limit`
    bytes, of kind "connection" where it is packed in a way that was not asked for; TimeoutError
    after `until`, a moment of time.monotonic; zlib.error where packed data are not whole.
    """
    host, coding = response.url.host, _coding(response)
    if coding not in {"", "identity", *_GZIP}:
        message = f"{host} packed its answer as {quoted(coding)}, which it was not asked for"
        raise SourceError(source, "connection", message)
    body = _read(response, limit, until)
    if body is None:
        raise SourceError(source, "too-large", f"{host} sent more than {limit:,} bytes")
    return body


def _read(response: httpx.Response, limit: int, until: float) -> bytes | None:
    """The body, or None where it exceeds `limit`.

    Not `iter_bytes`: that inflates 64 kB to 64 MB at a time, and yields nothing, so leaves no
    moment to look at the clock, while a compressed body trickles.
    """
    packed = _coding(response) in _GZIP
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    body = bytearray()
    for chunk in response.iter_raw():
        if monotonic() > until:
            raise TimeoutError
        for piece in _inflated(inflate, chunk) if packed else (chunk,):
            body += piece
            if max(len(body), response.num_bytes_downloaded) > limit:
                return None
    if packed and not inflate.eof:
        raise zlib.error("compressed data without its end")
    return bytes(body)


def _inflated(inflate: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    """What a chunk unfolds to, in pieces: 64 kB may unfold to 64 MB."""
    while packed:
        yield inflate.decompress(packed, _PIECE)
        packed = inflate.unconsumed_tail


def _coding(response: httpx.Response) -> str:
    return str(response.headers.get("Content-Encoding", "")).strip().lower()


def read_error_body(response: httpx.Response, until: float) -> bytes:
    """The body that came with a refusal, b"" where it is long or cannot be had."""
    with suppress(TimeoutError, zlib.error, httpx.HTTPError):
        return _read(response, _EXCUSE_LIMIT, until) or b""
    return b""


def error_detail(body: bytes) -> str:
    """What a refusal says about itself, `{"error": "..."}`, as the end of a message."""
    with suppress(ValueError, LookupError, TypeError, RecursionError):
        said = json.loads(body)["error"]
        return f": {quoted(said)}" if isinstance(said, str) else ""
    return ""


def validator_of(headers: httpx.Headers) -> str | None:
    """What the server calls its answer: the ETag, quoted or not, else when it last changed; None
    where that is not plain ASCII of 500 characters at most.
    """
    named = (f"{name}: {headers.get(name, '')}" for name in _CONDITIONS)
    return next(filter(_VALIDATOR.fullmatch, named), None)


def conditional_headers(validator: str | None) -> dict[str, str]:
    """The header that asks only for what changed since; none for what `validator_of` did not make,
    wherever it was kept in between.
    """
    named = _VALIDATOR.fullmatch(validator or "")
    return {_CONDITIONS[named[1]]: named[2]} if named else {}


def quoted(text: str) -> str:
    """Words of a server as part of a message of ours."""
    return shorten(clean(text), 200)

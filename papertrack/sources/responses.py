"""Reading HTTP responses: bodies within limits, error details, validators and Retry-After."""

import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

import httpx

from papertrack.errors import SourceError
from papertrack.text import clean, shorten

_GZIP = ("gzip", "x-gzip")
_ERROR_BODY_LIMIT = 2**16
_CHUNK_SIZE = 2**18
_VALIDATOR = re.compile(r"(ETag|Last-Modified): ([!-~](?:[ -~]{0,498}[!-~])?)")
_CONDITIONAL_HEADERS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
_SECONDS = re.compile(r"\s*(\d{1,9})\s*", re.ASCII)
_RATE_LIMIT_RESET = re.compile(r"\br=0\s*;\s*t=(\d{1,9})", re.ASCII)


def read_body(source: str, response: httpx.Response, limit: int, until: float) -> bytes:
    """Return the decompressed body.

    Raises SourceError of kind "too-large" if the body, or its compressed form, exceeds `limit`
    bytes, and of kind "connection" for a Content-Encoding that was not requested; TimeoutError
    after `until`, a time of time.monotonic; zlib.error if compressed data are damaged.
    """
    check_encoding(source, response, _GZIP)
    body = _read(response, limit, until)
    if body is None:
        host = response.url.host
        raise SourceError(source, "too-large", f"{host} sent more than {limit:,} bytes")
    return body


def check_encoding(source: str, response: httpx.Response, requested: Sequence[str]) -> None:
    """Raise SourceError of kind "connection" for a Content-Encoding that was not requested."""
    encoding = _content_encoding(response)
    if encoding not in {"", "identity", *requested}:
        host = response.url.host
        message = f"{host} sent an unsupported Content-Encoding: {quoted(encoding)}"
        raise SourceError(source, "connection", message)


def _read(response: httpx.Response, limit: int, until: float) -> bytes | None:
    """Return the body, or None if it exceeds `limit`.

    Not with httpx's `iter_bytes`: it may inflate 64 kB to 64 MB at once, and yields nothing while a
    compressed body arrives slowly, so that the deadline could not be checked.
    """
    compressed = _content_encoding(response) in _GZIP
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    body = bytearray()
    for chunk in response.iter_raw():
        if monotonic() > until:
            raise TimeoutError
        for part in _inflate(inflate, chunk) if compressed else (chunk,):
            body += part
            if max(len(body), response.num_bytes_downloaded) > limit:
                return None
    if compressed and not inflate.eof:
        raise zlib.error("compressed data without its end")
    return bytes(body)


def _inflate(inflate: "zlib._Decompress", compressed: bytes) -> Iterator[bytes]:
    """Yield a decompressed chunk in parts, as 64 kB may decompress to 64 MB."""
    while compressed:
        yield inflate.decompress(compressed, _CHUNK_SIZE)
        compressed = inflate.unconsumed_tail


def _content_encoding(response: httpx.Response) -> str:
    return str(response.headers.get("Content-Encoding", "")).strip().lower()


def read_error_body(response: httpx.Response, until: float) -> bytes:
    """Return the body of an error response, b"" if it is long or cannot be read."""
    with suppress(TimeoutError, zlib.error, httpx.HTTPError):
        return _read(response, _ERROR_BODY_LIMIT, until) or b""
    return b""


def error_detail(body: bytes) -> str:
    """Return the reason in an error response of the form `{"error": "..."}`, as ": reason"."""
    with suppress(ValueError, LookupError, TypeError, RecursionError):
        reason = json.loads(body)["error"]
        return f": {quoted(reason)}" if isinstance(reason, str) else ""
    return ""


def validator_of(headers: httpx.Headers) -> str | None:
    """Return the validator of a response as "ETag: ..." or else "Last-Modified: ...".

    None if neither is plain ASCII of at most 500 characters. ETags need not be quoted.
    """
    validators = (f"{name}: {headers.get(name, '')}" for name in _CONDITIONAL_HEADERS)
    return next(filter(_VALIDATOR.fullmatch, validators), None)


def conditional_headers(validator: str | None) -> dict[str, str]:
    """Return the If-None-Match or If-Modified-Since header for a validator.

    Empty for anything that `validator_of` cannot have returned, as it may come from a file.
    """
    match = _VALIDATOR.fullmatch(validator or "")
    return {_CONDITIONAL_HEADERS[match[1]]: match[2]} if match else {}


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds the server requires to wait, or None.

    From Retry-After, else from a RateLimit header without remaining requests (IETF draft 9, as
    Hugging Face sends it: r requests remain for t seconds).
    """
    retry_after = headers.get("Retry-After")
    if retry_after is None:
        reset = _RATE_LIMIT_RESET.search(headers.get("RateLimit", ""))
        return float(reset[1]) if reset else None
    if seconds := _SECONDS.fullmatch(retry_after):
        return float(seconds[1])
    moment = _http_date(retry_after)
    # By the server's clock if it sends the time, as the local clock may be wrong.
    now = _http_date(headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def _http_date(text: str) -> datetime | None:
    with suppress(ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(text).astimezone(UTC)
    return None


def quoted(text: str) -> str:
    """Return text of a server, cleaned and shortened for a message."""
    return shorten(clean(text), 200)

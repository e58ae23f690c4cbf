"""The parser of a feed: RSS 0.9 to 2.0, RDF or Atom, with feedparser.

feedparser accepts nearly everything, guesses what is missing, and can open files and addresses. So
it gets bytes only, and only those of well-formed XML of reasonable size without entities of its
own. The entries become papers in papertrack.sources.feed_entries.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from html.entities import name2codepoint
from importlib import import_module
from io import BytesIO
from typing import Any
from xml.sax import SAXException  # only the exception
from xml.sax.handler import ContentHandler  # as above

from papertrack.errors import SourceError
from papertrack.sources.feed_entries import FeedEntry, sightings_of
from papertrack.sources.pages import Page, excerpt

_INSTALL = "pip install 'papertrack-cli[feeds]'"
# Of the largest feeds of publishers, with 2,000 entries, ten times; feedparser takes 15 µs a tag.
_MAX_TAGS = 150_000
_MAX_DEPTH = 200
_MAX_ATTRIBUTES, _MAX_BASE = 100, 2000  # of an element; characters of an address
_MAX_ENTRIES = 5_000
_PREDEFINED = (b"amp", b"lt", b"gt", b"quot", b"apos")
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,15});")


class _StrangeError(Exception):
    """Elements are as in no feed, in a way that would take long."""


class _ElementCheck(ContentHandler):
    """Stops at elements that are nested too deeply, or have too much in their tags."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: ARG002, N802  # of the protocol
        """Count an element. Raises _StrangeError."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _StrangeError("elements nested too deeply")
        if len(attrs) > _MAX_ATTRIBUTES or len(attrs.get("xml:base", "")) > _MAX_BASE:
            raise _StrangeError("an element with too many attributes or a very long one")

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802  # as above
        """Leave an element."""
        self._depth -= 1


def read_feed(source: str, body: bytes, now: datetime) -> Page:
    """Return the entries of a feed in its order, each as listed on its day.

    Raises SourceError of kind "missing-package" without feedparser, "not-xml" for anything but
    well-formed XML, and for XML with entities of its own, and "not-a-listing" for other XML, an
    absurdly large feed, or if half of the entries or more are unusable.
    """
    parsed = _parse(source, _checked(source, body))
    if not parsed.get("version"):
        raise _error(source, "not-a-listing", f"sent no feed: {excerpt(body)!r}")
    if len(parsed["entries"]) > _MAX_ENTRIES:
        raise _error(source, "not-a-listing", f"sent {len(parsed['entries']):,} entries")
    generator = str(dict.get(parsed["feed"], "generator") or "")
    entries = [FeedEntry(entry, generator == "papertrack") for entry in parsed["entries"]]
    page = sightings_of(source, entries, now)
    if page.skipped and 2 * len(page.skipped) >= page.size:
        count, reason = f"{len(page.skipped)} of {page.size}", ": ".join(page.skipped[0])
        raise _error(source, "not-a-listing", f"sent unusable entries ({count}): {reason}")
    return page


def _checked(source: str, body: bytes) -> bytes:
    """The XML of a feed with numbers for HTML's entities, which many feeds use undeclared."""
    from defusedxml import DefusedXmlException, sax

    tags = body.count(b"<")
    if tags > _MAX_TAGS:
        raise _error(source, "not-a-listing", f"sent a page of {tags:,} tags")
    xml = _ENTITY.sub(_as_number, body.strip())
    try:
        # RSS 0.91 names its DTD, which the parser does not fetch; only entities could do harm.
        sax.parseString(xml, _ElementCheck(), forbid_entities=True, forbid_external=False)
    except _StrangeError as problem:
        raise _error(source, "not-a-listing", f"sent {problem}") from None
    except (SAXException, DefusedXmlException, ValueError, LookupError) as problem:
        # LookupError is an encoding unknown to Python.
        raise _error(source, "not-xml", f"sent invalid XML: {excerpt(body)!r}") from problem
    return xml


def _as_number(entity: re.Match[bytes]) -> bytes:
    if entity[1] in _PREDEFINED:
        return entity[0]
    with suppress(KeyError):
        return f"&#{name2codepoint[entity[1].decode()]};".encode()
    return entity[0]


def install_command() -> str | None:
    """Return the command that installs what reading feeds needs, or None if it is installed."""
    try:
        import_module("feedparser")
    except ImportError:
        return _INSTALL
    return None


def _parse(source: str, xml: bytes) -> Mapping[str, Any]:
    try:
        import feedparser  # an extra, and slow to import
    except ImportError:
        raise _error(source, "missing-package", f"is a feed, which needs: {_INSTALL}") from None
    # A stream, as feedparser takes bytes for the name of a file. Of its HTML only text is used.
    parsed = feedparser.parse(BytesIO(xml), sanitize_html=False, resolve_relative_uris=False)
    if isinstance(parsed.get("bozo_exception"), SAXException):
        raise _error(source, "not-xml", f"sent invalid XML: {excerpt(xml)!r}")
    result: Mapping[str, Any] = parsed
    return result


def _error(source: str, kind: str, message: str) -> SourceError:
    return SourceError(source, kind, f"{source} {message}")

"""The parser of arXiv's query API, https://export.arxiv.org/api/query, which responds with Atom.

The format is that of https://info.arxiv.org/help/api/user-manual.html and of 17 responses recorded
in 2026, which differ from it in the order of elements and in which URLs are https.
"""

from typing import TYPE_CHECKING, NamedTuple

from papertrack.identifiers import parse_arxiv
from papertrack.models import Paper, Skipped
from papertrack.people import author_names
from papertrack.sources.arxiv.categories import categories_of
from papertrack.sources.arxiv.xml import (
    ArxivRecord,
    attributes,
    element_name,
    entries_in,
    error,
    identifier_of,
    is_withdrawn,
    root_of,
    separate_skipped,
    text,
    texts,
    unexpected_in,
)
from papertrack.sources.links import find_doi
from papertrack.text import shorten
from papertrack.timestamps import read_moment

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MAX_DIGITS = 12


class ApiPage(NamedTuple):
    """A page of the results of a query: entries from number `start`, of `total` entries in all.

    `start` counts from 0, and `size` includes skipped and repeated entries. A page may be empty
    although `total` is larger: a known fault of the service
    (https://github.com/lukasschwab/arxiv.py/issues/43).
    """

    records: tuple[ArxivRecord, ...]
    skipped: tuple[Skipped, ...]
    total: int | None
    start: int | None
    size: int


def parse_api_page(body: bytes) -> ApiPage:
    """Return the papers of a response, with the dates of version 1 and of the current version.

    Raises SourceError of kind "refused" with arXiv's reason if the query was refused, "not-xml", or
    "not-a-listing", also if half of the entries or more are unusable.
    """
    feed = root_of(body)
    if feed.tag != "feed":
        message = f"arXiv sent {element_name(feed.tag)} instead of query results"
        raise error("not-a-listing", message)
    entries = entries_in(feed, "entry")
    for entry in entries:
        _check_refusal(entry)
    total = _count(feed, "totalResults")
    if not entries and total is None:
        raise error("not-a-listing", "arXiv sent query results without papers and without a total")
    records = [_record(number, entry) for number, entry in enumerate(entries, 1)]
    usable, skipped = separate_skipped(records)
    unexpected = unexpected_in(feed, "entry")
    size = len(entries) + len(unexpected)
    return ApiPage(usable, (*skipped, *unexpected), total, _count(feed, "startIndex"), size)


def _check_refusal(entry: "Element") -> None:
    """Raise SourceError if the entry is an error, whatever the HTTP status.

    A paper may have the title "Error", too.
    """
    identifier = text(entry, "id")
    is_error = text(entry, "title") == "Error" and parse_arxiv(identifier) is None
    if is_error or "/api/errors" in identifier:
        raise error("refused", f"arXiv refused the query: {shorten(text(entry, 'summary'), 120)}")


def _record(number: int, entry: "Element") -> ArxivRecord | Skipped:
    title = text(entry, "title")
    ids = [*texts(entry, "id"), *attributes(entry, "link", "href")]
    identifier = identifier_of(number, ids, title)
    if isinstance(identifier, Skipped):
        return identifier
    primary = attributes(entry, "primary_category", "term")
    paper = Paper(
        identifier.id,
        title,
        identifier.version,
        abstract=text(entry, "summary") or None,
        authors=author_names(texts(entry, "author/name")),
        categories=categories_of([*primary, *attributes(entry, "category", "term")]),
        submitted=read_moment(text(entry, "published")),
        updated=read_moment(text(entry, "updated")),
        withdrawn=is_withdrawn(text(entry, "comment"), text(entry, "summary")),
        comment=text(entry, "comment") or None,
        journal_ref=text(entry, "journal_ref") or None,
        doi=find_doi(text(entry, "doi")),
    )
    return ArxivRecord(paper)


def _count(feed: "Element", name: str) -> int | None:
    digits = text(feed, name)
    plausible = digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS
    return int(digits) if plausible else None

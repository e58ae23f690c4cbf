"""Answers of arXiv's query API, https://export.arxiv.org/api/query, which are Atom.

The shapes are those of https://info.arxiv.org/help/api/user-manual.html and of 17 answers recorded
in 2026, which differ from it in the order of elements and in where they write https.
"""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from papertrack.calendar import parse_moment
from papertrack.identifiers import parse_arxiv
from papertrack.models import Paper, Skipped
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
from papertrack.text import shorten

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MOST_DIGITS = 12


class ApiPage(NamedTuple):
    """One page of what the query API found: `total` papers in all, this page from `start` on, which
    counts from 0. A page may be empty although the total says that it is not: a known fault of
    the service (https://github.com/lukasschwab/arxiv.py/issues/43).
    """

    announced: tuple[ArxivRecord, ...]
    skipped: tuple[Skipped, ...]
    total: int | None
    start: int | None

    @property
    def size(self) -> int:
        """How many entries the page had."""
        return len(self.announced) + len(self.skipped)


def parse_answer(body: bytes) -> ApiPage:
    """The papers of one answer, with the moments of version 1 and of the present version.

    Raises SourceError of kind "refused" with arXiv's reason where the query was not understood,
    "not-xml", or "not-a-listing", the latter also where half of the entries or more are of no use.
    """
    feed = root_of(body)
    if feed.tag != "feed":
        raise error(
            "not-a-listing", f"arXiv sent no answer to a query but {element_name(feed.tag)}"
        )
    entries = entries_in(feed, "entry")
    for entry in entries:
        _check(entry)
    total = _count(feed, "totalResults")
    if not entries and total is None:
        raise error("not-a-listing", "arXiv sent an answer without papers and without their count")
    papers = [_paper(number, entry) for number, entry in enumerate(entries, 1)]
    announced, skipped = separate_skipped(papers)
    missed = (*skipped, *unexpected_in(feed, "entry"))
    return ApiPage(announced, missed, total, _count(feed, "startIndex"))


def _check(entry: "Element") -> None:
    """A refusal is an entry "Error", whatever the status; a paper may have that title, too."""
    identifier = text(entry, "id")
    titled = text(entry, "title") == "Error" and parse_arxiv(identifier) is None
    if titled or "/api/errors" in identifier:
        raise error("refused", f"arXiv refused the query: {shorten(text(entry, 'summary'), 120)}")


def _paper(number: int, entry: "Element") -> ArxivRecord | Skipped:
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
        authors=tuple(dict.fromkeys(texts(entry, "author/name"))),
        categories=categories_of([*primary, *attributes(entry, "category", "term")]),
        submitted=_moment(text(entry, "published")),
        updated=_moment(text(entry, "updated")),
        withdrawn=is_withdrawn(text(entry, "comment"), text(entry, "summary")),
    )
    return ArxivRecord(paper)


def _count(feed: "Element", name: str) -> int | None:
    said = text(feed, name)
    plausible = said.isascii() and said.isdecimal() and len(said) <= _MOST_DIGITS
    return int(said) if plausible else None


def _moment(said: str) -> datetime | None:
    try:
        return parse_moment(said)
    except ValueError:
        return None

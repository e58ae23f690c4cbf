"""What the parsers of arXiv's three services share: XML that is safe to read, and its records.

Element names lose their namespaces at the door: no service of arXiv uses one name of two of them
side by side. An element that is absent, empty, or holds elements where text is expected counts as
unknown; an entry counts only with an arXiv id and a title.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from papertrack.errors import SourceError
from papertrack.identifiers import Identifier, parse_arxiv
from papertrack.models import Paper, Skipped
from papertrack.sources import StatusError
from papertrack.text import clean, shorten

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

AnnouncementKind = Literal["new", "cross", "replace", "replace-cross"]

# Twice what a page of 2,500 records has where each has six authors, the usual number. Each may
# become an element of 300 bytes, so that "<a><a>…" within the size limit would take gigabytes.
_MOST_TAGS = 400_000
_WITHDRAWN = re.compile(
    r"(?:(?:this|the|our) (?:paper|article|manuscript|submission|preprint|work|version)"
    r"(?: and (?:the )?abstract)? (?:has|have|had|is|was)(?: now)?(?: been)? |^)withdrawn\b",
    re.IGNORECASE,
)
# What is no entry although it holds elements: of RSS 2.0 (https://www.rssboard.org/rss-specification)
# and of Atom (RFC 4287, 4.1.1).
_HEADING = {"skipDays", "skipHours", "image", "textInput", "author", "contributor"}


class ArxivRecord(NamedTuple):
    """A paper as one of arXiv's services shows it.

    `kind` is what arXiv's feeds call the announcement, None where the service does not tell. `day`
    is the day the service puts it on: a feed's day, an OAI datestamp, None from the query API.
    """

    paper: Paper
    kind: AnnouncementKind | None = None
    day: date | None = None


def root_of(body: bytes) -> "Element":
    """The outermost element of an answer, all names without their namespaces.

    Raises SourceError of kind "not-xml", also for HTML and for any document type declaration, which
    no service of arXiv sends; "not-a-listing" where it would take too much memory.
    """
    from defusedxml import ElementTree

    tags = body.count(b"<")
    if tags > _MOST_TAGS:
        raise error("not-a-listing", f"arXiv sent a page of {tags:,} tags")
    opening = shorten(clean(body[:200].decode(errors="replace")), 60)
    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, ValueError, LookupError) as problem:
        # ValueError: what defusedxml refuses; LookupError: an encoding that Python does not know.
        raise error("not-xml", f"arXiv sent no readable XML but {opening!r}") from problem
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    if root.tag.lower() == "html":
        raise error("not-xml", f"arXiv sent no readable XML but {opening!r}")
    return root


def texts(element: "Element", path: str) -> list[str]:
    """What the elements at `path` say, cleaned; those that say nothing are left out."""
    found = (one.text or "" for one in element.findall(path) if not len(one))
    return [said for one in found if (said := clean(one))]


def text(element: "Element", path: str) -> str:
    """What the first element at `path` that says anything says, cleaned, or ""."""
    return next(iter(texts(element, path)), "")


def attributes(element: "Element", path: str, name: str) -> list[str]:
    """The attribute `name` of the elements at `path`, cleaned, where they have it."""
    found = (one.get(name, "") for one in element.findall(path))
    return [said for one in found if (said := clean(one))]


def entries_in(listing: "Element", name: str) -> list["Element"]:
    """The entries of a listing. Raises SourceError of kind "not-a-listing" where it has none, but
    something else in their place: that is no day without papers.
    """
    entries, others = listing.findall(name), _others(listing, name)
    if not entries and others:
        raise error("not-a-listing", f"arXiv sent no {name} but {element_name(others[0])}")
    return entries


def unexpected_in(listing: "Element", name: str) -> list[Skipped]:
    """What stands among the entries and is none, so that something may be missing."""
    return [Skipped(f"element {element_name(tag)}", f"no {name}") for tag in _others(listing, name)]


def _others(listing: "Element", name: str) -> list[str]:
    return [one.tag for one in listing if len(one) and one.tag not in {name, *_HEADING}]


def identifier_of(number: int, ids: Sequence[str], title: str) -> Identifier | Skipped:
    """The id of the entry at place `number`: the first of `ids` that is one, with its version where
    any of them tells it. Skipped where there is none, or no title.
    """
    found = [one for one in map(parse_arxiv, ids) if one]
    if not found or not title:
        reason = "no title" if found else "no arXiv id"
        return Skipped(place(number, next(filter(None, ids), "")), reason)
    same = (one for one in found if one.id == found[0].id and one.version is not None)
    return next(same, found[0])


def place(number: int, named: str) -> str:
    """Where an entry stood and what it is called, as a message shows it."""
    return f"entry {number} ({shorten(named, 40)})" if named else f"entry {number}"


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Whether the authors took the paper back: arXiv has that as a version with the reason in its
    comment, and often nothing but that in its abstract.
    """
    return bool(_WITHDRAWN.search(comment) or _WITHDRAWN.match(abstract))


def separate_skipped(
    entries: Sequence[ArxivRecord | Skipped],
) -> tuple[tuple[ArxivRecord, ...], tuple[Skipped, ...]]:
    """The entries that can be used, each paper once, and those that cannot.

    Raises SourceError of kind "not-a-listing" where half of them or more cannot; a paper listed
    twice does not count for that.
    """
    bad = [one for one in entries if isinstance(one, Skipped)]
    if bad and 2 * len(bad) >= len(entries):
        count = f"{len(bad)} of {len(entries)} entries"
        raise error("not-a-listing", f"arXiv sent {count} without use: {': '.join(bad[0])}")
    seen: set[str] = set()
    once = [_once(one, number, seen) for number, one in enumerate(entries, 1)]
    return (
        tuple(one for one in once if isinstance(one, ArxivRecord)),
        tuple(one for one in once if isinstance(one, Skipped)),
    )


def element_name(name: str) -> str:
    """The name of an element as a message shows it."""
    return f"<{shorten(clean(name), 40)}>"


def error(kind: str, message: str) -> SourceError:
    """An error of that kind in arXiv's name."""
    return SourceError("arxiv", kind, message)


def _once(one: ArxivRecord | Skipped, number: int, seen: set[str]) -> ArxivRecord | Skipped:
    if isinstance(one, Skipped):
        return one
    if one.paper.id in seen:
        return Skipped(place(number, one.paper.id), "listed twice")
    seen.add(one.paper.id)
    return one


def explained(error: StatusError, parse: Callable[[bytes], object]) -> SourceError:
    """The reason that arXiv itself gives for a refusal, in the format that `parse` reads; else the
    refusal as it came.
    """
    try:
        parse(error.body)
    except SourceError as said:
        if said.kind == "refused":
            return said
    return error

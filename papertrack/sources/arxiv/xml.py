"""Shared parts of the parsers of arXiv's three services: safe XML parsing, and records.

Element names lose their namespaces on parsing: no service of arXiv uses a name from two namespaces.
An element that is absent, empty, or holds elements where text is expected counts as unknown; an
entry without an arXiv id or a title is skipped.
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

# Twice the tags of a page of 2,500 records with the usual six authors each. A tag may become an
# element of 300 bytes, so that "<a><a>…" within the size limit would take gigabytes.
_MAX_TAGS = 400_000
_PAPER = r"(?:paper|article|manuscript|submission|preprint|work|version)"
_BE = r"(?:has|have|had|is|was)(?: now)?(?: been)?"
_WITHDRAWN = re.compile(
    rf"(?:(?:this|the|our) {_PAPER}(?: and (?:the )?abstract)? {_BE} (?:withdrawn|retracted)"
    rf"|^(?:{_PAPER} (?:{_BE} )?)?withdrawn)\b(?! (?:before|from (?!arxiv|publication)))"
    r"|\b(?:we|i|authors?|i would like to) (?:(?:has|have) )?withdr(?:aw|awn|ew)"
    rf" (?:this|the|our) {_PAPER}"
    r"|\bwithdrawn by (?:the )?(?:arxiv|authors?)\b",
    re.IGNORECASE,
)
# Elements with children that are not entries: of RSS 2.0 (https://www.rssboard.org/rss-specification)
# and of Atom (RFC 4287, 4.1.1).
_HEADING_TAGS = {"skipDays", "skipHours", "image", "textInput", "author", "contributor"}


class ArxivRecord(NamedTuple):
    """A paper as a service of arXiv lists it.

    `kind` is the type of the announcement in arXiv's feeds, None for the other services. `day` is
    the day of a feed, the datestamp of an OAI-PMH record, and None for the query API.
    """

    paper: Paper
    kind: AnnouncementKind | None = None
    day: date | None = None


def root_of(body: bytes) -> "Element":
    """Return the root element of a response, with all namespaces removed.

    Raises SourceError of kind "not-xml", also for HTML and for any document type declaration, which
    no service of arXiv sends; "not-a-listing" if it would take too much memory.
    """
    from defusedxml import ElementTree

    tags = body.count(b"<")
    if tags > _MAX_TAGS:
        raise error("not-a-listing", f"arXiv sent a page of {tags:,} tags")
    excerpt = shorten(clean(body[:200].decode(errors="replace")), 60)
    invalid = error("not-xml", f"arXiv sent invalid XML: {excerpt!r}")
    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, ValueError, LookupError) as problem:
        # ValueError is a refusal by defusedxml, LookupError an encoding unknown to Python.
        raise invalid from problem
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    if root.tag.lower() == "html":
        raise invalid
    return root


def texts(element: "Element", path: str) -> list[str]:
    """Return the cleaned texts of the elements at `path`, without empty ones."""
    values = (child.text or "" for child in element.findall(path) if not len(child))
    return list(filter(None, map(clean, values)))


def text(element: "Element", path: str) -> str:
    """Return the first text of the elements at `path` that is not empty, cleaned, or ""."""
    return next(iter(texts(element, path)), "")


def attributes(element: "Element", path: str, name: str) -> list[str]:
    """Return the attribute `name` of the elements at `path`, cleaned, without empty ones."""
    values = (child.get(name, "") for child in element.findall(path))
    return list(filter(None, map(clean, values)))


def entries_in(listing: "Element", name: str) -> list["Element"]:
    """Return the entries of a listing, which are the elements with that name.

    Raises SourceError of kind "not-a-listing" if it has other elements instead of entries, which
    is not a day without papers.
    """
    entries, unexpected = listing.findall(name), _unexpected_tags(listing, name)
    if not entries and unexpected:
        raise error("not-a-listing", f"arXiv sent {element_name(unexpected[0])} instead of {name}")
    return entries


def unexpected_in(listing: "Element", name: str) -> list[Skipped]:
    """Return the elements among the entries that are not entries: papers may be missing."""
    tags = _unexpected_tags(listing, name)
    return [Skipped(f"element {element_name(tag)}", "not an entry") for tag in tags]


def _unexpected_tags(listing: "Element", name: str) -> list[str]:
    expected = {name, *_HEADING_TAGS}
    return [element.tag for element in listing if len(element) and element.tag not in expected]


def identifier_of(number: int, ids: Sequence[str], title: str) -> Identifier | Skipped:
    """Return the id of entry `number`: the first of `ids` that is an arXiv id.

    Its version may come from any of `ids`. Returns Skipped without an arXiv id or a title.
    """
    identifiers = [identifier for identifier in map(parse_arxiv, ids) if identifier]
    if not identifiers or not title:
        reason = "no title" if identifiers else "no arXiv id"
        return Skipped(describe_entry(number, next(filter(None, ids), "")), reason)
    first = identifiers[0]
    same = (identifier for identifier in identifiers if identifier.id == first.id)
    return next((identifier for identifier in same if identifier.version is not None), first)


def describe_entry(number: int, name: str) -> str:
    """Return the number and name of an entry, for a message."""
    return f"entry {number} ({shorten(name, 40)})" if name else f"entry {number}"


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Return whether the authors withdrew the paper.

    arXiv stores that as a version with the reason in its comment, and often no other abstract.
    """
    return bool(_WITHDRAWN.search(comment) or _WITHDRAWN.match(abstract))


def separate_skipped(
    entries: Sequence[ArxivRecord | Skipped],
) -> tuple[tuple[ArxivRecord, ...], tuple[Skipped, ...]]:
    """Return the usable entries, each paper once as it is listed first, and the skipped ones.

    Repetitions of a paper do not count as skipped, because nothing is missing. Raises SourceError
    of kind "not-a-listing" if half of the entries or more are unusable.
    """
    unusable = tuple(entry for entry in entries if isinstance(entry, Skipped))
    if unusable and 2 * len(unusable) >= len(entries):
        count, reason = f"{len(unusable)} of {len(entries)}", ": ".join(unusable[0])
        raise error("not-a-listing", f"arXiv sent unusable entries ({count}): {reason}")
    records: dict[str, ArxivRecord] = {}
    for entry in entries:
        if isinstance(entry, ArxivRecord):
            records.setdefault(entry.paper.id, entry)
    return tuple(records.values()), unusable


def element_name(name: str) -> str:
    """Return the name of an element for a message, as "<name>"."""
    return f"<{shorten(clean(name), 40)}>"


def error(kind: str, message: str) -> SourceError:
    """Return an error of arXiv of that kind."""
    return SourceError("arxiv", kind, message)


def explain_error(error: StatusError, parse: Callable[[bytes], object]) -> SourceError:
    """Return arXiv's reason from the body of an error response, if `parse` finds one.

    Otherwise returns the error unchanged.
    """
    try:
        parse(error.body)
    except SourceError as reason:
        if reason.kind == "refused":
            return reason
    return error

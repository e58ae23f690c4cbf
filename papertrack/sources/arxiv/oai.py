"""Answers of arXiv's OAI-PMH service, https://oaipmh.arxiv.org/oai, in its metadata format arXiv.

The shapes are those of the service's own code (https://github.com/arXiv/oaipmh, 27ad99e3) and of
https://www.openarchives.org/OAI/openarchivesprotocol.html. The format tells no version, and its
`created` and `updated` are of the present one, to the day: neither is when a paper was submitted.
"""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from papertrack.models import Paper, Skipped
from papertrack.sources.arxiv.categories import categories_of
from papertrack.sources.arxiv.xml import (
    ArxivRecord,
    element_name,
    entries_in,
    error,
    identifier_of,
    is_withdrawn,
    place,
    root_of,
    separate_skipped,
    text,
)
from papertrack.text import clean, shorten

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NOTHING = "noRecordsMatch"
_NAME_PARTS = ("forenames", "keyname", "suffix")


class OaiPage(NamedTuple):
    """One page of records; `token` asks for the next, None where this is the last.

    The day of a record is its datestamp: that of its last change of any kind.
    """

    announced: tuple[ArxivRecord, ...]
    skipped: tuple[Skipped, ...]
    token: str | None


def parse_records(body: bytes) -> OaiPage:
    """The records of one answer to ListRecords or GetRecord, without those that were deleted.

    Raises SourceError of kind "refused" with the code and text of any error but noRecordsMatch,
    which is the answer for a quiet day; "not-xml"; or "not-a-listing", also where half of the
    records or more are of no use: those of other formats are not.
    """
    root = root_of(body)
    if root.tag != "OAI-PMH":
        raise error("not-a-listing", f"arXiv sent no OAI-PMH answer but {element_name(root.tag)}")
    if root.find("error") is not None:
        _check(root)
        return OaiPage((), (), None)
    listing = _listing(root)
    entries = entries_in(listing, "record")
    if not entries:
        # The protocol (4.5) wants noRecordsMatch instead.
        raise error("not-a-listing", f"arXiv sent {element_name(listing.tag)} without a record")
    records = [
        _announced(number, record)
        for number, record in enumerate(entries, 1)
        if record.find("header[@status='deleted']") is None
    ]
    announced, skipped = separate_skipped(records)
    token = text(listing, "resumptionToken") or None
    return OaiPage(announced, (*skipped, *_strange(listing)), token)


def _check(root: "Element") -> None:
    for problem in root.iterfind("error"):
        code = clean(problem.get("code", "")) or "error"
        if code != _NOTHING:
            # The service's own reason stands after the words of the protocol.
            reason = text(problem, ".").rpartition("Reason: ")[2]
            message = f"arXiv refused the request: {shorten(code, 40)}: {shorten(reason, 120)}"
            raise error("refused", message)


def _listing(root: "Element") -> "Element":
    for verb in ("ListRecords", "GetRecord"):
        listing = root.find(verb)
        if listing is not None:
            return listing
    last = element_name(root[-1].tag) if len(root) else "nothing"
    raise error("not-a-listing", f"arXiv sent no records but {last}")


def _strange(listing: "Element") -> Iterator[Skipped]:
    """What stands among the records and is none. It may have been the token, and there more pages:
    so it must not go unnoticed.
    """
    for one in listing:
        if one.tag != "record" and (one.tag != "resumptionToken" or len(one)):
            yield Skipped(element_name(one.tag), "neither a record nor a token")


def _announced(number: int, record: "Element") -> ArxivRecord | Skipped:
    named = text(record, "header/identifier")
    metadata = record.find("metadata/arXiv")
    if metadata is None:
        return Skipped(place(number, named), "not in the format arXiv")
    title = text(metadata, "title")
    identifier = identifier_of(number, [text(metadata, "id"), named], title)
    if isinstance(identifier, Skipped):
        return identifier
    paper = Paper(
        identifier.id,
        title,
        identifier.version,
        abstract=text(metadata, "abstract") or None,
        authors=_authors(metadata),
        categories=categories_of(text(metadata, "categories").split()),
        withdrawn=is_withdrawn(text(metadata, "comments"), text(metadata, "abstract")),
    )
    return ArxivRecord(paper, day=_day(text(record, "header/datestamp")))


def _authors(metadata: "Element") -> tuple[str, ...]:
    """Each name once; without a keyname, which the format demands, there is only half of one."""
    names = []
    for author in metadata.iterfind("authors/author"):
        forenames, keyname, suffix = (text(author, part) for part in _NAME_PARTS)
        if keyname:
            names.append(" ".join(filter(None, (forenames, keyname, suffix))))
    return tuple(dict.fromkeys(names))


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said[:10])
    except ValueError:
        return None

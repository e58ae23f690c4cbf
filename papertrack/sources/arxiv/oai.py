"""The parser of arXiv's OAI-PMH service, https://oaipmh.arxiv.org/oai, for the format "arXiv".

The format is that of the service's own code (https://github.com/arXiv/oaipmh, 27ad99e3) and of
https://www.openarchives.org/OAI/openarchivesprotocol.html. It has no version number, and `created`
and `updated` are the dates of the current version: neither is when the paper was first submitted.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from papertrack.models import Paper, Skipped
from papertrack.people import author_names
from papertrack.sources.arxiv.categories import categories_of
from papertrack.sources.arxiv.xml import (
    ArxivRecord,
    describe_entry,
    element_name,
    entries_in,
    error,
    identifier_of,
    is_withdrawn,
    root_of,
    separate_skipped,
    text,
)
from papertrack.sources.links import find_doi
from papertrack.text import clean, shorten
from papertrack.timestamps import read_day

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NO_RECORDS = "noRecordsMatch"
_NAME_PARTS = ("forenames", "keyname", "suffix")


class OaiPage(NamedTuple):
    """A page of records; `token` requests the next page and is None on the last.

    The day of a record is its datestamp: the day of its last change of any kind.
    """

    records: tuple[ArxivRecord, ...]
    skipped: tuple[Skipped, ...]
    token: str | None


def parse_records(body: bytes) -> OaiPage:
    """Return the records of a response to ListRecords or GetRecord, without deleted ones.

    Raises SourceError of kind "refused" with the code and text of any error but noRecordsMatch,
    which is the response for a quiet day; "not-xml"; or "not-a-listing", also if half of the
    records or more are unusable, as records in other metadata formats are.
    """
    root = root_of(body)
    if root.tag != "OAI-PMH":
        message = f"arXiv sent {element_name(root.tag)} instead of an OAI-PMH response"
        raise error("not-a-listing", message)
    if root.find("error") is not None:
        _check_errors(root)
        return OaiPage((), (), None)
    listing = _listing(root)
    entries = entries_in(listing, "record")
    if not entries:
        # The protocol (4.5) requires noRecordsMatch instead.
        raise error("not-a-listing", f"arXiv sent {element_name(listing.tag)} without a record")
    records = [
        _record(number, record)
        for number, record in enumerate(entries, 1)
        if record.find("header[@status='deleted']") is None
    ]
    usable, skipped = separate_skipped(records)
    token = text(listing, "resumptionToken") or None
    return OaiPage(usable, (*skipped, *_unexpected(listing)), token)


def _check_errors(root: "Element") -> None:
    for problem in root.iterfind("error"):
        code = clean(problem.get("code", "")) or "error"
        if code != _NO_RECORDS:
            # The service appends its own reason to the standard text of the protocol.
            reason = text(problem, ".").rpartition("Reason: ")[2]
            message = f"arXiv refused the request: {shorten(code, 40)}: {shorten(reason, 120)}"
            raise error("refused", message)


def _listing(root: "Element") -> "Element":
    for verb in ("ListRecords", "GetRecord"):
        listing = root.find(verb)
        if listing is not None:
            return listing
    last = element_name(root[-1].tag) if len(root) else "an empty response"
    raise error("not-a-listing", f"arXiv sent {last} instead of records")


def _unexpected(listing: "Element") -> Iterator[Skipped]:
    """Yield the elements that are neither a record nor a token.

    Such an element may have been the token, with more pages to follow, so it is reported.
    """
    for element in listing:
        if element.tag != "record" and (element.tag != "resumptionToken" or len(element)):
            yield Skipped(element_name(element.tag), "neither a record nor a token")


def _record(number: int, record: "Element") -> ArxivRecord | Skipped:
    header_id = text(record, "header/identifier")
    metadata = record.find("metadata/arXiv")
    if metadata is None:
        return Skipped(describe_entry(number, header_id), 'not in the metadata format "arXiv"')
    title = text(metadata, "title")
    identifier = identifier_of(number, [text(metadata, "id"), header_id], title)
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
        comment=text(metadata, "comments") or None,
        journal_ref=text(metadata, "journal-ref") or None,
        doi=find_doi(text(metadata, "doi")),
    )
    return ArxivRecord(paper, day=read_day(text(record, "header/datestamp")))


def _authors(metadata: "Element") -> tuple[str, ...]:
    """Return the names without those that lack the required keyname."""
    names = []
    for author in metadata.iterfind("authors/author"):
        forenames, keyname, suffix = (text(author, part) for part in _NAME_PARTS)
        if keyname:
            names.append(" ".join(filter(None, (forenames, keyname, suffix))))
    return author_names(names)

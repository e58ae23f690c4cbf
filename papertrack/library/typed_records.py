"""Records decoded from JSON straight into typed values, for commands that read a whole library.

The results are those of `entry_rows`, in a third of the time, as types are checked while decoding.
A row that does not fit is left to `entry_rows`, which says why. This module takes long to import.
"""

from datetime import date
from typing import Any

from msgspec import MsgspecError, Raw, Struct, field
from msgspec.json import Decoder

from papertrack.calendar import parse_moment
from papertrack.library import entry_rows, row_values
from papertrack.merge import view
from papertrack.models import Claim, Entry, Observation, Paper, PaperListing
from papertrack.storage.encoded_rows import EncodedRow

_History = tuple[tuple[PaperListing, ...], tuple[Observation, ...]]


class _PaperRow(Struct):
    """The fields of Paper without the id, in the same order; days and times as text."""

    title: str = ""
    version: int | None = None
    abstract: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    submitted: str | None = None
    announced: str | None = None
    updated: str | None = None
    code_url: str | None = None
    project_url: str | None = None
    organization: str | None = None
    withdrawn: bool = False
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    venue: str | None = None
    tldr: str | None = None


class _ClaimRow(_PaperRow, kw_only=True):
    at: str


class _FullRecord(Struct):
    first_seen: str
    claims: dict[str, _ClaimRow | list[_ClaimRow]] = field(name="said")
    listed: list[list[str]]
    seen: list[list[Any]] = []


class _RecordOutline(Struct):
    first_seen: str
    claims: dict[str, Raw] = field(name="said")
    listed: list[list[str]]
    seen: list[list[Any]] = []


class _BriefRanks(Struct):
    """The part of a brief that complete entries lack."""

    ranks: dict[str, int | None] = {}
    kinds: dict[str, str] = {}


_RECORDS, _OUTLINES, _RANKS = Decoder(_FullRecord), Decoder(_RecordOutline), Decoder(_BriefRanks)


def from_encoded_record(key: str, row: EncodedRow) -> Entry:
    """Return the entry of a record, as `entry_rows.from_record`, with its errors."""
    try:
        record = _RECORDS.decode(row.encoded)
    except MsgspecError:
        return entry_rows.from_record(key, row)
    row_values.paper_id(key)
    is_clean = row.is_printable_ascii
    claims: list[Claim] = []
    for source, rows in record.claims.items():
        if isinstance(rows, list):
            claims += [_to_claim(key, source, each, is_clean=is_clean) for each in rows]
        else:
            claims.append(_to_claim(key, source, rows, is_clean=is_clean))
    claimed = tuple(claims)
    return Entry(view(claimed), parse_moment(record.first_seen), claimed, *_history(record))


def outline(key: str, row: EncodedRow) -> Entry:
    """As `from_encoded_record`, with a single claim of each source, and without its fields."""
    try:
        record = _OUTLINES.decode(row.encoded)
    except MsgspecError:
        return entry_rows.from_record(key, row)
    paper, at = Paper(row_values.paper_id(key), ""), parse_moment(record.first_seen)
    claims = tuple([Claim(row_values.text(source), at, paper) for source in record.claims])
    return Entry(paper, at, claims, *_history(record))


def from_encoded_ranks(day: date, row: EncodedRow) -> tuple[PaperListing, ...]:
    """Return the listings of a brief, as `entry_rows.from_ranks`, with its errors."""
    try:
        brief = _RANKS.decode(row.encoded)
        return entry_rows.to_ranks(day, brief.ranks, brief.kinds)
    except MsgspecError:
        return entry_rows.from_ranks(day, row)


def _history(record: _FullRecord | _RecordOutline) -> _History:
    """The listings and observations of a record."""
    listings = tuple([entry_rows.to_listing(*listed) for listed in record.listed])
    return listings, entry_rows.to_observations(record.seen) if record.seen else ()


def _clean(row: _ClaimRow) -> None:
    """Clean the texts of a row."""
    text = row_values.text
    row.title = text(row.title)
    row.abstract = row_values.lines(row.abstract)
    row.authors, row.categories = _texts(row.authors), _texts(row.categories)
    row.keywords = _texts(row.keywords)
    row.organization = row.organization and text(row.organization)
    row.comment = row.comment and text(row.comment)
    row.journal_ref = row.journal_ref and text(row.journal_ref)
    row.doi = row.doi and text(row.doi)
    row.venue = row.venue and text(row.venue)
    row.tldr = row.tldr and text(row.tldr)


def _to_claim(key: str, source: str, row: _ClaimRow, *, is_clean: bool) -> Claim:
    """The claim of a source, whose texts are cleaned unless they are clean already."""
    if not is_clean:
        source = row_values.text(source)
        _clean(row)
    paper = Paper(
        key,
        row.title,
        row.version,
        row.abstract,
        row.authors,
        row.categories,
        row.keywords,
        None if row.submitted is None else parse_moment(row.submitted),
        None if row.announced is None else date.fromisoformat(row.announced),
        None if row.updated is None else parse_moment(row.updated),
        row_values.link(row.code_url) if row.code_url else None,
        row_values.link(row.project_url) if row.project_url else None,
        row.organization,
        row.withdrawn,
        row.comment,
        row.journal_ref,
        row.doi,
        row.venue,
        row.tldr,
    )
    return Claim(source, parse_moment(row.at), paper)


def _texts(texts: tuple[str, ...]) -> tuple[str, ...]:
    """As `row_values.texts`. Nearly always all of them are clean, which is seen at once."""
    if not texts:
        return texts
    joined = "".join(texts)
    return texts if joined.isascii() and joined.isprintable() else row_values.texts(texts)

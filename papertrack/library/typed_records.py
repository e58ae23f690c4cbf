"""Records decoded from JSON straight into typed values, for commands that read a whole library.

The result is that of `entry_rows.from_record`, in a third of the time: types are checked while
decoding, and only texts that may need cleaning are cleaned. A record that does not fit is left to
`from_record`, which says why. This module takes long to import.
"""

from datetime import date
from typing import Any

from msgspec import MsgspecError, Struct, field
from msgspec.json import Decoder
from msgspec.structs import asdict

from papertrack.calendar import parse_moment
from papertrack.library import entry_rows, row_values
from papertrack.merge import view
from papertrack.models import Claim, Entry, Paper
from papertrack.storage.encoded_rows import EncodedRow


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


class _EncodedEntry(Struct):
    first_seen: str
    claims: dict[str, _ClaimRow | list[_ClaimRow]] = field(name="said")
    listed: list[list[str]]
    seen: list[list[Any]] = []


_DECODER = Decoder(_EncodedEntry)


def from_encoded_record(key: str, row: EncodedRow) -> Entry:
    """Return the entry of a record, as `entry_rows.from_record`, with its errors."""
    encoded = row.encoded
    try:
        record = _DECODER.decode(encoded)
    except MsgspecError:
        return entry_rows.from_record(key, row)
    is_clean = _is_clean(encoded)
    row_values.paper_id(key)
    claims = tuple(
        _to_claim(key, row_values.text(source), claim_row, is_clean=is_clean)
        for source, rows in record.claims.items()
        for claim_row in (rows if isinstance(rows, list) else (rows,))
    )
    return Entry(
        paper=view(claims),
        first_seen=parse_moment(record.first_seen),
        claims=claims,
        listings=tuple([entry_rows.to_listing(*listed) for listed in record.listed]),
        observations=entry_rows.to_observations(record.seen),
    )


def _is_clean(encoded: bytes) -> bool:
    """Whether all texts of a valid row are of printable ASCII characters.

    Control characters are escaped in JSON; allowed are the escapes of backslashes and quotes.
    """
    if b"\\" in encoded:
        encoded = encoded.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"\\" not in encoded and encoded.isascii() and b"\x7f" not in encoded


def _to_claim(key: str, source: str, row: _ClaimRow, *, is_clean: bool) -> Claim:
    if not is_clean:
        fields = {name: value for name, value in asdict(row).items() if value is not None}
        return entry_rows.to_claim(key, source, fields)
    paper = Paper(
        key,
        row.title,
        row.version,
        row.abstract,
        row.authors,
        row.categories,
        row.keywords,
        row_values.optional_moment(row.submitted),
        None if row.announced is None else date.fromisoformat(row.announced),
        row_values.optional_moment(row.updated),
        row_values.link(row.code_url),
        row_values.link(row.project_url),
        row.organization,
        row.withdrawn,
        row.comment,
        row.journal_ref,
        row.doi,
        row.venue,
        row.tldr,
    )
    return Claim(source, parse_moment(row.at), paper)

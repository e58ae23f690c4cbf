"""Reading rows of a table, some of which are still encoded: see papertrack.storage.encoded_rows."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from papertrack.library import entry_rows
from papertrack.models import Entry, PaperListing
from papertrack.storage.encoded_rows import EncodedRow


def from_record(paper_id: str, record: Mapping[str, Any], *, outlined: bool) -> Entry:
    """As `entry_rows.from_record`; with `outlined`, see `typed_records.outline`."""
    if isinstance(record, EncodedRow):
        return _record_reader(outlined=outlined)(paper_id, record)
    return entry_rows.from_record(paper_id, record)


def from_ranks(day: date, brief: Mapping[str, Any]) -> tuple[PaperListing, ...]:
    """As `entry_rows.from_ranks`."""
    if isinstance(brief, EncodedRow):
        return _ranks_reader()(day, brief)
    return entry_rows.from_ranks(day, brief)


# Importing them takes long, and rows are encoded only if many were read.
@cache
def _record_reader(*, outlined: bool) -> Callable[[str, EncodedRow], Entry]:
    from papertrack.library.typed_records import from_encoded_record, outline

    return outline if outlined else from_encoded_record


@cache
def _ranks_reader() -> Callable[[date, EncodedRow], tuple[PaperListing, ...]]:
    from papertrack.library.typed_records import from_encoded_ranks

    return from_encoded_ranks

"""The times until which sources ask not to be requested, in the table `sources.waits`."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from papertrack.calendar import format_moment, parse_moment
from papertrack.library import table_names
from papertrack.library.library import Library, rejecting_foreign_rows

_TABLE = f"{table_names.SOURCES}.waits"


def load_waits(library: Library) -> dict[str, datetime]:
    """The end of the wait (UTC) that each source has asked for, by name. Raises LibraryError."""
    with rejecting_foreign_rows(_TABLE):
        return {name: parse_wait(row) for name, row in library.database.rows(_TABLE)}


def save_waits(library: Library, waits: Mapping[str, datetime], ended: Iterable[str]) -> None:
    """Store waits by source, and remove those that have ended; within a transaction."""
    library.database.remove(_TABLE, ended)
    library.database.put(
        _TABLE, {name: {"until": format_moment(until)} for name, until in waits.items()}
    )


def parse_wait(row: Mapping[str, Any]) -> datetime:
    """Return the end of a wait. Raises KeyError, TypeError, ValueError for an invalid row."""
    return parse_moment(row["until"])

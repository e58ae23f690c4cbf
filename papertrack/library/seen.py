"""When the reader last saw the papers of each listing day, in the table `reading.seen`."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta

from papertrack.calendar import format_moment, parse_moment, utc_day
from papertrack.errors import LibraryBusy, LibraryError
from papertrack.library import table_names
from papertrack.library.library import Library, rejecting_foreign_rows

FIRST_DAYS = 7  # days that are unseen for a reader who has not seen any
_MAX_DAYS = 30
_KEPT = 400  # days


def unseen_days(library: Library, now: datetime) -> list[date]:
    """The listing days not seen since the first day that was seen, oldest first; 30 days at most.

    The last week if none was seen.
    """
    today, seen = utc_day(now), load_seen(library)
    first = today - timedelta(days=_MAX_DAYS if seen else FIRST_DAYS - 1)
    first = max(first, min(seen, default=first))
    return [day for day in listing_days_since(library, first, now) if day not in seen]


def first_missed_day(library: Library, now: datetime) -> date:
    """The first day that may have unseen papers, stored or not: at most 30 days ago."""
    today, seen = utc_day(now), load_seen(library)
    week = today - timedelta(days=FIRST_DAYS - 1)
    return max(min(seen, default=week), today - timedelta(days=_MAX_DAYS))


def listing_days_since(library: Library, first: date, now: datetime) -> list[date]:
    """All listing days from `first` to today, oldest first."""
    return [day for day in library.listing_days() if first <= day <= utc_day(now)]


def load_seen(library: Library) -> dict[date, datetime]:
    """The days whose papers were shown on a terminal, each with the last time (UTC)."""
    with rejecting_foreign_rows(table_names.SEEN):
        return dict(parse_row(key, row) for key, row in library.database.rows(table_names.SEEN))


def parse_row(key: str, row: Mapping[str, object]) -> tuple[date, datetime]:
    """Return the day and the time of a row. Raises KeyError, TypeError, ValueError."""
    return date.fromisoformat(key), parse_moment(str(row["at"]))


def save_seen(library: Library, days: Iterable[date], now: datetime) -> None:
    """Store that the papers of these days were shown, and delete the oldest rows.

    While another process writes, or if the library cannot be written, the days remain unseen.
    """
    with suppress(LibraryBusy, LibraryError), library.transaction(timeout=0):
        table = table_names.SEEN
        library.database.put(table, {str(day): {"at": format_moment(now)} for day in days})
        keys = sorted(key for key, _ in library.database.rows(table))
        library.database.remove(table, keys[:-_KEPT])

"""Days, spans of days and datetimes: how they are parsed and written.

Hugging Face lists Daily Papers by UTC day, Monday to Friday.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from papertrack.errors import UsageError

_SATURDAY = 5
_CACHED_MOMENTS = 4096
# They leave room for date arithmetic before and after every accepted day.
EARLIEST_YEAR, LATEST_YEAR = 1000, 2999
_WEEK = re.compile(r"([1-9]\d{3})-W(\d{2})", re.ASCII)
_MONTH = re.compile(r"([1-9]\d{3})-(\d{2})", re.ASCII)
_AGO = re.compile(r"(\d{1,5})([dw])", re.ASCII)
_PERIOD = re.compile(r"(this|last) (week|month)")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MIN_WEEKDAY = 3  # letters of an abbreviated name


class Span(NamedTuple):
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Yield each day, oldest first."""
        for ordinal in range(self.first.toordinal(), self.last.toordinal() + 1):
            yield date.fromordinal(ordinal)

    @classmethod
    def ending(cls, last: date, days: int) -> "Span":
        """The span of this many days that ends on a day."""
        return cls(last - timedelta(days=days - 1), last)

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


def utc_day(moment: datetime) -> date:
    """Return the UTC date of an aware datetime, which is its listing day."""
    return moment.astimezone(UTC).date()


def is_listing_day(day: date) -> bool:
    """Return whether Daily Papers are usually listed on `day`: Monday to Friday."""
    return day.weekday() < _SATURDAY


# A library repeats few moments many times, as most papers of a day were fetched together.
@lru_cache(_CACHED_MOMENTS)
def parse_moment(text: str) -> datetime:
    """Parse an ISO 8601 date and time into an aware UTC datetime; UTC if it has no offset.

    Raises ValueError if it is not ISO 8601, or falls outside the years 1 to 9999.
    """
    moment = datetime.fromisoformat(text)
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError(f"out of range: {text!r}") from error


def format_moment(moment: datetime) -> str:
    """Format an aware datetime as ISO 8601 in UTC with Z, without a fraction if it is zero."""
    # Converted before the cache is used: the two 1:30s of a night in which clocks go back compare
    # as equal in their own zone.
    return _format_utc(moment if moment.tzinfo is UTC else moment.astimezone(UTC))


@lru_cache(_CACHED_MOMENTS)
def _format_utc(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@lru_cache(_CACHED_MOMENTS)
def format_day(day: date) -> str:
    """Format a day as ISO 8601."""
    return day.isoformat()


def json_value(value: Any) -> Any:
    """Return a value for JSON: datetimes and dates as ISO 8601, tuples as lists, others as is."""
    if isinstance(value, str):  # the most common type, so it is tested first
        return value
    if isinstance(value, datetime):
        return format_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def parse_day(text: str, today: date) -> date:
    """Parse a day as `parse_days` does; for a week or a month, return its first day."""
    return parse_days(text, today).first


def parse_days(text: str, today: date) -> Span:
    """Parse a day, week or month as people write it.

    A day is 2026-03-31, today, yesterday, 7d or 2w (ago), or monday, which is the last one up to
    today. A week or month is 2026-W14, 2026-03, "this week" or "last month"; weeks begin on Monday.
    Raises UsageError for anything else, and for years before 1000.
    """
    word = " ".join(text.lower().split())
    with suppress(ValueError, OverflowError):
        if period := _PERIOD.fullmatch(word):
            return _period(today, *period.groups())
        if _WEEK.fullmatch(word.upper()):
            return parse_week(word.upper())
        if _MONTH.fullmatch(word):
            return parse_month(word)
        day = _relative_day(word, today) or date.fromisoformat(word)
        if day.year >= EARLIEST_YEAR:
            return Span(day, day)
    next_step = "write 2026-03-31, today, yesterday, monday, 7d, 2w or 'last week'"
    raise UsageError(f"invalid date: {text!r}", next_step=next_step)


def _relative_day(word: str, today: date) -> date | None:
    if word in ("today", "yesterday"):
        return today - timedelta(days=word == "yesterday")
    if ago := _AGO.fullmatch(word):
        return today - timedelta(days=int(ago[1]) * (7 if ago[2] == "w" else 1))
    for number, name in enumerate(_WEEKDAYS):
        if len(word) >= _MIN_WEEKDAY and name.startswith(word):
            return today - timedelta(days=(today.weekday() - number) % 7)
    return None


def _period(today: date, which: str, unit: str) -> Span:
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + (7 if which == "last" else 0))
        return Span(monday, monday + timedelta(days=6))
    first = today.replace(day=1)
    if which == "last":
        first = (first - timedelta(days=1)).replace(day=1)
    return parse_month(f"{first:%Y-%m}")


def parse_week(text: str) -> Span:
    """Parse an ISO week, Monday to Sunday: "2026-W14". Raises UsageError."""
    if match := _WEEK.fullmatch(text.strip()):
        with suppress(ValueError, OverflowError):
            first = date.fromisocalendar(int(match[1]), int(match[2]), 1)
            return Span(first, first + timedelta(days=6))
    raise UsageError(f"invalid week: {text!r}", next_step="write 2026-W14")


def parse_month(text: str) -> Span:
    """Parse a calendar month: "2026-03". Raises UsageError."""
    if match := _MONTH.fullmatch(text.strip()):
        with suppress(ValueError, OverflowError):
            first = date(int(match[1]), int(match[2]), 1)
            next_month = (first + timedelta(days=31)).replace(day=1)
            return Span(first, next_month - timedelta(days=1))
    raise UsageError(f"invalid month: {text!r}", next_step="write 2026-03")

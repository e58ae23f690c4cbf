"""Listing days and the spans people ask for.

Daily Papers are listed by UTC day, Monday to Friday.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from papertrack.errors import UsageError

_SATURDAY = 5
_MOMENTS = 4096
EARLIEST_YEAR = 1000  # so that there are days before every day that can be asked for
_WEEK = re.compile(r"([1-9]\d{3})-W(\d{2})", re.ASCII)
_MONTH = re.compile(r"([1-9]\d{3})-(\d{2})", re.ASCII)
_AGO = re.compile(r"(\d{1,5})d", re.ASCII)


class Span(NamedTuple):
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Each day, oldest first."""
        for ordinal in range(self.first.toordinal(), self.last.toordinal() + 1):
            yield date.fromordinal(ordinal)

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


def utc_day(moment: datetime) -> date:
    """The listing day that a moment falls into."""
    return moment.astimezone(UTC).date()


def is_listing_day(day: date) -> bool:
    """Whether Daily Papers are usually listed on `day`: not on Saturday and Sunday."""
    return day.weekday() < _SATURDAY


# A library says few moments many times over: of a day's papers most came at the same one.
@lru_cache(_MOMENTS)
def parse_moment(text: str) -> datetime:
    """An ISO 8601 moment as aware UTC; without an offset it counts as UTC.

    Raises ValueError where it is none, or falls outside the years 1 to 9999.
    """
    moment = datetime.fromisoformat(text)
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError(f"out of range: {text!r}") from error


def format_moment(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC with Z, to the second where it has no fraction."""
    # Before it is looked up: the two hours of a night when clocks go back count as equal.
    return _written(moment if moment.tzinfo is UTC else moment.astimezone(UTC))


@lru_cache(_MOMENTS)
def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def json_value(value: Any) -> Any:
    """A value as JSON has it: moments and days as ISO 8601, tuples as lists, others as they are."""
    if isinstance(value, str):  # as most are
        return value
    if isinstance(value, datetime):
        return format_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def parse_day(text: str, today: date) -> date:
    """A day as people write it: 2026-03-31, today, yesterday, or 7d for seven days ago.

    Raises UsageError where it is none of these.
    """
    word = text.strip().lower()
    with suppress(ValueError, OverflowError):
        if word in ("today", "yesterday"):
            return today - timedelta(days=word == "yesterday")
        if ago := _AGO.fullmatch(word):
            return today - timedelta(days=int(ago[1]))
        day = date.fromisoformat(word)
        if day.year >= EARLIEST_YEAR:
            return day
    raise UsageError(f"no such day: {text!r}", next_step="write 2026-03-31, today, yesterday or 7d")


def parse_week(text: str) -> Span:
    """An ISO week, Monday to Sunday: "2026-W14". Raises UsageError."""
    if found := _WEEK.fullmatch(text.strip()):
        with suppress(ValueError, OverflowError):
            first = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return Span(first, first + timedelta(days=6))
    raise UsageError(f"no such week: {text!r}", next_step="write 2026-W14")


def parse_month(text: str) -> Span:
    """A calendar month: "2026-03". Raises UsageError."""
    if found := _MONTH.fullmatch(text.strip()):
        with suppress(ValueError, OverflowError):
            first = date(int(found[1]), int(found[2]), 1)
            following = (first + timedelta(days=31)).replace(day=1)
            return Span(first, following - timedelta(days=1))
    raise UsageError(f"no such month: {text!r}", next_step="write 2026-03")

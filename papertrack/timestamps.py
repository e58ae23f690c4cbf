"""Dates and times as services write them: ISO 8601, mail headers, months as words, epoch seconds.

An invalid date is None, never an error, so that no paper is skipped because of a date.
python-dateutil is not used: it completes partial dates from today's, and parses "10" as a day.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

# Services write years like 1 and 9999 for unknown dates; sums with these would also overflow.
_EARLIEST_YEAR, _LATEST_YEAR = 1000, 2999
# Epoch times from 1973 on, and where those in milliseconds and microseconds begin.
_FIRST_EPOCH, _MILLISECONDS, _MICROSECONDS = 10**8, 10**11, 10**14
_EPOCH = re.compile(r"\d{9,16}(?:\.\d+)?", re.ASCII)
_TIME = re.compile(
    r"(?:(?<=\d)t|\b)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:[.,]\d+)?"
    r"(?:\s*(?P<half>[ap])m\b)?(?:\s*(?P<offset>[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_SEPARATORS = re.compile(r"[\s,./()-]+")
_NUMBER = re.compile(r"(\d{4}|\d{1,2})(?:st|nd|rd|th)?", re.ASCII)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FILLERS = ("at", "of", "on", "the")
# Of RFC 822, in hours.
_ZONES = {"z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5}
_ZONES |= {"mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
_SHORTEST_NAME = 3  # letters of a month or weekday
_FIRST_SHORT_YEAR = 50  # RFC 5322: 50 to 99 are of the last century
_FOUR_DIGITS, _TWO_DIGITS = 4, 2


def read_moment(value: Any) -> datetime | None:
    """Return a date or time as an aware UTC datetime, or None; UTC if it names no zone."""
    moment = read_local(value)
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_day(value: Any) -> date | None:
    """Return the day of a date or time as it is written, whatever its zone, or None."""
    moment = read_local(value)
    return moment.date() if moment else None


def read_local(value: Any) -> datetime | None:
    """Return a date or time in its own zone, naive if it names none, or None."""
    try:
        if isinstance(value, str):
            moment = _from_text(value.strip())
        elif isinstance(value, int | float) and not isinstance(value, bool):
            moment = _from_epoch(value)
        else:
            return None
    except (ValueError, OverflowError, OSError):  # OSError on Windows, for distant epoch times
        return None
    return moment if _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR else None


def _from_text(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _from_epoch(float(text)) if _EPOCH.fullmatch(text) else _from_words(text.lower())


def _from_epoch(number: float) -> datetime:
    """Return the time of an epoch in seconds, milliseconds or microseconds. Raises ValueError."""
    if not number >= _FIRST_EPOCH:  # nan as well
        raise ValueError(number)
    unit = 1e6 if number >= _MICROSECONDS else 1e3 if number >= _MILLISECONDS else 1
    return datetime.fromtimestamp(number / unit, UTC)


def _from_words(text: str) -> datetime:
    """Return a date like 2026-6-30, 30 June 2026 or Jun 30th, 2026 3:15 PM. Raises ValueError.

    Other dates without the name of a month are ambiguous.
    """
    time = _TIME.search(text)
    rest = f"{text[: time.start()]} {text[time.end() :]}" if time else text
    numbers, month, zone = [], 0, None
    for word in filter(None, _SEPARATORS.split(rest)):
        if number := _NUMBER.fullmatch(word):
            numbers.append(number[1])
        elif word in _ZONES:
            zone = timezone(timedelta(hours=_ZONES[word]))
        elif position := _position(word, _MONTHS):
            month = position
        elif word not in _FILLERS and not _position(word, _WEEKDAYS):
            raise ValueError(text)
    day = _day_of(numbers, month)
    if time is None:
        return datetime(day.year, day.month, day.day, tzinfo=zone)
    return _at_time(day, time, zone)


def _day_of(numbers: Sequence[str], month: int) -> date:
    """Return the day of numbers in the order in which they were written. Raises ValueError."""
    if month:
        day, year = numbers
        if len(day) == _FOUR_DIGITS:
            day, year = year, day
    else:
        year, month_number, day = numbers
        month = int(month_number)
        if len(year) != _FOUR_DIGITS:
            raise ValueError(numbers)
    return date(_full_year(year), month, int(day))


def _full_year(digits: str) -> int:
    if len(digits) == _TWO_DIGITS:
        return int(digits) + (1900 if int(digits) >= _FIRST_SHORT_YEAR else 2000)
    return int(digits)


def _at_time(day: date, time: re.Match[str], zone: tzinfo | None) -> datetime:
    """Return a time of a day; its UTC offset takes precedence over `zone`. Raises ValueError."""
    hour, minute, second = (int(time[part] or 0) for part in ("hour", "minute", "second"))
    if half := time["half"]:
        hour = hour % 12 + (12 if half == "p" else 0)
    if offset := time["offset"]:
        digits = offset.replace(":", "")
        minutes = int(digits[1:3]) * 60 + int(digits[3:])
        zone = timezone(timedelta(minutes=-minutes if digits[0] == "-" else minutes))
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)


def _position(word: str, names: Sequence[str]) -> int:
    """Return the number of the name that `word` is or abbreviates, from 1 on, or 0."""
    if word == "sept":
        word = "sep"
    if len(word) < _SHORTEST_NAME:
        return 0
    return next((n for n, name in enumerate(names, 1) if name.startswith(word)), 0)

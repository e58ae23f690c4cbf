"""Small pieces of the sentences that answers are made of."""

from datetime import datetime

from papertrack.errors import UsageError
from papertrack.facts import SOURCES

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def check_source(source: str | None) -> None:
    """Raises UsageError for a source that no paper can come from."""
    if source is not None and source not in SOURCES:
        raise UsageError(f"no such source: {source!r}", f"sources: {', '.join(SOURCES)}")


def source_title(source: str) -> str:
    """A source's name as people write it."""
    return SOURCES.get(source, source)


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 paper", "1,200 papers"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ago(moment: datetime, now: datetime) -> str:
    """How long before `now` a moment was, in one unit."""
    seconds = int((now - moment).total_seconds())
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{count(seconds // size, unit)} ago"
    return "just now"

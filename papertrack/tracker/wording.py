"""Small pieces of the sentences that answers are made of."""

from datetime import datetime

from papertrack import source_registry
from papertrack.errors import UsageError

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def check_source(name: str | None) -> None:
    """Raise UsageError for a source that no stored paper can come from."""
    known = source_registry.BUILT_IN.keys() | {None, source_registry.IMPORT}
    if name not in known and name not in source_registry.plugins():
        raise UsageError(
            f"no such source: {name!r}",
            f"sources: {', '.join(source_registry.names())}",
            "a source of another package needs that package: see `papertrack sources`",
        )


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

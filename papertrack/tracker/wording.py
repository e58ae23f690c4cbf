"""Phrases shared by messages: numbers with nouns, ages, and arXiv's next announcement."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from papertrack import source_registry
from papertrack.calendar import utc_day
from papertrack.errors import UsageError

ADD_TOPIC = 'to add a topic: papertrack topics add "world models" --any "world model"'
WITHOUT_TOPICS = f"no topics are configured; {ADD_TOPIC}"
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))
_SOON = timedelta(hours=24)


def require_source(name: str | None) -> None:
    """Raise UsageError if no stored paper can have this source."""
    if name is not None and source_registry.is_ranking(name):
        raise UsageError(
            f"the source {name!r} lists no papers",
            f"{source_registry.short_title(name)} ranks papers that other sources list",
            "`papertrack trending` shows its ranks",
        )
    imported = (source_registry.IMPORT, source_registry.PROFILE)
    valid = {None, *source_registry.BUILT_IN, *imported, *source_registry.feeds()}
    if name not in valid and name not in source_registry.plugins():
        raise UsageError(
            f"no such source: {name!r}",
            f"sources: {', '.join(source_registry.names())}",
            "a plugin's source needs its package installed: see `papertrack sources`",
        )


def count(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun: "1 paper", "1,200 papers"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def joined(names: Sequence[str]) -> str:
    """Names as a list in a sentence: "A", "A and B", "A, B and C"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def ago(moment: datetime, now: datetime) -> str:
    """The time since a moment in one unit: "3 hours ago", "just now"."""
    seconds = int((now - moment).total_seconds())
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{count(seconds // size, unit)} ago"
    return "just now"


def clock_time(moment: datetime, now: datetime) -> str:
    """A moment in local time, with its day unless that is today: "14:05"."""
    local = moment.astimezone()
    is_today = local.date() == now.astimezone().date()
    return f"{local:%H:%M}" if is_today else f"{local:%H:%M on %A %Y-%m-%d}"


def announcement_sentence(now: datetime) -> str:
    """When arXiv announces next, or when today's listing is available; in local time."""
    # Only an edition without any paper from arXiv needs the schedule.
    from papertrack.announcements import (
        announced_at,
        harvestable_at,
        is_announcement_day,
        is_deferred,
        next_announcement,
    )

    today = utc_day(now)
    announces_today = is_announcement_day(today) and not is_deferred(today)
    if announces_today and announced_at(today) <= now < harvestable_at(today):
        available = f"{harvestable_at(today).astimezone():%H:%M}"
        return f"arXiv has announced {today}; its listing is available from {available} your time"
    at = announced_at(next_announcement(now))
    local = at.astimezone()
    day = "" if at - now < _SOON else f" on {local:%A} {local:%Y-%m-%d}"
    return f"arXiv announces at {local:%H:%M} your time{day}"

"""When arXiv announces, in words and in the reader's own time."""

from datetime import datetime, timedelta

from papertrack.announcements import (
    announced_at,
    harvestable_at,
    is_announcement_day,
    is_deferred,
    next_announcement,
)
from papertrack.calendar import utc_day

_SOON = timedelta(hours=24)


def announcement_sentence(now: datetime) -> str:
    """When the next announcement comes, or when the last one can be had; in the local time zone."""
    today = utc_day(now)
    listed = is_announcement_day(today) and not is_deferred(today)
    if listed and announced_at(today) <= now < harvestable_at(today):
        ready = harvestable_at(today).astimezone()
        return f"arXiv has announced {today}; its list is out at {ready:%H:%M} your time"
    at = announced_at(next_announcement(now))
    local = at.astimezone()
    day = "" if at - now < _SOON else f" on {local:%A} {local:%Y-%m-%d}"
    return f"arXiv announces at {local:%H:%M} your time{day}"

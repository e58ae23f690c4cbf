"""The days that --since and --until mean."""

from collections.abc import Callable
from datetime import date, timedelta

from papertrack.calendar import Span, parse_day, utc_day
from papertrack.cli.session import Session
from papertrack.errors import UsageError

_LONGEST = timedelta(days=3660)


def ends(session: Session, since: str | None, until: str | None) -> tuple[date | None, date | None]:
    """The first and the last day as typed, None for what was not. Raises UsageError."""
    today = utc_day(session.now)
    first = None if since is None else parse_day(since, today)
    last = None if until is None else parse_day(until, today)
    if first and last and first > last:
        raise UsageError(f"--since {first} is after --until {last}")
    return first, last


def span_between(
    session: Session, since: str | None, until: str | None, begin: Callable[[date], date]
) -> Span:
    """The days up to --until, else to today, from --since, else from what `begin` makes of the last
    day. Raises UsageError, also for more than ten years.
    """
    first, last = ends(session, since, until)
    last = last or utc_day(session.now)
    first = first or begin(last)
    if first > last:
        raise UsageError(f"--since {first} is after today, {last}")
    if last - first > _LONGEST:
        raise UsageError(f"{first} to {last} is more than ten years")
    return Span(first, last)

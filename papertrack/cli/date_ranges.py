"""The ranges of days that --since and --until select."""

from collections.abc import Callable
from datetime import date, timedelta

from papertrack.calendar import Span, parse_days, utc_day
from papertrack.cli.session import Session
from papertrack.errors import UsageError

_LONGEST = timedelta(days=3660)


def parse_range(
    session: Session, since: str | None, until: str | None
) -> tuple[date | None, date | None]:
    """Parse --since and --until; None for an option that was not given. Raises UsageError."""
    today = utc_day(session.now)
    first = None if since is None else parse_days(since, today).first
    last = None if until is None else parse_days(until, today).last
    if first and last and first > last:
        raise UsageError(f"--since {first} is after --until {last}")
    return first, last


def span_between(
    session: Session, since: str | None, until: str | None, default_first: Callable[[date], date]
) -> Span:
    """Return the days from --since to --until, both included.

    --until defaults to today (UTC), --since to `default_first` of the last day. Raises UsageError,
    also for more than ten years.
    """
    first, last = parse_range(session, since, until)
    last = last or utc_day(session.now)
    first = first or default_first(last)
    if first > last:
        raise UsageError(f"--since {first} is after today, {last}")
    if last - first > _LONGEST:
        raise UsageError(f"{first} to {last} is more than ten years")
    return Span(first, last)

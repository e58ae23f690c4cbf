"""Sources that ask not to be requested for a while; the time is stored for later runs."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from papertrack.errors import SourceError
from papertrack.source_registry import short_title
from papertrack.tracker import Tracker
from papertrack.tracker.requests import SourceRequest, SourceResponse
from papertrack.tracker.wording import clock_time

# Shorter waits end before the next run. Longer ones than a day are probably a mistake.
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=1)


def waiting_sources(tracker: Tracker) -> dict[str, SourceError]:
    """The errors of the sources that are not to be requested now, by name."""
    from papertrack.library.waits import load_waits

    return {
        name: _error(name, until, tracker.now)
        for name, until in load_waits(tracker.library).items()
        if timedelta() < until - tracker.now <= _LONGEST
    }


def hold_back(
    tracker: Tracker, requests: Sequence[SourceRequest]
) -> tuple[list[SourceRequest], list[SourceResponse]]:
    """Divide requests into those to send and responses for those whose source asks to wait."""
    waiting = waiting_sources(tracker)
    to_send = [request for request in requests if request.source.name not in waiting]
    held = [
        SourceResponse(request, error=waiting[request.source.name], sent=False)
        for request in requests
        if request.source.name in waiting
    ]
    return to_send, held


def with_end_of_wait(error: SourceError, now: datetime) -> SourceError:
    """Return an error that says until when the source asks to wait, if the wait is stored."""
    until = _end_of_wait(error, now)
    return _error(error.source, until, now, error.wait) if until else error


def store_waits(tracker: Tracker, errors: Iterable[SourceError]) -> None:
    """Store for how long sources ask to wait; within a transaction."""
    from papertrack.library.waits import load_waits, save_waits

    ends = ((error.source, _end_of_wait(error, tracker.now)) for error in errors)
    waits = {name: until for name, until in ends if until}
    if waits:
        stored = load_waits(tracker.library)
        save_waits(tracker.library, waits, [name for name in stored if stored[name] <= tracker.now])


def _end_of_wait(error: SourceError, now: datetime) -> datetime | None:
    if error.wait is None or error.wait < _SHORTEST.total_seconds():
        return None
    return now + timedelta(seconds=min(error.wait, _LONGEST.total_seconds()))


def _error(source: str, until: datetime, now: datetime, wait: float | None = None) -> SourceError:
    message = f"{short_title(source)} asks to wait until {clock_time(until, now)}"
    error = SourceError(source, "rate-limit", message)
    error.wait = wait
    return error

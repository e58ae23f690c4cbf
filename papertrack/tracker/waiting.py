"""Sources that ask not to be requested for a while: remembered until then, across runs."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from papertrack.errors import SourceError
from papertrack.source_registry import short_title
from papertrack.tracker import Tracker
from papertrack.tracker.requests import SourceRequest, SourceResponse
from papertrack.tracker.wording import clock_time

# Shorter waits end before the next run. A source that asks for more than a day is mistaken.
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=1)


def hold_back(
    tracker: Tracker, requests: Sequence[SourceRequest]
) -> tuple[list[SourceRequest], list[SourceResponse]]:
    """Divide requests into those to send and responses for those whose source asks to wait."""
    from papertrack.library.waits import load_waits

    now = tracker.now
    waits = {
        name: until
        for name, until in load_waits(tracker.library).items()
        if timedelta() < until - now <= _LONGEST
    }
    to_send = [request for request in requests if request.source.name not in waits]
    held = [
        SourceResponse(request, error=_error(request.source.name, until, now), sent=False)
        for request in requests
        if (until := waits.get(request.source.name))
    ]
    return to_send, held


def with_end_of_wait(response: SourceResponse, now: datetime) -> SourceResponse:
    """Return a response whose error says until when the source asks to wait, if it does."""
    until = _end_of_wait(response, now)
    if until is None or response.error is None:
        return response
    error = _error(response.request.source.name, until, now)
    error.wait = response.error.wait
    return response._replace(error=error)


def remember_waits(tracker: Tracker, responses: Iterable[SourceResponse]) -> None:
    """Store for how long sources ask to wait; within a transaction."""
    from papertrack.library.waits import load_waits, save_waits

    ends = (
        (response.request.source.name, _end_of_wait(response, tracker.now))
        for response in responses
    )
    waits = {name: until for name, until in ends if until}
    if waits:
        stored = load_waits(tracker.library)
        ended = [name for name, until in stored.items() if until <= tracker.now]
        save_waits(tracker.library, waits, ended)


def _end_of_wait(response: SourceResponse, now: datetime) -> datetime | None:
    seconds = response.error and response.error.wait
    if not seconds or seconds < _SHORTEST.total_seconds():
        return None
    return now + timedelta(seconds=min(seconds, _LONGEST.total_seconds()))


def _error(source: str, until: datetime, now: datetime) -> SourceError:
    message = f"{short_title(source)} asks to wait until {clock_time(until, now)}"
    return SourceError(source, "rate-limit", message)

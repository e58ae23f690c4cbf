"""Ask sources again about starred papers, which their listings no longer show."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from papertrack.identifiers import is_arxiv
from papertrack.library.paper_events import load_followed, save_checked
from papertrack.models import Failure
from papertrack.tracker import Tracker
from papertrack.tracker.lookup import fetch_by_id

if TYPE_CHECKING:  # The imports would load the network client.
    from papertrack.sources import Source
    from papertrack.sources.http import HttpClient

# Not a day, so that a morning an hour earlier than the last one counts as a day later.
_INTERVAL = timedelta(hours=20)
# arXiv returns many papers in one response; other services need a request for each.
_PAPERS_AT_ONCE = {"arxiv": 100}
_OTHERWISE = 20


def papers_to_check(tracker: Tracker, source: str) -> list[str]:
    """The starred papers to ask a source about now, those checked longest ago first.

    Each about once a day, and only so many in a run that they take a few seconds.
    """
    starred = {
        key: state
        for key, state in tracker.library.states().items()
        if state.starred and is_arxiv(key)
    }
    if not starred:
        return []
    known = load_followed(tracker.library)
    checked = {key: dict(followed.checked).get(source) for key, followed in known.items()}
    due = [
        (at.timestamp() if at else 0.0, key)
        for key in starred
        for at in (checked.get(key),)
        if at is None or not timedelta() <= tracker.now - at < _INTERVAL
    ]
    return [key for _, key in sorted(due)[: _PAPERS_AT_ONCE.get(source, _OTHERWISE)]]


def check_starred(
    tracker: Tracker,
    sources: Iterable["Source"],
    client: Callable[[], "HttpClient"],
    progress: Callable[[int, int], None],
) -> tuple[Failure, ...]:
    """Ask each source about starred papers and store the answers; return the failures.

    Papers of a source that failed are due again in the next run. `progress` receives the numbers
    of sources and papers so far. Raises LibraryError, LibraryBusy.
    """
    failures: list[Failure] = []
    papers = 0
    for number, source in enumerate(sources, 1):
        if not (ids := papers_to_check(tracker, source.name)):
            continue
        failed = fetch_by_id(tracker, [source], ids, client).failures
        failures += (
            failure._replace(message=f"starred papers were not checked: {failure.message}")
            for failure in failed
        )
        papers += len(ids)
        progress(number, papers)
        if not failed:
            save_checked(tracker.library, ids, source.name, tracker.now)
    return tuple(failures)

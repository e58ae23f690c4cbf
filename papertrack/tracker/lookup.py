"""Fetch single papers by id or by text, independently of their listing days."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from papertrack.admission import admit
from papertrack.errors import SourceError
from papertrack.models import Failure, Sighting
from papertrack.tracker import Tracker
from papertrack.tracker.requests import result_before_deadline, start_work
from papertrack.tracker.waiting import store_waits, waiting_sources, with_end_of_wait

if TYPE_CHECKING:  # The imports would load the network client.
    from papertrack.sources import Source
    from papertrack.sources.http import HttpClient


class LookupResult(NamedTuple):
    """The result of a lookup: the ids that a source returned, and how many of them were new.

    `all_failed`: every source failed.
    """

    ids: frozenset[str] = frozenset()
    new: int = 0
    failures: tuple[Failure, ...] = ()
    all_failed: bool = False


def fetch_by_id(
    tracker: Tracker,
    sources: Iterable["Source"],
    ids: Sequence[str],
    client: Callable[[], "HttpClient"],
) -> LookupResult:
    """Request papers from each source and store them. Raises LibraryError, LibraryBusy."""
    return _fetch_and_store(
        tracker, sources, client, lambda source, http: source.papers(http, ids, tracker.now)
    )


def fetch_by_text(
    tracker: Tracker, sources: Iterable["Source"], text: str, client: Callable[[], "HttpClient"]
) -> LookupResult:
    """Search each source for a text and store the results. Raises LibraryError, LibraryBusy."""
    return _fetch_and_store(
        tracker, sources, client, lambda source, http: source.search(http, text, tracker.now)
    )


def _fetch_and_admit(
    fetch: Callable[["Source", "HttpClient"], Sequence[Sighting]],
    source: "Source",
    http: "HttpClient",
) -> list[Sighting]:
    return [row for row in map(admit, fetch(source, http)) if isinstance(row, Sighting)]


def _fetch_and_store(
    tracker: Tracker,
    sources: Iterable["Source"],
    client: Callable[[], "HttpClient"],
    fetch: Callable[["Source", "HttpClient"], Sequence[Sighting]],
) -> LookupResult:
    from papertrack.library.storing import store

    sightings: list[Sighting] = []
    errors: list[SourceError] = []
    queried, waiting = list(sources), waiting_sources(tracker)
    with client() as http:
        # All at once: a source that does not end must leave time for the others.
        started = {
            source: start_work(source.name, partial(_fetch_and_admit, fetch, source, http))
            for source in queried
            if source.name not in waiting
        }
        for source in queried:
            try:
                if source.name in waiting:
                    raise waiting[source.name]
                rows = result_before_deadline(source.name, http, started[source])
                sightings += rows
            except SourceError as error:
                errors.append(with_end_of_wait(error, tracker.now))
    new: tuple[str, ...] = ()
    if sightings or any(error.wait for error in errors):
        with tracker.library.transaction():
            new = store(tracker.library, sightings).new
            store_waits(tracker, errors)
    ids = frozenset(sighting.paper.id for sighting in sightings)
    failures = tuple(Failure(error.source, error.kind, error.what) for error in errors)
    return LookupResult(ids, len(new), failures, len(failures) == len(queried))

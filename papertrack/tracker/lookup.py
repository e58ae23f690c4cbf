"""Fetch single papers by id or by text, whatever day they were listed on."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from papertrack.errors import SourceError
from papertrack.identifiers import is_valid_id
from papertrack.models import Failure, Sighting
from papertrack.tracker import Tracker

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


def _fetch_and_store(
    tracker: Tracker,
    sources: Iterable["Source"],
    client: Callable[[], "HttpClient"],
    fetch: Callable[["Source", "HttpClient"], Sequence[Sighting]],
) -> LookupResult:
    from papertrack.library.storing import store

    sightings: list[Sighting] = []
    failures: list[Failure] = []
    queried = list(sources)
    with client() as http:
        for source in queried:
            try:
                sightings += fetch(source, http)
            except SourceError as error:
                failures.append(Failure(source.name, error.kind, error.what))
    sightings = [sighting for sighting in sightings if is_valid_id(sighting.paper.id)]
    new: tuple[str, ...] = ()
    if sightings:
        with tracker.library.transaction():
            new = store(tracker.library, sightings).new
    ids = frozenset(sighting.paper.id for sighting in sightings)
    return LookupResult(ids, len(new), tuple(failures), len(failures) == len(queried))

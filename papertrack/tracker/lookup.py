"""Getting single papers, by their ids or by what they say, whatever day they were listed on."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from papertrack.errors import SourceError
from papertrack.models import Failure, Sighting
from papertrack.tracker import Tracker

if TYPE_CHECKING:  # importing these would import the network
    from papertrack.sources import Source
    from papertrack.sources.http import HttpClient


class LookupResult(NamedTuple):
    """What came of asking for papers: the ids that some source knew, and how many were new; with
    `all_failed` nothing could be asked.
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
    """Ask each source for these papers and store what comes. Raises LibraryError, LibraryBusy."""
    return _stored(
        tracker, sources, client, lambda source, http: source.papers(http, ids, tracker.now)
    )


def fetch_by_text(
    tracker: Tracker, sources: Iterable["Source"], text: str, client: Callable[[], "HttpClient"]
) -> LookupResult:
    """Let each source search for a text and store what comes. Raises as `fetch`."""
    return _stored(
        tracker, sources, client, lambda source, http: source.search(http, text, tracker.now)
    )


def _stored(
    tracker: Tracker,
    sources: Iterable["Source"],
    client: Callable[[], "HttpClient"],
    ask: Callable[["Source", "HttpClient"], Sequence[Sighting]],
) -> LookupResult:
    from papertrack.library.storing import store

    sightings: list[Sighting] = []
    failures: list[Failure] = []
    asked = list(sources)
    with client() as http:
        for source in asked:
            try:
                sightings += ask(source, http)
            except SourceError as error:
                failures.append(Failure(source.name, error.kind, error.what))
    new: tuple[str, ...] = ()
    if sightings:
        with tracker.library.transaction():
            new = store(tracker.library, sightings).new
    ids_known = frozenset(one.paper.id for one in sightings)
    return LookupResult(ids_known, len(new), tuple(failures), len(failures) == len(asked))

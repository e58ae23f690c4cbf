"""The rankings of other services: when to request them, and their ranks beside papertrack's own.

Such a rank is what a service says, and never a part of a score. A paper that only a ranking names
is shown with its id and title, and does not enter the library.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from papertrack.calendar import utc_day
from papertrack.library.service_rankings import (
    ServiceRanking,
    load_rankings,
    newest_ranking,
    save_ranking,
)
from papertrack.models import Entry, Paper, Section, ServiceRank
from papertrack.source_registry import short_title
from papertrack.tracker import Tracker
from papertrack.tracker.requests import SourceRequest, SourceResponse
from papertrack.tracker.wording import ago
from papertrack.trending import GAIN_WITHIN, upvote_gain

if TYPE_CHECKING:  # The import would load the network client.
    from papertrack.sources import Source

# Four times a day: services compute such rankings a few times a day at most.
_INTERVAL = timedelta(hours=6)


class RanksRequest(NamedTuple):
    """Which ranks to show: those of these services and, with `others`, papers that only they rank.

    At most `limit` of these, None for all; with `topic`, those that match the tracker's topic.
    """

    services: tuple[str, ...]
    others: bool
    limit: int | None
    topic: bool


def rankings_due(tracker: Tracker, sources: Iterable["Source"]) -> list[SourceRequest]:
    """The requests for the rankings of these sources that are older than six hours."""
    from papertrack.sources import ListingRequest

    requests = []
    for source in sources:
        newest = newest_ranking(tracker.library, source.name, tracker.now)
        if newest is None or tracker.now - newest.at >= _INTERVAL:
            validator = newest and newest.validator
            request = ListingRequest((utc_day(tracker.now),), validator=validator)
            requests.append(SourceRequest(source, request))
    return requests


def store_rankings(tracker: Tracker, responses: Iterable[SourceResponse]) -> None:
    """Store the rankings of responses; within a transaction.

    One that is not modified counts as another look, so that its ranks are known to have lasted.
    """
    for listing in (listing for response in responses for listing in response.listings):
        before = newest_ranking(tracker.library, listing.source, tracker.now)
        if listing.state != "unchanged":
            ranks = {
                sighting.paper.id: sighting.listed.rank
                for sighting in listing.sightings
                if sighting.listed and sighting.listed.rank
            }
            titles = {each.paper.id: each.paper.title for each in listing.sightings}
            ranking = ServiceRanking(tracker.now, ranks, titles, listing.validator)
        elif before:
            ranking = before._replace(at=tracker.now, validator=listing.validator)
        else:  # The server is wrong: it has sent nothing yet.
            continue
        save_ranking(tracker.library, listing.source, ranking)


def with_newest_ranks(
    tracker: Tracker, sections: Sequence[Section], request: RanksRequest
) -> tuple[Section, ...]:
    """Add the newest ranks to the papers of sections, and a section for each service.

    That has the papers that the service ranks and no other section shows, in its order.
    """
    for service in request.services:
        if ranking := newest_ranking(tracker.library, service, tracker.now):
            more = _others(tracker, service, ranking, sections, request) if request.others else None
            sections = [_with_ranks(section, service, ranking) for section in sections]
            sections += [more] if more and more.total else []
    return tuple(sections)


def with_rank_history(
    tracker: Tracker, entries: Iterable[Entry], services: Iterable[str]
) -> list[Entry]:
    """Add to entries all stored ranks since they were first ranked."""
    entries = list(entries)
    for service in services:
        rankings = load_rankings(tracker.library, service, tracker.now)
        entries = [
            entry._replace(ranks=(*entry.ranks, *_history(service, rankings, entry.paper.id)))
            for entry in entries
        ]
    return entries


def _history(
    service: str, rankings: Sequence[ServiceRanking], paper_id: str
) -> Iterable[ServiceRank]:
    ranks = [ServiceRank(service, each.at, each.ranks.get(paper_id)) for each in rankings]
    first = next((index for index, each in enumerate(ranks) if each.rank), len(ranks))
    return ranks[first:]


def _with_ranks(section: Section, service: str, ranking: ServiceRanking) -> Section:
    entries = tuple(_with_rank(entry, service, ranking) for entry in section.entries)
    return section._replace(entries=entries)


def _with_rank(entry: Entry, service: str, ranking: ServiceRanking) -> Entry:
    rank = ranking.ranks.get(entry.paper.id)
    ranks = (ServiceRank(service, ranking.at, rank),) if rank else ()
    return entry._replace(ranks=(*entry.ranks, *ranks))


def _others(
    tracker: Tracker,
    service: str,
    ranking: ServiceRanking,
    sections: Sequence[Section],
    request: RanksRequest,
) -> Section:
    shown = {entry.paper.id for section in sections for entry in section.entries}
    others = [
        Entry(Paper(paper_id, ranking.titles.get(paper_id, paper_id)), ranking.at)
        for paper_id in sorted(ranking.ranks, key=ranking.ranks.__getitem__)
        if paper_id not in shown
    ]
    entries = [entry for entry in tracker.library.with_state(others) if not entry.state.hidden]
    if request.topic:
        matched = _matched(tracker, entries)
        entries = [entry for entry in matched if entry.matches or entry.related]
    total = len(entries)
    entries = _matched(tracker, entries[: request.limit])
    checked = f"checked {ago(ranking.at, tracker.now)}"
    title = f"Also trending on {short_title(service)} · {checked}"
    return _with_ranks(Section(title, entries, total), service, ranking)


def _matched(tracker: Tracker, entries: Sequence[Entry]) -> list[Entry]:
    """The stored papers in full, the others with what the ranking has, and their topics."""
    stored = tracker.library.entries(entry.paper.id for entry in entries)
    complete = (stored.get(entry.paper.id, entry) for entry in entries)
    return [
        entry._replace(gained=upvote_gain(entry.observations, GAIN_WITHIN))
        for entry in tracker.match(complete)
    ]

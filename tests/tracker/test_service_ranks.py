"""The rankings of other services: when they are due, what is stored, and what is shown of them."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from invented import DAY, HOUR, NOW, put, sighting

from papertrack.calendar import Span
from papertrack.library.library import Library
from papertrack.library.service_rankings import load_rankings
from papertrack.library.verification import verify
from papertrack.models import Listing, Paper, PaperListing, ServiceRank, Sighting, State, Topic
from papertrack.sources import ListingRequest
from papertrack.tracker import Tracker
from papertrack.tracker.editions import EditionRequest
from papertrack.tracker.papers import show
from papertrack.tracker.rankings import trending
from papertrack.tracker.requests import SourceRequest, SourceResponse
from papertrack.tracker.service_ranks import rankings_due, store_rankings

SERVICE = "paperswithcode"
SOURCE = SimpleNamespace(name=SERVICE, ranking=True)
_WEEK = Span(DAY - timedelta(days=6), DAY)


@pytest.fixture
def library():
    """Three listed papers, the first with most upvotes."""
    library = Library(None)
    put(library, *(sighting(f"2603.0000{number}", upvotes=9 - number) for number in (1, 2, 3)))
    return library


def _rank(library, ids, at=NOW, titles=None, **options):
    """Store a ranking of papers, best first, with these titles or invented ones."""
    titles = {key: f"Title of {key}" for key in ids} | (titles or {})
    sightings = tuple(
        Sighting(Paper(key, titles[key]), SERVICE, at, PaperListing(SERVICE, DAY, rank))
        for rank, key in enumerate(ids, 1)
    )
    listing = Listing(SERVICE, at.date(), options.pop("state", "complete"), sightings, **options)
    request = SourceRequest(SOURCE, ListingRequest((at.date(),)))
    store_rankings(Tracker(library, (), at), [SourceResponse(request, (listing,))])


def _trending(library, topics=(), **options):
    request = EditionRequest(_WEEK, rankings=(SERVICE,), **options)
    return trending(Tracker(library, topics, NOW), request, others=True).sections


def _shown(section):
    return [(entry.paper.id, *(each.rank for each in entry.ranks)) for entry in section.entries]


def test_a_ranking_is_due_every_six_hours(library):
    def due(hours):
        tracker = Tracker(library, (), NOW + hours * HOUR)
        return [each.request.validator for each in rankings_due(tracker, [SOURCE])]

    assert due(0) == [None]
    _rank(library, ["2603.00001"], validator="ETag: a")
    assert due(5.9) == []
    assert due(6) == ["ETag: a"]
    assert due(-1) == [None], "the clock was set back"


def test_ranks_stand_beside_the_own_order_which_they_do_not_change(library):
    without = [_shown(section) for section in _trending(library)]
    assert without == [[("2603.00001",), ("2603.00002",), ("2603.00003",)]]
    _rank(library, ["2603.00003", "2603.00001"])
    ranked = _trending(library)
    assert [_shown(section) for section in ranked] == [
        [("2603.00001", 2), ("2603.00002",), ("2603.00003", 1)]
    ]


def test_the_ranks_are_shown_only_of_enabled_services(library):
    _rank(library, ["2603.00003", "2511.00001"])
    (section,) = trending(Tracker(library, (), NOW), EditionRequest(_WEEK), others=True).sections
    assert not any(entry.ranks for entry in section.entries)
    report = show(Tracker(library, (), NOW), ["2603.00003"])
    assert not any(entry.ranks for entry in report.sections[0].entries)


def test_papers_that_only_a_service_ranks_follow_in_its_order_with_their_titles(library):
    _rank(library, ["2511.00001", "2603.00001", "paperswithcode:7", "2603.00003"])
    ours, theirs = _trending(library, trending_limit=2)
    assert _shown(ours) == [("2603.00001", 2), ("2603.00002",)]
    assert _shown(theirs) == [("2511.00001", 1), ("paperswithcode:7", 3)]
    assert theirs.total == 3
    assert theirs.entries[0].paper.title == "Title of 2511.00001"
    assert theirs.title == "Also trending on Papers with Code · checked just now"


def test_papers_that_only_a_service_ranks_are_not_in_the_library(library):
    _rank(library, ["2511.00001"])
    assert [entry.paper.id for entry in library.all_entries()] == [
        "2603.00001",
        "2603.00002",
        "2603.00003",
    ]
    assert library.listing_days() == [DAY]
    assert library.coverage(Span(DAY, DAY)) == {}


def test_of_a_topic_only_its_papers_are_shown_and_hidden_ones_never(library):
    put(library, sighting("2511.00002", day=DAY - timedelta(days=100)))
    library.change_states(["2511.00004"], lambda _key, _state: State(hidden=True))
    titles = {"2511.00003": "World models of worlds"}
    _rank(library, ["2511.00001", "2511.00002", "2511.00003", "2511.00004"], titles=titles)
    _, theirs = _trending(library)
    assert [entry.paper.id[-1] for entry in theirs.entries] == ["1", "2", "3"]
    topic = Topic("worlds", any=("world model",))
    _, theirs = _trending(library, (topic,), topic="worlds")
    assert _shown(theirs) == [("2511.00003", 3)]
    assert theirs.entries[0].matches


def test_only_the_ranking_by_rise_is_followed_by_papers_that_only_a_service_ranks(library):
    _rank(library, ["2511.00001", "2603.00001"])
    request = EditionRequest(_WEEK, rankings=(SERVICE,))
    (ours,) = trending(Tracker(library, (), NOW), request, "upvotes", others=True).sections
    assert _shown(ours)[0] == ("2603.00001", 2)


def test_a_selection_by_source_has_no_papers_of_a_service(library):
    _rank(library, ["2511.00001", "2603.00001"])
    (ours,) = _trending(library, source="huggingface")
    assert _shown(ours)[0] == ("2603.00001", 2)


def test_show_has_the_ranks_since_the_first_one(library):
    times = [NOW - hours * HOUR for hours in (40, 30, 20, 10)]
    for at, ids in zip(times, (["a"], ["a", "b"], ["b"], ["a"]), strict=True):
        _rank(library, [{"a": "2603.00001", "b": "2603.00002"}[name] for name in ids], at)
    report = show(Tracker(library, (), NOW), ["2603.00002", "2603.00003"], [SERVICE])
    ranked, never = report.sections[0].entries
    assert ranked.ranks == (
        ServiceRank(SERVICE, times[1], 2),
        ServiceRank(SERVICE, times[2], 1),
        ServiceRank(SERVICE, times[3], None),
    )
    assert never.ranks == ()


def test_a_ranking_that_has_not_changed_is_another_look(library):
    _rank(library, (), NOW - HOUR, state="unchanged")
    assert load_rankings(library, SERVICE, NOW) == [], "the server has sent none yet"
    _rank(library, ["2603.00001"], NOW - HOUR)
    _rank(library, (), state="unchanged", validator="ETag: a")
    first, second = load_rankings(library, SERVICE, NOW)
    assert (first.at, second.at) == (NOW - HOUR, NOW)
    assert second.ranks == first.ranks
    assert second.titles == {"2603.00001": "Title of 2603.00001"}
    assert first.titles == {}, "only the newest needs them"


def test_a_year_of_rankings_stays_small_and_is_thinned_with_age(library):
    ids = [f"2603.{number:05}" for number in range(100)]
    start = NOW - timedelta(days=365)
    for look in range(365 * 4 + 1):
        _rank(library, ids, start + 6 * look * HOUR)
    rankings = load_rankings(library, SERVICE, NOW)
    ages = [(NOW - each.at).days for each in rankings]
    assert ages[0] == 365
    assert ages[-1] == 0
    assert sum(age < 2 for age in ages) == 8
    assert len(ages) < 110
    assert not any(verify(library, lambda _done, _all: None))

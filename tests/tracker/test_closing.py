"""Which answers of a source close a day: a stale, short or empty one never does."""

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from invented import DAY, NOW, sighting
from pages import entry
from werkzeug import Response

from papertrack.calendar import Span
from papertrack.errors import SourceError
from papertrack.library.library import Library
from papertrack.models import Failure, Listing
from papertrack.sources import ListingRequest, Source
from papertrack.sources.http import HttpClient
from papertrack.sources.huggingface import HuggingFace, HuggingFaceSettings
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import refresh, requests_due

YESTERDAY = DAY - timedelta(days=1)
NEXT_DAY = datetime.combine(DAY + timedelta(days=1), time(7), UTC)


class Feeds(Source):
    """A source with a feed of the current day and an archive of earlier days, like arXiv.

    `feed` and `archive` have the numbers of papers by category and day, or an error to raise;
    `revised` are numbers that the feed lists as revisions.
    """

    name = title = "feeds"

    def __init__(self, *categories):
        self.categories = categories or ("a",)
        self.feed, self.archive, self.revised = {}, {}, set()

    def final_after(self, day):
        return self.available_from(day)

    def rechecked_from(self, day):
        return self.available_from(day + timedelta(days=1))

    def requests(self, due, now):  # noqa: ARG002  # the signature of every source
        return [ListingRequest((day,), (category,)) for day, category in due]

    def listings(self, client, request, now):  # noqa: ARG002  # the signature of every source
        (day,), (category,) = request.days, request.categories
        is_feed = day == now.date()
        numbers = (self.feed if is_feed else self.archive).get((category, day), ())
        if isinstance(numbers, SourceError):
            raise numbers
        sightings = tuple(self._sighting(number, day, now, is_feed=is_feed) for number in numbers)
        state = "complete" if sightings else "quiet"
        return (Listing(self.name, day, state, sightings, category=category, once=is_feed),)

    def _sighting(self, number, day, now, *, is_feed):
        listed = sighting(f"2603.{number:05}", source=self.name, day=day, at=now)
        kind = "revised" if is_feed and number in self.revised else "new"
        return listed._replace(listed=listed.listed._replace(kind=kind))


@pytest.fixture
def tracker(tmp_path):
    return Tracker(Library(str(tmp_path / "library")), (), NOW)


def run(tracker, source, now=NOW, days=2):
    """Refresh as `fetch` does, and return the result."""
    span = Span(DAY - timedelta(days=days - 1), now.date())
    requests = requests_due(source, span, tracker.library.coverage(span), now)
    return refresh(tracker._replace(now=now), requests, HttpClient)


def row(tracker, day=DAY, category="a"):
    return tracker.library.coverage(Span(day, day))["feeds", category, day]


def numbers(tracker, day=DAY):
    """The numbers of the papers that are new on a day."""
    return {
        int(brief.paper.id[5:])
        for brief in tracker.library.briefs(day)
        if any(listed.kind == "new" for listed in brief.listings)
    }


def test_a_feed_with_papers_of_an_earlier_day_is_stale_until_it_has_those_of_the_day(tracker):
    source = Feeds()
    source.archive["a", YESTERDAY] = source.feed["a", DAY] = range(1, 9)
    run(tracker, source)
    result = run(tracker, source)
    assert (row(tracker).state, row(tracker).papers, numbers(tracker)) == ("stale", 0, set())
    assert result.failures == (
        Failure("feeds", "stale", "feeds sent the papers of 2026-03-30 instead of 2026-03-31 in a"),
    )
    source.feed["a", DAY] = range(9, 12)
    assert run(tracker, source).failures == ()
    assert (row(tracker).state, numbers(tracker)) == ("complete", {9, 10, 11})
    assert run(tracker, source).listings == 0


def test_a_stale_feed_is_recognised_in_the_run_that_fetches_the_earlier_day(tracker):
    source = Feeds()
    source.archive["a", YESTERDAY] = source.feed["a", DAY] = range(1, 9)
    assert [failure.kind for failure in run(tracker, source).failures] == ["stale"]
    assert row(tracker, YESTERDAY).state == "complete"


def test_each_category_is_stale_by_itself(tracker):
    source = Feeds("a", "b")
    source.archive |= {("a", YESTERDAY): range(1, 9), ("b", YESTERDAY): range(11, 19)}
    source.feed |= {("a", DAY): range(1, 9), ("b", DAY): range(21, 29)}
    run(tracker, source)
    assert [row(tracker, DAY, name).state for name in "ab"] == ["stale", "complete"]
    assert numbers(tracker) == set(range(21, 29))


def test_a_few_papers_of_an_earlier_day_do_not_make_a_feed_stale(tracker):
    source = Feeds()
    source.archive["a", YESTERDAY] = range(1, 9)
    source.feed["a", DAY] = range(5, 13)
    run(tracker, source)
    assert (row(tracker).state, row(tracker).papers) == ("complete", 8)


@pytest.mark.parametrize(
    ("earlier", "state"), [((), "stale"), (range(9, 12), "complete")], ids=["quiet", "complete"]
)
def test_a_stale_feed_opens_a_quiet_day_and_not_a_complete_one(tracker, earlier, state):
    source = Feeds()
    source.archive["a", YESTERDAY], source.feed["a", DAY] = range(1, 9), earlier
    run(tracker, source)
    source.feed["a", DAY] = range(1, 9)
    requests = requests_due(source, Span(DAY, DAY), {}, NOW)
    assert refresh(tracker, requests, HttpClient).failures[0].kind == "stale"
    assert row(tracker).state == state


def test_revisions_of_known_papers_are_not_stale(tracker):
    source = Feeds()
    source.archive["a", YESTERDAY] = range(1, 9)
    source.feed["a", DAY], source.revised = [1, 2, 3, 9], {1, 2, 3}
    run(tracker, source)
    assert (row(tracker).state, row(tracker).papers) == ("complete", 1)


def test_the_next_day_adds_what_a_feed_left_out_and_counts_it(tracker):
    source = Feeds()
    source.feed["a", DAY] = range(1, 9)
    run(tracker, source)
    source.archive["a", DAY] = range(1, 12)
    run(tracker, source, NEXT_DAY)
    state = row(tracker)
    assert (state.state, state.papers, state.repaired) == ("complete", 11, 3)
    assert numbers(tracker) == set(range(1, 12))
    assert not requests_due(
        source, Span(DAY, DAY), tracker.library.coverage(Span(DAY, DAY)), NEXT_DAY
    )


def test_revisions_that_a_feed_named_are_not_taken_for_new_papers_the_next_day(tracker):
    """The archive cannot tell them from new papers."""
    source = Feeds()
    source.feed["a", DAY], source.revised = [1, 2, 3], {3}
    source.archive["a", DAY] = [1, 2, 3]
    run(tracker, source)
    run(tracker, source, NEXT_DAY)
    assert (row(tracker).repaired, row(tracker).revised, numbers(tracker)) == (0, (), {1, 2})


def test_papers_that_have_left_the_archive_the_next_day_are_not_missed(tracker):
    source = Feeds()
    source.feed["a", DAY], source.archive["a", DAY] = range(1, 9), range(1, 6)
    run(tracker, source)
    run(tracker, source, NEXT_DAY)
    assert (row(tracker).state, row(tracker).papers, row(tracker).repaired) == ("complete", 8, 0)


def test_a_failure_the_next_day_leaves_the_day_complete_and_due(tracker):
    source = Feeds()
    source.feed["a", DAY] = range(1, 9)
    run(tracker, source)
    source.archive["a", DAY] = SourceError("feeds", "status", "no")
    run(tracker, source, NEXT_DAY)
    assert row(tracker).state == "complete"
    source.archive["a", DAY] = range(1, 10)
    run(tracker, source, NEXT_DAY)
    assert (row(tracker).papers, row(tracker).repaired) == (9, 1)


@pytest.mark.parametrize(
    ("feed", "yesterday", "first", "last"),
    [
        (range(1, 9), (), "partial", "complete"),
        (range(1, 9), range(1, 9), "stale", "quiet"),
        ((), (), "quiet", "quiet"),
    ],
)
def test_an_empty_archive_is_believed_two_days_later(tracker, feed, yesterday, first, last):
    """A day that never gets papers does not stay open for ever."""
    source = Feeds()
    source.feed["a", DAY], source.archive["a", YESTERDAY] = feed, yesterday
    run(tracker, source)
    run(tracker, source, NEXT_DAY)
    assert row(tracker).state == first
    run(tracker, source, NEXT_DAY + timedelta(days=2))
    assert row(tracker).state == last


@pytest.mark.parametrize(("second", "state"), [((), "quiet"), (range(1, 9), "complete")])
def test_after_a_failure_an_empty_archive_closes_a_day_only_at_its_second_answer(
    tracker, second, state
):
    source = Feeds()
    source.feed["a", DAY] = SourceError("feeds", "timeout", "no response")
    run(tracker, source)
    assert row(tracker).state == "failed"
    run(tracker, source, NEXT_DAY + timedelta(days=2))
    assert row(tracker).state == "stale"
    source.archive["a", DAY] = second
    run(tracker, source, NEXT_DAY + timedelta(days=2, hours=4))
    assert (row(tracker).state, row(tracker).papers) == (state, len(second))


def test_a_stale_day_without_another_service_is_quiet_at_the_second_empty_answer(tracker):
    """A weekend day for which a server once sent another day's papers does not stay open."""
    source = Feeds()
    source.rechecked_from = lambda _day: None
    source.feed["a", DAY] = source.archive["a", YESTERDAY] = range(1, 9)
    run(tracker, source)
    assert row(tracker).state == "stale"
    states = []
    for hours in (0, 4, 8):
        run(tracker, source, NEXT_DAY + timedelta(hours=hours))
        states.append(row(tracker).state)
    assert states == ["stale", "quiet", "quiet"]


def test_papers_found_after_an_empty_answer_are_counted_as_repaired(tracker):
    source = Feeds()
    source.feed["a", DAY] = range(1, 9)
    run(tracker, source)
    run(tracker, source, NEXT_DAY)
    source.archive["a", DAY] = range(1, 12)
    run(tracker, source, NEXT_DAY + timedelta(hours=4))
    assert (row(tracker).state, row(tracker).papers, row(tracker).repaired) == ("complete", 11, 3)


def test_a_day_that_was_fetched_from_the_archive_is_not_fetched_once_more(tracker):
    source = Feeds()
    source.archive["a", YESTERDAY] = range(1, 9)
    run(tracker, source)
    span = Span(YESTERDAY, YESTERDAY)
    assert requests_due(source, span, tracker.library.coverage(span), NEXT_DAY) == []


def test_a_server_that_ignores_the_date_and_does_not_date_papers_fills_no_day(tracker, server):
    entries = [entry(f"2603.{number:05}", paper={"submittedOnDailyAt": None}) for number in (1, 2)]
    server.expect_request("/api/daily_papers").respond_with_response(Response(json.dumps(entries)))
    source = HuggingFace(HuggingFaceSettings(server.url_for("").rstrip("/")))
    span = Span(date(2026, 3, 25), DAY)
    result = refresh(tracker, requests_due(source, span, {}, NOW), HttpClient)
    assert [failure.kind for failure in result.failures] == ["stale"]
    assert {each.state for each in tracker.library.coverage(span).values()} == {"stale"}
    assert tracker.library.listing_days() == []


def test_a_stale_feed_is_recognised_however_long_the_refresh_takes(tracker, monkeypatch):
    """The feed comes first, and what is fetched after it is stored every few seconds."""
    monkeypatch.setattr("papertrack.tracker.refresh._SECONDS_PER_COMMIT", 0.0)
    source = Feeds()
    source.archive["a", YESTERDAY] = source.feed["a", DAY] = range(1, 9)
    assert [failure.kind for failure in run(tracker, source).failures] == ["stale"]
    assert (row(tracker).state, numbers(tracker)) == ("stale", set())

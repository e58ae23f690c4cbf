"""Refreshing from test sources: real threads, a real library, no network."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from invented import DAY, HOUR, NOW, sighting

from papertrack.calendar import Span
from papertrack.errors import LibraryBusy, SourceError
from papertrack.library.coverage_rows import Coverage
from papertrack.library.library import Library
from papertrack.models import Failure, Listing, Observation, Skipped, Topic
from papertrack.sources import ListingRequest, Source
from papertrack.sources.http import HttpClient
from papertrack.storage.folder import FolderStorage
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import refresh, requests_due
from papertrack.tracker.requests import SourceRequest

YESTERDAY = DAY - timedelta(days=1)
TIMEOUT = SourceError("shelf", "timeout", "it took too long")


class FakeSource(Source):
    """A source with fixed responses by day: sightings, a listing, or an error to raise."""

    max_concurrent = 8

    def __init__(self, name="shelf", **days):
        self.name, self.title, self.requested = name, name.title(), []
        self.responses = {date.fromisoformat(day[1:].replace("_", "-")): days[day] for day in days}

    def final_after(self, day):
        return self.available_from(day) + timedelta(days=8)

    def listings(self, client, request, now):  # noqa: ARG002  # the signature of every source
        (day,) = request.days
        self.requested.append((day, now))
        return (self.listing(day),)

    def listing(self, day):
        response = self.responses.get(day)
        if isinstance(response, Exception):
            raise response
        if isinstance(response, Listing):
            return response
        sightings = response or ()
        return Listing(self.name, day, "complete" if sightings else "quiet", tuple(sightings))


@pytest.fixture
def tracker(tmp_path):
    """A tracker with an empty library."""
    return Tracker(Library(str(tmp_path / "library")), (), NOW)


def _seen(number, day, source="shelf", **more):
    return sighting(f"2603.{number:05}", source=source, day=day, **more)


def _refresh(tracker, *pairs, **options):
    return refresh(tracker, _requests(pairs), HttpClient, **options)


def _requests(pairs):
    return [SourceRequest(source, ListingRequest((day,))) for source, day in pairs]


def _due_days(source, span, coverage):
    return [request.request.days[0] for request in requests_due(source, span, coverage, NOW)]


def _ids(tracker, first=DAY, last=DAY):
    return sorted(entry.paper.id for entry in tracker.library.listed_entries(Span(first, last)))


def test_responses_are_stored_with_their_coverage(tracker):
    shelf = FakeSource(
        _2026_03_31=[_seen(1, DAY), _seen(2, DAY)], _2026_03_30=[_seen(2, YESTERDAY)]
    )
    result = _refresh(tracker, (shelf, DAY), (shelf, YESTERDAY))
    assert (result.listings, result.papers, result.new) == (2, 2, 2)
    assert (result.failures, result.all_failed) == ((), False)
    assert _ids(tracker) == ["2603.00001", "2603.00002"]
    assert _ids(tracker, YESTERDAY, YESTERDAY) == ["2603.00002"]
    span = Span(YESTERDAY, DAY)
    assert tracker.library.coverage(span) == {
        ("shelf", "", DAY): Coverage("shelf", DAY, "complete", NOW, 2),
        ("shelf", "", YESTERDAY): Coverage("shelf", YESTERDAY, "complete", NOW, 1),
    }
    assert _due_days(shelf, span, tracker.library.coverage(span)) == []


def test_without_requests_no_client_is_made(tracker):
    @contextmanager
    def client():
        raise AssertionError("a client was made")
        yield

    assert refresh(tracker, [], client).listings == 0
    assert not Path(tracker.library.folder).exists()


def test_a_single_client_serves_all_requests_and_is_closed_at_the_end(tracker):
    clients = []

    @contextmanager
    def client():
        clients.append("open")
        yield HttpClient()
        clients.append("closed")

    shelf = FakeSource()
    days = [DAY - timedelta(days=n) for n in range(5)]
    refresh(tracker, _requests((shelf, day) for day in days), client)
    assert clients == ["open", "closed"]
    assert sorted(shelf.requested) == sorted((day, NOW) for day in days)


def test_a_failed_day_is_reported_and_the_others_are_stored(tracker):
    shelf = FakeSource(_2026_03_31=[_seen(1, DAY)], _2026_03_30=TIMEOUT)
    result = _refresh(tracker, (shelf, DAY), (shelf, YESTERDAY))
    assert result.failures == (Failure("shelf", "timeout", "it took too long (1 of 2 days)"),)
    assert not result.all_failed
    assert _ids(tracker) == ["2603.00001"]
    coverage = tracker.library.coverage(Span(YESTERDAY, DAY))
    failed = coverage["shelf", "", YESTERDAY]
    assert (failed.state, failed.problem) == ("failed", "timeout")
    assert _due_days(shelf, Span(YESTERDAY, DAY), coverage) == [YESTERDAY]


def test_a_source_that_is_down_does_not_stop_the_other(tracker):
    down = FakeSource("down", _2026_03_31=SourceError("down", "connection", "no server"))
    shelf = FakeSource(_2026_03_31=[_seen(1, DAY)])
    result = _refresh(tracker, (down, DAY), (shelf, DAY))
    assert result.failures == (Failure("down", "connection", "no server"),)
    assert not result.all_failed
    assert _ids(tracker) == ["2603.00001"]


def test_a_refresh_in_which_every_request_failed_is_marked(tracker):
    down = FakeSource("down", _2026_03_31=SourceError("down", "connection", "no server"))
    shelf = FakeSource(_2026_03_31=TIMEOUT, _2026_03_30=TIMEOUT)
    result = _refresh(tracker, (down, DAY), (shelf, DAY), (shelf, YESTERDAY))
    assert result.all_failed
    assert {failure.source: failure.message for failure in result.failures} == {
        "down": "no server",
        "shelf": "it took too long (2 of 2 days)",
    }


def test_a_failure_removes_nothing_that_an_earlier_fetch_stored(tracker):
    _refresh(tracker, (FakeSource(_2026_03_31=[_seen(1, DAY)]), DAY))
    coverage = tracker.library.coverage(Span(DAY, DAY))
    later = tracker._replace(now=NOW + HOUR)
    assert _refresh(later, (FakeSource(_2026_03_31=TIMEOUT), DAY)).failures
    assert tracker.library.coverage(Span(DAY, DAY)) == coverage
    assert _ids(tracker) == ["2603.00001"]


def test_a_day_that_has_not_begun_at_the_source_is_not_a_failure_and_stays_due_days(tracker):
    shelf = FakeSource(_2026_03_31=SourceError("shelf", "not-yet", "not begun"))
    result = _refresh(tracker, (shelf, DAY), (shelf, YESTERDAY))
    assert (result.failures, result.all_failed, result.listings) == ((), False, 2)
    coverage = tracker.library.coverage(Span(YESTERDAY, DAY))
    assert _due_days(shelf, Span(YESTERDAY, DAY), coverage) == [DAY]


def test_skipped_entries_are_reported(tracker):
    skipped = (Skipped("entry 2", "no title"),)
    listing = Listing("shelf", DAY, "partial", (_seen(1, DAY),), skipped)
    result = _refresh(tracker, (FakeSource(_2026_03_31=listing), DAY))
    assert result.skipped == (Skipped("entry 2", "no title"),)
    coverage = tracker.library.coverage(Span(DAY, DAY))["shelf", "", DAY]
    assert (coverage.state, coverage.papers, coverage.skipped) == ("partial", 1, 1)


def test_a_missing_part_is_a_failure_and_the_rest_is_stored(tracker):
    missing = Failure("shelf", "status", "page 2: gone")
    listing = Listing("shelf", DAY, "partial", (_seen(1, DAY),), failure=missing)
    result = _refresh(tracker, (FakeSource(_2026_03_31=listing), DAY))
    assert (result.failures, result.all_failed) == ((missing,), False)
    assert _ids(tracker) == ["2603.00001"]
    coverage = tracker.library.coverage(Span(DAY, DAY))["shelf", "", DAY]
    assert (coverage.state, coverage.problem) == ("partial", "status")


def test_counts_of_a_listing_that_did_not_change_are_observed_again(tracker):
    tagged = Listing("shelf", DAY, "complete", (_seen(1, DAY, upvotes=5),), validator="ETag: x")
    _refresh(tracker, (FakeSource(_2026_03_31=tagged), DAY))
    same = Listing("shelf", DAY, "unchanged", validator="ETag: x")
    later = tracker._replace(now=NOW + HOUR)
    assert _refresh(later, (FakeSource(_2026_03_31=same), DAY)).failures == ()
    coverage = tracker.library.coverage(Span(DAY, DAY))["shelf", "", DAY]
    assert (coverage.state, coverage.asked, coverage.papers) == ("complete", NOW + HOUR, 1)
    assert coverage.validator == "ETag: x"
    (entry,) = tracker.library.listed_entries(Span(DAY, DAY))
    first, again = entry.observations
    assert (first.upvotes, again) == (5, Observation(NOW + HOUR, *first[1:]))


def test_a_revision_changes_the_stored_paper_and_no_unknown_one_is_stored(tracker):
    def revised(number):
        later = _seen(number, DAY, version=2, title="Later")
        return later._replace(listed=later.listed._replace(kind="revised"))

    _refresh(tracker, (FakeSource(_2026_03_30=[_seen(1, YESTERDAY)]), YESTERDAY))
    result = _refresh(tracker, (FakeSource(_2026_03_31=[revised(1), revised(2)]), DAY))
    assert (result.new, _ids(tracker, YESTERDAY, DAY)) == (0, ["2603.00001"])
    entry = tracker.library.entries(["2603.00001"])["2603.00001"]
    assert (entry.paper.version, entry.paper.title) == (2, "Later")
    assert [(listed.day, listed.kind) for listed in entry.listings] == [
        (YESTERDAY, "new"),
        (DAY, "revised"),
    ]
    assert tracker.library.coverage(Span(DAY, DAY))["shelf", "", DAY].papers == 0


def test_a_source_that_seems_down_gets_no_further_requests(tracker):
    """Eight requests are open when the first fails; without this rule all 300 would time out."""
    days = {f"_{DAY - timedelta(days=n)}".replace("-", "_"): TIMEOUT for n in range(300)}
    shelf = FakeSource(**days)
    result = _refresh(tracker, *((shelf, DAY - timedelta(days=n)) for n in range(300)))
    assert result.all_failed
    assert result.failures[0].message == "it took too long (300 of 300 days)"
    assert 8 <= len(shelf.requested) <= 24


def test_a_source_that_fails_in_other_ways_gets_every_request(tracker):
    bad = SourceError("shelf", "not-a-listing", "rubbish")
    days = {f"_{DAY - timedelta(days=n)}".replace("-", "_"): bad for n in range(30)}
    shelf = FakeSource(**days)
    _refresh(tracker, *((shelf, DAY - timedelta(days=n)) for n in range(30)))
    assert len(shelf.requested) == 30


def test_progress_is_reported_for_each_day(tracker):
    days = [DAY - timedelta(days=n) for n in range(20)]
    shelf = FakeSource(_2026_03_31=[_seen(1, DAY), _seen(2, DAY)])
    calls = []
    _refresh(tracker, *((shelf, day) for day in days), progress=lambda *call: calls.append(call))
    assert [listings for listings, _ in calls] == list(range(1, 21))
    assert calls[-1] == (20, 2)


def test_eight_requests_are_made_at_once_and_no_more(tracker):
    """Eight requests pass a barrier together; a barrier for nine is never reached."""
    ninth, eight = threading.Barrier(9, timeout=0.2), threading.Barrier(8, timeout=60)
    passed = []

    class BarrierClient(HttpClient):
        def get(self, *_arguments, **_options):
            with suppress(threading.BrokenBarrierError):
                ninth.wait()
                passed.append("nine")
            eight.wait()
            passed.append("eight")

    class Slow(FakeSource):
        def listings(self, client, request, now):
            client.get(self.name, "", {})
            return super().listings(client, request, now)

    slow = Slow()
    days = [DAY - timedelta(days=n) for n in range(16)]
    requests = _requests((slow, day) for day in days)
    assert refresh(tracker, requests, BarrierClient).listings == 16
    assert passed == ["eight"] * 16


def test_a_source_with_one_connection_is_asked_in_the_order_requests(tracker):
    shelf = FakeSource()
    shelf.max_concurrent = 1
    days = [DAY - timedelta(days=n) for n in range(9)]
    _refresh(tracker, *((shelf, day) for day in days))
    assert [day for day, _ in shelf.requested] == days


def test_matches_are_cached_when_papers_are_stored(tracker):
    """The next command for the day need not match; cached and fresh matches are equal."""
    tracker = tracker._replace(topics=(Topic("graphs", any=("graph",)),))
    sightings = [_seen(1, DAY, abstract="On graphs."), _seen(2, DAY, abstract="On sets.")]
    _refresh(tracker, (FakeSource(_2026_03_31=sightings), DAY))
    assert tracker.library.database.names("matches") == [f"matches.{DAY}"]
    brief = tracker.library.listed_entries(Span(DAY, DAY))
    cached = {entry.paper.id: entry.matches for entry in tracker.with_matches(brief)}
    fresh = tracker.match(tracker.library.entries(cached).values())
    assert cached == {entry.paper.id: entry.matches for entry in fresh}
    assert [bool(cached[f"2603.0000{n}"]) for n in (1, 2)] == [True, False]


def test_matches_follow_a_text_that_changed_on_another_listing_day(tracker):
    """All commands agree on a paper, whichever listing brought its new text."""
    tracker = tracker._replace(topics=(Topic("graphs", any=("graph",)),))
    for text, hours in (("On graphs.", 0), ("On sets.", 1), ("On graphs again.", 2)):
        day = (DAY, YESTERDAY)[hours % 2]
        sightings = [_seen(1, day, abstract=text, at=NOW + hours * HOUR)]
        shelf = FakeSource(**{f"_{day}".replace("-", "_"): sightings})
        _refresh(tracker._replace(now=NOW + hours * HOUR), (shelf, day))
        for entry in tracker.with_matches(tracker.library.listed_entries(Span(YESTERDAY, DAY))):
            assert bool(entry.matches) == ("graphs" in text), (text, hours)


def test_a_busy_library_ends_the_refresh_as_busy(tmp_path):
    """This library waits for the lock less long than usual, to keep the test short."""

    class Impatient(Library):
        def transaction(self):
            return self.database.storage.transaction(timeout=0.05)

    library = Impatient(str(tmp_path))
    with FolderStorage(str(tmp_path)).transaction(), pytest.raises(LibraryBusy):
        _refresh(Tracker(library, (), NOW), (FakeSource(), DAY))
    assert library.listing_days() == []


def test_an_exception_that_nobody_foresaw_is_the_failure_of_its_source_alone(tracker):
    broken = FakeSource("broken")
    shelf = FakeSource(**{f"d{DAY}".replace("-", "_"): [_seen(1, DAY)]})
    broken.responses = {DAY: ZeroDivisionError("secret")}
    result = _refresh(tracker, (broken, DAY), (shelf, DAY))
    message = "unexpected: ZeroDivisionError, please report"
    assert result.failures == (Failure("broken", "unexpected", message),)
    assert _ids(tracker) == ["2603.00001"]


_INTERRUPTED = """
import faulthandler, os, sys, threading
from papertrack.sources.http import HttpClient
from datetime import timedelta
from invented import DAY, NOW, sighting
from papertrack.library.library import Library
from papertrack.models import Listing
from papertrack.sources import ListingRequest, Source
from papertrack.tracker import Tracker
from papertrack.tracker.requests import SourceRequest
from papertrack.tracker.refresh import refresh

class Slow(Source):
    name = title = "slow"
    max_concurrent = 8
    def listings(self, client, request, now):
        (day,) = request.days
        if (DAY - day).days >= 24:
            threading.Event().wait()
        return Listing("slow", day, "complete", (sighting(f"2603.{day:%m%d}0", day=day),)),

def progress(listings, papers):
    if listings == 24:
        print("waiting", flush=True)

faulthandler.dump_traceback_later(250)  # shows where the program hangs, if it does
tracker = Tracker(Library(sys.argv[1]), (), NOW)
slow = Slow()
requests = (ListingRequest((DAY - timedelta(days=number),)) for number in range(40))
days = [SourceRequest(slow, request) for request in requests]
try:
    refresh(tracker, days, lambda: HttpClient(deadline=1000), progress)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    os._exit(130)
"""


def test_ctrl_c_stores_the_responses_so_far_and_does_not_wait_for_slow_ones(tmp_path):
    """24 responses have arrived when the others hang; their days are not due again."""
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    process = subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=300)
    assert (out, process.returncode) == ("interrupted\n", 130)
    library = Library(str(tmp_path))
    span = Span(DAY - timedelta(days=40), DAY)
    coverage = library.coverage(span)
    assert len(coverage) == len(library.listing_days()) == len(library.listed_entries(span)) == 24
    assert len(_due_days(FakeSource("slow"), span, coverage)) == 41 - 24
    assert not list(tmp_path.glob("*.new"))

"""Refreshing through sources of our own: real threads, a real library, no network."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, nullcontext, suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from invented import DAY, HOUR, NOW, sighting

from papertrack.calendar import Span
from papertrack.errors import LibraryBusy, SourceError
from papertrack.library.library import Coverage, Library
from papertrack.models import Failure, Listing, Observation, Skipped, Topic
from papertrack.sources import ListingRequest, Source
from papertrack.storage.folder import FolderStorage
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import due, refresh
from papertrack.tracker.requests import SourceRequest

YESTERDAY = DAY - timedelta(days=1)
TIMEOUT = SourceError("shelf", "timeout", "it took too long")


class Shelf(Source):
    """A source that gives what it was filled with: sightings, a listing, or an error to raise."""

    max_concurrent = 8

    def __init__(self, name="shelf", **days):
        self.name, self.title, self.asked = name, name.title(), []
        self.answers = {date.fromisoformat(day[1:].replace("_", "-")): days[day] for day in days}

    def final_after(self, day):
        return self.available_from(day) + timedelta(days=8)

    def listings(self, client, ask, now):  # noqa: ARG002  # as every source
        (day,) = ask.days
        self.asked.append((day, now))
        return (self.listing(day),)

    def listing(self, day):
        """What was put in for the day."""
        answer = self.answers.get(day)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Listing):
            return answer
        seen = answer or ()
        return Listing(self.name, day, "complete" if seen else "quiet", tuple(seen))


@pytest.fixture
def tracker(tmp_path):
    """A tracker with an empty library."""
    return Tracker(Library(str(tmp_path / "library")), (), NOW)


def _seen(number, day, source="shelf", **more):
    return sighting(f"2603.{number:05}", source=source, day=day, **more)


def _refresh(tracker, *pairs, **more):
    return refresh(tracker, _wanted(pairs), nullcontext, **more)


def _wanted(pairs):
    return [SourceRequest(source, ListingRequest((day,))) for source, day in pairs]


def _due(source, span, known):
    return [one.request.days[0] for one in due(source, span, known, NOW)]


def _ids(tracker, first=DAY, last=DAY):
    return sorted(entry.paper.id for entry in tracker.library.listed(Span(first, last)))


def test_what_comes_is_stored_and_remembered_as_asked(tracker):
    shelf = Shelf(_2026_03_31=[_seen(1, DAY), _seen(2, DAY)], _2026_03_30=[_seen(2, YESTERDAY)])
    done = _refresh(tracker, (shelf, DAY), (shelf, YESTERDAY))
    assert (done.asked, done.papers, done.new) == (2, 2, 2)
    assert (done.failures, done.all_failed) == ((), False)
    assert _ids(tracker) == ["2603.00001", "2603.00002"]
    assert _ids(tracker, YESTERDAY, YESTERDAY) == ["2603.00002"]
    span = Span(YESTERDAY, DAY)
    assert tracker.library.coverage(span) == {
        ("shelf", "", DAY): Coverage("shelf", DAY, "complete", NOW, 2),
        ("shelf", "", YESTERDAY): Coverage("shelf", YESTERDAY, "complete", NOW, 1),
    }
    assert _due(shelf, span, tracker.library.coverage(span)) == []


def test_nothing_wanted_asks_nobody_and_makes_no_client(tracker):
    @contextmanager
    def client():
        raise AssertionError("a client was made")
        yield

    assert refresh(tracker, [], client).asked == 0
    assert not Path(tracker.library.folder).exists()


def test_one_client_serves_all_and_is_closed_at_the_end(tracker):
    clients = []

    @contextmanager
    def client():
        clients.append("open")
        yield clients
        clients.append("closed")

    shelf = Shelf()
    days = [DAY - timedelta(days=n) for n in range(5)]
    refresh(tracker, _wanted((shelf, day) for day in days), client)
    assert clients == ["open", "closed"]
    assert sorted(shelf.asked) == sorted((day, NOW) for day in days)


def test_a_day_that_failed_is_a_failure_and_the_others_are_stored(tracker):
    shelf = Shelf(_2026_03_31=[_seen(1, DAY)], _2026_03_30=TIMEOUT)
    done = _refresh(tracker, (shelf, DAY), (shelf, YESTERDAY))
    assert done.failures == (Failure("shelf", "timeout", "it took too long (1 of 2 days)"),)
    assert not done.all_failed
    assert _ids(tracker) == ["2603.00001"]
    known = tracker.library.coverage(Span(YESTERDAY, DAY))
    failed = known["shelf", "", YESTERDAY]
    assert (failed.state, failed.problem) == ("failed", "timeout")
    assert _due(shelf, Span(YESTERDAY, DAY), known) == [YESTERDAY]


def test_one_source_down_does_not_stop_the_other(tracker):
    down = Shelf("down", _2026_03_31=SourceError("down", "connection", "nobody there"))
    shelf = Shelf(_2026_03_31=[_seen(1, DAY)])
    done = _refresh(tracker, (down, DAY), (shelf, DAY))
    assert done.failures == (Failure("down", "connection", "nobody there"),)
    assert not done.all_failed
    assert _ids(tracker) == ["2603.00001"]


def test_that_every_day_of_every_source_failed_is_said(tracker):
    down = Shelf("down", _2026_03_31=SourceError("down", "connection", "nobody there"))
    shelf = Shelf(_2026_03_31=TIMEOUT, _2026_03_30=TIMEOUT)
    done = _refresh(tracker, (down, DAY), (shelf, DAY), (shelf, YESTERDAY))
    assert done.all_failed
    assert {one.source: one.message for one in done.failures} == {
        "down": "nobody there",
        "shelf": "it took too long (2 of 2 days)",
    }


def test_a_failure_takes_nothing_from_what_an_earlier_look_gave(tracker):
    _refresh(tracker, (Shelf(_2026_03_31=[_seen(1, DAY)]), DAY))
    known = tracker.library.coverage(Span(DAY, DAY))
    later = tracker._replace(now=NOW + HOUR)
    assert _refresh(later, (Shelf(_2026_03_31=TIMEOUT), DAY)).failures
    assert tracker.library.coverage(Span(DAY, DAY)) == known
    assert _ids(tracker) == ["2603.00001"]


def test_a_day_that_has_not_begun_at_the_source_is_no_failure_and_stays_due(tracker):
    shelf = Shelf(_2026_03_31=SourceError("shelf", "not-yet", "not begun"))
    done = _refresh(tracker, (shelf, DAY), (shelf, YESTERDAY))
    assert (done.failures, done.all_failed, done.asked) == ((), False, 2)
    known = tracker.library.coverage(Span(YESTERDAY, DAY))
    assert _due(shelf, Span(YESTERDAY, DAY), known) == [DAY]


def test_what_a_source_left_out_is_handed_on(tracker):
    left_out = (Skipped("entry 2", "no title"),)
    listing = Listing("shelf", DAY, "partial", (_seen(1, DAY),), left_out)
    done = _refresh(tracker, (Shelf(_2026_03_31=listing), DAY))
    assert done.skipped == (Skipped("entry 2", "no title"),)
    covered = tracker.library.coverage(Span(DAY, DAY))["shelf", "", DAY]
    assert (covered.state, covered.papers, covered.skipped) == ("partial", 1, 1)


def test_a_part_that_could_not_be_had_is_a_failure_though_the_rest_is_stored(tracker):
    missing = Failure("shelf", "status", "page 2: gone")
    listing = Listing("shelf", DAY, "partial", (_seen(1, DAY),), failure=missing)
    done = _refresh(tracker, (Shelf(_2026_03_31=listing), DAY))
    assert (done.failures, done.all_failed) == ((missing,), False)
    assert _ids(tracker) == ["2603.00001"]
    covered = tracker.library.coverage(Span(DAY, DAY))["shelf", "", DAY]
    assert (covered.state, covered.problem) == ("partial", "status")


def test_a_listing_that_did_not_change_is_looked_at_again_with_its_counts(tracker):
    seen = _seen(1, DAY, upvotes=5)
    named = Listing("shelf", DAY, "complete", (seen,), validator="ETag: x")
    _refresh(tracker, (Shelf(_2026_03_31=named), DAY))
    same = Listing("shelf", DAY, "unchanged", validator="ETag: x")
    later = tracker._replace(now=NOW + HOUR)
    assert _refresh(later, (Shelf(_2026_03_31=same), DAY)).failures == ()
    covered = tracker.library.coverage(Span(DAY, DAY))["shelf", "", DAY]
    assert (covered.state, covered.asked, covered.papers) == ("complete", NOW + HOUR, 1)
    assert covered.validator == "ETag: x"
    (entry,) = tracker.library.listed(Span(DAY, DAY))
    first, again = entry.observations
    assert (first.upvotes, again) == (5, Observation(NOW + HOUR, *first[1:]))


def test_a_revision_changes_the_stored_paper_and_no_unknown_one_is_stored(tracker):
    def revised(number):
        one = _seen(number, DAY, version=2, title="Later")
        return one._replace(listed=one.listed._replace(kind="revised"))

    _refresh(tracker, (Shelf(_2026_03_30=[_seen(1, YESTERDAY)]), YESTERDAY))
    done = _refresh(tracker, (Shelf(_2026_03_31=[revised(1), revised(2)]), DAY))
    assert (done.new, _ids(tracker, YESTERDAY, DAY)) == (0, ["2603.00001"])
    entry = tracker.library.entries(["2603.00001"])["2603.00001"]
    assert (entry.paper.version, entry.paper.title) == (2, "Later")
    assert [(one.day, one.kind) for one in entry.listings] == [
        (YESTERDAY, "new"),
        (DAY, "revised"),
    ]
    assert tracker.library.coverage(Span(DAY, DAY))["shelf", "", DAY].papers == 0


def test_a_source_that_seems_down_is_not_asked_for_all_the_rest(tracker):
    """Eight are under way when the first fails; a year would else take a year of time-outs."""
    days = {f"_{DAY - timedelta(days=n)}".replace("-", "_"): TIMEOUT for n in range(300)}
    shelf = Shelf(**days)
    done = _refresh(tracker, *((shelf, DAY - timedelta(days=n)) for n in range(300)))
    assert done.all_failed
    assert done.failures[0].message == "it took too long (300 of 300 days)"
    assert 8 <= len(shelf.asked) <= 24


def test_a_source_that_fails_in_other_ways_is_asked_for_every_day(tracker):
    bad = SourceError("shelf", "not-a-listing", "rubbish")
    days = {f"_{DAY - timedelta(days=n)}".replace("-", "_"): bad for n in range(30)}
    shelf = Shelf(**days)
    _refresh(tracker, *((shelf, DAY - timedelta(days=n)) for n in range(30)))
    assert len(shelf.asked) == 30


def test_progress_is_told_for_each_day(tracker):
    days = [DAY - timedelta(days=n) for n in range(20)]
    shelf = Shelf(_2026_03_31=[_seen(1, DAY), _seen(2, DAY)])
    told = []
    _refresh(tracker, *((shelf, day) for day in days), progress=lambda *how: told.append(how))
    assert [done for done, _ in told] == list(range(1, 21))
    assert told[-1] == (20, 2)


def test_eight_requests_are_made_at_once_and_no_more(tracker):
    """Eight meet, which they can only at the same time; for a ninth all of them wait in vain."""
    ninth, eight = threading.Barrier(9, timeout=0.2), threading.Barrier(8, timeout=60)
    met = []

    class Meeting:
        def get(self, *_asked, **_how):
            with suppress(threading.BrokenBarrierError):
                ninth.wait()
                met.append("nine")
            eight.wait()
            met.append("eight")

    class Slow(Shelf):
        def listings(self, client, ask, now):
            client.get(self.name, "", {})
            return super().listings(client, ask, now)

    slow = Slow()
    days = [DAY - timedelta(days=n) for n in range(16)]
    wanted = _wanted((slow, day) for day in days)
    assert refresh(tracker, wanted, lambda: nullcontext(Meeting())).asked == 16
    assert met == ["eight"] * 16


def test_a_source_with_one_connection_is_asked_in_the_order_wanted(tracker):
    shelf = Shelf()
    shelf.max_concurrent = 1
    days = [DAY - timedelta(days=n) for n in range(9)]
    _refresh(tracker, *((shelf, day) for day in days))
    assert [day for day, _ in shelf.asked] == days


def test_matches_are_kept_with_what_is_stored(tracker):
    """So that the next look at the day need not match; and they are those of a fresh look."""
    tracker = tracker._replace(topics=(Topic("graphs", any=("graph",)),))
    seen = [_seen(1, DAY, abstract="On graphs."), _seen(2, DAY, abstract="On sets.")]
    _refresh(tracker, (Shelf(_2026_03_31=seen), DAY))
    assert tracker.library.database.names("matches") == [f"matches.{DAY}"]
    brief = tracker.library.listed(Span(DAY, DAY))
    marked = {entry.paper.id: entry.matches for entry in tracker.with_matches(brief)}
    whole = tracker.match(tracker.library.entries(marked).values())
    assert marked == {entry.paper.id: entry.matches for entry in whole}
    assert [bool(marked[f"2603.0000{n}"]) for n in (1, 2)] == [True, False]


def test_matches_follow_a_text_that_changed_on_another_day_or_by_another_way(tracker):
    """Every command agrees on every paper, whatever brought its new text."""
    tracker = tracker._replace(topics=(Topic("graphs", any=("graph",)),))
    for text, hours in (("On graphs.", 0), ("On sets.", 1), ("On graphs again.", 2)):
        day = (DAY, YESTERDAY)[hours % 2]
        seen = _seen(1, day, abstract=text, at=NOW + hours * HOUR)
        shelf = Shelf(**{f"_{day}".replace("-", "_"): [seen]})
        _refresh(tracker._replace(now=NOW + hours * HOUR), (shelf, day))
        for one in tracker.with_matches(tracker.library.listed(Span(YESTERDAY, DAY))):
            assert bool(one.matches) == ("graphs" in text), (text, hours)


def test_a_busy_library_ends_the_refresh_as_busy(tmp_path):
    """The library is told to wait for the lock less long than it does by itself."""

    class Impatient(Library):
        def transaction(self):
            return self.database.storage.transaction(timeout=0.05)

    library = Impatient(str(tmp_path))
    with FolderStorage(str(tmp_path)).transaction(), pytest.raises(LibraryBusy):
        _refresh(Tracker(library, (), NOW), (Shelf(), DAY))
    assert library.listing_days() == []


_INTERRUPTED = """
import faulthandler, os, sys, threading
from contextlib import nullcontext
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
    def listings(self, client, ask, now):
        (day,) = ask.days
        if (DAY - day).days >= 24:
            threading.Event().wait()
        return Listing("slow", day, "complete", (sighting(f"2603.{day:%m%d}0", day=day),)),

def progress(done, papers):
    if done == 24:
        print("waiting", flush=True)

faulthandler.dump_traceback_later(250)  # should it hang, this says where
tracker = Tracker(Library(sys.argv[1]), (), NOW)
slow = Slow()
requests = (ListingRequest((DAY - timedelta(days=number),)) for number in range(40))
days = [SourceRequest(slow, request) for request in requests]
try:
    refresh(tracker, days, nullcontext, progress)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    os._exit(130)
"""


def test_ctrl_c_stores_what_came_and_does_not_wait_for_slow_answers(tmp_path):
    """24 answers came when the others hang; these days are not asked again."""
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
    known = library.coverage(span)
    assert len(known) == len(library.listing_days()) == len(library.listed(span)) == 24
    assert len(_due(Shelf("slow"), span, known)) == 41 - 24
    assert not list(tmp_path.glob("*.new"))

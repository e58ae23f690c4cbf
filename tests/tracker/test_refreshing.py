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
from papertrack.library.storage import FolderStorage
from papertrack.models import Failure, Listing, Skipped, Topic
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import due_days, refresh

YESTERDAY = DAY - timedelta(days=1)
TIMEOUT = SourceError("shelf", "timeout", "it took too long")


class Shelf:
    """A source that gives what it was filled with: a listing, or an error to raise."""

    def __init__(self, name="shelf", **days):
        self.name, self.title, self.asked = name, name.title(), []
        self.answers = {date.fromisoformat(day[1:].replace("_", "-")): days[day] for day in days}

    def listing(self, client, day, now):
        """As the protocol of sources says."""
        self.asked.append((day, client, now))
        answer = self.answers.get(day)
        if isinstance(answer, Exception):
            raise answer
        seen = answer or ()
        return Listing(self.name, day, "complete" if seen else "quiet", tuple(seen))


@pytest.fixture
def tracker(tmp_path):
    """A tracker with an empty library."""
    return Tracker(Library(str(tmp_path / "library")), (), NOW)


def _seen(number, day, source="shelf", **more):
    return sighting(f"2603.{number:05}", source=source, day=day, **more)


def _refresh(tracker, *wanted, **more):
    return refresh(tracker, wanted, nullcontext, **more)


def _ids(tracker, first=DAY, last=DAY):
    return sorted(entry.paper.id for entry in tracker.library.listed(Span(first, last)))


def test_what_comes_is_stored_and_remembered_as_asked(tracker):
    shelf = Shelf(_2026_03_31=[_seen(1, DAY), _seen(2, DAY)], _2026_03_30=[_seen(2, YESTERDAY)])
    done = _refresh(tracker, (shelf, DAY), (shelf, YESTERDAY))
    assert (done.asked, done.papers, done.new) == (2, 3, 2)
    assert (done.failures, done.all_failed) == ((), False)
    assert _ids(tracker) == ["2603.00001", "2603.00002"]
    assert _ids(tracker, YESTERDAY, YESTERDAY) == ["2603.00002"]
    span = Span(YESTERDAY, DAY)
    assert tracker.library.coverage(span) == {
        ("shelf", DAY): Coverage("shelf", DAY, "complete", NOW, 2),
        ("shelf", YESTERDAY): Coverage("shelf", YESTERDAY, "complete", NOW, 1),
    }
    assert due_days("shelf", span, tracker.library.coverage(span), NOW) == []


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
    refresh(tracker, [(shelf, day) for day in days], client)
    assert clients == ["open", "closed"]
    assert sorted(shelf.asked) == sorted((day, clients, NOW) for day in days)


def test_a_day_that_failed_is_a_failure_and_the_others_are_stored(tracker):
    shelf = Shelf(_2026_03_31=[_seen(1, DAY)], _2026_03_30=TIMEOUT)
    done = _refresh(tracker, (shelf, DAY), (shelf, YESTERDAY))
    assert done.failures == (Failure("shelf", "timeout", "it took too long (1 of 2 days)"),)
    assert not done.all_failed
    assert _ids(tracker) == ["2603.00001"]
    known = tracker.library.coverage(Span(YESTERDAY, DAY))
    assert known["shelf", YESTERDAY].state == "failed"
    assert due_days("shelf", Span(YESTERDAY, DAY), known, NOW) == [YESTERDAY]


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
    assert due_days("shelf", Span(YESTERDAY, DAY), known, NOW) == [DAY]


def test_what_a_source_left_out_is_handed_on(tracker):
    class Partial(Shelf):
        def listing(self, _client, day, _now):
            left_out = (Skipped("entry 2", "no title"),)
            return Listing(self.name, day, "partial", (_seen(1, day),), left_out)

    done = _refresh(tracker, (Partial(), DAY))
    assert done.skipped == (Skipped("entry 2", "no title"),)
    covered = tracker.library.coverage(Span(DAY, DAY))["shelf", DAY]
    assert (covered.state, covered.papers, covered.skipped) == ("partial", 1, 1)


def test_progress_is_told_for_each_day(tracker):
    days = [DAY - timedelta(days=n) for n in range(20)]
    shelf = Shelf(_2026_03_31=[_seen(1, DAY), _seen(2, DAY)])
    told = []
    _refresh(tracker, *((shelf, day) for day in days), progress=lambda *how: told.append(how))
    assert [done for done, _ in told] == list(range(1, 21))
    assert told[-1] == (20, 2)


def test_eight_days_are_asked_at_once_and_no_more(tracker):
    """Eight meet, which they can only at the same time; for a ninth all of them wait in vain."""
    ninth, eight = threading.Barrier(9, timeout=0.2), threading.Barrier(8, timeout=30)
    met = []

    class Slow(Shelf):
        def listing(self, _client, day, _now):
            with suppress(threading.BrokenBarrierError):
                ninth.wait()
                met.append("nine")
            eight.wait()
            met.append("eight")
            return Listing(self.name, day, "quiet")

    days = [DAY - timedelta(days=n) for n in range(16)]
    assert _refresh(tracker, *((Slow(), day) for day in days)).asked == 16
    assert met == ["eight"] * 16


def test_matches_are_kept_with_what_is_stored(tracker):
    """So that the next look at the day need not match; and they are those of a fresh look."""
    tracker = tracker._replace(topics=(Topic("graphs", any=("graph",)),))
    seen = [_seen(1, DAY, abstract="On graphs."), _seen(2, DAY, abstract="On sets.")]
    _refresh(tracker, (Shelf(_2026_03_31=seen), DAY))
    assert tracker.library.database.names("matches") == [f"matches.{DAY}"]
    brief = tracker.library.listed(Span(DAY, DAY))
    marked = {entry.paper.id: entry.matches for entry in tracker.mark(brief)}
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
        for one in tracker.mark(tracker.library.listed(Span(YESTERDAY, DAY))):
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
import os, sys, threading
from contextlib import nullcontext
from datetime import timedelta
from invented import DAY, NOW, sighting
from papertrack.library.library import Library
from papertrack.models import Listing
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import refresh

class Slow:
    name = title = "slow"
    def listing(self, client, day, now):
        if (DAY - day).days >= 24:
            threading.Event().wait()
        return Listing("slow", day, "complete", (sighting(f"2603.{day:%m%d}0", day=day),))

def progress(done, papers):
    if done == 24:
        print("waiting", flush=True)

tracker = Tracker(Library(sys.argv[1]), (), NOW)
days = [(Slow(), DAY - timedelta(days=number)) for number in range(40)]
try:
    refresh(tracker, days, nullcontext, progress)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    os._exit(130)
"""


def test_ctrl_c_leaves_what_was_committed_and_does_not_wait_for_slow_answers(tmp_path):
    """Of 24 answers sixteen were committed when the others hang; these days are not asked again."""
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    process = subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert (out, process.returncode) == ("interrupted\n", 130)
    library = Library(str(tmp_path))
    span = Span(DAY - timedelta(days=40), DAY)
    known = library.coverage(span)
    assert len(known) == len(library.listing_days()) == len(library.listed(span)) == 16
    assert len(due_days("slow", span, known, NOW)) == 41 - 16
    assert not list(tmp_path.glob("*.new"))

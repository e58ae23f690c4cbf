"""A source that asks to wait is not requested until then, by no run."""

from datetime import timedelta

import pytest
from invented import DAY, HOUR, NOW, sighting

from papertrack.calendar import Span
from papertrack.errors import SourceError
from papertrack.library.library import Library
from papertrack.models import Listing
from papertrack.sources import Source
from papertrack.sources.http import HttpClient
from papertrack.tracker import Tracker
from papertrack.tracker.lookup import fetch_by_id
from papertrack.tracker.refresh import refresh, requests_due

WAIT = 2 * HOUR


class BusySource(Source):
    """A source that asks to wait for `seconds`, or lists a paper if that is 0."""

    name = title = "shelf"

    def __init__(self, seconds):
        self.seconds, self.requested = seconds, 0

    def papers(self, client, ids, now):  # noqa: ARG002  # the signature of every source
        self.fail_if_busy()
        return [sighting(paper_id, source=self.name, day=None) for paper_id in ids]

    def fail_if_busy(self):
        self.requested += 1
        if self.seconds:
            error = SourceError(self.name, "rate-limit", "too many requests")
            error.wait = self.seconds
            raise error

    def listings(self, client, request, now):  # noqa: ARG002  # the signature of every source
        self.fail_if_busy()
        (day,) = request.days
        return (Listing(self.name, day, "complete", (sighting(source=self.name, day=day),)),)


@pytest.fixture
def tracker(tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    return Tracker(Library(str(tmp_path / "library")), (), NOW)


def run(tracker, source, now, days=1):
    span = Span(DAY - timedelta(days=days - 1), DAY)
    requests = requests_due(source, span, tracker.library.coverage(span), now)
    return refresh(tracker._replace(now=now), requests, HttpClient)


def test_a_long_wait_is_reported_with_its_end_and_kept_by_later_runs(tracker):
    busy = BusySource(WAIT.total_seconds())
    for now in (NOW, NOW + HOUR, NOW + WAIT - timedelta(seconds=1)):
        result = run(tracker, busy, now)
        (failure,) = result.failures
        until = (NOW + WAIT).astimezone()
        assert failure.kind == "rate-limit"
        assert failure.message.startswith(f"shelf asks to wait until {until:%H:%M}")
        assert result.all_failed
    assert busy.requested == 1
    assert tracker.library.coverage(Span(DAY, DAY))["shelf", "", DAY].asked == NOW


def test_a_source_is_requested_again_when_the_wait_has_ended(tracker):
    busy = BusySource(WAIT.total_seconds())
    run(tracker, busy, NOW)
    busy.seconds = 0
    assert run(tracker, busy, NOW + WAIT).failures == ()
    assert busy.requested == 2


def test_after_the_request_to_wait_the_same_run_sends_no_more(tracker):
    busy = BusySource(WAIT.total_seconds())
    assert run(tracker, busy, NOW, days=30).all_failed
    assert busy.requested == 1


def test_papers_are_not_fetched_by_id_from_a_source_that_asks_to_wait(tracker):
    busy = BusySource(WAIT.total_seconds())
    client = HttpClient
    assert fetch_by_id(tracker, [busy], ["2603.00001"], client).all_failed
    busy.seconds = 0
    later = tracker._replace(now=NOW + HOUR)
    (failure,) = fetch_by_id(later, [busy], ["2603.00001"], client).failures
    assert "asks to wait until" in failure.message
    assert busy.requested == 1
    assert run(tracker, busy, NOW + HOUR).all_failed
    later = tracker._replace(now=NOW + WAIT)
    assert fetch_by_id(later, [busy], ["2603.00001"], client).new == 1


def test_other_sources_are_requested(tracker):
    run(tracker, BusySource(WAIT.total_seconds()), NOW)
    other = BusySource(0)
    other.name = "other"
    assert run(tracker, other, NOW + HOUR).failures == ()


@pytest.mark.parametrize(
    ("seconds", "later"), [(5, timedelta(seconds=6)), (10**9, timedelta(days=1))]
)
def test_a_short_wait_is_not_remembered_and_none_lasts_longer_than_a_day(tracker, seconds, later):
    busy = BusySource(seconds)
    run(tracker, busy, NOW)
    busy.seconds = 0
    assert run(tracker, busy, NOW + later).failures == ()


def test_a_wait_does_not_outlast_a_clock_set_back(tracker):
    busy = BusySource(WAIT.total_seconds())
    run(tracker, busy, NOW)
    busy.seconds = 0
    assert run(tracker, busy, NOW - timedelta(days=3), days=9).failures == ()

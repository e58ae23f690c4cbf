"""A source that never ends, as one of another package may, costs its own papers and no others."""

from datetime import UTC, date, datetime
from threading import Event
from types import SimpleNamespace

import pytest

from papertrack.errors import SourceError
from papertrack.models import Listing
from papertrack.plugins import run_plugin
from papertrack.source_registry import SourceSpec
from papertrack.sources import ListingRequest, Source
from papertrack.sources.http import HttpClient
from papertrack.sources.plugin_source import PluginSource
from papertrack.tracker.requests import (
    SourceRequest,
    fetch_all,
    result_before_deadline,
    start_work,
)

NOW, DAY = datetime(2026, 3, 31, 18, tzinfo=UTC), date(2026, 3, 31)
SOON = 0.05  # seconds


@pytest.fixture
def released():
    """Set after the test, so that no thread outlives it."""
    event = Event()
    yield event
    event.set()


class Quiet(Source):
    """Lists nothing; with an event it first waits for that."""

    def __init__(self, name, event=None):
        self.name = self.title = self.short_title = name
        self.event = event

    def listings(self, _client, request, _now):
        if self.event:
            self.event.wait()
        return [Listing(self.name, day, "quiet", ()) for day in request.days]


def request_to(source):
    return SourceRequest(source, ListingRequest((DAY,)))


def test_a_source_that_never_ends_fails_after_the_deadline_and_others_are_read(released):
    hanging, other = Quiet("hanging", released), Quiet("other")
    requests = [request_to(hanging), request_to(hanging), request_to(other)]
    responses = list(fetch_all(requests, lambda: HttpClient(deadline=SOON), NOW, grace=SOON))
    assert [(each.request.source.name, len(each.listings)) for each in responses] == [
        ("other", 1),
        ("hanging", 0),
        ("hanging", 0),
    ]
    assert {each.error.kind for each in responses if each.error} == {"timeout"}


def test_a_response_of_any_source_extends_a_rolling_deadline():
    clock = SimpleNamespace(now=lambda: clock.time, time=0.0)
    clients = [HttpClient(deadline=30, clock=clock, rolling=rolling) for rolling in (True, False)]
    clock.time = 20.0
    for client in clients:
        client.extend_deadline()
    assert [client.seconds_left() for client in clients] == [30, 10]


def test_a_lookup_that_never_ends_is_a_timeout(released):
    with HttpClient(deadline=SOON) as http, pytest.raises(SourceError) as caught:
        result_before_deadline("hanging", http, start_work("hanging", released.wait), grace=SOON)
    assert (caught.value.source, caught.value.kind) == ("hanging", "timeout")


def test_a_plan_that_never_ends_is_that_of_any_source_and_every_request_fails(released):
    class Hanging(Quiet):
        def lists_on(self, _day):
            return released.wait()

    spec = SourceSpec("plan", "A plan", "Plan", "plan:Plan")
    source = PluginSource(Hanging("plan"), spec, seconds=SOON)
    assert source.lists_on(DAY)
    assert source.available_from(DAY) == datetime(2026, 3, 31, tzinfo=UTC)
    with pytest.raises(SourceError) as caught:
        source.listings(None, ListingRequest((DAY,)), NOW)
    assert caught.value.kind == "timeout"


def test_a_plugin_that_did_not_end_is_not_run_again(released):
    with pytest.raises(TimeoutError):
        run_plugin("endless", released.wait, SOON)
    ran = []
    with pytest.raises(TimeoutError):
        run_plugin("endless", lambda: ran.append(1))
    assert ran == []
    assert run_plugin("another", lambda: 5) == 5

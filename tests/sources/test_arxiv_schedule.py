"""Requests around arXiv's announcements, also when clocks change, and its rate limit."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from arxiv_service import ArxivServer, StoredPaper

from papertrack.calendar import Span
from papertrack.tracker.refresh import requests_due

pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture
def arxiv(server):
    return ArxivServer(server)


@pytest.fixture(params=["Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin", "UTC"])
def _zone(request):
    """The time zone of the machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


MARCH = {
    "2026-03-05T20:00-05:00": [],
    "2026-03-05T22:29-05:00": [],
    "2026-03-05T22:30-05:00": ["oai 2026-03-06"],
    "2026-03-05T23:59-05:00": ["oai 2026-03-06"],
    "2026-03-06T00:00-05:00": ["rss 2026-03-06"],
    "2026-03-06T23:59-05:00": ["rss 2026-03-06"],
    "2026-03-07T00:00-05:00": ["oai 2026-03-06"],
    "2026-03-08T00:00-05:00": ["oai 2026-03-06"],
    "2026-03-08T01:59-05:00": ["oai 2026-03-06"],
    "2026-03-08T03:00-04:00": ["oai 2026-03-06"],
    "2026-03-08T20:00-04:00": ["oai 2026-03-06"],
    "2026-03-08T22:29-04:00": ["oai 2026-03-06"],
    "2026-03-08T22:30-04:00": ["oai 2026-03-09", "oai 2026-03-06"],
    "2026-03-08T23:59-04:00": ["oai 2026-03-09", "oai 2026-03-06"],
    "2026-03-09T00:00-04:00": ["rss 2026-03-09", "oai 2026-03-06"],
}
NOVEMBER = {
    "2026-10-29T20:00-04:00": [],
    "2026-10-29T22:29-04:00": [],
    "2026-10-29T22:30-04:00": ["oai 2026-10-30"],
    "2026-10-29T23:59-04:00": ["oai 2026-10-30"],
    "2026-10-30T00:00-04:00": ["rss 2026-10-30"],
    "2026-10-30T23:59-04:00": ["rss 2026-10-30"],
    "2026-10-31T00:00-04:00": ["oai 2026-10-30"],
    "2026-11-01T00:00-04:00": ["oai 2026-10-30"],
    "2026-11-01T01:30-04:00": ["oai 2026-10-30"],
    "2026-11-01T01:30-05:00": ["oai 2026-10-30"],
    "2026-11-01T20:00-05:00": ["oai 2026-10-30"],
    "2026-11-01T22:29-05:00": ["oai 2026-10-30"],
    "2026-11-01T22:30-05:00": ["oai 2026-11-02", "oai 2026-10-30"],
    "2026-11-01T23:59-05:00": ["oai 2026-11-02", "oai 2026-10-30"],
    "2026-11-02T00:00-05:00": ["rss 2026-11-02", "oai 2026-10-30"],
}


def requests_at(arxiv, client, moment, span):
    """The service and day of each request at a moment, if the span is not stored yet."""
    arxiv.now, arxiv.requests = datetime.fromisoformat(moment), []
    now, source = arxiv.now.astimezone(UTC), arxiv.source("cs.CL", "cs.LG")
    for source_request in requests_due(source, span, {}, now):
        for listing in source.listings(client, source_request.request, now):
            assert [sighting.paper.id for sighting in listing.sightings] == [
                f"{listing.day:%y%m.000%d}"
            ]
            assert {sighting.listed.day for sighting in listing.sightings} == {listing.day}
    requests = (
        f"{request.service} {request.params.get('from', arxiv.now.date())}"
        for request in arxiv.requests
    )
    return list(dict.fromkeys(requests))


@pytest.mark.usefixtures("_zone")
@pytest.mark.parametrize("night", [MARCH, NOVEMBER], ids=["March", "November"])
def test_requests_when_clocks_change_depend_on_new_york_alone(arxiv, client, night):
    evening, monday = (date.fromisoformat(moment[:10]) for moment in (min(night), max(night)))
    span, http = Span(evening + timedelta(days=1), monday), client(60)
    arxiv.papers = [StoredPaper(f"{day:%y%m.000%d}", str(day), "cs.CL cs.LG") for day in span]
    assert {moment: requests_at(arxiv, http, moment, span) for moment in night} == night


def request_all_services(arxiv, client, source):
    """Send a request to each service, all concurrently."""
    now = arxiv.now.astimezone(UTC)
    days = [(date(2026, 3, day), "cs.CL") for day in (31, 30)]
    with ThreadPoolExecutor() as pool:
        for request in source.requests(days, now):
            pool.submit(source.listings, client, request, now)
        pool.submit(source.papers, client, ["2603.00001"], now)


def test_requests_never_overlap_whoever_sends_them(arxiv, client):
    arxiv.response_seconds = 0.03
    clients = [client(), client()]
    with ThreadPoolExecutor() as pool:
        for http in clients:
            pool.submit(request_all_services, arxiv, http, arxiv.source("cs.CL"))
            pool.submit(request_all_services, arxiv, http, arxiv.source("cs.CL"))
    assert len(arxiv.requests) == 12
    assert all(first.ended <= second.began for first, second in pairwise(arxiv.requests))


def test_the_three_services_wait_for_each_other(arxiv, client):
    request_all_services(arxiv, client(), arxiv.source("cs.CL", delay=0.2))
    assert sorted(request.service for request in arxiv.requests) == ["api", "oai", "rss"]
    gaps = [second.began - first.ended for first, second in pairwise(arxiv.requests)]
    assert min(gaps) >= 0.2

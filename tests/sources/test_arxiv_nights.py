"""arXiv's nights, above all those on which clocks change, and its terms of use."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from arxiv_service import Kept, Service

from papertrack.calendar import Span
from papertrack.tracker.refresh import due

pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture
def arxiv(server):
    return Service(server)


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


def asked_at(arxiv, client, moment, span):
    """Which service is asked for which day at a moment, if nothing is known of the span."""
    arxiv.now, arxiv.asked = datetime.fromisoformat(moment), []
    now, source = arxiv.now.astimezone(UTC), arxiv.source("cs.CL", "cs.LG")
    for wanted in due(source, span, {}, now):
        for listing in source.listings(client, wanted.request, now):
            assert [one.paper.id for one in listing.sightings] == [f"{listing.day:%y%m.000%d}"]
            assert {one.listed.day for one in listing.sightings} == {listing.day}
    asked = [f"{one.service} {one.params.get('from', arxiv.now.date())}" for one in arxiv.asked]
    return list(dict.fromkeys(asked))


@pytest.mark.usefixtures("_zone")
@pytest.mark.parametrize("night", [MARCH, NOVEMBER], ids=["March", "November"])
def test_what_is_asked_for_when_clocks_change_depends_on_new_york_alone(arxiv, client, night):
    evening, monday = (date.fromisoformat(moment[:10]) for moment in (min(night), max(night)))
    span, one = Span(evening + timedelta(days=1), monday), client(60)
    arxiv.papers = [Kept(f"{day:%y%m.000%d}", str(day), "cs.CL cs.LG") for day in span]
    assert {moment: asked_at(arxiv, one, moment, span) for moment in night} == night


def ask_everything(arxiv, client, source):
    """One request to each service, all at once."""
    now = arxiv.now.astimezone(UTC)
    wanted = [(date(2026, 3, day), "cs.CL") for day in (31, 30)]
    with ThreadPoolExecutor() as pool:
        for ask in source.requests(wanted, now):
            pool.submit(source.listings, client, ask, now)
        pool.submit(source.papers, client, ["2603.00001"], now)


def test_requests_never_overlap_whoever_makes_them(arxiv, client):
    arxiv.seconds = 0.03
    clients = [client(), client()]
    with ThreadPoolExecutor() as pool:
        for one in clients:
            pool.submit(ask_everything, arxiv, one, arxiv.source("cs.CL"))
            pool.submit(ask_everything, arxiv, one, arxiv.source("cs.CL"))
    assert len(arxiv.asked) == 12
    assert all(one.ended <= other.began for one, other in pairwise(arxiv.asked))


def test_the_three_services_wait_for_each_other(arxiv, client):
    ask_everything(arxiv, client(), arxiv.source("cs.CL", delay=0.2))
    assert sorted(one.service for one in arxiv.asked) == ["api", "oai", "rss"]
    assert min(other.began - one.ended for one, other in pairwise(arxiv.asked)) >= 0.2

"""Weeks of runs against services that fail at random: nothing is lost, doubled or sent twice.

A day that is closed for good has all of its papers; one that lacks papers is open.
"""

import sys
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic

import pytest
from clocks import SkippingClock
from soak import CATEGORIES, World, serving

from papertrack.alerts import alert_run
from papertrack.alerts.delivery import DeliveryContext
from papertrack.calendar import Span, utc_day
from papertrack.config.channels import FileChannel
from papertrack.config.records import Alerts, Config, Starred
from papertrack.library.library import Library
from papertrack.library.verification import verify
from papertrack.models import Topic
from papertrack.network.calls import Clock
from papertrack.sources.arxiv import ArXiv, ArxivSettings
from papertrack.sources.http import HttpClient
from papertrack.sources.huggingface import HuggingFace, HuggingFaceSettings
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import recent_days, refresh, repair_days, requests_due

FIRST = date(2026, 1, 5)
HOURS = (7, 18)  # UTC, on the same day in Eastern time
AGENTS = Topic("agents", any=("agents",))
CHANNEL = FileChannel(name="main", type="file", path="unused")


class Sender:
    """A channel that counts how often it gets each paper."""

    wants_html = False
    max_length = None

    def __init__(self):
        self.papers = Counter()

    def send(self, message, _seconds):
        self.papers.update(
            paper["id"] for paper in message.data["data"] if paper["section"] != "trending"
        )
        return ()


class Soak:
    """A user who runs alerts several times a day, in this process and with a simulated clock."""

    def __init__(self, world, folder, urls):
        daily_url, url = urls
        self.world, self.library, self.sender = world, Library(str(folder)), Sender()
        self.failures, self.runs = Counter(), 0
        arxiv = ArxivSettings(
            categories=CATEGORIES,
            api_url=f"{url}/api/query",
            rss_url=url,
            oai_url=f"{url}/oai",
            delay_seconds=0,
        )
        self.make_sources = lambda: (
            HuggingFace(HuggingFaceSettings(daily_url)),
            ArXiv(arxiv),
        )

    def live(self, days, probability):
        """Run on these days, with faults of this probability."""
        for day in days:
            for hour in HOURS:
                self.world.now = datetime.combine(day, time(hour), UTC)
                self.world.probability = probability
                self.world.short_pages = self.world.random.random() < probability
                self.run()

    def run(self):
        now = self.world.now
        tracker = Tracker(self.library, (AGENTS,), now)
        config = Config(topics=(AGENTS,), alerts=Alerts(Starred(()), (CHANNEL,)))
        context = DeliveryContext(tracker, lambda _: self.sender, now.date(), lambda: 60.0)

        def refresh_library():
            span, begun = repair_days(utc_day(now)), recent_days(utc_day(now)).first
            coverage = self.library.coverage(span)
            requests = [
                request
                for source in self.make_sources()
                for request in requests_due(
                    source, span, coverage, now, gaps_at_once=True, repair_before=begun
                )
            ]
            # Without faults nothing hangs, and a slow answer must not count as one that does.
            clock = SkippingClock() if self.world.probability else Clock()
            result = refresh(tracker, requests, lambda: HttpClient(deadline=30.0, clock=clock))
            self.failures.update(failure.kind for failure in result.failures)
            return result, tuple(dict.fromkeys(request.source.name for request in requests))

        alert_run.run(context, config, refresh_library)
        self.runs += 1

    def coverage(self):
        return self.library.coverage(Span(self.world.days[0], self.world.days[-1])).values()

    def stored(self):
        """The ids of all stored papers, each as often as it is stored."""
        return Counter(entry.paper.id for entry in self.library.all_entries())

    def check_closed_days(self):
        """A day that will not be requested any more has all of its papers; return their number."""
        stored = self.stored()
        closed = [row for row in self.coverage() if self._is_closed(row)]
        for row in closed:
            assert self.listed(row) <= stored.keys(), row
        return len(closed)

    def _is_closed(self, row):
        source = next(each for each in self.make_sources() if each.name == row.source)
        later = (self.world.now + timedelta(hours=hours) for hours in range(0, 240, 6))
        span, coverage = Span(row.day, row.day), {row.key: row}
        return not any(
            row.category in request.request.categories
            for moment in later
            for request in requests_due(source, span, coverage, moment, gaps_at_once=True)
        )

    def listed(self, row):
        """The ids that the source of a row lists on its day."""
        if row.source == "huggingface":
            return {paper.id for paper in self.world.daily.get(row.day, ())}
        papers = self.world.arxiv.get(row.day, ())
        return {paper.id for paper in papers if paper.category == row.category}

    def check_end(self):
        """All is stored once, every day is closed, and every match was sent once."""
        papers = self.world.papers()
        assert self.stored() == Counter(dict.fromkeys(papers, 1))
        assert list(verify(self.library, lambda *_: None).lines()) == []
        assert {row.state for row in self.coverage()} <= {"complete", "quiet"}
        assert {row.day for row in self.coverage() if row.papers} == set(self.world.listing_days)
        for entry in self.library.all_entries():
            if "arxiv" in entry.sources:
                assert entry.first_listed_by("arxiv") == papers[entry.paper.id].day
        matches = {paper.id: paper for paper in papers.values() if "agents" in paper.title}
        expected = {key for key, paper in matches.items() if paper.day > FIRST}
        assert set(self.sender.papers.values()) == {1}
        assert expected <= self.sender.papers.keys() <= matches.keys()

    def figures(self, seconds):
        """What happened, for the report of the long form."""
        repaired = sum(row.repaired for row in self.coverage())
        return (
            f"{self.runs} runs in {seconds:.0f} s, {self.world.requests} requests,"
            f" faults {dict(self.world.faults)}, failures {dict(self.failures)},"
            f" {sum(self.stored().values())} papers, {repaired} of them repaired,"
            f" {sum(self.sender.papers.values())} sent"
        )


def soak(tmp_path, monkeypatch, *, days, per_day, probability, seed):
    """Live through days with faults, then three without; return the figures."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    world, began = World(FIRST, days + 3, per_day, seed), monotonic()
    with serving(world) as urls:
        user = Soak(world, tmp_path / "library", urls)
        user.live(world.days[:days], probability)
        assert user.check_closed_days()
        user.live(world.days[days:], 0)
        user.check_end()
    return user.figures(monotonic() - began)


def test_a_week_of_faults_loses_nothing_and_repeats_nothing(tmp_path, monkeypatch):
    assert soak(tmp_path, monkeypatch, days=6, per_day=6, probability=0.3, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sixty_days_of_faults_lose_nothing_and_repeat_nothing(
    tmp_path, monkeypatch, seed, record_property
):
    figures = soak(tmp_path, monkeypatch, days=60, per_day=40, probability=0.25, seed=seed)
    record_property("figures", figures)
    sys.stderr.write(f"{figures}\n")  # shown by pytest -s

"""A source that is down never stops the other; if both are down, the library is shown with its age.

Both together never take longer than the deadline.
"""

from contextlib import ExitStack
from datetime import date, datetime

import pytest
import server_faults as server
from clocks import SkippingClock
from faulty import SERVICES, TODAY, Services, ids, running
from readers import BOTH, MAX_MEGABYTES, Reader, side_by_side

from papertrack.calendar import Span
from papertrack.library.library import Library
from papertrack.sources.arxiv import ArXiv, ArxivSettings
from papertrack.sources.http import HttpClient
from papertrack.sources.huggingface import HuggingFace, HuggingFaceSettings
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import refresh, requests_due

DEADLINE = "6"  # seconds, where no source works
WORKING = "18"  # seconds, a third of which is fifty times what a working source needs
DOWN = {
    "silent": server.is_silent,
    "trickling": server.trickles(b"X-Slow: "),
    "resetting": server.resets_half_way,
    "busy": server.refuses("503 Service Unavailable", "Retry-After: 1"),
    "limited": server.refuses("429 Too Many Requests"),
}


@pytest.fixture
def new_reader(libraries, tmp_path):
    """Creates readers who fetched the day at three in the morning, each with services of its own.

    Readers that wait for a deadline can so run side by side.
    """
    with ExitStack() as stack:

        def create(name="seen"):
            services = stack.enter_context(running(Services()))
            folder = libraries(services.present).folders["seen"]
            return Reader(tmp_path / name, services, library=folder)

        yield create


@pytest.fixture
def reader(new_reader):
    return new_reader()


def break_sources(services, fault, *sources):
    services.faults = {name: fault for name, source in SERVICES.items() if source in sources}


@pytest.mark.waits
def test_one_source_down_does_not_stop_the_other(new_reader):
    """The papers of the other source are shown, and one line reports this one."""

    def work(source):
        reader = readers[source]
        break_sources(reader.services, server.is_silent, source)
        return reader.run_process("today", "-f", "plain", "--limit", "99", "--deadline", WORKING)

    readers = {source: new_reader(source) for source in BOTH}
    for source, result in zip(BOTH, side_by_side(work, BOTH), strict=True):
        assert result.process.code == 3, source
        other = "feed" if source == "huggingface" else "hf"
        assert all(paper_id in result.process.out for paper_id in ids(other, TODAY)), source
        (line,) = result.process.err.splitlines()
        assert "did not respond" in line


def with_both_down(new_reader, *words):
    """The result of a command for each fault of both sources, by the name of the fault."""

    def work(name):
        break_sources(readers[name].services, DOWN[name], *BOTH)
        return readers[name].run_process(*words, "--deadline", DEADLINE)

    readers = {name: new_reader(name) for name in DOWN}
    return dict(zip(DOWN, side_by_side(work, DOWN), strict=True))


def test_with_both_down_the_library_is_shown_with_its_age(new_reader):
    early = ids("hf", TODAY, 10) + ids("feed", TODAY, 10)
    results = with_both_down(new_reader, "today", "-f", "plain", "--limit", "99")
    for fault, result in results.items():
        assert result.process.code == 4, fault
        assert all(paper_id in result.process.out for paper_id in early), fault
        assert "checked 15 hours ago" in result.process.err
        assert len(result.process.err.splitlines()) <= 3


def test_a_backfill_with_both_down_fails(new_reader):
    results = with_both_down(new_reader, "fetch", "--since", "2026-01-01")
    assert {fault: result.process.code for fault, result in results.items()} == dict.fromkeys(
        DOWN, 4
    )


@pytest.mark.parametrize("days", [7, 90])
@pytest.mark.parametrize("fault", DOWN.values(), ids=DOWN)
def test_with_both_down_a_refresh_takes_no_longer_than_the_deadline(
    services, fault, days, tmp_path, monkeypatch
):
    """Measured by a clock that jumps to the end of each wait."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    break_sources(services, fault, *BOTH)
    urls, now = services.urls, datetime.fromisoformat("2026-03-31T18:00:00Z")
    arxiv = ArXiv(
        ArxivSettings(
            categories=("cs.CL",),
            api_url=urls["api"],
            rss_url=urls["feed"],
            oai_url=urls["oai"],
            delay_seconds=0,
        )
    )
    span = Span(date.fromordinal(services.present.toordinal() - days + 1), services.present)
    sources = HuggingFace(HuggingFaceSettings(urls["hf"])), arxiv
    requests = [request for source in sources for request in requests_due(source, span, {}, now)]
    clock = SkippingClock()
    began = clock.now()
    tracker = Tracker(Library(str(tmp_path / "library")), (), now)
    refreshed = refresh(tracker, requests, lambda: HttpClient(deadline=30.0, clock=clock))
    assert {failure.source for failure in refreshed.failures} == {"huggingface", "arxiv"}
    assert clock.now() - began <= 30


@pytest.mark.waits
def test_two_different_faults_are_both_reported(reader):
    html = server.says(b"<html>")
    reader.services.faults = {"hf": server.is_silent, "feed": html, "oai": html}
    result = reader.run_process(*reader.today, "--deadline", WORKING)
    assert (result.process.code, len(result.process.err.splitlines())) == (4, 3)
    assert sorted(result.errors) == [("arxiv", "not-xml"), ("huggingface", "timeout")]


@pytest.mark.waits
def test_a_backfill_cut_off_by_the_deadline_stores_the_fetched_papers(reader):
    def falls_silent(exchange):
        """Respond for the newest day only."""
        if exchange.day == reader.services.present:
            exchange.send()
        else:
            server.is_silent(exchange)

    break_sources(reader.services, falls_silent, *BOTH)
    before = reader.stored()
    result = reader.run_process("fetch", "--since", "2026-01-01", "--deadline", WORKING)
    assert result.process.code == 3
    new = set(ids("hf", reader.services.present) + ids("feed", reader.services.present))
    assert reader.stored() >= before | new


HEAVY = {
    "gzip bombs": server.sends_gzip_bomb,
    "endless bodies": server.never_ends,
    "millions of small things": server.sends_much,
}


@pytest.mark.parametrize("fault", HEAVY.values(), ids=HEAVY)
def test_a_month_of_heavy_responses_takes_little_memory(reader, fault):
    break_sources(reader.services, fault, *BOTH)
    result = reader.run_process("fetch", "--since", "2026-03-01", "--deadline", "200")
    assert result.process.code == 4, result.process
    assert result.megabytes < MAX_MEGABYTES

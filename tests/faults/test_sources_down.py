"""A source that is down never stops the other; if both are down, the library is shown with its age.

Both together never take longer than the deadline.
"""

from datetime import date, datetime

import pytest
import server_faults as server
from clocks import SkippingClock
from faulty import SERVICES, ids
from readers import MAX_MEGABYTES, Reader

from papertrack.calendar import Span
from papertrack.library.library import Library
from papertrack.sources.arxiv import ArXiv, ArxivSettings
from papertrack.sources.http import HttpClient
from papertrack.sources.huggingface import HuggingFace, HuggingFaceSettings
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import refresh, requests_due

DEADLINE = "6"  # seconds, where no source works
WORKING = "18"  # seconds, of which a try may take a third: fifty times what a working source needs
DOWN = {
    "silent": server.is_silent,
    "trickling": server.trickles(b"X-Slow: "),
    "resetting": server.resets_half_way,
    "busy": server.refuses("503 Service Unavailable", "Retry-After: 1"),
    "limited": server.refuses("429 Too Many Requests"),
}


@pytest.fixture
def reader(services, libraries, tmp_path):
    """A reader who fetched the day at three in the morning."""
    return Reader(tmp_path / "seen", services, library=libraries(services.present).folders["seen"])


def break_sources(services, fault, *sources):
    services.faults = {name: fault for name, source in SERVICES.items() if source in sources}


def run_with_one_down(reader, source, *words):
    """The papers of the other source are shown, and one line reports this one."""
    break_sources(reader.services, server.is_silent, source)
    result = reader.run_process("today", "-f", "plain", "--limit", "99", *words)
    assert result.process.code == 3
    other = "feed" if source == "huggingface" else "hf"
    assert all(paper_id in result.process.out for paper_id in ids(other, reader.services.present))
    (line,) = result.process.err.splitlines()
    assert "did not respond" in line


def run_with_both_down(reader, *words):
    """The library is shown, with its age."""
    result = reader.run_process("today", "-f", "plain", "--limit", "99", *words)
    assert result.process.code == 4
    early = ids("hf", reader.services.present, 10) + ids("feed", reader.services.present, 10)
    assert all(paper_id in result.process.out for paper_id in early)
    assert "checked 15 hours ago" in result.process.err
    assert len(result.process.err.splitlines()) <= 3


@pytest.mark.parametrize("source", ["huggingface", "arxiv"])
def test_one_source_down_does_not_stop_the_other(reader, source):
    run_with_one_down(reader, source, "--deadline", WORKING)


@pytest.mark.parametrize("fault", DOWN.values(), ids=DOWN)
def test_with_both_down_the_library_is_shown(reader, fault):
    break_sources(reader.services, fault, "huggingface", "arxiv")
    run_with_both_down(reader, "--deadline", DEADLINE)


@pytest.mark.parametrize("days", [7, 90])
@pytest.mark.parametrize("fault", DOWN.values(), ids=DOWN)
def test_with_both_down_a_refresh_takes_no_longer_than_the_deadline(
    services, fault, days, tmp_path, monkeypatch
):
    """Measured by a clock that jumps to the end of each wait."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    break_sources(services, fault, "huggingface", "arxiv")
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


def test_two_different_faults_are_both_reported(reader):
    html = server.says(b"<html>")
    reader.services.faults = {"hf": server.is_silent, "feed": html, "oai": html}
    result = reader.run_process(*reader.today, "--deadline", WORKING)
    assert (result.process.code, len(result.process.err.splitlines())) == (4, 3)
    assert sorted(result.errors) == [("arxiv", "not-xml"), ("huggingface", "timeout")]


@pytest.mark.parametrize("fault", DOWN.values(), ids=DOWN)
def test_a_backfill_with_both_down_fails(reader, fault):
    break_sources(reader.services, fault, "huggingface", "arxiv")
    result = reader.run_process("fetch", "--since", "2026-01-01", "--deadline", DEADLINE)
    assert result.process.code == 4


def test_a_backfill_cut_off_by_the_deadline_stores_the_fetched_papers(reader):
    def falls_silent(exchange):
        """Respond for the newest day only."""
        if exchange.day == reader.services.present:
            exchange.send()
        else:
            server.is_silent(exchange)

    break_sources(reader.services, falls_silent, "huggingface", "arxiv")
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
    break_sources(reader.services, fault, "huggingface", "arxiv")
    result = reader.run_process("fetch", "--since", "2026-03-01", "--deadline", "200")
    assert result.process.code == 4, result.process
    assert result.megabytes < MAX_MEGABYTES

"""A source that is down never stops the other, and both together never take longer than the
deadline: then there is the library, with its age.
"""

from datetime import date, datetime

import pytest
import spoiling as server
from clocks import SkippingClock
from faulty import SERVICES, ids
from readers import MEGABYTES, Reader

from papertrack.calendar import Span
from papertrack.library.library import Library
from papertrack.sources.arxiv import ArXiv, ArxivSettings
from papertrack.sources.http import HttpClient
from papertrack.sources.huggingface import HuggingFace, HuggingFaceSettings
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import due, refresh

DEADLINE = "6"  # seconds; a source that is well needs a hundredth of it
DOWN = {
    "silent": server.is_silent,
    "trickling": server.trickles(b"X-Slow: "),
    "resetting": server.resets_half_way,
    "busy": server.refuses("503 Service Unavailable", "Retry-After: 1"),
    "limited": server.refuses("429 Too Many Requests"),
}


@pytest.fixture
def reader(services, libraries, tmp_path):
    """One who looked at the day at three in the morning."""
    return Reader(tmp_path / "seen", services, library=libraries(services.present).library["seen"])


def down(services, does, *sources):
    services.faults = {name: does for name, source in SERVICES.items() if source in sources}


def one_is_down(reader, source, *words):
    """The run: what came of the other source is shown, and one line tells of this one."""
    down(reader.services, server.is_silent, source)
    done = reader.weighed("today", "-f", "plain", "--limit", "99", *words)
    assert done.run.code == 3
    other = "feed" if source == "huggingface" else "hf"
    assert all(one in done.run.out for one in ids(other, reader.services.present))
    (line,) = done.run.err.splitlines()
    assert "did not answer" in line
    return done


def both_are_down(reader, *words):
    """The run: the library is shown, with its age."""
    done = reader.weighed("today", "-f", "plain", "--limit", "99", *words)
    assert done.run.code == 4
    early = [one for name in ("hf", "feed") for one in ids(name, reader.services.present, 10)]
    assert all(one in done.run.out for one in early)
    assert "checked 15 hours ago" in done.run.err
    assert len(done.run.err.splitlines()) <= 3
    return done


@pytest.mark.parametrize("source", ["huggingface", "arxiv"])
def test_one_source_down_does_not_stop_the_other(reader, source):
    one_is_down(reader, source, "--deadline", DEADLINE)


@pytest.mark.parametrize("does", DOWN.values(), ids=DOWN)
def test_with_both_down_the_library_is_shown(reader, does):
    down(reader.services, does, "huggingface", "arxiv")
    both_are_down(reader, "--deadline", DEADLINE)


@pytest.mark.parametrize("days", [7, 90])
@pytest.mark.parametrize("does", DOWN.values(), ids=DOWN)
def test_with_both_down_asking_takes_no_longer_than_the_deadline(
    services, does, days, tmp_path, monkeypatch
):
    """By a clock that goes on where they wait."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    down(services, does, "huggingface", "arxiv")
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
    wanted = [ask for source in sources for ask in due(source, span, {}, now)]
    clock = SkippingClock()
    began = clock.now()
    tracker = Tracker(Library(str(tmp_path / "library")), (), now)
    refreshed = refresh(tracker, wanted, lambda: HttpClient(deadline=30.0, clock=clock))
    assert {failure.source for failure in refreshed.failures} == {"huggingface", "arxiv"}
    assert clock.now() - began <= 30


def test_two_different_faults_are_both_told(reader):
    reader.services.faults = {"hf": server.is_silent, "feed": server.says(b"<html>")}
    done = reader.weighed(*reader.edition, "--deadline", DEADLINE)
    assert (done.run.code, len(done.run.err.splitlines())) == (4, 3)
    assert sorted(done.errors) == [("arxiv", "not-xml"), ("huggingface", "timeout")]


@pytest.mark.parametrize("does", DOWN.values(), ids=DOWN)
def test_a_back_fill_with_both_down_fails(reader, does):
    down(reader.services, does, "huggingface", "arxiv")
    done = reader.weighed("fetch", "--since", "2026-01-01", "--deadline", DEADLINE)
    assert done.run.code == 4


def test_a_back_fill_that_is_cut_by_the_deadline_keeps_what_came(reader):
    def falls_silent(asked):
        """After what is newest."""
        if asked.day == reader.services.present:
            asked.send()
        else:
            server.is_silent(asked)

    down(reader.services, falls_silent, "huggingface", "arxiv")
    before = reader.stored()
    done = reader.weighed("fetch", "--since", "2026-01-01", "--deadline", DEADLINE)
    assert done.run.code == 3
    new = set(ids("hf", reader.services.present) + ids("feed", reader.services.present))
    assert reader.stored() >= before | new


HEAVY = {
    "gzip bombs": server.bombs,
    "endless bodies": server.never_ends,
    "millions of small things": server.sends_much,
}


@pytest.mark.parametrize("does", HEAVY.values(), ids=HEAVY)
def test_a_month_of_heavy_answers_stays_light(reader, does):
    down(reader.services, does, "huggingface", "arxiv")
    done = reader.weighed("fetch", "--since", "2026-03-01", "--deadline", "60")
    assert done.run.code == 4, done.run
    assert done.megabytes < MEGABYTES

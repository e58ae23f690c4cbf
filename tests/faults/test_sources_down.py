"""A source that is down never stops the other, and both together never take longer than the
deadline: then there is the library, with its age.
"""

import pytest
import spoiling as server
from faulty import SERVICES, ids
from readers import MEGABYTES, Reader

STARTING = 1.5  # seconds, for the process to start
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
    done = reader.timed("today", "-f", "plain", "--limit", "99", *words)
    assert done.run.code == 3
    other = "feed" if source == "huggingface" else "hf"
    assert all(one in done.run.out for one in ids(other, reader.services.present))
    (line,) = done.run.err.splitlines()
    assert "did not answer" in line
    return done


def both_are_down(reader, *words):
    """The run: the library is shown, with its age."""
    done = reader.timed("today", "-f", "plain", "--limit", "99", *words)
    assert done.run.code == 4
    early = [one for name in ("hf", "feed") for one in ids(name, reader.services.present, 10)]
    assert all(one in done.run.out for one in early)
    assert "checked 15 hours ago" in done.run.err
    assert len(done.run.err.splitlines()) <= 3
    return done


@pytest.mark.parametrize("source", ["huggingface", "arxiv"])
def test_one_source_down_does_not_stop_the_other(reader, source):
    done = one_is_down(reader, source, "--deadline", "2")
    assert done.seconds < 2 + STARTING


@pytest.mark.parametrize("does", DOWN.values(), ids=DOWN)
def test_with_both_down_the_library_is_shown_within_the_deadline(reader, does):
    down(reader.services, does, "huggingface", "arxiv")
    done = both_are_down(reader, "--deadline", "2")
    assert done.seconds < 2 + STARTING


def test_two_different_faults_are_both_told(reader):
    reader.services.faults = {"hf": server.is_silent, "feed": server.says(b"<html>")}
    done = reader.timed(*reader.edition, "--deadline", "2")
    assert (done.run.code, len(done.run.err.splitlines())) == (4, 3)
    assert sorted(done.errors) == [("arxiv", "not-xml"), ("huggingface", "timeout")]


@pytest.mark.parametrize("does", DOWN.values(), ids=DOWN)
def test_a_back_fill_with_both_down_ends_with_its_deadline(reader, does):
    down(reader.services, does, "huggingface", "arxiv")
    done = reader.timed("fetch", "--since", "2026-01-01", "--deadline", "2")
    assert done.run.code == 4
    assert done.seconds < 2 + STARTING


def test_a_back_fill_that_is_cut_by_the_deadline_keeps_what_came(reader):
    def is_slow(asked):
        asked.ended.wait(0.3)
        asked.send()

    down(reader.services, is_slow, "huggingface", "arxiv")
    before = reader.stored()
    done = reader.timed("fetch", "--since", "2026-01-01", "--deadline", "3")
    assert done.run.code == 3
    assert done.seconds < 3 + STARTING
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
    done = reader.weighed("fetch", "--since", "2026-03-01", "--deadline", "30")
    assert done.run.code == 4, done.run
    assert done.megabytes < MEGABYTES


@pytest.mark.slow
@pytest.mark.parametrize("source", ["huggingface", "arxiv"])
def test_one_source_down_ends_within_30_seconds(reader, source):
    assert one_is_down(reader, source).seconds < 30


@pytest.mark.slow
@pytest.mark.parametrize("does", DOWN.values(), ids=DOWN)
@pytest.mark.parametrize("words", [("today",), ("fetch", "--since", "2026-01-01")], ids=" ".join)
def test_both_sources_down_end_within_30_seconds_in_total(reader, does, words):
    down(reader.services, does, "huggingface", "arxiv")
    done = both_are_down(reader) if words == ("today",) else reader.timed(*words)
    assert done.run.code == 4
    assert done.seconds < 30

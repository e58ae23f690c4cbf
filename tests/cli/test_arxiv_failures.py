"""Mornings on which arXiv or Hugging Face fails, against the mirror."""

import json

import pytest
from arxiv_reader import WATCHED, Reader, asked, corpus, covered, new, of_arxiv, stored

DAY, NOW = "2026-03-19", "2026-03-19T18:00:00Z"


@pytest.fixture
def reader(papertrack, mirror):
    return Reader(papertrack.home).watch(mirror).at(mirror, NOW)


@pytest.fixture(scope="session")
def listed(shared):
    """What arXiv lists by the mirror's data: day, id, kind."""
    return corpus(shared("data"))


def heal(mirror):
    mirror.fail(delay=0, path="nowhere")


def failures(done):
    return [(one["source"], one["kind"]) for one in json.loads(done.out)["errors"]]


def states(reader, day=DAY):
    """The state of each category on a day, and why."""
    known = covered(reader, "--since", day, "--until", day)
    return {name: (known[name, day]["state"], known[name, day]["problem"]) for name in WATCHED}


def test_without_hugging_face_arxivs_papers_are_shown_and_it_is_named_once(reader, mirror, listed):
    mirror.fail(upstream="hf", status=500)
    done = reader("today", "--cross-lists", "-f", "json")
    assert (done.code, failures(done)) == (3, [("huggingface", "status")])
    assert of_arxiv(new(done)) == {DAY: listed[DAY]}
    lines = done.err.splitlines()
    assert len(lines) <= 3
    assert len([line for line in lines if line.startswith("papertrack: Hugging Face: ")]) == 1
    assert not any(line.lstrip().startswith("arXiv: ") for line in lines)


def test_without_arxiv_daily_papers_are_shown_and_it_is_named_once(reader, mirror):
    mirror.fail(upstream="rss", status=500)
    done = reader("today", "-f", "json")
    assert (done.code, failures(done)) == (3, [("arxiv", "status")])
    assert {tuple(one["sources"]) for one in new(done)} == {("huggingface",)}
    lines = done.err.splitlines()
    assert len([line for line in lines if line.startswith("papertrack: arXiv: ")]) == 1


def test_without_both_nothing_can_be_had(reader, mirror):
    mirror.fail(upstream="*", status=500)
    done = reader("today", "-f", "json")
    assert done.code == 4
    assert sorted(failures(done)) == [("arxiv", "status"), ("huggingface", "status")]
    assert json.loads(done.out)["data"] == []
    assert len(done.err.splitlines()) <= 3


def test_without_both_what_is_stored_is_shown(reader, mirror, listed):
    reader("today")
    mirror.fail(upstream="*", status=500)
    done = reader("today", "--refresh", "--cross-lists", "-f", "json")
    assert done.code == 4
    assert of_arxiv(new(done)) == {DAY: listed[DAY]}
    assert states(reader) == dict.fromkeys(WATCHED, ("complete", None))


def test_a_feed_of_yesterday_is_stale_and_its_day_stays_open_until_it_is_todays(
    reader, mirror, listed
):
    mirror.clock("2026-03-18T18:00:00Z")
    done = reader("today", "--cross-lists", "-f", "json")
    assert (done.code, failures(done)) == (3, [("arxiv", "stale")])
    assert of_arxiv(new(done)) == {}
    assert states(reader) == dict.fromkeys(WATCHED, ("failed", "stale"))
    mirror.clock(NOW)
    done = reader("today", "--cross-lists", "-f", "json")
    assert (done.code, failures(done)) == (0, [])
    assert of_arxiv(new(done)) == {DAY: listed[DAY]}
    assert states(reader) == dict.fromkeys(WATCHED, ("complete", None))


def test_a_day_whose_feed_was_empty_is_asked_for_again_and_heals_through_oai(
    reader, mirror, listed
):
    mirror.fail(upstream="rss", empty_page=True)
    assert reader("today").code == 0
    assert states(reader) == dict.fromkeys(WATCHED, ("quiet", None))
    mirror.forget()
    assert reader.at(mirror, "2026-03-19T18:20:00Z")("today").code == 0
    assert [one["upstream"] for one in asked(mirror)] == ["rss"]
    heal(mirror)
    mirror.forget()
    assert reader.at(mirror, "2026-03-20T18:00:00Z")("fetch").code == 0
    assert {one["upstream"] for one in asked(mirror)} == {"rss", "oai"}
    assert of_arxiv(stored(reader))[DAY] == listed[DAY]
    assert states(reader) == dict.fromkeys(WATCHED, ("complete", None))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"html200": True}, "not-xml"),
        ({"status": 429, "retry_after": 3600}, "rate-limit"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value,
)
def test_a_fault_of_the_feed_is_told_and_leaves_the_day_open(reader, mirror, listed, fault, kind):
    mirror.fail(upstream="rss", **fault)
    done = reader("today", "-f", "json")
    assert (done.code, failures(done)) == (3, [("arxiv", kind)])
    assert states(reader) == dict.fromkeys(WATCHED, ("failed", kind))
    heal(mirror)
    assert of_arxiv(new(reader("today", "--cross-lists", "-f", "json"))) == {DAY: listed[DAY]}

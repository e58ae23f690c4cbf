"""Failures of arXiv and Hugging Face, against the mirror."""

import json

import pytest
from arxiv_reader import (
    WATCHED,
    Reader,
    arxiv_listings,
    arxiv_requests,
    corpus,
    coverage_rows,
    new_papers,
    stored_papers,
)

DAY, NOW = "2026-03-19", "2026-03-19T18:00:00Z"
AFTER_THE_WAIT = "2026-03-19T19:00:01Z"


@pytest.fixture
def reader(papertrack, mirror):
    return Reader(papertrack.home).watch(mirror).at(mirror, NOW)


@pytest.fixture(scope="session")
def listed(mirror_data):
    """The expected arXiv listings by day and id, from the mirror's data."""
    return corpus(mirror_data)


def clear_faults(mirror):
    mirror.fail(delay=0, path="nowhere")


def failures(result):
    return [(error["source"], error["kind"]) for error in json.loads(result.out)["errors"]]


def states(reader, day=DAY):
    """The state and the problem of each category on a day."""
    rows = coverage_rows(reader, "--since", day, "--until", day)
    return {name: (rows[name, day]["state"], rows[name, day]["problem"]) for name in WATCHED}


def test_if_hugging_face_fails_arxiv_papers_are_shown_and_the_failure_is_reported_once(
    reader, mirror, listed
):
    mirror.fail(upstream="hf", status=500)
    result = reader("today", "--cross-lists", "-f", "json")
    assert (result.code, failures(result)) == (3, [("huggingface", "status")])
    assert arxiv_listings(new_papers(result)) == {DAY: listed[DAY]}
    lines = result.err.splitlines()
    assert len(lines) <= 3
    assert len([line for line in lines if line.startswith("papertrack: Hugging Face: ")]) == 1
    assert not any(line.lstrip().startswith("arXiv: ") for line in lines)


def test_if_the_feed_fails_the_papers_are_fetched_from_oai_in_the_same_run(reader, mirror, listed):
    mirror.fail(upstream="rss", status=500)
    result = reader("today", "--cross-lists", "-f", "json")
    assert (result.code, failures(result)) == (0, [])
    assert arxiv_listings(new_papers(result)) == {DAY: listed[DAY]}
    assert states(reader) == dict.fromkeys(WATCHED, ("complete", None))


def test_if_arxiv_fails_daily_papers_are_shown_and_the_failure_is_reported_once(reader, mirror):
    mirror.fail(upstream="*", path="cs", status=500)
    result = reader("today", "-f", "json")
    assert (result.code, failures(result)) == (3, [("arxiv", "status")])
    assert {tuple(paper["sources"]) for paper in new_papers(result)} == {("huggingface",)}
    lines = result.err.splitlines()
    assert len([line for line in lines if line.startswith("papertrack: arXiv: ")]) == 1


def test_if_both_sources_fail_no_paper_is_shown(reader, mirror):
    mirror.fail(upstream="*", status=500)
    result = reader("today", "-f", "json")
    assert result.code == 4
    assert sorted(failures(result)) == [("arxiv", "status"), ("huggingface", "status")]
    assert json.loads(result.out)["data"] == []
    assert len(result.err.splitlines()) <= 3


def test_if_both_sources_fail_stored_papers_are_shown(reader, mirror, listed):
    reader("today")
    mirror.fail(upstream="*", status=500)
    result = reader("today", "--refresh", "--cross-lists", "-f", "json")
    assert result.code == 4
    assert arxiv_listings(new_papers(result)) == {DAY: listed[DAY]}
    assert states(reader) == dict.fromkeys(WATCHED, ("complete", None))


def test_a_feed_of_yesterday_is_stale_and_the_day_stays_open_until_the_feed_is_updated(
    reader, mirror, listed
):
    mirror.clock("2026-03-18T18:00:00Z")
    result = reader("today", "--cross-lists", "-f", "json")
    assert (result.code, failures(result)) == (3, [("arxiv", "stale")])
    assert arxiv_listings(new_papers(result)) == {}
    assert states(reader) == dict.fromkeys(WATCHED, ("stale", "stale"))
    mirror.clock(NOW)
    result = reader("today", "--cross-lists", "-f", "json")
    assert (result.code, failures(result)) == (0, [])
    assert arxiv_listings(new_papers(result)) == {DAY: listed[DAY]}
    assert states(reader) == dict.fromkeys(WATCHED, ("complete", None))


def test_a_day_with_an_empty_feed_is_fetched_again_and_repaired_through_oai(reader, mirror, listed):
    mirror.fail(upstream="rss", empty_page=True)
    assert reader("today").code == 0
    assert states(reader) == dict.fromkeys(WATCHED, ("quiet", None))
    mirror.forget()
    assert reader.at(mirror, "2026-03-19T18:20:00Z")("today").code == 0
    assert [request["upstream"] for request in arxiv_requests(mirror)] == ["rss"]
    clear_faults(mirror)
    mirror.forget()
    assert reader.at(mirror, "2026-03-20T18:00:00Z")("fetch").code == 0
    assert {request["upstream"] for request in arxiv_requests(mirror)} == {"rss", "oai"}
    assert arxiv_listings(stored_papers(reader))[DAY] == listed[DAY]
    assert states(reader) == dict.fromkeys(WATCHED, ("complete", None))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"html200": True}, "not-xml"),
        ({"status": 429, "retry_after": 3600}, "rate-limit"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value,
)
def test_a_feed_failure_is_reported_and_leaves_the_day_open(reader, mirror, listed, fault, kind):
    mirror.fail(upstream="*", path="cs", **fault)
    result = reader("today", "-f", "json")
    assert (result.code, failures(result)) == (3, [("arxiv", kind)])
    assert states(reader) == dict.fromkeys(WATCHED, ("failed", kind))
    clear_faults(mirror)
    reader.at(mirror, AFTER_THE_WAIT)
    assert arxiv_listings(new_papers(reader("today", "--cross-lists", "-f", "json"))) == {
        DAY: listed[DAY]
    }

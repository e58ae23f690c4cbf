"""Backfills of arXiv from the mirror: interruptions and the rate limit."""

import signal
from datetime import date, timedelta
from itertools import pairwise
from time import monotonic, sleep
from urllib.parse import parse_qs, urlsplit

import pytest
from arxiv_reader import (
    Reader,
    arxiv_listings,
    arxiv_requests,
    corpus,
    coverage_rows,
    stored_papers,
)

NOW = "2026-03-20T18:00:00Z"
SPAN = ("--since", "2026-02-16", "--until", "2026-03-13")


@pytest.fixture
def reader(papertrack, mirror):
    return Reader(papertrack.home).watch(mirror).at(mirror, NOW)


def oai_requests(mirror):
    """The categories and days that were requested from OAI-PMH."""
    keys = set()
    for request in arxiv_requests(mirror):
        params = {key: value for key, (value,) in parse_qs(urlsplit(request["path"]).query).items()}
        if request["upstream"] == "oai" and "set" in params:
            first, last = date.fromisoformat(params["from"]), date.fromisoformat(params["until"])
            days = (first + timedelta(days=at) for at in range((last - first).days + 1))
            keys |= {(params["set"].replace("cs:cs:", "cs."), str(day)) for day in days}
    return keys


def wait_for(condition):
    until = monotonic() + 120
    while not condition():
        assert monotonic() < until, "the condition did not become true"
        sleep(0.05)


def complete_days(reader):
    """The categories and days that are complete, without weekends."""
    rows = coverage_rows(reader, *SPAN)
    return {key for key, row in rows.items() if row["state"] == "complete"}


def test_an_interrupted_backfill_resumes(reader, mirror):
    mirror.fail(upstream="oai", delay=0.6)
    process = reader.start("fetch", "--source", "arxiv", *SPAN)
    wait_for(lambda: [*reader.library.glob("coverage*")])
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert b"Traceback" not in err
    before = complete_days(reader)
    assert 0 < len(before) < 40, "the interruption came in the middle"
    mirror.fail(delay=0, path="nowhere")
    mirror.forget()
    result = reader("fetch", "--source", "arxiv", *SPAN)
    assert result.code == 0, result.err
    assert oai_requests(mirror).isdisjoint(before)
    assert len(complete_days(reader)) == 40, "twenty days of two categories"


@pytest.mark.parametrize("delay", [0.3, pytest.param(3, marks=pytest.mark.slow)])
def test_concurrent_backfills_send_one_request_at_a_time_and_keep_the_delay(
    tmp_path, mirror, mirror_data, delay
):
    weeks = 2 if delay < 1 else 1
    span = ("--since", "2026-03-02", "--until", f"2026-03-{7 * weeks - 1:02}")
    readers = [Reader(tmp_path / name) for name in ("one", "two")]
    for reader in readers:
        reader.watch(mirror, delay=delay, categories=("cs.CL",)).at(mirror, NOW)
    mirror.forget()
    mirror.fail(upstream="*", delay=0.1)
    runs = [reader.start("fetch", "--source", "arxiv", *span) for reader in readers]
    assert [(run.communicate(timeout=300)[1], run.returncode)[1] for run in runs] == [0, 0]
    start_times = [request["t"] for request in arxiv_requests(mirror)]
    assert len(start_times) >= 4 * weeks
    # Each response takes 0.1 s, and the delay starts at its end; times are rounded to 0.1 ms.
    assert min(second - first for first, second in pairwise(start_times)) >= delay + 0.1 - 0.001
    assert mirror.log()["summary"]["arxiv_family"]["max_concurrent"] == 1
    for reader in readers:
        days = arxiv_listings(stored_papers(reader))
        assert days.keys() <= corpus(mirror_data).keys()
        assert len(days) == 5 * weeks

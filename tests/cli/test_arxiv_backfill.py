"""Back-filling arXiv against the mirror: interruptions, and its terms of use."""

import signal
from datetime import date, timedelta
from itertools import pairwise
from time import monotonic, sleep
from urllib.parse import parse_qs, urlsplit

import pytest
from arxiv_reader import Reader, asked, corpus, covered, of_arxiv, stored

NOW = "2026-03-20T18:00:00Z"
SPAN = ("--since", "2026-02-16", "--until", "2026-03-13")


@pytest.fixture
def reader(papertrack, mirror):
    return Reader(papertrack.home).watch(mirror).at(mirror, NOW)


def harvested(mirror):
    """Of which categories and days OAI-PMH was asked."""
    keys = set()
    for one in asked(mirror):
        params = {key: one for key, (one,) in parse_qs(urlsplit(one["path"]).query).items()}
        if one["upstream"] == "oai" and "set" in params:
            first, last = date.fromisoformat(params["from"]), date.fromisoformat(params["until"])
            days = (first + timedelta(days=at) for at in range((last - first).days + 1))
            keys |= {(params["set"].replace("cs:cs:", "cs."), str(day)) for day in days}
    return keys


def wait_for(condition):
    until = monotonic() + 120
    while not condition():
        assert monotonic() < until, "it did not come"
        sleep(0.05)


def whole(reader):
    """The categories and days that are stored whole, without weekends."""
    known = covered(reader, *SPAN)
    return {key for key, one in known.items() if one["state"] == "complete"}


def test_an_interrupted_back_fill_goes_on_where_it_stopped(reader, mirror):
    mirror.fail(upstream="oai", delay=0.6)
    process = reader.start("fetch", "--source", "arxiv", *SPAN)
    wait_for(lambda: [*reader.library.glob("coverage*")])
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert b"Traceback" not in err
    before = whole(reader)
    assert 0 < len(before) < 40, "it was in the middle"
    mirror.fail(delay=0, path="nowhere")
    mirror.forget()
    done = reader("fetch", "--source", "arxiv", *SPAN)
    assert done.code == 0, done.err
    assert harvested(mirror).isdisjoint(before)
    assert len(whole(reader)) == 40, "twenty days of two categories"


@pytest.mark.parametrize("delay", [0.3, pytest.param(3, marks=pytest.mark.slow)])
def test_two_back_fills_at_once_ask_one_at_a_time_and_keep_the_delay(
    tmp_path, mirror, shared, delay
):
    weeks = 2 if delay < 1 else 1
    span = ("--since", "2026-03-02", "--until", f"2026-03-{7 * weeks - 1:02}")
    two = [Reader(tmp_path / name) for name in ("one", "two")]
    for one in two:
        one.watch(mirror, delay=delay, categories=("cs.CL",)).at(mirror, NOW)
    mirror.forget()
    mirror.fail(upstream="*", delay=0.1)
    runs = [one.start("fetch", "--source", "arxiv", *span) for one in two]
    assert [(one.communicate(timeout=300)[1], one.returncode)[1] for one in runs] == [0, 0]
    begun = [one["t"] for one in asked(mirror)]
    assert len(begun) >= 4 * weeks
    # Each answer takes 0.1 s, and the delay begins at its end; moments are rounded to 0.1 ms.
    assert min(other - one for one, other in pairwise(begun)) >= delay + 0.1 - 0.001
    assert mirror.log()["summary"]["arxiv_family"]["max_concurrent"] == 1
    for one in two:
        days = of_arxiv(stored(one))
        assert days.keys() <= corpus(shared("data")).keys()
        assert len(days) == 5 * weeks

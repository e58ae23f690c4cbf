"""Starred papers are asked about once a day, and what happened to them is shown once a day."""

import json
import random
import subprocess
from contextlib import suppress

import pytest

IDS = ["2603.27646", "2603.27771"]


@pytest.fixture
def reader(papertrack, mirror):
    sources = (
        f"huggingface: {{base_url: '{mirror.url}'}}, "
        f"arxiv: {{api_url: '{mirror.base}/arxiv/api/query', delay_seconds: 0}}"
    )
    papertrack.configure(f"sources: {{{sources}}}")
    return papertrack


def _asked(mirror):
    paths = [request["path"] for request in mirror.log()["requests"]]
    return [path for path in paths if "/api/papers/" in path or "id_list" in path]


def test_a_starred_paper_is_asked_about_once_a_day_whatever_the_run(reader, mirror):
    assert reader("fetch", *IDS).code == 0
    reader("star", IDS[0])
    before = len(_asked(mirror))
    assert reader("today").code == 0
    assert len(_asked(mirror)) - before == 2  # of Hugging Face and of arXiv
    reader("fetch")
    reader("today", "--refresh")
    assert len(_asked(mirror)) - before == 2
    reader.now = "2026-04-01T17:00:00Z"
    reader("fetch")
    assert len(_asked(mirror)) - before == 4


def test_a_source_that_cannot_be_asked_is_named_and_asked_again(reader, mirror):
    assert reader("fetch", *IDS).code == 0
    reader("star", *IDS)
    mirror.fail(upstream="arxiv", status=404)
    result = reader("today")
    assert result.code == 3
    assert "starred papers were not checked" in result.err
    mirror.fail(upstream="arxiv", status=503, path="nothing")
    before = len(_asked(mirror))
    assert reader("fetch").code == 0
    assert len(_asked(mirror)) == before + 1


def test_news_of_starred_papers_are_shown_on_the_day_and_in_full_by_show(reader, mirror):
    del mirror
    reader("fetch", *IDS)
    (paper,) = json.loads(reader("show", IDS[0], "-f", "json").out)["data"]
    reader("star", *IDS)
    words = paper["abstract"].split()
    later = {
        "id": IDS[0],
        "title": paper["title"],
        "version": 2,
        "updated": "2026-04-01T08:00:00Z",
        "abstract": " ".join(["Suddenly", *words[1:]]),
    }
    (reader.home / "later.jsonl").write_text(json.dumps(later))
    reader.now = "2026-04-01T09:00:00Z"
    reader("import", "later.jsonl")
    for _ in range(2):  # as often as the reader looks on that day
        shown = reader.in_terminal("today", "--offline")[1].decode()
        assert "Starred papers" in shown
        assert "version 2: abstract changed (+1 -1 words)" in shown
    assert f"[-{words[0]}-]{{+Suddenly+}} {words[1]}" in reader("show", IDS[0]).out
    data = json.loads(reader("today", "--offline", "-f", "json").out)
    assert [(event["id"], event["event"]) for event in data["events"]] == [(IDS[0], "new version")]
    reader.now = "2026-04-02T09:00:00Z"
    assert "Starred papers" not in reader.in_terminal("today", "--offline")[1].decode()


def _write(reader, version, **more):
    rows = [
        {"id": f"2603.{number:05}", "title": f"Paper {number}", "version": version} | more
        for number in range(1, 41)
    ]
    (reader.home / "papers.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def test_a_killed_run_neither_loses_nor_repeats_what_happened(papertrack):
    _write(papertrack, 1, state={"starred": True}, listed="2026-03-30")
    assert papertrack("import", "papers.jsonl").code == 0
    rng = random.Random(1)
    for version in range(2, 6):
        _write(papertrack, version)
        papertrack.now = f"2026-04-0{version}T09:00:00Z"
        for _ in range(2):
            process = papertrack.start("import", "papers.jsonl")
            with suppress(subprocess.TimeoutExpired):
                process.wait(rng.uniform(0.1, 0.4))
            process.kill()
            process.communicate()
        assert papertrack("import", "papers.jsonl").code == 0
    papers = json.loads(papertrack("list", "--starred", "--all", "-f", "json").out)["data"]
    shown = json.loads(papertrack("show", *(paper["id"] for paper in papers), "-f", "json").out)
    happened = [[event["value"] for event in paper["events"]] for paper in shown["data"]]
    assert happened == [["2", "3", "4", "5"]] * 40
    assert papertrack("library", "verify").code == 0


def test_an_outage_of_a_source_that_is_asked_only_about_starred_papers_ends(reader, mirror):
    assert reader("fetch", *IDS).code == 0
    reader("star", IDS[0])
    reader("alert")
    mirror.fail(upstream="arxiv", status=404)
    notices = ""
    for day in (1, 2, 3):
        reader.now = f"2026-04-0{day}T18:00:00Z"
        mirror.clock(reader.now)
        notices += reader("alert").err
    assert notices.count("arXiv has failed in ") == 1
    mirror.fail(upstream="arxiv", status=503, path="nothing")
    reader.now = "2026-04-04T18:00:00Z"
    mirror.clock(reader.now)
    assert "arXiv works again" in reader("alert").err

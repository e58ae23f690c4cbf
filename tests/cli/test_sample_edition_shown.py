"""The sample edition is shown on request, marked as a sample, and changes nothing."""

import json
import re

import pytest
from rich.cells import cell_len

FORMATS = ("table", "plain", "json", "jsonl", "ids", "md", "csv")


@pytest.fixture
def newcomer(papertrack, daily):
    papertrack.ask(daily.url)
    return papertrack


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_marks_the_sample(newcomer, form):
    result = newcomer("today", "--sample", "-f", form)
    assert (result.code, result.err) == (0, "")
    if form == "jsonl":
        assert all(json.loads(line)["sample"] is True for line in result.out.splitlines())
    elif form != "json":
        assert "sample" in result.out.lower().partition("2603.")[0], "before the first paper"


def test_every_paper_of_the_sample_is_marked_and_none_has_an_abstract(newcomer):
    document = json.loads(newcomer("today", "--sample", "-f", "json").out)
    assert len(document["data"]) > 50
    for paper in document["data"]:
        assert paper["sample"] is True
        assert paper["abstract"] is None
    assert any("sample" in note for note in document["notes"])


def test_the_sample_shows_new_trending_gains_and_topics(newcomer):
    papers = json.loads(newcomer("today", "--sample", "-f", "json").out)["data"]
    assert {paper["section"] for paper in papers} == {"new", "trending"}
    assert any(paper["upvotes_gained"] for paper in papers)
    assert any(paper["topics"] for paper in papers)


def test_the_sample_uses_neither_the_library_nor_the_network(owner, daily):
    owner.ask(daily.url)
    before = {path: path.read_bytes() for path in owner.library.rglob("*") if path.is_file()}
    listed = owner("list", "--all", "-f", "jsonl").out
    owner("today", "--sample")
    owner("today", "--sample", "--refresh")
    after = {path: path.read_bytes() for path in owner.library.rglob("*") if path.is_file()}
    assert after == before
    assert owner("list", "--all", "-f", "jsonl").out == listed
    assert daily.asked == []


def test_the_sample_creates_no_library(newcomer, daily):
    newcomer("today", "--sample")
    assert not newcomer.library.exists()
    assert daily.asked == []


def test_real_papers_are_not_marked_as_sample(owner):
    assert "sample" not in owner("today", "--offline", "-f", "json").out
    assert "sample" not in owner("today", "--offline", "-f", "csv").out.partition("\n")[0]


def test_the_sample_matches_configured_topics(newcomer):
    newcomer.configure("topics: [{name: mine, any: [image generation]}]")
    papers = json.loads(newcomer("today", "--sample", "-f", "json").out)["data"]
    assert {topic["name"] for paper in papers for topic in paper["topics"]} == {"mine"}


def test_a_reader_without_topics_sees_example_topics_and_how_to_add_one(newcomer):
    output = newcomer("today", "--sample", "-f", "table").out
    assert re.search(r"^AI agents +\d+$", output, re.MULTILINE)
    assert "the topics are examples; to add a topic:\n    papertrack topics add" in output
    newcomer.configure("topics: [{name: mine, any: [image generation]}]")
    output = newcomer("today", "--sample", "-f", "table").out
    assert re.search(r"^mine +\d+$", output, re.MULTILINE)
    assert "examples" not in output


@pytest.mark.parametrize("columns", [None, "0"])
def test_a_dumb_terminal_is_drawn_in_its_width(newcomer, columns):
    code, output = newcomer.in_terminal(
        "today", "--sample", width=64, env={"TERM": "dumb", "COLUMNS": columns}
    )
    lines = output.decode().splitlines()
    assert (code, max(map(cell_len, lines))) == (0, 64)

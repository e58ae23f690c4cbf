"""The formats of CONTRACT.md for every command that prints papers."""

import csv
import io
import json
from functools import cache

import pytest

COMMANDS = {
    "today": ["today", "--offline"],
    "trending": ["trending"],
    "list": ["list"],
    "search": ["search", "paper number"],
    "show": ["show", "2603.00000", "2603.00001"],
}
PAPER = {
    "id", "version", "title", "authors", "abstract", "categories", "keywords", "submitted",
    "announced", "listed", "updated", "first_seen", "upvotes", "upvotes_gained", "comments",
    "code_url", "code_stars", "project_url", "url", "pdf_url", "organization", "sources", "topics",
    "score", "state", "section",
}  # fmt: skip
ALL_COMMANDS = pytest.mark.parametrize("command", COMMANDS)


@pytest.fixture(scope="module")
def run(reader):
    """Return the output of a command in a format; each is run once."""

    @cache
    def printed(command, form, *more):
        result = reader(*COMMANDS[command], "--format", form, *more)
        assert result.code == 0, result.err
        return result.out

    return printed


@pytest.fixture(scope="module")
def papers(run):
    """Return the papers of a command, as parsed JSON."""
    return lambda command, *more: json.loads(run(command, "json", *more))["data"]


def by_section(papers):
    return [sum(paper["section"] == kind for paper in papers) for kind in ("new", "trending")]


@ALL_COMMANDS
def test_json_is_an_object_with_the_keys_of_the_contract(run, command):
    text = run(command, "json")
    document = json.loads(text)
    assert json.dumps(document, ensure_ascii=False) + "\n" == text
    assert list(document)[:4] == ["schema", "command", "generated_at", "headline"]
    assert list(document)[4:] == ["data", "errors", "notes"]
    assert (document["schema"], document["command"]) == (1, command)
    assert document["generated_at"] == "2026-03-31T18:00:00Z"
    assert document["errors"] == []
    assert all(isinstance(note, str) for note in document["notes"])
    assert document["data"]


@ALL_COMMANDS
def test_every_paper_in_json_has_every_key(papers, command):
    for paper in papers(command):
        assert paper.keys() >= PAPER
        assert paper["state"].keys() >= {"starred", "read", "hidden", "tags", "note"}
        for topic in paper["topics"]:
            assert topic.keys() >= {"name", "phrase", "field", "score", "matched"}


def test_all_stored_fields_of_a_paper_are_shown(papers):
    paper = papers("show")[0]
    assert {key: paper[key] for key in PAPER - {"topics", "score", "state"}} == {
        "id": "2603.00000",
        "version": 2,
        "title": "A whole paper on agents",
        "authors": ["Ada One", "Bo Two", "Cy Three"],
        "abstract": "What number 0 says.",
        "categories": ["cs.CL"],
        "keywords": ["planning"],
        "submitted": "2026-03-28T17:00:00Z",
        "announced": None,
        "listed": {"huggingface": "2026-03-31"},
        "updated": "2026-03-29T17:00:00Z",
        "first_seen": "2026-03-31T09:00:00Z",
        "upvotes": 0,
        "upvotes_gained": None,
        "comments": 1,
        "code_url": "https://github.com/o/r",
        "code_stars": 2,
        "project_url": "https://o.example/r",
        "url": "https://huggingface.co/papers/2603.00000",
        "pdf_url": "https://arxiv.org/pdf/2603.00000",
        "organization": "The Lab",
        "sources": ["huggingface", "import"],
        "section": None,
    }
    assert paper["topics"][0]["name"] == "agents"
    assert paper["listings"] == [
        {"source": "huggingface", "day": "2026-03-31", "rank": 1, "kind": "new"}
    ]
    assert set(paper["provenance"].values()) == {"import"}
    assert paper["revised"] is None


@ALL_COMMANDS
def test_unknown_fields_are_null_or_empty_never_absent(papers, command):
    paper = next(paper for paper in papers(command) if paper["id"] == "2603.00001")
    assert paper["version"] is paper["updated"] is paper["code_url"] is None
    assert paper["categories"] == []


def test_papers_of_sections_name_their_section(papers):
    assert {paper["section"] for paper in papers("today")} == {"new", "trending"}
    assert {paper["section"] for paper in papers("trending")} == {"trending"}
    assert {paper["section"] for paper in papers("list")} == {None}


@ALL_COMMANDS
def test_json_lines_are_the_papers_of_json(run, papers, command):
    lines = run(command, "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == papers(command)


@ALL_COMMANDS
def test_ids_lists_each_paper_once_in_order(run, papers, command):
    assert run(command, "ids").split() == list(
        dict.fromkeys(paper["id"] for paper in papers(command))
    )


@ALL_COMMANDS
def test_csv_has_a_header_and_a_row_per_paper(run, papers, command):
    rows = list(csv.DictReader(io.StringIO(run(command, "csv"))))
    assert [(row["id"], row["title"], row["section"] or None) for row in rows] == [
        (paper["id"], paper["title"], paper["section"]) for paper in papers(command)
    ]
    assert all(None not in row and None not in row.values() for row in rows), (
        "all rows have the same length"
    )


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "show"])
def test_plain_has_a_line_of_eight_fields_per_paper(run, papers, command):
    rows = [line.split("\t") for line in run(command, "plain", "--limit", "100").splitlines()]
    assert [(row[0], row[1], row[7]) for row in rows] == [
        (paper["section"] or "-", paper["id"], paper["title"]) for paper in papers(command)
    ]
    assert {len(row) for row in rows} == {8}


def test_show_prints_lines_of_a_name_and_a_value(run):
    first, second = run("show", "plain").split("\n\n")
    fields = dict(line.split("\t") for line in first.splitlines())
    assert fields["id"].startswith("2603.00000")
    assert fields["abstract"] == "What number 0 says."
    assert "Paper number 1 on graphs" in second


@ALL_COMMANDS
def test_markdown_lists_every_paper(run, papers, command):
    text = run(command, "md")
    assert text.startswith("# ")
    entries = [line for line in text.splitlines() if line.startswith("- ")]
    assert len(entries) == len(papers(command))


@ALL_COMMANDS
def test_a_table_shows_papers_and_fits_its_width(run, papers, command):
    lines = run(command, "table").splitlines()
    assert max(map(len, lines)) <= 80
    assert any(papers(command)[0]["title"][:20] in line for line in lines)


def test_without_a_limit_programs_get_all_papers_and_people_a_screenful(run, papers):
    assert by_section(papers("today"))[0] == 25
    assert by_section(papers("today"))[1] == 48
    assert len(run("list", "ids").split()) == 49
    lines = run("today", "plain").splitlines()
    assert 10 <= len(lines) <= 40


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "ids", "plain", "md", "table"])
def test_a_limit_applies_to_each_section(run, papers, form):
    text = run("today", form, "--limit", "3")
    if form == "json":
        assert by_section(json.loads(text)["data"]) == [3, 3]
        assert by_section(papers("today", "--limit", "0")) == [0, 0]
    elif form == "ids":
        assert 3 <= len(text.split()) <= 6
    elif form == "csv":
        assert len(text.splitlines()) == 1 + 6
    elif form in ("jsonl", "plain"):
        assert len(text.splitlines()) == 6
    elif form == "md":
        assert text.count("2603.") - text.count("https://arxiv.org") == 6
    else:  # by topic, the others, and what is rising
        assert text.count("2603.") == 9


def test_a_limit_of_zero_is_not_reported_as_an_empty_day(run):
    assert "No papers" not in run("today", "table", "--limit", "0")


def test_a_limit_changes_only_the_number_of_papers_shown(run):
    document, limited = (
        json.loads(run("today", "json", *limit)) for limit in ((), ("--limit", "1"))
    )
    assert document["headline"] == limited["headline"]
    assert limited["data"][0] == document["data"][0]


def test_topic_matches_come_first_and_are_marked(papers):
    new = [paper for paper in papers("today") if paper["section"] == "new"]
    matched = [bool(paper["topics"]) for paper in new]
    assert matched == sorted(matched, reverse=True)
    assert sum(matched) == 3


def test_upvotes_gained_come_from_the_stored_observations(papers):
    by_id = {paper["id"]: paper for paper in papers("trending")}
    assert by_id["2603.00030"]["upvotes"] == 91
    assert by_id["2603.00030"]["upvotes_gained"] == 61
    assert by_id["2603.00003"]["upvotes_gained"] is None, "observed once"


@pytest.mark.parametrize("by", ["rising", "upvotes", "stars", "comments"])
def test_trending_is_ranked_by_the_requested_value(papers, by):
    ranked = papers("trending", "--by", by)
    scores = [paper["score"] for paper in ranked]
    assert scores == sorted(scores, reverse=True)
    key = {"upvotes": "upvotes", "stars": "code_stars", "comments": "comments"}.get(by)
    assert key is None or scores == [paper[key] for paper in ranked]


@pytest.mark.parametrize(("window", "days"), [("1d", 1), ("7d", 2), ("30d", 2)])
def test_the_window_of_trending_includes_today(papers, window, days):
    listed = {paper["listed"]["huggingface"] for paper in papers("trending", "--window", window)}
    assert len(listed) == days

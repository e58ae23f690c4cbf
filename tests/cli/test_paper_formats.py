"""What CONTRACT.md fixes of every command that prints papers, in every format."""

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
ALL = pytest.mark.parametrize("command", COMMANDS)


@pytest.fixture(scope="module")
def run(reader):
    """What a command prints in a format; each is run once."""

    @cache
    def printed(command, form, *more):
        done = reader(*COMMANDS[command], "--format", form, *more)
        assert done.code == 0, done.err
        return done.out

    return printed


@pytest.fixture(scope="module")
def papers(run):
    """All papers of a command, as JSON has them."""
    return lambda command, *more: json.loads(run(command, "json", *more))["data"]


def by_section(papers):
    return [sum(one["section"] == kind for one in papers) for kind in ("new", "trending")]


@ALL
def test_json_is_one_object_with_the_words_of_the_contract(run, command):
    text = run(command, "json")
    whole = json.loads(text)
    assert json.dumps(whole, ensure_ascii=False) + "\n" == text
    assert list(whole)[:4] == ["schema", "command", "generated_at", "headline"]
    assert list(whole)[4:] == ["data", "errors", "notes"]
    assert (whole["schema"], whole["command"]) == (1, command)
    assert whole["generated_at"] == "2026-03-31T18:00:00Z"
    assert whole["errors"] == []
    assert all(isinstance(note, str) for note in whole["notes"])
    assert whole["data"]


@ALL
def test_every_paper_in_json_has_every_key(papers, command):
    for paper in papers(command):
        assert paper.keys() >= PAPER
        assert paper["state"].keys() >= {"starred", "read", "hidden", "tags", "note"}
        for topic in paper["topics"]:
            assert topic.keys() >= {"name", "phrase", "field", "score", "matched"}


def test_what_is_known_of_a_paper_is_all_there(papers):
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


@ALL
def test_what_is_unknown_is_null_or_empty_never_absent(papers, command):
    plain = next(one for one in papers(command) if one["id"] == "2603.00001")
    assert plain["version"] is plain["updated"] is plain["code_url"] is None
    assert plain["categories"] == []


def test_sections_are_named_where_there_are_any(papers):
    assert {one["section"] for one in papers("today")} == {"new", "trending"}
    assert {one["section"] for one in papers("trending")} == {"trending"}
    assert {one["section"] for one in papers("list")} == {None}


@ALL
def test_json_lines_are_the_papers_of_json(run, papers, command):
    lines = run(command, "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == papers(command)


@ALL
def test_ids_are_each_paper_once_in_order(run, papers, command):
    assert run(command, "ids").split() == list(dict.fromkeys(one["id"] for one in papers(command)))


@ALL
def test_csv_has_a_head_and_a_line_a_paper(run, papers, command):
    rows = list(csv.DictReader(io.StringIO(run(command, "csv"))))
    assert [(row["id"], row["title"], row["section"] or None) for row in rows] == [
        (one["id"], one["title"], one["section"]) for one in papers(command)
    ]
    assert all(None not in row and None not in row.values() for row in rows), "all equally long"


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "show"])
def test_plain_is_a_line_of_eight_fields_a_paper(run, papers, command):
    rows = [line.split("\t") for line in run(command, "plain", "--limit", "100").splitlines()]
    assert [(row[0], row[1], row[7]) for row in rows] == [
        (one["section"] or "-", one["id"], one["title"]) for one in papers(command)
    ]
    assert {len(row) for row in rows} == {8}


def test_a_shown_paper_is_lines_of_a_name_and_a_value(run):
    first, second = run("show", "plain").split("\n\n")
    fields = dict(line.split("\t") for line in first.splitlines())
    assert fields["id"].startswith("2603.00000")
    assert fields["abstract"] == "What number 0 says."
    assert "Paper number 1 on graphs" in second


@ALL
def test_markdown_lists_every_paper(run, papers, command):
    text = run(command, "md")
    assert text.startswith("# ")
    entries = [line for line in text.splitlines() if line.startswith("- ")]
    assert len(entries) == len(papers(command))


@ALL
def test_a_table_names_papers_and_keeps_to_its_width(run, papers, command):
    lines = run(command, "table").splitlines()
    assert max(map(len, lines)) <= 80
    assert any(papers(command)[0]["title"][:20] in line for line in lines)


def test_without_a_limit_programs_get_all_and_people_a_screenful(run, papers):
    assert by_section(papers("today"))[0] == 25
    assert by_section(papers("today"))[1] == 48
    assert len(run("list", "ids").split()) == 49
    people = run("today", "plain").splitlines()
    assert 10 <= len(people) <= 40


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "ids", "plain", "md", "table"])
def test_a_limit_counts_in_each_section(run, papers, form):
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
    else:
        assert text.count("2603.") - text.count("https://arxiv.org") == 6


def test_a_limit_of_nothing_does_not_say_that_there_is_nothing(run):
    assert "No papers" not in run("today", "table", "--limit", "0")


def test_a_limit_changes_nothing_but_how_many_are_shown(run):
    whole, cut = (json.loads(run("today", "json", *limit)) for limit in ((), ("--limit", "1")))
    assert whole["headline"] == cut["headline"]
    assert cut["data"][0] == whole["data"][0]


def test_matches_of_topics_come_first_and_are_marked(papers):
    new = [one for one in papers("today") if one["section"] == "new"]
    matched = [bool(one["topics"]) for one in new]
    assert matched == sorted(matched, reverse=True)
    assert sum(matched) == 3


def test_upvotes_gained_come_from_the_stored_observations(papers):
    seen = {one["id"]: one for one in papers("trending")}
    assert seen["2603.00030"]["upvotes"] == 91
    assert seen["2603.00030"]["upvotes_gained"] == 61
    assert seen["2603.00003"]["upvotes_gained"] is None, "seen once"


@pytest.mark.parametrize("by", ["rising", "upvotes", "stars", "comments"])
def test_trending_is_ranked_by_what_it_says(papers, by):
    ranked = papers("trending", "--by", by)
    scores = [one["score"] for one in ranked]
    assert scores == sorted(scores, reverse=True)
    key = {"upvotes": "upvotes", "stars": "code_stars", "comments": "comments"}.get(by)
    assert key is None or scores == [one[key] for one in ranked]


@pytest.mark.parametrize(("window", "days"), [("1d", 1), ("7d", 2), ("30d", 2)])
def test_the_window_of_trending_counts_days_with_today(papers, window, days):
    listed = {one["listed"]["huggingface"] for one in papers("trending", "--window", window)}
    assert len(listed) == days

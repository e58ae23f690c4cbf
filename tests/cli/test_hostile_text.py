"""Hostile text through the whole program: no byte of it reaches a terminal as a command."""

import csv
import io
import json
import re
from datetime import date

import pytest
from invented import put, sighting
from pages import entry
from program import Program
from tricks import TRICKS, unseemly
from werkzeug import Response

from papertrack.library.library import Library

LAST = "2026-03-31"
FORMATS = ("table", "plain", "json", "jsonl", "ids", "md", "csv")
COMMANDS = {
    "today": ["today", "--offline", "--limit", "99"],
    "trending": ["trending", "--limit", "99"],
    "list": ["list", "--all", "--limit", "99"],
    "search": ["search", "red link long", "--limit", "99"],
    "show": ["show", *(f"2603.{number:05}" for number in range(len(TRICKS)))],
}
# The escape sequences that rich writes: SGR for colours and weights, OSC 8 for links to papers.
OURS = re.compile(rb"\x1b\[[\d;]*m|\x1b\]8;(?:id=\d+)?;(?:https://[!-~]+)?\x1b\\")


def _paper(number, trick):
    return {
        "id": f"2603.{number:05}",
        "title": f"T{number} {trick}",
        "abstract": trick,
        "authors": [trick, "Bo Two"],
        "categories": [trick],
        "keywords": [trick],
        "organization": trick,
        "code_url": "https://github.com/o/r",
        "listings": [{"source": "huggingface", "day": LAST, "rank": 1}],
        "upvotes": number,
        "state": {"starred": True, "tags": [trick], "note": trick},
    }


def _topics():
    """A configuration with topics named after tricks, as JSON, which is also YAML."""
    topics = [
        {"name": f"{number} {trick}", "any": ["t1", trick]} for number, trick in enumerate(TRICKS)
    ]
    return json.dumps({"topics": [topic for topic in topics if "lone" not in topic["name"]][:6]})


@pytest.fixture(scope="module")
def victim(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("victim"))
    lines = (json.dumps(_paper(number, trick)) for number, trick in enumerate(TRICKS))
    (program.home / "papers.jsonl").write_text("\n".join(lines))
    result = program("import", "papers.jsonl")
    assert (result.code, "skipped" in result.err) == (0, False), result.err
    return program


SHOWN = [("today", form) for form in FORMATS] + [
    ("show", "plain"), ("show", "table"), ("show", "csv"), ("show", "md"), ("list", "table"),
    ("list", "md"),
    ("search", "plain"), ("search", "json"), ("trending", "table"), ("trending", "ids"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "form"), SHOWN)
def test_nothing_invisible_reaches_a_pipe_and_no_paper_is_lost(victim, command, form):
    result = victim(*COMMANDS[command], "-f", form)
    assert result.code == 0, result.err
    assert unseemly(result.out, "\n\t" if form == "plain" else "\n") == []
    assert unseemly(result.err) == []
    if command != "search":
        for number in range(len(TRICKS)):
            assert re.search(rf"\b2603\.{number:05}\b", result.out), f"paper {number} is missing"
    if form == "json":
        json.loads(result.out)
    if form == "csv":
        assert len({len(row) for row in csv.reader(io.StringIO(result.out))}) == 1


@pytest.mark.parametrize(
    ("command", "width"),
    [("today", 80), ("today", 200), ("show", 80), ("show", 200), ("list", 80), ("search", 200),
     ("trending", 80)],
)  # fmt: skip
def test_only_our_colours_reach_a_terminal_and_lines_fit(victim, command, width):
    from rich.cells import cell_len

    code, output = victim.in_terminal(*COMMANDS[command], width=width)
    assert code == 0
    assert b"\x1b[" in output
    text = OURS.sub(b"", output).decode()
    assert unseemly(text) == []
    assert "[/b]" in text
    assert max(map(cell_len, text.splitlines())) <= width


@pytest.mark.parametrize("words", ["star", "why", "hide"])
def test_messages_about_papers_are_clean(victim, words):
    code, output = victim.in_terminal(words, "2603.00000", "2603.00004")
    assert code == 0
    assert unseemly(OURS.sub(b"", output).decode()) == []
    victim("unhide", "2603.00000", "2603.00004")


@pytest.mark.parametrize(
    "words",
    [["today", "--offline"], ["topics", "list"], ["why", "2603.00001"], ["config", "show"],
     ["config", "check"], ["today", "-t", "nope", "--offline"]],
    ids=" ".join,
)  # fmt: skip
def test_topic_names_are_printed_as_text(victim, tmp_path, words):
    config = tmp_path / "named.yaml"
    config.write_text(_topics())
    _, output = victim.in_terminal("--config", config, *words)
    assert unseemly(OURS.sub(b"", output).decode(), "\n\t") == []


def test_problems_of_the_configuration_are_printed_as_text(papertrack):
    papertrack.configure(
        '"\\e[31mkey": 1\ntopics: [{name: "\\e]0;x\\a", any: ["\\u202e"], threshold: "\\e[2J"}]'
    )
    code, output = papertrack.in_terminal("config", "check")
    assert code == 2
    assert unseemly(OURS.sub(b"", output).decode()) == []


@pytest.mark.parametrize("trick", TRICKS[:3], ids=["escapes", "one-byte controls", "bidi"])
def test_server_errors_and_pages_are_printed_as_text(papertrack, daily, trick):
    error = json.dumps({"error": trick})
    invalid = entry(trick, title=None, paper={"title": None})
    valid = [entry(f"2603.{n:05}", paper={"title": trick}, title=trick) for n in range(3)]
    daily.days = {LAST: [*valid, invalid]}
    daily.answer = lambda day: (
        Response(error, 400) if day == "2026-03-30" else
        Response(trick.encode(errors="replace"), 200) if day == "2026-03-29" else None
    )  # fmt: skip
    papertrack.ask(daily.url)
    code, output = papertrack.in_terminal("today", "--days", "3", "--quiet")
    assert code == 3
    assert unseemly(OURS.sub(b"", output).decode()) == []


@pytest.mark.parametrize(
    "words",
    [["import", "-q", "\x1b[31m.jsonl"], ["show", "\x1b[31m"], ["today", "--date", "\x1b[31m"],
     ["--library", "/dev/null/\x1b[31m", "list"], ["list", "--topic", "\u202e"], ["\x1b[31m"],
     ["list", "--\x1b[31m"], ["trending", "--by", "\x1b[31m"], ["search", "\x1b[31m"]],
    ids=repr,
)  # fmt: skip
def test_arguments_in_messages_are_printed_as_text(victim, words):
    _, output = victim.in_terminal(*words)
    assert unseemly(OURS.sub(b"", output).decode()) == []


STRANGE = ("x:>)**b**<img/src=x>`c`", "y:" + "z" * 190, "=1+1", "../../etc/passwd", "-rf", "[/b]")


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    """A library of papers with ids that release 0.1 accepted, and `import` now refuses."""
    program = Program(tmp_path_factory.mktemp("strange"))
    day = date.fromisoformat(LAST)
    put(Library(str(program.library)), *(sighting(paper_id, day=day) for paper_id in STRANGE))
    papers = [{"id": paper_id, "title": "T"} for paper_id in STRANGE]
    (program.home / "papers.jsonl").write_text("\n".join(map(json.dumps, papers)))
    refused = program("import", "papers.jsonl")
    assert (refused.code, "contains no papers" in refused.err) == (2, True)
    return program


def test_strange_ids_fit_the_table_and_stay_inside_the_library(strange):
    code, output = strange.in_terminal("today", "--offline", width=80)
    text = OURS.sub(b"", output).decode()
    assert (code, unseemly(text)) == (0, [])
    assert max(map(len, text.splitlines())) <= 80
    names = {path.name for path in strange.library.rglob("*")}
    assert not [name for name in names if "passwd" in name or "=" in name]


def test_printed_strange_ids_can_be_looked_up(strange):
    printed = [paper["id"] for paper in json.loads(strange("list", "-f", "json").out)["data"]]
    assert sorted(printed) == sorted(STRANGE)
    assert strange("show", "--", *printed).code == 0


@pytest.mark.parametrize("count", [10**30, 10**400], ids=["10^30", "10^400"])
def test_an_absurdly_large_count_breaks_nothing(papertrack, count):
    paper = {"id": "2603.00001", "title": "T", "listed": {"huggingface": LAST}, "upvotes": count}
    good = {"id": "2603.00002", "title": "T", "listed": {"huggingface": LAST}, "upvotes": 3}
    (papertrack.home / "one.jsonl").write_text(f"{json.dumps(paper)}\n{json.dumps(good)}")
    assert papertrack("import", "one.jsonl").code == 0
    for words in (["today", "--offline"], ["trending"], ["list", "-f", "json"]):
        result = papertrack(*words)
        assert result.code == 0, result.err
        assert "2603.00002" in result.out

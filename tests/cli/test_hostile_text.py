"""Strangers' texts through the whole program: no byte of theirs reaches a terminal as a command."""

import csv
import io
import json
import re

import pytest
from pages import entry
from program import Program
from tricks import TRICKS, unseemly
from werkzeug import Response

LAST = "2026-03-31"
FORMATS = ("table", "plain", "json", "jsonl", "ids", "md", "csv")
COMMANDS = {
    "today": ["today", "--offline", "--limit", "99"],
    "trending": ["trending", "--limit", "99"],
    "list": ["list", "--all", "--limit", "99"],
    "search": ["search", "red link long", "--limit", "99"],
    "show": ["show", *(f"2603.{number:05}" for number in range(len(TRICKS)))],
}
# The colours and weights that rich writes for us: nothing but SGR.
OURS = re.compile(rb"\x1b\[[\d;]*m")


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
    """A topic named by each trick; JSON is YAML, too."""
    named = [
        {"name": f"{number} {trick}", "any": ["t1", trick]} for number, trick in enumerate(TRICKS)
    ]
    return json.dumps({"topics": [one for one in named if "lone" not in one["name"]][:6]})


@pytest.fixture(scope="module")
def victim(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("victim"))
    lines = (json.dumps(_paper(number, trick)) for number, trick in enumerate(TRICKS))
    (program.home / "papers.jsonl").write_text("\n".join(lines))
    done = program("import", "papers.jsonl")
    assert (done.code, "skipped" in done.err) == (0, False), done.err
    return program


SHOWN = [("today", form) for form in FORMATS] + [
    ("show", "plain"), ("show", "table"), ("show", "csv"), ("list", "table"), ("list", "md"),
    ("search", "plain"), ("search", "json"), ("trending", "table"), ("trending", "ids"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "form"), SHOWN)
def test_nothing_invisible_reaches_a_pipe_and_no_paper_is_lost(victim, command, form):
    done = victim(*COMMANDS[command], "-f", form)
    assert done.code == 0, done.err
    assert unseemly(done.out, "\n\t" if form == "plain" else "\n") == []
    assert unseemly(done.err) == []
    if command != "search":
        for number in range(len(TRICKS)):
            assert re.search(rf"\b2603\.{number:05}\b", done.out), f"{number} is lost"
    if form == "json":
        json.loads(done.out)
    if form == "csv":
        assert len({len(row) for row in csv.reader(io.StringIO(done.out))}) == 1


@pytest.mark.parametrize(
    ("command", "width"),
    [("today", 80), ("today", 200), ("show", 80), ("show", 200), ("list", 80), ("search", 200),
     ("trending", 80)],
)  # fmt: skip
def test_only_our_colours_reach_a_terminal_and_its_lines_fit(victim, command, width):
    from rich.cells import cell_len

    code, seen = victim.in_terminal(*COMMANDS[command], width=width)
    assert code == 0
    assert b"\x1b[" in seen
    text = OURS.sub(b"", seen).decode()
    assert unseemly(text) == []
    assert "[/b]" in text
    assert max(map(cell_len, text.splitlines())) <= width


@pytest.mark.parametrize("words", ["star", "why", "hide"])
def test_messages_about_papers_are_clean(victim, words):
    code, seen = victim.in_terminal(words, "2603.00000", "2603.00004")
    assert code == 0
    assert unseemly(OURS.sub(b"", seen).decode()) == []
    victim("unhide", "2603.00000", "2603.00004")


@pytest.mark.parametrize(
    "words",
    [["today", "--offline"], ["topics", "list"], ["why", "2603.00001"], ["config", "show"],
     ["config", "check"], ["today", "-t", "nope", "--offline"]],
    ids=" ".join,
)  # fmt: skip
def test_names_of_topics_are_text_too(victim, tmp_path, words):
    config = tmp_path / "named.yaml"
    config.write_text(_topics())
    _, seen = victim.in_terminal("--config", config, *words)
    assert unseemly(OURS.sub(b"", seen).decode(), "\n\t") == []


def test_a_configuration_s_problems_are_told_as_text(papertrack):
    papertrack.configure(
        '"\\e[31mkey": 1\ntopics: [{name: "\\e]0;x\\a", any: ["\\u202e"], threshold: "\\e[2J"}]'
    )
    code, seen = papertrack.in_terminal("config", "check")
    assert code == 2
    assert unseemly(OURS.sub(b"", seen).decode()) == []


@pytest.mark.parametrize("trick", TRICKS[:3], ids=["escapes", "one-byte controls", "bidi"])
def test_what_a_server_says_in_its_errors_and_pages_is_text(papertrack, daily, trick):
    error = json.dumps({"error": trick})
    bad = entry(trick, title=None, paper={"title": None})
    fine = [entry(f"2603.{n:05}", paper={"title": trick}, title=trick) for n in range(3)]
    daily.days = {LAST: [*fine, bad]}
    daily.answer = lambda day: (
        Response(error, 400) if day == "2026-03-30" else
        Response(trick.encode(errors="replace"), 200) if day == "2026-03-29" else None
    )  # fmt: skip
    papertrack.ask(daily.url)
    code, seen = papertrack.in_terminal("today", "--days", "3", "--quiet")
    assert code == 3
    assert unseemly(OURS.sub(b"", seen).decode()) == []


@pytest.mark.parametrize(
    "words",
    [["import", "-q", "\x1b[31m.jsonl"], ["show", "\x1b[31m"], ["today", "--date", "\x1b[31m"],
     ["--library", "/dev/null/\x1b[31m", "list"], ["list", "--topic", "\u202e"], ["\x1b[31m"],
     ["list", "--\x1b[31m"], ["trending", "--by", "\x1b[31m"], ["search", "\x1b[31m"]],
    ids=repr,
)  # fmt: skip
def test_what_is_typed_comes_back_as_text(victim, words):
    _, seen = victim.in_terminal(*words)
    assert unseemly(OURS.sub(b"", seen).decode()) == []


STRANGE = ("x:>)**b**<img/src=x>`c`", "y:" + "z" * 190, "=1+1", "../../etc/passwd", "-rf", "[/b]")


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    """A library of papers with strange ids, all of which an import takes."""
    program = Program(tmp_path_factory.mktemp("strange"))
    papers = [{"id": one, "title": "T", "listed": {"huggingface": LAST}} for one in STRANGE]
    (program.home / "papers.jsonl").write_text("\n".join(map(json.dumps, papers)))
    done = program("import", "papers.jsonl")
    assert f"{len(STRANGE)} new" in done.err
    return program


def test_strange_ids_stay_within_the_table_and_the_library(strange):
    code, seen = strange.in_terminal("today", "--offline", width=80)
    text = OURS.sub(b"", seen).decode()
    assert (code, unseemly(text)) == (0, [])
    assert max(map(len, text.splitlines())) <= 80
    names = {path.name for path in strange.library.rglob("*")}
    assert not [name for name in names if "passwd" in name or "=" in name]


def test_strange_ids_are_found_again_by_what_is_printed(strange):
    printed = strange("list", "-f", "ids").out.split()
    assert sorted(printed) == sorted(STRANGE)
    assert strange("show", "--", *printed).code == 0


@pytest.mark.parametrize("count", [10**30, 10**400], ids=["10^30", "10^400"])
def test_a_count_beyond_all_reason_breaks_nothing(papertrack, count):
    paper = {"id": "2603.00001", "title": "T", "listed": {"huggingface": LAST}, "upvotes": count}
    good = {"id": "2603.00002", "title": "T", "listed": {"huggingface": LAST}, "upvotes": 3}
    (papertrack.home / "one.jsonl").write_text(f"{json.dumps(paper)}\n{json.dumps(good)}")
    assert papertrack("import", "one.jsonl").code == 0
    for words in (["today", "--offline"], ["trending"], ["list", "-f", "json"]):
        done = papertrack(*words)
        assert done.code == 0, done.err
        assert "2603.00002" in done.out

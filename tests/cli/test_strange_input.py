"""Mistakes of scripts, and input from pipes."""

import json
import shlex
import subprocess

import pytest
from program import NOW

TOPICS = "topics:\n  - {name: agents, any: [agent]}\n"
HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
PAPERS = "".join(
    json.dumps({"id": f"2603.0000{n}", "title": f"An agent {n}", "listed": "2026-03-31"}) + "\n"
    for n in range(1, 4)
)


@pytest.fixture
def file(papertrack):
    path = papertrack.home / "papers.jsonl"
    path.write_text(PAPERS, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "line",
    [
        ["today", "--date", ""],
        ["today", "--offline", "--topic", ""],
        ["today", "--offline", "--source", ""],
        ["list", "--since", ""],
        ["fetch", "--until", ""],
        ["search", ""],
        ["search", " !!"],
    ],
    ids=" ".join,
)
def test_an_empty_value_never_widens_a_selection(papertrack, line):
    papertrack.configure(TOPICS)
    assert papertrack(*line).code == 2


@pytest.mark.parametrize(
    "line",
    [
        ["publish"],
        ["export", "-o"],
        ["stats", "--html", "-o"],
        ["library", "backup", "-o"],
        ["pdf", "2603.00001", "--to"],
        ["list", "--library"],
        ["import"],
        ["library", "restore"],
        ["feeds", "import"],
        ["export", "--template"],
    ],
    ids=" ".join,
)
def test_a_blank_path_is_a_usage_error_and_nothing_is_written(papertrack, line):
    before = sorted(papertrack.home.rglob("*"))
    assert [papertrack(*line, blank).code for blank in ("", " ")] == [2, 2]
    assert sorted(papertrack.home.rglob("*")) == before


def test_a_clock_before_the_calendar_is_a_usage_error(papertrack):
    result = papertrack("list", env={"PAPERTRACK_NOW": "0001-01-01T00:00:00Z"})
    assert result.code == 2
    assert "PAPERTRACK_NOW" in result.err


def test_a_pipe_is_imported_like_a_file(papertrack, file):
    command = f'"$@" import <(cat {shlex.quote(str(file))})'
    result = papertrack.bytes(program=["bash", "-c", command, "bash", *papertrack.line])
    assert result.returncode == 0, result.stderr
    assert b"3 new" in result.stderr


def test_json_of_list_imports_unchanged(papertrack, file, tmp_path):
    papertrack("import", file)
    papertrack("star", "2603.00002")
    exported = papertrack("list", "--all", "-f", "json").out
    (tmp_path / "ours.json").write_text(exported, encoding="utf-8")
    other = tmp_path / "other"
    assert papertrack("--library", other, "import", tmp_path / "ours.json").code == 0
    imported = papertrack("--library", other, "list", "--all", "-f", "json").out
    assert json.loads(imported)["data"] == json.loads(exported)["data"]
    assert papertrack("--library", other, "list", "--starred", "-f", "ids").out == "2603.00002\n"


@pytest.mark.parametrize(
    "words", [("list", "--all", "-f", "json"), ("export", "--all", "-f", "jsonl")], ids=" ".join
)
def test_what_a_library_printed_changes_nothing_in_it(papertrack, file, tmp_path, words):
    papertrack("import", file)
    papertrack("star", "2603.00002")
    ours = tmp_path / "ours"
    ours.write_text(papertrack(*words).out, encoding="utf-8")
    assert "3 papers: 0 new, 0 changed" in papertrack("import", ours).err


def test_a_file_without_papers_is_a_usage_error_but_an_invalid_line_is_not(papertrack, file):
    text = papertrack.home / "notes.txt"
    text.write_text("bread\nmilk\n", encoding="utf-8")
    result = papertrack("import", text)
    assert (result.code, result.out) == (2, "")
    assert "line 1" in result.err
    file.write_text("bread\n" + PAPERS, encoding="utf-8")
    assert papertrack("import", file).code == 0


def test_matches_are_cached_until_the_topics_change(papertrack, file):
    papertrack.configure(TOPICS)
    papertrack("import", file)
    first = papertrack("today", "--offline")
    second = papertrack("today", "--offline")
    assert first.out == second.out
    assert "agents" in second.out
    cached = sorted(path.name for path in papertrack.library.glob("matches.*.json"))
    assert cached == [f"matches.{NOW[:10]}.json"]
    papertrack.configure(TOPICS.replace("agent]", "turtle]"))
    assert "agents" not in papertrack("today", "--offline").out


def test_matches_are_shown_even_if_they_cannot_be_cached(papertrack, file):
    papertrack.configure(TOPICS)
    papertrack("import", file)
    holder = subprocess.Popen(
        [
            "python3",
            "-c",
            HOLDER,
            papertrack.library / ".lock",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"held\n"
    result = papertrack("today", "--offline")
    holder.communicate()
    assert (result.code, result.err) == (0, "")
    assert "agents" in result.out
    assert not list(papertrack.library.glob("matches.*"))

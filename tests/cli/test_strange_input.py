"""What scripts pass by mistake, and files that come in other ways than by name."""

import json
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
    ],
    ids=" ".join,
)
def test_a_variable_that_was_not_set_never_widens_a_selection(papertrack, line):
    papertrack.configure(TOPICS)
    assert papertrack(*line).code == 2


def test_a_clock_before_the_calendar_is_a_usage_error(papertrack):
    done = papertrack("list", env={"PAPERTRACK_NOW": "0001-01-01T00:00:00Z"})
    assert done.code == 2
    assert "PAPERTRACK_NOW" in done.err


def test_a_pipe_is_imported_like_a_file(papertrack, file):
    command = f'"$@" import <(cat {file})'
    done = papertrack.bytes(program=["bash", "-c", command, "bash", *papertrack.line])
    assert done.returncode == 0, done.stderr
    assert b"3 new" in done.stderr


def test_what_list_writes_as_json_is_read_back(papertrack, file, tmp_path):
    papertrack("import", file)
    papertrack("star", "2603.00002")
    ours = papertrack("list", "--all", "-f", "json").out
    (tmp_path / "ours.json").write_text(ours, encoding="utf-8")
    other = tmp_path / "other"
    assert papertrack("--library", other, "import", tmp_path / "ours.json").code == 0
    theirs = papertrack("--library", other, "list", "--all", "-f", "json").out
    assert json.loads(theirs)["data"] == json.loads(ours)["data"]
    assert papertrack("--library", other, "list", "--starred", "-f", "ids").out == "2603.00002\n"


def test_a_file_without_a_paper_is_a_usage_error_and_a_bad_line_is_not(papertrack, file):
    text = papertrack.home / "notes.txt"
    text.write_text("bread\nmilk\n", encoding="utf-8")
    done = papertrack("import", text)
    assert (done.code, done.out) == (2, "")
    assert "line 1" in done.err
    file.write_text("bread\n" + PAPERS, encoding="utf-8")
    assert papertrack("import", file).code == 0


def test_the_first_look_keeps_the_matches_for_as_long_as_the_topics_are_the_same(papertrack, file):
    papertrack.configure(TOPICS)
    papertrack("import", file)
    first = papertrack("today", "--offline")
    second = papertrack("today", "--offline")
    assert first.out == second.out
    assert "agents" in second.out
    kept = sorted(path.name for path in papertrack.library.glob("matches.*.json"))
    assert kept == [f"matches.{NOW[:10]}.json"]
    papertrack.configure(TOPICS.replace("agent]", "turtle]"))
    assert "agents" not in papertrack("today", "--offline").out


def test_matches_are_shown_where_they_cannot_be_kept(papertrack, file):
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
    done = papertrack("today", "--offline")
    holder.communicate()
    assert (done.code, done.err) == (0, "")
    assert "agents" in done.out
    assert not list(papertrack.library.glob("matches.*"))

"""Completion is complete where it is asked for, and costs nothing where it is not."""

import shutil
import subprocess
import sys

import pytest

TOPICS = "topics: [{name: agents, any: [agent]}, {name: video generation, any: [video]}]"
NOTICE = """
import sys
sys.argv = ["papertrack", *sys.argv[1:]]
import os
def end(code):
    sys.stdout.flush()
    loaded = [one for one in sys.modules if one.startswith(("typer", "rich", "httpx", "rapidfuzz",
              "filelock", "yaml", "shellingham"))]
    sys.stderr.write("loaded: " + " ".join(loaded))
os._exit = end
from papertrack.__main__ import main
main()
"""


def complete(program, line):
    """What bash is offered at the end of a line."""
    words = line.split(" ")
    env = {
        "_PAPERTRACK_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = program(env=env)
    assert "Traceback" not in done.err
    return done.out.split()


@pytest.fixture
def reader(papertrack):
    papertrack.configure(TOPICS)
    return papertrack


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("papertrack to", ["today", "topics"]),
        ("papertrack un", ["unstar", "unread", "unhide"]),
        ("papertrack config ", ["init", "path", "show", "check"]),
        ("papertrack today --s", ["--source", "--sample"]),
        ("papertrack today -f j", ["json", "jsonl"]),
        ("papertrack list --topic a", ["agents"]),
        ("papertrack today -t v", ["video", "generation"]),
        ("papertrack trending --by ", ["rising", "upvotes", "stars", "comments"]),
    ],
)
def test_commands_options_formats_and_topics_complete(reader, line, offered):
    assert sorted(complete(reader, line)) == sorted(offered)


def test_every_command_is_offered(reader):
    offered = complete(reader, "papertrack ")
    assert {"today", "trending", "list", "search", "show", "why", "fetch", "import"} < {*offered}


@pytest.mark.parametrize("option", ["-q", "--no-color", "--library x", "--library=x"])
def test_a_line_with_options_of_all_commands_completes(reader, option):
    assert complete(reader, f"papertrack {option} list --topic a") == ["agents"]


def test_topics_complete_from_the_configuration_that_the_line_names(papertrack, tmp_path):
    (tmp_path / "named.yaml").write_text(TOPICS)
    line = f"papertrack --config {tmp_path / 'named.yaml'} today -t ag"
    assert complete(papertrack, line) == ["agents"]


def test_a_broken_configuration_completes_to_nothing_in_silence(papertrack):
    papertrack.configure("topics: [")
    assert complete(papertrack, "papertrack today -t a") == []


def test_bash_completes_with_the_script(reader):
    if not shutil.which("bash"):
        pytest.skip("bash is not here")
    script = reader("completion", "bash").out
    asked = 'COMP_WORDS=(papertrack toda); COMP_CWORD=1; _papertrack_completion "$COMMAND"'
    asked += "; echo ${COMPREPLY[*]}"
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{asked}"],
        env=reader.environ(COMMAND=reader.line[0]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["today"]


def loaded_by(program, *words):
    """The modules of other people that a run loads."""
    done = program.bytes(*words, program=[sys.executable, "-c", NOTICE])
    return done.stderr.decode().rpartition("loaded: ")[2].split()


def test_a_plain_today_loads_nothing_that_it_does_not_use(reader):
    reader("today", "--offline")
    assert loaded_by(reader, "today", "--offline") == []


def test_a_table_loads_only_rich(reader):
    reader("today", "--offline")
    loaded = loaded_by(reader, "today", "--offline", "-f", "table")
    assert {module.partition(".")[0] for module in loaded} == {"rich"}


@pytest.mark.parametrize("words", ["--help", "today --help", "list"])
def test_other_commands_load_neither_rich_help_nor_the_network(reader, words):
    reader("list")
    loaded = loaded_by(reader, *words.split())
    assert "typer" in loaded
    for unused in ("typer.rich_utils", "rich", "httpx", "filelock"):
        assert unused not in loaded

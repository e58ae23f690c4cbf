"""Tab completion, and the imports that it must not cost other runs."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOPICS = "topics: [{name: agents, any: [agent]}, {name: video generation, any: [video]}]"
REPORT_MODULES = """
import sys
sys.argv = ["papertrack", *sys.argv[1:]]
import os
def end(code):
    sys.stdout.flush()
    watched = "typer", "rich", "httpx", "rapidfuzz", "filelock", "yaml", "shellingham"
    loaded = [name for name in sys.modules if name.startswith(watched)]
    sys.stderr.write("loaded: " + " ".join(loaded))
os._exit = end
from papertrack.__main__ import main
main()
"""


def complete(program, line):
    """The completions that bash gets at the end of a line."""
    words = line.split(" ")
    env = {
        "_PAPERTRACK_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    result = program(env=env)
    assert "Traceback" not in result.err
    return result.out.split()


@pytest.fixture
def reader(papertrack):
    papertrack.configure(TOPICS)
    return papertrack


@pytest.mark.parametrize(
    ("line", "completions"),
    [
        ("papertrack to", ["today", "topics"]),
        ("papertrack unh", ["unhide"]),
        ("papertrack config ", ["init", "path", "show", "check"]),
        ("papertrack today --s", ["--source", "--sample"]),
        ("papertrack today -f j", ["json", "jsonl"]),
        ("papertrack list --topic a", ["agents"]),
        ("papertrack today -t v", ["video", "generation"]),
        ("papertrack trending --by ", ["rising", "upvotes", "stars", "comments"]),
    ],
)
def test_commands_options_formats_and_topics_complete(reader, line, completions):
    assert sorted(complete(reader, line)) == sorted(completions)


def test_every_command_completes(reader):
    completions = complete(reader, "papertrack ")
    assert {"today", "trending", "list", "search", "show", "why", "fetch", "import"} < {
        *completions
    }


@pytest.mark.parametrize("option", ["-q", "--no-color", "--library x", "--library=x"])
def test_a_line_with_global_options_completes(reader, option):
    assert complete(reader, f"papertrack {option} list --topic a") == ["agents"]


def test_topics_complete_from_the_configuration_on_the_line(papertrack, tmp_path):
    (tmp_path / "named.yaml").write_text(TOPICS)
    line = f"papertrack --config {tmp_path / 'named.yaml'} today -t ag"
    assert complete(papertrack, line) == ["agents"]


def test_a_broken_configuration_completes_to_nothing_silently(papertrack):
    papertrack.configure("topics: [")
    assert complete(papertrack, "papertrack today -t a") == []


@pytest.mark.parametrize(
    ("word", "completion"),
    [
        ("vid", r"video\ generation"),
        (r"video\ g", r"video\ generation"),
        ('"vid', "video generation"),
        ("'video g", "video generation"),
        ("ag", "agents"),
    ],
)
def test_bash_completes_a_topic_of_several_words_as_one_word(reader, word, completion):
    """In quotes that were opened before the word, bash itself closes them."""
    assert completed_by_bash(reader, "today", "-t", word) == [completion]


def test_bash_completes_commands(reader):
    assert completed_by_bash(reader, "toda") == ["today"]


def test_the_installed_script_of_bash_is_the_printed_one(reader):
    path = reader("completion", "bash", "--install").out.strip()
    assert Path(path).read_text() == reader("completion", "bash").out


def completed_by_bash(program, *words):
    """The completions of the last word that bash inserts, by its registered function."""
    if not shutil.which("bash"):
        pytest.skip("bash is not installed")
    script = program("completion", "bash").out
    completion = (
        'COMP_WORDS=(papertrack "$@"); COMP_CWORD=$#; complete -p papertrack >&2\n'
        '_papertrack_quoted_completion "$COMMAND"; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    result = subprocess.run(
        ["bash", "-c", f"{script}\n{completion}", "bash", *words],
        env=program.environ(COMMAND=program.line[0]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "-F _papertrack_quoted_completion papertrack" in result.stderr
    return result.stdout.splitlines()


def modules_imported_by(program, *words):
    """The third-party modules that a run imports."""
    result = program.bytes(*words, program=[sys.executable, "-c", REPORT_MODULES])
    return result.stderr.decode().rpartition("loaded: ")[2].split()


def test_a_plain_today_imports_nothing_that_it_does_not_use(reader):
    reader("today", "--offline")
    assert modules_imported_by(reader, "today", "--offline") == []


def test_a_table_imports_only_rich(reader):
    reader("today", "--offline")
    modules = modules_imported_by(reader, "today", "--offline", "-f", "table")
    assert {module.partition(".")[0] for module in modules} == {"rich"}


@pytest.mark.parametrize("words", ["--help", "today --help", "list"])
def test_other_commands_import_neither_rich_help_nor_the_network(reader, words):
    reader("list")
    modules = modules_imported_by(reader, *words.split())
    assert "typer" in modules
    for unused in ("typer.rich_utils", "rich", "httpx", "filelock"):
        assert unused not in modules

"""The examples in the help work as typed on a fresh machine with the shipped configuration."""

import inspect
import json
import re
import shlex
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from papertrack.cli.app import COMMANDS

# They would wait for a person: the question before an installation needs a terminal.
INTERACTIVE = (
    "alert schedule --at 7:30 --at 18:00 --on mon-fri --install",
    "alert schedule --remove",
)
# Commands whose examples need the results of others run later than in the help.
LATER = ("import", "alert")


def _commands(command, words):
    yield words, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, [*words, name])


def _examples(command):
    """The example lines in the help of a command, without the explanations beside them."""
    for block in inspect.cleandoc(command.help or "").split("\b")[1:]:
        for line in block.strip().splitlines():
            yield re.split(r" {2,}", line.strip())[0]


def _all_examples():
    entries = {name: entry for group in COMMANDS.values() for name, entry in group.items()}
    for name in sorted(entries, key=lambda name: (name != "config", name in LATER)):
        app = import_module(f"papertrack.cli.{entries[name].module}").app
        for _, command in _commands(typer.main.get_group(app).commands[name], [name]):
            yield from _examples(command)


@pytest.fixture
def newcomer(papertrack, mirror):
    """The program with the shipped configuration, with the mirror as every service."""
    path = Path(papertrack("config", "init").out.strip())
    text = path.read_text()
    for url, replacement in (
        ("https://huggingface.co", mirror.url),
        ("https://export.arxiv.org/api/query", f"{mirror.base}/arxiv/api/query"),
        ("delay_seconds: 3", "delay_seconds: 0"),
    ):
        assert url in text
        text = text.replace(url, replacement)
    path.write_text(text)
    paper = {"id": "2603.00001", "title": "Imported"}
    (papertrack.home / "papers.jsonl").write_text(json.dumps(paper) + "\n")
    return papertrack


def _run(program, line):
    """Run a line in a shell if it needs one, else directly, which is faster."""
    if not line.startswith("papertrack ") or re.search(r"[|&>$~]", line):
        environ = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "EDITOR": "true"}
        program.home.joinpath(".config/fish/completions").mkdir(parents=True, exist_ok=True)
        result = program.bytes(program=["bash", "-c", line], env=environ)
        return result.returncode, result.stderr.decode()
    result = program(*shlex.split(line)[1:], env={"EDITOR": "true"})
    return result.code, result.err


def test_every_example_in_the_help_works_as_typed(newcomer):
    examples = list(dict.fromkeys(_all_examples()))
    assert len(examples) > 60
    # The examples name these papers. Anybody who has them in the library can run the others.
    assert newcomer("fetch", "2603.10165", "2603.11421").code == 0
    examples.sort(key=lambda line: "--until 2026-03-31" in line)  # last, as it fills the library
    failures = {}
    for line in examples:
        if line == "papertrack config init" or line.removeprefix("papertrack ") in INTERACTIVE:
            continue  # the fixture has run the first
        code, err = _run(newcomer, line)
        if code:
            failures[line] = (code, err)
    assert failures == {}

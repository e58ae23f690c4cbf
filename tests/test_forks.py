"""Forked runs (see starter.py) behave like runs in a new process."""

import re
import subprocess
import sys
import threading
from pkgutil import iter_modules

import pytest
from program import Program

from papertrack import cli

PAPERS = "".join(
    f'{{"id": "2603.0000{n}", "title": "An agent {n}", "listed": "2026-03-31"}}\n' for n in range(9)
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("reader"))
    program.configure("topics: [{name: agents, any: [agent]}]")
    (program.home / "papers.jsonl").write_text(PAPERS)
    assert program("import", "papers.jsonl").code == 0
    return program


@pytest.mark.parametrize(
    "words",
    [
        "today --offline",
        "today --offline --format table",
        "today --sample --format json",
        "list --all --format md",
        "--help",
        "topics test --help",
        "show 2603.00009",
        "config check --config nowhere.yaml",
    ],
)
def test_a_forked_run_and_a_new_process_print_the_same_bytes(reader, words):
    forked = reader.bytes(*words.split())
    fresh = reader.bytes(*words.split(), program=reader.line)
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        fresh.returncode,
        fresh.stdout,
        fresh.stderr,
    )


def test_a_forked_run_and_a_new_process_print_the_same_in_a_terminal(reader):
    """Apart from the ids of links, which are random."""
    runs = [reader.in_terminal("today", "--offline", forked=forked) for forked in (True, False)]
    forked, fresh = ((code, re.sub(rb";id=\d+;", b";", output)) for code, output in runs)
    assert forked == fresh


def test_a_forked_run_that_takes_too_long_is_killed(papertrack, wire):
    disconnected = threading.Event()

    def stall(connection):
        assert connection.recv(1) == b""
        disconnected.set()

    papertrack.ask(wire(stall).url)
    with pytest.raises(subprocess.TimeoutExpired):
        papertrack("fetch", timeout=3)
    assert disconnected.wait(60), "the program itself has a longer timeout"


_IMPORT_EACH_FIRST = """
import os, sys, typer
for name in sys.argv[1:]:
    if os.fork() == 0:
        __import__(name)
        os._exit(0)
    if os.wait()[1]:
        sys.exit(name)
"""


def test_every_command_module_can_be_imported_first():
    """Forked runs would hide import cycles, because all modules are imported already."""
    names = [module.name for module in iter_modules(cli.__path__, "papertrack.cli.")]
    subprocess.run([sys.executable, "-c", _IMPORT_EACH_FIRST, *names], check=True)

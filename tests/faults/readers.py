"""papertrack as a reader of the services runs it.

It runs as a process whose memory is measured or, if only its output matters, in the test process.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from shutil import copytree
from typing import NamedTuple

import pytest
from clocks import RestlessClock
from program import Program, Run

from papertrack.cli.app import run_typer
from papertrack.cli.global_options import split_options
from papertrack.library.library import Library

MAX_MEGABYTES = 250  # for a run
RUN_SECONDS = 300  # after which a run has failed; more than ten times what it may take
_MEMORY_LIMIT = 2**31  # bytes; more than any run may need, less than the machine has
BOTH = ("huggingface", "arxiv")


class Result(NamedTuple):
    """The result of a run, and its memory if it was measured."""

    process: Run
    megabytes: float = 0

    @property
    def json(self):
        return json.loads(self.process.out)

    @property
    def errors(self):
        return [(error["source"], error["kind"]) for error in self.json["errors"]]

    def new(self):
        """The ids of the papers in the section New."""
        return {paper["id"] for paper in self.json["data"] if paper["section"] == "new"}


class Reader(Program):
    """papertrack with some sources of these services."""

    def __init__(self, home, services, sources=BOTH, library=None):
        super().__init__(home)
        self.services, self.sources = services, sources
        if library:
            copytree(library, self.library)

    def environment(self):
        """The environment of a run, with the current URLs of the services."""
        path = self.configure(self.services.configuration(*self.sources))
        return self.environ(PAPERTRACK_CONFIG=path, TMPDIR=self.home)

    def run_process(self, *words):
        """Run as a process whose memory is measured and limited."""
        done = self.forked(
            *words, environ=self.environment(), timeout=RUN_SECONDS, memory=_MEMORY_LIMIT
        )
        run = Run(done.returncode, done.stdout.decode(), done.stderr.decode())
        return Result(run, done.megabytes)

    def run_here(self, *words):
        """Run in this process, in which nothing else may run meanwhile, without pauses."""
        out, err = StringIO(), StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name, value in self.environment().items():
                patch.setenv(name, value)
            patch.setattr("tempfile.tempdir", str(self.home))
            patch.setattr("papertrack.sources.http.CLOCK", RestlessClock())
            code = run_typer(*split_options(list(map(str, words))))
        return Result(Run(code, out.getvalue(), err.getvalue()))

    @property
    def today(self):
        """The command line that shows the day."""
        return ("today", "--date", self.services.present, "-f", "json")

    def stored(self):
        """The ids of all papers in the library."""
        return stored_ids(self.library)

    def coverage(self):
        """The coverage of the day, by source."""
        day = self.services.present
        result = self.run_here("coverage", "--since", day, "--until", day, "-f", "json")
        return {row["source"]: row for row in result.json["data"]}


def stored_ids(library):
    """The ids of all papers in a library."""
    return {entry.paper.id for entry in Library(str(library)).all_entries()}


def side_by_side(work, runs):
    """Do the work for all runs concurrently; return their results."""
    with ThreadPoolExecutor(len(runs)) as pool:
        return list(pool.map(work, runs))

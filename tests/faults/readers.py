"""The program of one who asks the services: as a process that is weighed, or, where only its answer
counts, within the process of the tests.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from shutil import copytree
from time import monotonic
from typing import NamedTuple

import pytest
from program import Program, Run

from papertrack.cli.app import run_typer
from papertrack.cli.global_options import split

MEGABYTES = 250  # the most that a run may take
_MOST_MEMORY = 2**31  # bytes; more than any run may need, less than what this machine has
BOTH = ("huggingface", "arxiv")


class Done(NamedTuple):
    """What a run left behind, the seconds that it took, and its megabytes where it was weighed."""

    run: Run
    seconds: float
    megabytes: float = 0

    @property
    def whole(self):
        return json.loads(self.run.out)

    @property
    def errors(self):
        return [(one["source"], one["kind"]) for one in self.whole["errors"]]

    def new(self):
        return {one["id"] for one in self.whole["data"] if one["section"] == "new"}


class Reader(Program):
    """The program of one who asks some sources of these services."""

    def __init__(self, home, services, sources=BOTH, library=None):
        super().__init__(home)
        self.services, self.sources = services, sources
        if library:
            copytree(library, self.library)

    def configured(self):
        """The environment of a run, with the present addresses of the services."""
        path = self.configure(self.services.configuration(*self.sources))
        return self.environ(PAPERTRACK_CONFIG=path, TMPDIR=self.home)

    def weighed(self, *words):
        """Run as a process of which the memory is known and limited."""
        began = monotonic()
        done = self.forked(*words, environ=self.configured(), timeout=300, memory=_MOST_MEMORY)
        run = Run(done.returncode, done.stdout.decode(), done.stderr.decode())
        return Done(run, monotonic() - began, done.megabytes)

    def here(self, *words):
        """Run in this process, in which nothing else may run then."""
        out, err, began = StringIO(), StringIO(), monotonic()
        with pytest.MonkeyPatch.context() as here, redirect_stdout(out), redirect_stderr(err):
            for name, value in self.configured().items():
                here.setenv(name, value)
            here.setattr("tempfile.tempdir", str(self.home))
            code = run_typer(*split(list(map(str, words))))
        return Done(Run(code, out.getvalue(), err.getvalue()), monotonic() - began)

    @property
    def edition(self):
        """How to ask for the day."""
        return ("today", "--date", self.services.present, "-f", "json")

    def stored(self):
        """Every paper of the library."""
        return set(self.here("list", "--all", "-f", "ids").run.out.split())

    def coverage(self):
        """What is known of the day, by source."""
        day = self.services.present
        done = self.here("coverage", "--since", day, "--until", day, "-f", "json")
        return {one["source"]: one for one in done.whole["data"]}


def side_by_side(work, readers):
    """What comes of the work of all readers at a time."""
    with ThreadPoolExecutor(len(readers)) as pool:
        return list(pool.map(work, readers))

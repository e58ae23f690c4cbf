"""The stores that scale.py compares, with as many papers as it asks for."""

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import NamedTuple

from layouts import DAY, Papertrack, Plain, day_of
from startup import CORPUS, PAPERTRACK, environment, papers

KEPT = Path(gettempdir(), "papertrack-scale", "real" if CORPUS.is_dir() else "made-up")
FIRST_NUMBER = 40_000  # of made-up ids of a month; real ones are lower
SCHEMA = """
CREATE TABLE papers (id PRIMARY KEY, day, json); CREATE TABLE states (id PRIMARY KEY, json);
CREATE TABLE listings (day, id, rank, PRIMARY KEY (day, id));
CREATE TABLE observations (id, at, upvotes, comments, stars, PRIMARY KEY (id, at));
CREATE TABLE coverage (source, day, state, asked, papers, PRIMARY KEY (source, day))"""
PYTHON = [sys.executable, "-c"]
# A process of its own starts what is measured: a child's peak memory counts that of its parent.
LAUNCH = """import resource, subprocess, sys
nowhere = subprocess.DEVNULL
subprocess.run(sys.argv[1:], check=True, stdout=nowhere, stderr=nowhere)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"""
FILL = "import scale_stores, sys; scale_stores.fill(*sys.argv[1:])"


class Sqlite:
    """Tables in one file, each change one transaction; its calls are those of layouts.py."""

    def __init__(self, folder):
        new = not (folder / "all.db").exists()
        self.database = sqlite3.connect(folder / "all.db")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.executescript(SCHEMA if new else "")

    def put(self, table, *rows):
        for row in rows:
            self.database.execute(f"REPLACE INTO {table} VALUES ({','.join('?' * len(row))})", row)

    def add(self, found, *coverage):
        with self.database:
            for paper in found:
                key, day, listing = paper["id"], day_of(paper), paper.get("listings", [{}])[0]
                self.put("papers", (key, day, json.dumps(paper)))
                self.put("listings", (day, key, listing.get("rank")))
                for seen in paper.get("observations", ()):
                    self.put("observations", (key, *seen.values(), None))
            self.put("coverage", *coverage)

    def listing(self):
        asked = f"FROM listings l JOIN {{}} p USING (id) WHERE l.day = '{DAY}'"
        found = self.database.execute(f"SELECT rank, json {asked.format('papers')}")
        seen = self.database.execute(f"SELECT p.* {asked.format('observations')}")
        return [(rank, json.loads(row)) for rank, row in found], seen.fetchall()

    def one(self, paper_id):
        found = self.database.execute("SELECT json FROM papers WHERE id = ?", (paper_id,))
        return json.loads(found.fetchone()[0])


OURS, PLAIN, SQL = STORES = "papertrack", "TinyDB", "SQLite"
OPEN = {OURS: Papertrack, PLAIN: Plain, SQL: Sqlite}


class Figure(NamedTuple):
    """Seconds, and the megabytes of a process."""

    seconds: float
    megabytes: float | None = None

    def __str__(self):
        short = self.seconds < 0.1
        shown = f"{1000 * self.seconds:.1f} ms" if short else f"{self.seconds:.2f} s"
        return shown if self.megabytes is None else f"{shown} {self.megabytes:4.0f} MB"


def lines(size):
    """The file of an import, made where it is missing."""
    path = KEPT / f"{size}.jsonl"
    if not path.exists():
        turns = ((turn, line) for turn in count() for line in papers(size))
        numbers = Counter()  # of ids, by month
        made = (older(line, turn, numbers) if turn else line for turn, line in turns)
        with path.with_suffix(".part").open("w", encoding="utf-8") as part:
            part.writelines(islice(made, size))
        path.with_suffix(".part").rename(path)
    return path


def older(line, turn, numbers):
    """The line of a paper like another, with a new id and a day of the ten years before.

    Earlier ids have another format.
    """
    paper = json.loads(line)
    listed = f"{int(paper['listed'][:4]) - 2 * (turn % 5)}{paper['listed'][4:]}"
    month = f"{listed[2:4]}{listed[5:7]}"
    paper["id"] = f"{month}.{FIRST_NUMBER + numbers[month]}"
    numbers[month] += 1
    return json.dumps(paper | {"listings": [{"source": "arxiv", "day": listed}]}) + "\n"


def imported(size, step=1):
    """The papers of an import, or some of them."""
    with lines(size).open(encoding="utf-8") as file:
        yield from map(json.loads, islice(file, 0, None, step))


def fill(name, size, folder):
    """Fill a new store that is not papertrack's, in a process of its own."""
    Path(folder).mkdir()
    OPEN[name](Path(folder)).add(imported(int(size)))


def build(name, size, folder):
    """Import so many papers into a new store: see `run`."""
    ours, other = [*PAPERTRACK, "import", lines(size)], [*PYTHON, FILL, name, size, folder]
    return run(ours if name == OURS else other, folder)


def kept(name, size):
    """The folder of a store with so many papers, made where it is missing."""
    folder = KEPT / f"{size}-{name}"
    if not folder.exists():
        sys.stderr.write(f"making {folder.name}, once …\n")
        with TemporaryDirectory(dir=KEPT) as parent:
            build(name, size, Path(parent) / "made")
            (Path(parent) / "made").rename(folder)
    return folder


def run(command, library):
    """The CPU time and the peak memory of a process."""
    launch = [*PYTHON, LAUNCH, *map(str, command)]
    ended = subprocess.run(launch, **surroundings(library), check=True, stdout=subprocess.PIPE)
    return Figure(*map(float, ended.stdout.split()))


def surroundings(library):
    environ = environment(library) | {"PAPERTRACK_CONFIG": "/dev/null"}
    return {"env": environ, "cwd": Path(__file__).parent}

"""What a library costs as it grows, beside plain TinyDB and SQLite with the same papers.

    python tests/benchmarks/scale.py [--quick | --million]

prints six tables of medians (smallest-largest), with fewer papers if `--quick`; nothing fails, the
figures are for reading. With `--million` it prints instead what papertrack alone needs for a
million papers: an import with its search index, `today` beside a library of 1,000, and searches;
that takes a quarter of an hour. TinyDB is its JSONStorage as a naive tracker would use it; SQLite
commits with synchronous=FULL. Stores take turns, so that a busy moment meets them alike, after a
round that is not counted; slow ones take fewer (`x7`). Closing is not timed; with it SQLite empties
its WAL. The papers are those of startup.py, then the same again with other ids and days. Stores are
kept in the system's temporary folder (`papertrack-scale`, some 3 GB) and copied before they change.
"""

import gc
import json
import sqlite3
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from functools import partial
from itertools import count, islice, product
from pathlib import Path
from shutil import copytree
from statistics import median
from tempfile import TemporaryDirectory, gettempdir
from time import perf_counter

import startup
from layouts import DAY, NEW_A_DAY, NOW, Papertrack, Plain, day_of
from startup import CORPUS, PAPERTRACK, SMALL, environment, papers
from tinydb import where

from papertrack.library.library import Coverage
from papertrack.library.storing import store
from papertrack.tracker.import_lines import parse_line

KEPT = Path(gettempdir(), "papertrack-scale", "real" if CORPUS.is_dir() else "made-up")
FULL, QUICK = (1_000, 80_000, 300_000, 82_000), (1_000, 10_000, 20_000, 10_000)
MILLION = 1_000_000
FIRST_NUMBER = 40_000  # of made-up ids of a month; real ones are lower
MARKED, UPDATED = 50, 2  # the second in TinyDB, where all take minutes
ROUNDS, FEWEST, PATIENCE = 15, 3, 2_000  # whose turns took more milliseconds takes but the fewest
SCHEMA = """
CREATE TABLE papers (id PRIMARY KEY, day, json); CREATE TABLE states (id PRIMARY KEY, json);
CREATE TABLE listings (day, id, rank, PRIMARY KEY (day, id));
CREATE TABLE observations (id, at, upvotes, comments, stars, PRIMARY KEY (id, at));
CREATE TABLE coverage (source, day, state, asked, papers, PRIMARY KEY (source, day))"""
INDEX = """CREATE VIRTUAL TABLE words USING fts5 (id UNINDEXED, title, abstract);
INSERT INTO words
    SELECT id, json_extract(json, '$.title'), json_extract(json, '$.abstract') FROM papers"""
QUERY, ALL = "retrieval augmented generation", "SELECT json FROM papers ORDER BY day DESC"
FTS = f"SELECT id, title FROM words WHERE words MATCH '{QUERY}' ORDER BY rank"
PYTHON = [sys.executable, "-c"]
# A process of its own starts what is measured: a child's peak memory counts that of its parent.
LAUNCH = """import resource, subprocess, sys, time
start, nowhere = time.perf_counter(), subprocess.DEVNULL
subprocess.run(sys.argv[1:], check=True, stdout=nowhere, stderr=nowhere)
seconds, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"""
FILL = "import scale, sys; scale.fill(*sys.argv[1:])"
SEARCHES = (QUERY.split(), ["learning"], ["author:chen", "cat:cs.CL", "diffusion"])
ASK_SQLITE = """import sqlite3, sys
for row in sqlite3.connect(sys.argv[1] + "/all.db").execute(sys.argv[2]): print(*row)"""
ASK_PLAIN = """import json, re, sys, tinydb
found = re.compile(sys.argv[2].replace(" ", r"[\\s-]+"), re.I).search
asked = tinydb.where("title").test(found) | tinydb.where("abstract").test(found)
for row in tinydb.TinyDB(sys.argv[1] + "/all.json").search(asked): print(json.dumps(row))"""


class Sqlite:
    """Tables in one file, each change one transaction; its calls are those of layouts.py."""

    def __init__(self, folder, journal="DELETE"):
        new = not (folder / "all.db").exists()
        self.database = sqlite3.connect(folder / "all.db")
        self.database.execute(f"PRAGMA journal_mode={journal}")
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


OURS, PLAIN, SQL, WAL = STORES = "papertrack", "TinyDB", "SQLite, DELETE", "SQLite, WAL"
OPEN = {OURS: Papertrack, PLAIN: Plain, SQL: Sqlite, WAL: partial(Sqlite, journal="WAL")}


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
    folder = KEPT / f"{size}-{name.split(',')[0]}"
    if not folder.exists():
        sys.stderr.write(f"making {folder.name}, once …\n")
        with TemporaryDirectory(dir=KEPT) as parent:
            build(name, size, Path(parent) / "made")
            (Path(parent) / "made").rename(folder)
    return folder


def run(command, library):
    """How long a process takes to its end, its CPU time, and its peak memory."""
    environ = environment(library) | {"PAPERTRACK_CONFIG": "/dev/null"}
    launch, here = [*PYTHON, LAUNCH, *map(str, command)], Path(__file__).parent
    ended = subprocess.run(launch, env=environ, cwd=here, check=True, stdout=subprocess.PIPE)
    seconds, used, megabytes = map(float, ended.stdout.split())
    return f"{seconds:.2f} s (CPU {used:.2f}), {megabytes:.0f} MB"


def in_turn(folders, ask, how="open"):
    """The milliseconds of each store's turns: with its opening, when it is open, or warm."""
    times = {name: [] for name in folders}
    for number, (name, folder) in product(range(ROUNDS + 1), folders.items()):
        if len(times[name]) < FEWEST or sum(times[name]) < PATIENCE:
            start = perf_counter()
            one = OPEN[name](folder)
            if how == "warm":
                ask(one, number)
            if how != "opening":
                start = perf_counter()
            ask(one, number)
            times[name] += [1000 * (perf_counter() - start)] if number else []
            getattr(one, "library", one).database.close()
    return times


def reading(sizes):
    rows = {}
    for size in sizes:
        folders = {name: kept(name, size) for name in (OURS, PLAIN, SQL)}
        rows[f"{size:,} papers"] = in_turn(folders, lambda one, _: one.listing(), "opening")
    first, _, last = rows.values()
    rows["growth"] = {name: f"{median(last[name]) / median(first[name]):.2f}" for name in first}
    table(f"1 open, read a day's {NEW_A_DAY} papers: ms", rows)


def storing(folders, size):
    days = list(new_days(imported(size)))
    times = in_turn(folders, lambda one, number: add(one, *days[number]))
    ratio = {name: f"{median(times[OURS]) / median(spent):.2f}" for name, spent in times.items()}
    rows = {f"{size:,} papers": times, "papertrack / this": ratio}
    table(f"2 store a day's {NEW_A_DAY} new papers: ms", rows)


def new_days(known):
    """For each round a later day: new papers of this month, what was seen, what was asked."""
    for number in range(ROUNDS + 1):
        at, found = NOW + timedelta(number + 1), []
        for rank, paper in enumerate(islice(known, NEW_A_DAY), 1):
            listing = {"source": "huggingface", "day": str(at.date()), "rank": rank}
            seen = {"at": at.isoformat(), "upvotes": rank, "comments": 1}
            new = {"id": f"2603.{90_000 + 100 * number + rank}", "listings": [listing]}
            found.append(paper | new | {"observations": [seen]})
        sightings = [parse_line(json.dumps(one).encode(), at, at).sightings[0] for one in found]
        yield found, sightings, Coverage("huggingface", at.date(), "complete", at, NEW_A_DAY)


def add(one, found, sightings, asked):
    """Store a day."""
    if isinstance(one, Papertrack):
        with one.library.transaction():
            store(one.library, sightings)
            one.library.save_coverage([asked])
    elif isinstance(one, Plain):
        one.add(found)
    else:
        one.add(found, (asked.source, str(asked.day), asked.state, str(asked.asked), NEW_A_DAY))


def mark(ids, one, number):
    """Tag papers; in TinyDB only a few."""
    tag = f"tag {number}"
    if isinstance(one, Papertrack):
        one.library.change_states(ids, lambda _, state: state._replace(tags=(tag,)))
    elif isinstance(one, Plain):
        for paper_id in ids[:UPDATED]:
            one.database.update({"tags": [tag]}, where("id") == paper_id)
    else:
        with one.database:
            one.put("states", *((paper_id, json.dumps({"tags": [tag]})) for paper_id in ids))


def marking(folders, size):
    ask = partial(mark, [paper["id"] for paper in islice(imported(size), MARKED)])
    times = in_turn(folders, ask)
    times[PLAIN] = [spent * MARKED / UPDATED for spent in times[PLAIN]]
    before = stamps(folders[OURS])
    ask(Papertrack(folders[OURS]), "last")
    rows = {f"{size:,} papers (TinyDB: {UPDATED}, reckoned)": times}
    rows["files written"] = {OURS: str(len(stamps(folders[OURS]) - before))}
    table(f"3 tag {MARKED} papers of a day: ms", rows)


def stamps(folder):
    """What tells a file from its next version; a backup is the old one by another name."""
    return {(one.st_ino, one.st_mtime_ns) for one in map(Path.stat, folder.glob("*"))}


def getting(folders, size):
    ids = [paper["id"] for paper in imported(size, size // (ROUNDS + 1))]
    rows = {"opened for it": in_turn(folders, lambda one, number: one.one(ids[number]), "opening")}
    rows["asked for again"] = in_turn(folders, lambda one, number: one.one(ids[number]), "warm")
    table("4 get one paper by its id: ms", rows)


def scanning(folders, size):
    Sqlite(folders[SQL]).database.executescript(INDEX)
    plain, sql = [*PYTHON, ASK_PLAIN, folders[PLAIN]], [*PYTHON, ASK_SQLITE, folders[SQL]]
    search, listing = ["search", QUERY], ["list", "--all", "--format", "jsonl"]
    rows = {}
    for what, ours, regex, select in (("search", search, QUERY, FTS), ("list", listing, "", ALL)):
        commands = {OURS: [*PAPERTRACK, *ours], PLAIN: [*plain, regex], SQL: [*sql, select]}
        for time in ("first", "second"):
            spent = {name: run(command, folders[OURS]) for name, command in commands.items()}
            rows[f"{what}, {time} run"] = spent
    table(f"5 go through {size:,} papers, a process each", rows)


def million():
    """What papertrack needs for a million papers: seconds and peak memory, CPU milliseconds."""
    with TemporaryDirectory(dir=KEPT) as parent:
        folders = small, large = Path(parent, f"{SMALL}"), Path(parent, f"{MILLION}")
        build(OURS, SMALL, small)
        rows = {f"import, {MILLION:,} papers": {OURS: build(OURS, MILLION, large)}}
        startup.refresh(folders)
        today = [*PAPERTRACK, "today", "--offline", "--format", "plain"]
        runs = {
            size: (today, environment(folder))
            for size, folder in ((SMALL, small), (MILLION, large))
        }
        for size, times in startup.measured(runs, ROUNDS).items():
            rows[f"today, plain, {size:,} papers: CPU ms"] = {OURS: times}
        for words in SEARCHES:
            for time in ("first", "second"):
                spent = run([*PAPERTRACK, "search", *words], large)
                rows[f"search {' '.join(words)}, {time} run"] = {OURS: spent}
    table("a million papers, a process each", rows)


def shown(figures):
    """The median with the smallest and the largest."""
    if isinstance(figures, str):
        return figures
    three = median(figures), min(figures), max(figures)
    middle, low, high = (f"{one:.{(one < 100) + (one < 10)}f}" for one in three)
    return f"{middle} ({low}-{high})" + (f" x{len(figures)}" if len(figures) < ROUNDS else "")


def table(title, rows):
    """Print figures, stores side by side."""
    for label, figures in ({title: {one: one for one in STORES}} | rows | {"": {}}).items():
        cells = "".join(f"{shown(figures.get(name, '')):>32}" for name in STORES)
        sys.stdout.write(f"{label:<42}{cells}".rstrip() + "\n")
    sys.stdout.flush()


def main():
    """Measure and print."""
    gc.set_threshold(100_000)  # as papertrack's command has it
    if "--million" in sys.argv[1:]:
        KEPT.mkdir(parents=True, exist_ok=True)
        startup.KEPT.mkdir(exist_ok=True)
        million()
        return
    small, middle, large, whole = QUICK if "--quick" in sys.argv[1:] else FULL
    KEPT.mkdir(parents=True, exist_ok=True)
    reading((small, middle, large))
    with TemporaryDirectory(dir=KEPT) as parent:
        copies = {one: Path(copytree(kept(one, middle), f"{parent}/{one}")) for one in STORES}
        run(["sync"], parent)  # or the disk is still busy with the copies
        for measure in (storing, marking, getting, scanning):
            measure(copies, middle)
        new = {one: build(one, whole, f"{parent}/new {one}") for one in (OURS, PLAIN, SQL)}
    table("6 import, a process each", {f"{whole:,} papers": new})


if __name__ == "__main__":
    main()

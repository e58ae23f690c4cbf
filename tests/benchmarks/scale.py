"""What a library costs as it grows, beside plain TinyDB and SQLite with the same papers.

    python tests/benchmarks/scale.py [--quick | --growth | --million]

prints a table of medians for 80,000 papers (10,000 if `--quick`), with papertrack in multiples of
the best of the others, and marks what is over its goal; nothing fails, the figures are for reading.
With `--growth` it prints instead how much more papertrack needs for 300,000 papers than for 80,000,
and with `--million` what it needs for a million papers; that takes a quarter of an hour.

What a process does of its own is given in CPU time, which a busy machine alters least, with the
peak memory; what is asked of an open library, and the first line, in time that passes. Stores take
turns, so that a busy moment meets them alike, after a round that is not counted; slow ones take
fewer. Closing is not timed.

TinyDB is its JSONStorage as a naive tracker would use it; SQLite (3) commits with its usual journal
and synchronous=FULL. The dump of a library is in each store all that it has of each paper as JSON,
in SQLite without reading that JSON: the paper, its listings, its counts and the reader's marks; the
plain lines of papertrack are held against the same. The papers are those of startup.py, then the
same again with other ids and days. Stores are kept in the system's temporary folder
(`papertrack-scale`, some 3 GB) and copied before they change.
"""

import gc
import json
import subprocess
import sys
from datetime import timedelta
from functools import partial
from itertools import islice, product
from pathlib import Path
from shutil import copytree
from statistics import median, median_low
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

import startup
from layouts import NEW_A_DAY, NOW, Papertrack, Plain
from scale_stores import (
    KEPT,
    OPEN,
    OURS,
    PLAIN,
    PYTHON,
    SQL,
    STORES,
    Figure,
    Sqlite,
    build,
    imported,
    kept,
    run,
    surroundings,
)
from startup import PAPERTRACK, SMALL, environment
from tinydb import where

from papertrack.library.coverage_rows import Coverage
from papertrack.library.storing import store
from papertrack.tracker.import_lines import parse_line

QUICK, USUAL, LARGE, MILLION = 10_000, 80_000, 300_000, 1_000_000
MARKED, UPDATED = 50, 2  # the second in TinyDB, where all take minutes
ROUNDS, FEWEST, PATIENCE = 15, 3, 2.0  # whose turns took more seconds takes but the fewest
INDEX = """CREATE VIRTUAL TABLE words USING fts5 (id UNINDEXED, title, abstract);
INSERT INTO words
    SELECT id, json_extract(json, '$.title'), json_extract(json, '$.abstract') FROM papers"""
QUERY = "retrieval augmented generation"
DUMP = """SELECT '{"paper": ' || p.json || ', "listings": ' || (
    SELECT json_group_array(json_array(day, rank)) FROM listings l
    WHERE l.day = p.day AND l.id = p.id) || ', "observations": ' || (
    SELECT json_group_array(json_array(at, upvotes, comments, stars)) FROM observations o
    WHERE o.id = p.id) || ', "state": ' || ifnull((
    SELECT json FROM states s WHERE s.id = p.id), 'null') || '}'
FROM papers p ORDER BY day DESC"""
FTS = f"SELECT id, title FROM words WHERE words MATCH '{QUERY}' ORDER BY rank"
SEARCHES = (QUERY.split(), ["learning"], ["author:chen", "cat:cs.CL", "diffusion"])
ASK_SQLITE = """import sqlite3, sys
for row in sqlite3.connect(sys.argv[1] + "/all.db").execute(sys.argv[2]): print(*row)"""
INDEX_SQLITE = f"""import sqlite3, sys
sqlite3.connect(sys.argv[1] + "/all.db").executescript({INDEX!r})"""
ASK_PLAIN = """import json, re, sys, tinydb
found = re.compile(sys.argv[2].replace(" ", r"[\\s-]+"), re.I).search
asked = tinydb.where("title").test(found) | tinydb.where("abstract").test(found)
rows = tinydb.TinyDB(sys.argv[1] + "/all.json").search(asked)
rows.sort(key=lambda row: row["day"], reverse=True)
for row in rows[:int(sys.argv[3])]: print(json.dumps(row))"""
A_PAGE, ALL = 20, MILLION
TIMES = "\N{MULTIPLICATION SIGN}"


class Goal(NamedTuple):
    """The most that a figure of papertrack should be.

    In multiples of the best of the others, of the same with 1,000 papers (`growth`), in seconds, or
    in megabytes.
    """

    times: float | None = None
    growth: float | None = None
    seconds: float | None = None
    megabytes: float | None = None

    def is_met(self, ratio, growth, figure):
        """Whether a figure is within all that is given."""
        measured = (ratio, growth, *figure)
        return all(
            most is None or value is None or value <= most
            for value, most in zip(measured, self, strict=True)
        )

    def __str__(self):
        forms = (f"{{:g}} {TIMES}", f"{{:g}} {TIMES} 1,000 papers", "{:g} s", "{:g} MB")
        return ", ".join(
            form.format(most) for form, most in zip(forms, self, strict=True) if most is not None
        )


NO_GOAL = Goal()
GOALS = {
    "whole library as JSON Lines": Goal(times=4, megabytes=120),
    "whole library as plain lines": Goal(times=4, megabytes=120),
    "first of the JSON Lines": Goal(seconds=0.3),
    "list of 20 papers": Goal(growth=1.5),
    "import, with search index": Goal(times=2.5, megabytes=150),
    "search index of these alone": NO_GOAL,
    "read a day's 60 papers": NO_GOAL,
    "store a day's 60 new papers": Goal(times=1.8),
    "tag 50 papers of a day": Goal(times=1.5),
    "get a paper by its id, just opened": Goal(times=4),
    "try a topic of 3 % of the papers": Goal(seconds=1.2),
    "try a topic of a third": Goal(seconds=4),
    "search": NO_GOAL,
}
(DUMPED, LINES, FIRST, PAGE, IMPORT, WORDS, READ, STORE, TAG, GET, TOPIC, THIRD, SEARCH) = GOALS
GROWTH, SEARCH_OF_MANY = 4.5, 0.6  # the second in seconds


def until_first_line(command, library):
    """How long it takes until a process has written a line."""
    start = perf_counter()
    silent = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([*map(str, command)], **surroundings(library), **silent) as process:
        process.stdout.readline()
        spent = perf_counter() - start
        process.kill()
    return Figure(spent)


def in_turn(folders, ask):
    """The median of what `ask` returns for each store and round."""
    figures = {name: [] for name in folders}
    for number, (name, folder) in product(range(ROUNDS + 1), folders.items()):
        spent = sum(figure.seconds for figure in figures[name])
        if len(figures[name]) < FEWEST or spent < PATIENCE:
            figure = ask(name, folder, number)
            figures[name] += [figure] if number else []
    return {name: median_low(some) for name, some in figures.items()}


def asked(folders, ask, *, opened=False):
    """The figures of a question to each store: with its opening, or if it is open already."""

    def timed(name, folder, number):
        start = perf_counter()
        one = OPEN[name](folder)
        start = perf_counter() if opened else start
        ask(one, number)
        spent = perf_counter() - start
        getattr(one, "library", one).database.close()
        return Figure(spent)

    return in_turn(folders, timed)


def processes(folders, commands, measure=run):
    """The figures of a process for each store that has a command."""
    able = {name: folder for name, folder in folders.items() if name in commands}
    return in_turn(able, lambda name, folder, _: measure(commands[name], folder))


def listing(folders):
    plain, sql = [*PYTHON, ASK_PLAIN, folders.get(PLAIN)], [*PYTHON, ASK_SQLITE, folders.get(SQL)]
    everything = {PLAIN: [*plain, "", ALL], SQL: [*sql, DUMP]}
    ours = [*PAPERTRACK, "list", "--all", "--format"]
    yield DUMPED, processes(folders, {OURS: [*ours, "jsonl"], **everything})
    yield LINES, processes(folders, {OURS: [*ours, "plain", "--limit", ALL], **everything})
    first = {OURS: [*ours, "jsonl"], **everything}
    yield FIRST, processes(folders, first, until_first_line)
    page = {PLAIN: [*plain, "", A_PAGE], SQL: [*sql, f"{DUMP} LIMIT {A_PAGE}"]}
    yield PAGE, processes(folders, {OURS: [*ours, "plain", "--limit", A_PAGE], **page})


def searching(folders):
    if SQL in folders:
        Sqlite(folders[SQL]).database.executescript(INDEX)
    topics = [*PAPERTRACK, "topics", "test", "--format", "plain", "--any"]
    yield TOPIC, processes(folders, {OURS: [*topics, "diffusion model"]})
    yield THIRD, processes(folders, {OURS: [*topics, "learning"]})
    search = {
        OURS: [*PAPERTRACK, "search", QUERY],
        PLAIN: [*PYTHON, ASK_PLAIN, folders.get(PLAIN), QUERY, ALL],
        SQL: [*PYTHON, ASK_SQLITE, folders.get(SQL), FTS],
    }
    yield SEARCH, processes(folders, search)


def importing(stores, size):
    """An import of as many papers with its search index, which TinyDB does not have."""
    with TemporaryDirectory(dir=KEPT) as parent:
        new = {name: Path(parent, name) for name in stores if name != PLAIN}
        figures = {name: build(name, size, folder) for name, folder in new.items()}
        commands = {
            OURS: [*PAPERTRACK, "search", QUERY],
            SQL: [*PYTHON, INDEX_SQLITE, new.get(SQL)],
        }
        indexing = {name: run(commands[name], folder) for name, folder in new.items()}
    for name, figure in indexing.items():
        peak = max(figure.megabytes, figures[name].megabytes)
        figures[name] = Figure(figure.seconds + figures[name].seconds, peak)
    yield IMPORT, figures
    yield WORDS, indexing


def using(folders, size):
    yield READ, asked(folders, lambda one, _: one.listing())
    days = list(new_days(imported(size)))
    yield STORE, asked(folders, lambda one, number: add(one, *days[number]), opened=True)
    marked = [paper["id"] for paper in islice(imported(size), MARKED)]
    tagged = asked(folders, partial(mark, marked), opened=True)
    if PLAIN in tagged:
        tagged[PLAIN] = Figure(tagged[PLAIN].seconds * MARKED / UPDATED)
    yield TAG, tagged
    ids = [paper["id"] for paper in imported(size, size // (ROUNDS + 1))]
    yield GET, asked(folders, lambda one, number: one.one(ids[number]))


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


def measured(size, stores):
    """The figures of these stores with so many papers, one label after the other."""
    with TemporaryDirectory(dir=KEPT) as parent:
        copies = {name: Path(copytree(kept(name, size), f"{parent}/{name}")) for name in stores}
        run(["sync"], parent)  # or the disk is still busy with the copies
        yield from listing(copies)
        yield from importing(stores, size)
        yield from searching(copies)
        yield from using(copies, size)


def beside_others(size):
    """All stores, papertrack in multiples of the best of the others."""
    heading(f"{size:,} papers", *STORES, f"{TIMES} best of the others")
    small = dict(listing({OURS: kept(OURS, SMALL)}))[PAGE][OURS]
    for label, figures in measured(size, STORES):
        others = [figure.seconds for name, figure in figures.items() if name != OURS]
        ours, goal = figures[OURS], GOALS[label]
        ratio = ours.seconds / min(others) if others else None
        growth = ours.seconds / small.seconds if goal.growth else None
        is_met = goal.is_met(ratio, growth, ours)
        factor = growth if goal.growth else ratio
        row(label, [figures.get(name) for name in STORES], factor, goal, is_met=is_met)


def growth(sizes):
    """Papertrack alone, with few and with many papers."""
    heading("papertrack", *(f"{size:,} papers" for size in sizes), "", TIMES)
    for few, many in zip(*(measured(size, [OURS]) for size in sizes), strict=True):
        label, figures = few[0], [few[1][OURS], many[1][OURS]]
        goal = Goal(times=GROWTH, seconds=SEARCH_OF_MANY if label == SEARCH else None)
        ratio = figures[1].seconds / figures[0].seconds
        row(label, [*figures, None], ratio, goal, is_met=goal.is_met(ratio, None, figures[1]))


def million():
    """What papertrack needs for a million papers."""
    heading(f"{MILLION:,} papers", OURS, "", "", "")
    with TemporaryDirectory(dir=KEPT) as parent:
        folders = small, large = Path(parent, f"{SMALL}"), Path(parent, f"{MILLION}")
        build(OURS, SMALL, small)
        row("import", [build(OURS, MILLION, large)])
        startup.refresh(folders)
        today = [*PAPERTRACK, "today", "--offline", "--format", "plain"]
        runs = {
            size: (today, environment(folder))
            for size, folder in ((SMALL, small), (MILLION, large))
        }
        for size, times in startup.measured(runs, ROUNDS).items():
            row(f"today, plain, {size:,} papers", [Figure(median(times) / 1000)])
        for words in SEARCHES:
            for time in ("first", "second"):
                spent = run([*PAPERTRACK, "search", *words], large)
                row(f"search {' '.join(words)}, {time} run", [spent])


def heading(title, *columns):
    """Print the names of the columns; the first three are of figures."""
    cells = "".join(f"{column:>18}" for column in columns[:3])
    sys.stdout.write(f"{title:36}{cells}{columns[3]:>24}  goal\n")


def row(label, figures, ratio=None, goal=NO_GOAL, *, is_met=True):
    """Print figures side by side."""
    cells = "".join(f"{'' if figure is None else str(figure):>18}" for figure in figures)
    shown, mark = "" if ratio is None else f"{ratio:.1f}", "" if is_met else "  OVER"
    sys.stdout.write(f"{label:36}{cells}{shown:>24}  {goal}{mark}".rstrip() + "\n")
    sys.stdout.flush()


def main():
    """Measure and print."""
    gc.set_threshold(100_000)  # as papertrack's command has it
    KEPT.mkdir(parents=True, exist_ok=True)
    startup.KEPT.mkdir(exist_ok=True)
    arguments = sys.argv[1:]
    if "--million" in arguments:
        million()
    elif "--growth" in arguments:
        growth((USUAL, LARGE))
    else:
        beside_others(QUICK if "--quick" in arguments else USUAL)


if __name__ == "__main__":
    main()

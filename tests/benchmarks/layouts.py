"""How long the commonest questions take in four ways of storing papers with TinyDB.

    python tests/benchmarks/layouts.py

a  plain TinyDB: one table in one file, as its JSONStorage writes it
b  a file for each 1,000 arXiv ids, and one a day with the order of its listing
c  a file a listing day with its whole papers, and an index of ids
d  what papertrack does: briefs and counts by day, records by day, an index of ids

With 1,000 and 80,000 papers it asks, each time through fresh objects as a new process would (the
system's file cache is warm): for the listing of the last day, as a table needs it; for one paper
by its id; and to store a day's 60 new papers, flushed to the disk. It prints medians in
milliseconds. The papers are those of startup.py.
"""

import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from startup import LARGE, LAST, SMALL, papers
from tinydb import TinyDB, where

from papertrack.calendar import Span, parse_day
from papertrack.library.database import Database
from papertrack.library.library import Library
from papertrack.library.storing import store
from papertrack.tracker.import_lines import parse_line

NOW = datetime(2026, 3, 31, 18, tzinfo=UTC)
DAY = parse_day(LAST, NOW.date())
NEW_A_DAY = 60


def day_of(paper):
    """The listing day of a paper as startup.py makes it."""
    return paper["listings"][0]["day"] if "listings" in paper else paper["listed"]


class Plain:
    """a: one file."""

    name = "a  one file"

    def __init__(self, folder):
        self.database = TinyDB(folder / "all.json")

    def add(self, found):
        """Store papers."""
        self.database.insert_multiple(paper | {"day": day_of(paper)} for paper in found)

    def listing(self):
        """The papers of the last day."""
        return self.database.search(where("day") == LAST)

    def one(self, paper_id):
        """A paper by its id."""
        return self.database.get(where("id") == paper_id)


class Tables:
    """What b and c share: a file a table, found by name."""

    def __init__(self, folder):
        self.database = Database(str(folder))

    def add(self, found):
        """Store papers and what leads to them."""
        tables = {}
        for paper in found:
            for table, row in self.rows(paper):
                tables.setdefault(table, {})[paper["id"]] = row
        with self.database.transaction():
            for table, rows in tables.items():
                self.database.put(table, rows)


class Blocks(Tables):
    """b: by id."""

    name = "b  by 1,000 ids"

    def rows(self, paper):
        """The tables of a paper, with its row in each."""
        yield self.block(paper["id"]), paper
        yield f"listings.{day_of(paper)}", {"id": paper["id"]}

    def block(self, paper_id):
        """The table of an id."""
        return f"papers.{paper_id[:7]}" if paper_id[4] == "." else "papers.other"

    def listing(self):
        """The papers of the last day."""
        ids = [key for key, _ in self.database.rows(f"listings.{LAST}")]
        stored = {table: dict(self.database.rows(table)) for table in set(map(self.block, ids))}
        return [stored[self.block(one)][one] for one in ids]

    def one(self, paper_id):
        """A paper by its id."""
        return self.database.row(self.block(paper_id), paper_id)


class Days(Tables):
    """c: by listing day."""

    name = "c  by day, whole"

    def rows(self, paper):
        """The tables of a paper, with its row in each."""
        yield f"papers.{day_of(paper)}", paper
        yield f"index.{paper['id'][:4]}", {"day": day_of(paper)}

    def listing(self):
        """The papers of the last day."""
        return [row for _, row in self.database.rows(f"papers.{LAST}")]

    def one(self, paper_id):
        """A paper by its id."""
        found = self.database.row(f"index.{paper_id[:4]}", paper_id)
        return self.database.row(f"papers.{found['day']}", paper_id)


class Papertrack:
    """d: the library as it is."""

    name = "d  papertrack"

    def __init__(self, folder):
        self.library = Library(str(folder))

    def add(self, found):
        """Store papers."""
        lines = (parse_line(json.dumps(paper).encode(), NOW, NOW) for paper in found)
        with self.library.transaction():
            store(self.library, (sighting for line in lines for sighting in line.sightings))

    def listing(self):
        """The papers of the last day."""
        return self.library.listed_entries(Span(DAY, DAY))

    def one(self, paper_id):
        """A paper by its id."""
        return self.library.entries([paper_id])[paper_id]


def new_papers(like, number):
    """A day's papers with new ids, spread over a few thousand numbers as arXiv's are."""
    for place in range(NEW_A_DAY):
        yield like | {"id": f"2603.{28000 + 50 * place + number:05}", "listed": LAST}


def milliseconds(work):
    """How long some work takes, and what it gives."""
    start = perf_counter()
    result = work()
    return 1000 * (perf_counter() - start), result


def measured(layout, folder, found, rounds):
    """The medians of the three questions, and the megabytes on disk."""
    layout(folder).add(found)
    times = {"listing": [], "one": [], "add": []}
    plain = {key: value for key, value in found[-1].items() if key != "listings"}
    for number in range(rounds):
        spent, listing = milliseconds(lambda: layout(folder).listing())
        times["listing"].append(spent)
        assert len(listing) >= NEW_A_DAY
        wanted = found[len(found) * (number + 1) // (rounds + 2)]["id"]
        spent, paper = milliseconds(lambda wanted=wanted: layout(folder).one(wanted))
        times["one"].append(spent)
        assert paper
        fresh = list(new_papers(plain, number))
        spent, _ = milliseconds(lambda fresh=fresh: layout(folder).add(fresh))
        times["add"].append(spent)
    size = sum(file.stat().st_size for file in folder.glob("*.json"))
    return [*map(median, times.values()), size / 1e6]


def main():
    """Measure and print."""
    write = sys.stdout.write
    write(f"{'layout':20}{'papers':>8}{'listing':>10}{'one':>10}{'add 60':>10}{'MB':>8}\n")
    for count in (SMALL, LARGE):
        found = [json.loads(line) for line in papers(count)]
        for layout in (Plain, Blocks, Days, Papertrack):
            with tempfile.TemporaryDirectory() as folder:
                rounds = 3 if (layout, count) == (Plain, LARGE) else 11
                figures = measured(layout, Path(folder), found, rounds)
            shown = "".join(f"{figure:>10.1f}" for figure in figures[:3])
            write(f"{layout.name:20}{count:>8,}{shown}{figures[3]:>8.1f}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()

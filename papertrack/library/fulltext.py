"""Which papers say which words: derived from the papers' tables, kept in a file beside them.

SQLite's FTS5 holds the words and where they stand. The file is a saving and nothing more: it is
brought up to date whenever it is asked, and one that is missing, damaged or of another version is
made anew. Where none can be kept, as in a library that cannot be written, it is made in memory.
"""

import os
import re
import sqlite3
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import groupby
from typing import Literal

from papertrack.errors import LibraryError
from papertrack.library.conditions import asked
from papertrack.library.indexed import indexed
from papertrack.library.library import Library
from papertrack.matching.candidates import Condition
from papertrack.models import Entry

FILE = ".words.sqlite"
_VERSION = 2
_SECONDS = 10.0  # for another process that brings it up to date
_DEAD = 1000  # papers that were changed or removed; beyond a quarter of all it is made anew
_FEW = 4000  # texts of which the words are quicker found than read from the index
_OFTEN = 4000  # papers; of a word that more say it takes too long to count how often they do
_KIND = 0xFF  # of an error code of SQLite
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
_WORD = re.compile(r"[^\W_]+")
_SCHEMA = """
    CREATE TABLE tables (name TEXT PRIMARY KEY, signature TEXT);
    CREATE TABLE papers (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, home TEXT, text INTEGER,
        length INTEGER, day INTEGER, authors TEXT, categories TEXT
    );
    CREATE INDEX homes ON papers (home);
    CREATE TABLE known (words TEXT, lengths BLOB, days BLOB);
    INSERT INTO known VALUES ('', x'', x'');
    CREATE VIRTUAL TABLE words USING fts5 (
        title, body, content='', tokenize='unicode61 remove_diacritics 2'
    );
"""
_VIEWS = """
    CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, words, row);
    CREATE VIRTUAL TABLE temp.mentions USING fts5vocab (main, words, instance);
"""

Located = tuple[str, Entry]  # the papers table that holds it, and a paper
Watch = Callable[[Iterable[Located], Callable[[], int]], Iterable[Located]]


class Fulltext:
    """The words of one library's papers, which go by numbers here."""

    def __init__(self, path: str | None) -> None:
        """Open the file at `path`, or begin in memory. Raises sqlite3.Error, OSError."""
        if path is not None:
            with suppress(FileExistsError):  # which may be read where nothing can be written
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self._database = sqlite3.connect(path or ":memory:", _SECONDS, isolation_level=None)
        if self._one("PRAGMA user_version") != _VERSION:
            self._begin_anew()
        self._database.executescript(_VIEWS)
        self._papers: dict[str, int] = {}
        self._new: list[str] = []  # texts whose words are not in the vocabulary yet

    @cached_property
    def lengths(self) -> Sequence[int]:
        """How many words each paper has, by number; 0 where there is no paper."""
        return self._numbers("lengths")

    @cached_property
    def days(self) -> Sequence[int]:
        """The last day on which each paper came, by number, as an ordinal."""
        return self._numbers("days")

    def having(
        self, column: Literal["authors", "categories"], has: Callable[[str], bool]
    ) -> set[int]:
        """The papers, by number, of which something holds for their authors' names or categories,
        folded, a line each.
        """
        question = f"SELECT number, {column} FROM papers"  # noqa: S608  # no stranger's words
        return {number for number, text in self._database.execute(question) if has(text)}

    def caught_up(self, library: Library, watch: Watch) -> "Fulltext":
        """The same, with what changed in a library since. Raises sqlite3.Error, LibraryError."""
        signatures = library.signatures()
        known = dict(self._database.execute("SELECT name, signature FROM tables"))
        stale = [name for name, one in signatures.items() if known.get(name) != one]
        gone = known.keys() - signatures.keys()
        if not stale and not gone:
            return self
        if self._is_worn():
            self._begin_anew()
            stale, gone = list(signatures), set()
        self._database.execute("BEGIN IMMEDIATE")
        try:
            self._take_in(library, stale, watch)
            self._forget(gone)
            self._learn()
            self._database.executemany(
                "REPLACE INTO tables VALUES (?, ?)", [(one, signatures[one]) for one in stale]
            )
            self._database.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise
        return self

    @property
    def numbered(self) -> int:
        """The highest number that a paper was given: the words of those that changed are kept."""
        return self._one("SELECT ifnull(max(seq), 0) FROM sqlite_sequence")

    def papers(self, word: str) -> int:
        """How many papers say a word."""
        if word not in self._papers:
            question = "SELECT doc FROM temp.vocabulary WHERE term = ?"
            found = self._database.execute(question, (word,)).fetchone()
            self._papers[word] = found[0] if found else 0
        return self._papers[word]

    def vocabulary(self) -> list[str]:
        """Every word that papers say, or said."""
        (words,) = self._database.execute("SELECT words FROM known").fetchone()
        return str(words).split()

    def satisfying(self, condition: Condition, since: int = 0) -> dict[str, set[str]]:
        """The ids of the papers of which a condition holds, by the table that they are in; of those
        that came on the day with the ordinal `since` or later.
        """
        question = (
            "SELECT home, id FROM papers"
            " WHERE number IN (SELECT rowid FROM words WHERE words MATCH ?) AND day >= ?"
        )
        found: dict[str, set[str]] = {}
        if condition_asked := asked(condition):
            for home, paper_id in self._database.execute(question, (condition_asked, since)):
                found.setdefault(home, set()).add(paper_id)
        return found

    def mentions(self, words: Iterable[str], title: int) -> dict[int, int]:
        """How often papers say one of some words, a mention in the title counted `title` times;
        where many do, only whether they do.
        """
        words = list(words)
        if sum(map(self.papers, words)) > _OFTEN:
            return self.saying([(word,) for word in words], title)
        question = "SELECT doc, col FROM temp.mentions WHERE term = ?"
        found: Counter[int] = Counter()
        for word in words:
            for number, column in self._database.execute(question, (word,)):
                found[number] += title if column == "title" else 1
        return self._living(found)

    def saying(self, rows: Iterable[Sequence[str]], title: int = 1) -> dict[int, int]:
        """The papers that say one of some rows of words: `title` for those that do in the title,
        1 for the others.
        """
        phrases = " OR ".join(f'"{" ".join(row)}"' for row in rows)
        if not phrases:
            return {}
        found = dict.fromkeys(self._matching(phrases), 1)
        if title > 1:
            found |= dict.fromkeys(self._matching(f"title: ({phrases})"), title)
        return self._living(found)

    def ids(self, numbers: Sequence[int]) -> list[str]:
        """The ids of papers, in the order of their numbers given."""
        question = "SELECT id FROM papers WHERE number = ?"
        return [self._database.execute(question, (one,)).fetchone()[0] for one in numbers]

    def numbers(self, paper_ids: Iterable[str]) -> set[int]:
        """The numbers of papers with these ids."""
        wanted = set(paper_ids)
        rows = self._database.execute("SELECT number, id FROM papers")
        return {number for number, paper_id in rows if paper_id in wanted}

    @cached_property
    def _dead(self) -> frozenset[int]:
        return frozenset(one for one, length in enumerate(self.lengths) if not length)

    def _living(self, found: dict[int, int]) -> dict[int, int]:
        """Without the papers that changed or were removed: their words are still in the index."""
        for one in self._dead & found.keys():
            del found[one]
        return found

    def _numbers(self, column: str) -> Sequence[int]:
        question = f"SELECT {column} FROM known"  # noqa: S608  # as above
        (found,) = self._database.execute(question).fetchone()
        return array("I", found)

    def _matching(self, asked_for: str) -> list[int]:
        question = "SELECT rowid FROM words WHERE words MATCH ?"
        return [number for (number,) in self._database.execute(question, (asked_for,))]

    def _one(self, question: str) -> int:
        return int(self._database.execute(question).fetchone()[0])

    def _is_worn(self) -> bool:
        living = self._one("SELECT count(*) FROM papers")
        return self.numbered > living * 5 / 4 + _DEAD

    def _begin_anew(self) -> None:
        for name in ("words", "papers", "tables", "known"):
            self._database.execute(f"DROP TABLE IF EXISTS {name}")
        self._database.executescript(_SCHEMA)
        self._database.execute(f"PRAGMA user_version = {_VERSION}")

    def _take_in(self, library: Library, tables: Sequence[str], watch: Watch) -> None:
        every = ((table, entry) for table in tables for entry in library.records(table))
        seen = set()
        for table, entries in groupby(watch(every, library.size), key=lambda one: one[0]):
            self._renew(table, [entry for _, entry in entries])
            seen.add(table)
        for table in set(tables) - seen:
            self._renew(table, [])

    def _renew(self, table: str, entries: Iterable[Entry]) -> None:
        question = "SELECT id, number, text FROM papers WHERE home = ?"
        known = {one[0]: one[1:] for one in self._database.execute(question, (table,))}
        for entry in entries:
            paper = indexed(entry)
            number, was = known.pop(entry.paper.id, (None, None))
            if was == paper.signature:
                self._database.execute(
                    "UPDATE papers SET day = ? WHERE number = ?", (paper.day, number)
                )
                continue
            self._remove([number] if number else [])
            added = self._database.execute(
                "INSERT INTO papers (id, home, text, length, day, authors, categories)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (entry.paper.id, table, paper.signature, paper.length, paper.day, *paper[2:4]),
            )
            self._new += paper[:2] if len(self._new) < _FEW else ()
            row = (added.lastrowid, *paper[:2])
            self._database.execute("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", row)
        self._remove(number for number, _ in known.values())

    def _learn(self) -> None:
        """Add the words of new texts to the vocabulary; of many, read it from the index, which
        takes a second for a hundred thousand words.
        """
        if len(self._new) < _FEW:
            known = set(self.vocabulary())
            known.update(word for text in self._new for word in _WORD.findall(text))
        else:
            known = {word for (word,) in self._database.execute("SELECT term FROM temp.vocabulary")}
        lengths = array("I", bytes(4 * (self.numbered + 1)))
        days = array("I", lengths)
        for one, length, day in self._database.execute("SELECT number, length, day FROM papers"):
            lengths[one], days[one] = length, day
        row = (" ".join(sorted(known)), lengths.tobytes(), days.tobytes())
        self._database.execute("UPDATE known SET words = ?, lengths = ?, days = ?", row)
        self._new.clear()

    def _remove(self, numbers: Iterable[int]) -> None:
        self._database.executemany(
            "DELETE FROM papers WHERE number = ?", [(one,) for one in numbers]
        )

    def _forget(self, tables: Iterable[str]) -> None:
        for table in tables:
            self._renew(table, [])
            self._database.execute("DELETE FROM tables WHERE name = ?", (table,))


def fulltext(library: Library, watch: Watch) -> Fulltext:
    """The words of a library, up to date. Raises LibraryError, LibraryNewer."""
    folder = library.folder
    for _ in range(2 if folder and os.path.isdir(folder) else 0):
        path = os.path.join(str(folder), FILE)
        try:
            return Fulltext(path).caught_up(library, watch)
        except (sqlite3.Error, OSError) as error:
            # What is busy, cannot be written or has no room will not be better for being removed.
            if getattr(error, "sqlite_errorcode", 0) & _KIND not in _DAMAGED:
                break
        with suppress(OSError):
            os.unlink(path)
    try:
        return Fulltext(None).caught_up(library, watch)
    except sqlite3.Error as error:
        raise LibraryError(
            "the words of the papers cannot be told",
            f"SQLite says: {error}",
            "searching needs a Python whose SQLite has FTS5, as most have",
        ) from error

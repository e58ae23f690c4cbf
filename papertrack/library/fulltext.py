"""Which papers say which words: derived from the papers' tables, kept in a file beside them.

SQLite's FTS5 holds the words and where they stand. The file is a saving and nothing more: it is
brought up to date whenever it is asked, and one that is missing, damaged or of another version is
made anew. Where none can be kept, as in a library that cannot be written, it is made in memory.
"""

import os
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import groupby, product
from math import prod
from typing import NamedTuple

from papertrack.errors import LibraryError
from papertrack.library.library import Library
from papertrack.matching.candidates import AllOf, Condition, InARow, OneOf
from papertrack.models import Entry
from papertrack.text import fold

FILE = ".words.sqlite"
_VERSION = 1
_SECONDS = 10.0  # for another process that brings it up to date
_DEAD = 1000  # papers that were changed or removed; beyond a quarter of all it is made anew
_FEW = 4000  # texts of which the words are quicker found than read from the index
_MOST_ROWS = 400
_KIND = 0xFF  # of an error code of SQLite
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
_WORD = re.compile(r"[^\W_]+")
_SCHEMA = """
    CREATE TABLE tables (name TEXT PRIMARY KEY, signature TEXT);
    CREATE TABLE papers (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, home TEXT, text INTEGER,
        length INTEGER, day INTEGER
    );
    CREATE INDEX homes ON papers (home);
    CREATE TABLE known (words TEXT);
    INSERT INTO known VALUES ('');
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


class Mention(NamedTuple):
    """How often a paper, by its number, says some words in its title or keywords, and in its
    abstract.
    """

    number: int
    title: int
    body: int


class Fulltext:
    """The words of one library's papers, which go by numbers here."""

    def __init__(self, path: str | None) -> None:
        """Open the file at `path`, or begin in memory. Raises sqlite3.Error, OSError."""
        if path is not None:
            with suppress(FileExistsError):  # which may be read where nothing can be written
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self._database = sqlite3.connect(path or ":memory:", _SECONDS, isolation_level=None)
        if self._one("PRAGMA user_version") != _VERSION or self._is_worn():
            self._begin_anew()
        self._database.executescript(_VIEWS)
        self._new: list[str] = []  # texts whose words are not in the vocabulary yet

    @cached_property
    def lengths(self) -> Mapping[int, int]:
        """How many words each paper has."""
        return dict(self._database.execute("SELECT number, length FROM papers"))

    @cached_property
    def days(self) -> Mapping[int, int]:
        """The last day on which each paper came, as an ordinal."""
        return dict(self._database.execute("SELECT number, day FROM papers"))

    def catch_up(self, library: Library, watch: Watch) -> None:
        """Take in what changed in a library since. Raises sqlite3.Error, LibraryError."""
        signatures = library.signatures()
        known = dict(self._database.execute("SELECT name, signature FROM tables"))
        stale = [name for name, one in signatures.items() if known.get(name) != one]
        gone = known.keys() - signatures.keys()
        if not stale and not gone:
            return
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

    @property
    def numbered(self) -> int:
        """The highest number that a paper was given: the words of those that changed are kept."""
        return self._one("SELECT ifnull(max(number), 0) FROM papers")

    def words(self, beginning: str) -> list[tuple[str, int]]:
        """The words that begin so, with the number of papers that say them."""
        question = "SELECT term, doc FROM temp.vocabulary WHERE term >= ? AND term < ?"
        return self._database.execute(question, (beginning, beginning + "\U0010ffff")).fetchall()

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
        if asked := _asked(condition):
            for home, paper_id in self._database.execute(question, (asked, since)):
                found.setdefault(home, set()).add(paper_id)
        return found

    def mentions(self, words: Iterable[str]) -> list[Mention]:
        """The papers that say at least one of some words."""
        question = "SELECT doc, col, count(*) FROM temp.mentions WHERE term = ? GROUP BY doc, col"
        title: dict[int, int] = {}
        body: dict[int, int] = {}
        for word in words:
            for number, column, times in self._database.execute(question, (word,)):
                into = title if column == "title" else body
                into[number] = into.get(number, 0) + times
        return [
            Mention(number, title.get(number, 0), body.get(number, 0))
            for number in title | body
            if number in self.lengths
        ]

    def saying(self, words: Sequence[str]) -> list[Mention]:
        """The papers that say some words one after the other, counted once."""
        question = "SELECT rowid FROM words WHERE words MATCH ?"
        found = self._database.execute(question, (f'"{" ".join(words)}"',))
        return [Mention(number, 0, 1) for (number,) in found if number in self.lengths]

    def ids(self, numbers: Sequence[int]) -> list[str]:
        """The ids of papers, in the order of their numbers given."""
        question = "SELECT id FROM papers WHERE number = ?"
        return [self._database.execute(question, (one,)).fetchone()[0] for one in numbers]

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
            title, body = _text(entry)
            text = zlib.crc32(f"{title}\n{body}".encode(errors="surrogatepass"))
            number, was = known.pop(entry.paper.id, (None, None))
            if was == text:
                self._database.execute(
                    "UPDATE papers SET day = ? WHERE number = ?", (_last_day(entry), number)
                )
                continue
            self._remove([number] if number else [])
            length = title.count(" ") + body.count(" ") + 2
            added = self._database.execute(
                "INSERT INTO papers (id, home, text, length, day) VALUES (?, ?, ?, ?, ?)",
                (entry.paper.id, table, text, length, _last_day(entry)),
            )
            self._new += (title, body) if len(self._new) < _FEW else ()
            row = (added.lastrowid, title, body)
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
            known = {word for word, _ in self.words("")}
        self._database.execute("UPDATE known SET words = ?", (" ".join(sorted(known)),))
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
            return _caught_up(path, library, watch)
        except (sqlite3.Error, OSError) as error:
            # What is busy, cannot be written or has no room will not be better for being removed.
            if getattr(error, "sqlite_errorcode", 0) & _KIND not in _DAMAGED:
                break
        with suppress(OSError):
            os.unlink(path)
    try:
        return _caught_up(None, library, watch)
    except sqlite3.Error as error:
        raise LibraryError(
            "the words of the papers cannot be told",
            f"SQLite says: {error}",
            "searching needs a Python whose SQLite has FTS5, as most have",
        ) from error


def _caught_up(path: str | None, library: Library, watch: Watch) -> Fulltext:
    found = Fulltext(path)
    found.catch_up(library, watch)
    return found


def _asked(condition: Condition) -> str:
    """A condition in the language of FTS5, "" where nothing can meet it."""
    if isinstance(condition, str):
        return f'"{condition}"'
    if isinstance(condition, InARow):
        return _in_a_row(condition)
    parts = [_asked(one) for one in condition.conditions]
    if isinstance(condition, AllOf) and not all(parts):
        return ""
    between = " AND " if isinstance(condition, AllOf) else " OR "
    said = between.join(filter(None, parts))
    return said and f"({said})"


def _in_a_row(condition: InARow) -> str:
    """Each row of words is a phrase of FTS5, or a group of near words, for which it counts those
    between the first and the last; of very many only whether they are said is asked.
    """
    if prod(map(len, condition.places)) > _MOST_ROWS:
        return _asked(AllOf(tuple(OneOf(tuple(sorted(words))) for words in condition.places)))
    rows = product(*map(sorted, condition.places))
    if condition.between and len(condition.places) > 1:
        near = condition.between + len(condition.places) - 2
        said = " OR ".join(f"NEAR({' '.join(map(_quoted, row))}, {near})" for row in rows)
    else:
        said = " OR ".join(_quoted(" ".join(row)) for row in rows)
    return said and f"({said})"


def _quoted(words: str) -> str:
    return f'"{words}"'


def _text(entry: Entry) -> tuple[str, str]:
    paper = entry.paper
    return fold(" ".join((paper.title, *paper.keywords))), fold(paper.abstract or "")


def _last_day(entry: Entry) -> int:
    """The last day on which a paper came, as an ordinal: not that of a revision."""
    days = [one.day for one in entry.listings if one.kind != "revised"]
    return max(days, default=entry.first_seen.date()).toordinal()

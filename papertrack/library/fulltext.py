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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby, product
from typing import Literal

from papertrack.errors import LibraryError
from papertrack.library.indexed import Indexed, indexed
from papertrack.library.library import Library
from papertrack.library.said import Said, common_from
from papertrack.models import Entry

FILE = ".words.sqlite"
_VERSION = 4
_SECONDS = 10.0  # for another process that brings it up to date
_DEAD = 1000  # papers that were changed or removed; beyond a quarter of all it is made anew
_FEW = 2000  # papers of which the words are quicker found than read from the index
_KIND = 0xFF  # of an error code of SQLite
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
_WORD = re.compile(r"[^\W_]+")
_SCHEMA = """
    CREATE TABLE tables (name TEXT PRIMARY KEY, signature TEXT);
    CREATE TABLE papers (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, home TEXT, text INTEGER,
        length INTEGER, day INTEGER, authors TEXT, categories TEXT, sources TEXT
    );
    CREATE INDEX homes ON papers (home);
    CREATE TABLE terms (word TEXT PRIMARY KEY, papers INTEGER) WITHOUT ROWID;
    CREATE TABLE common (
        word TEXT, place TEXT, until INTEGER, papers BLOB, PRIMARY KEY (word, place, until)
    );
    CREATE TABLE known (words TEXT, lengths BLOB, days BLOB, gone BLOB);
    INSERT INTO known VALUES ('', x'', x'', x'');
    CREATE VIRTUAL TABLE words USING fts5 (
        title, body, content='', columnsize=0, tokenize='unicode61 remove_diacritics 2'
    );
    CREATE VIRTUAL TABLE titles USING fts5 (
        title, content='', columnsize=0, tokenize='unicode61 remove_diacritics 2'
    );
    -- The more is sorted at a time, and the more parts may lie side by side, the less is merged.
    INSERT INTO words (words, rank) VALUES ('hashsize', 16777216), ('automerge', 8);
"""
_VIEWS = """
    CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, words, row);
    CREATE VIRTUAL TABLE temp.each_in_words USING fts5vocab (main, words, instance);
    CREATE VIRTUAL TABLE temp.each_in_titles USING fts5vocab (main, titles, instance);
"""

Located = tuple[str, Entry]  # the papers table that holds it, and a paper
Watch = Callable[[Iterable[Located], Callable[[], int]], Iterable[Located]]


class Fulltext(Said):
    """The words of one library's papers, kept up to date."""

    def __init__(self, path: str | None) -> None:
        """Open the file at `path`, or begin in memory. Raises sqlite3.Error, OSError."""
        if path is not None:
            with suppress(FileExistsError):  # which may be read where nothing can be written
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        super().__init__(
            sqlite3.connect(path or ":memory:", timeout=_SECONDS, isolation_level=None)
        )
        if self._one("PRAGMA user_version") != _VERSION:
            with self._writing():
                if self._one("PRAGMA user_version") != _VERSION:  # as by another process meanwhile
                    self._begin_anew()
        self._database.executescript(_VIEWS)
        self._new: list[str] = []  # texts whose words are not counted yet

    def having(
        self, column: Literal["authors", "categories", "sources"], has: Callable[[str], bool]
    ) -> set[int]:
        """The papers, by number, of which something holds for their authors' names, categories or
        sources, folded, a line each.
        """
        question = f"SELECT number, {column} FROM papers"  # noqa: S608  # no stranger's words
        return {number for number, text in self._database.execute(question) if has(text)}

    def caught_up(self, library: Library, watch: Watch) -> "Fulltext":
        """The same, with what changed in a library since. Raises sqlite3.Error, LibraryError."""
        signatures = library.fingerprints()
        known = dict(self._database.execute("SELECT name, signature FROM tables"))
        stale = [name for name, one in signatures.items() if known.get(name) != one]
        gone = known.keys() - signatures.keys()
        if not stale and not gone:
            return self
        with self._writing():
            if self._is_worn():
                self._begin_anew()
                stale, gone = list(signatures), set()
            self._take_in(library, stale, watch)
            self._forget(gone)
            self._learn()
            self._database.executemany(
                "REPLACE INTO tables VALUES (?, ?)", [(one, signatures[one]) for one in stale]
            )
        return self

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """All that is changed within at once, or nothing."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise

    @property
    def numbered(self) -> int:
        """The highest number that a paper was given: the words of those that changed are kept."""
        return self._one("SELECT ifnull(max(seq), 0) FROM sqlite_sequence")

    def ids(self, numbers: Sequence[int]) -> list[str]:
        """The ids of papers, in the order of their numbers given."""
        question = "SELECT id FROM papers WHERE number = ?"
        return [self._database.execute(question, (one,)).fetchone()[0] for one in numbers]

    def numbers(self, paper_ids: Iterable[str]) -> set[int]:
        """The numbers of papers with these ids."""
        wanted = set(paper_ids)
        rows = self._database.execute("SELECT number, id FROM papers")
        return {number for number, paper_id in rows if paper_id in wanted}

    def _one(self, question: str) -> int:
        return int(self._database.execute(question).fetchone()[0])

    def _is_worn(self) -> bool:
        living = self._one("SELECT count(*) FROM papers")
        return self.numbered > living * 5 / 4 + _DEAD

    def _begin_anew(self) -> None:
        for name in ("words", "titles", "papers", "tables", "terms", "common", "known"):
            self._database.execute(f"DROP TABLE IF EXISTS {name}")
        for statement in _SCHEMA.split(";"):  # a whole script would not be part of a transaction
            self._database.execute(statement)
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
        gone, days, new = [], [], []
        for entry in entries:
            paper = indexed(entry)
            number, was = known.pop(entry.paper.id, (None, None))
            if was == paper.signature:
                days.append((paper.day, number))
            else:
                gone += [number] if number else []
                new.append((entry.paper.id, paper))
        self._remove([*gone, *(number for number, _ in known.values())])
        self._database.executemany("UPDATE papers SET day = ? WHERE number = ?", days)
        self._add(table, new)

    def _add(self, table: str, papers: Iterable[tuple[str, Indexed]]) -> None:
        numbered = list(enumerate(papers, self.numbered + 1))
        self._database.executemany(
            "INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (number, paper_id, table, one.signature, one.length, one.day, *one[2:5])
                for number, (paper_id, one) in numbered
            ),
        )
        texts = [(number, *one[:2]) for number, (_, one) in numbered]
        self._database.executemany("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", texts)
        titles = [text[:2] for text in texts]
        self._database.executemany("INSERT INTO titles (rowid, title) VALUES (?, ?)", titles)
        if len(self._new) < _FEW:
            self._new += [f"{title} {body}" for _, title, body in texts]

    def _learn(self) -> None:
        """Keep what is quicker read than counted at each question."""
        if len(self._new) < _FEW:
            said = Counter(word for text in self._new for word in set(_WORD.findall(text)))
            self._database.executemany(
                "INSERT INTO terms VALUES (?, ?)"
                " ON CONFLICT DO UPDATE SET papers = papers + excluded.papers",
                said.items(),
            )
        else:  # which takes a second for a hundred thousand words
            self._database.execute("DELETE FROM terms")
            self._database.execute("INSERT INTO terms SELECT term, doc FROM temp.vocabulary")
        self._new.clear()
        self._learn_common()
        self._learn_papers()

    def _learn_common(self) -> None:
        """Keep who says the words that many do, but for the last papers."""
        numbered = self.numbered
        many = common_from(numbered)
        if numbered < self._one("SELECT ifnull(max(until), 0) FROM common") + many / 4:
            return
        words = self._database.execute("SELECT word FROM terms WHERE papers > ?", (many,))
        for word, place in product((word for (word,) in words.fetchall()), ("words", "titles")):
            question = "SELECT ifnull(max(until), 0) FROM common WHERE word = ? AND place = ?"
            (after,) = self._database.execute(question, (word, place)).fetchone()
            papers = array("I", self._matching(place, f'"{word}"', after))
            self._database.execute(
                "INSERT INTO common VALUES (?, ?, ?, ?)", (word, place, numbered, papers.tobytes())
            )

    def _learn_papers(self) -> None:
        """Keep how long the papers are, and when they came, by number."""
        lengths = array("I", bytes(4 * (self.numbered + 1)))
        days = array("I", lengths)
        for one, length, day in self._database.execute("SELECT number, length, day FROM papers"):
            lengths[one], days[one] = length, day
        gone = array("I", [one for one, length in enumerate(lengths) if one and not length])
        words = " ".join(word for (word,) in self._database.execute("SELECT word FROM terms"))
        row = (words, lengths.tobytes(), days.tobytes(), gone.tobytes())
        self._database.execute("UPDATE known SET words = ?, lengths = ?, days = ?, gone = ?", row)

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

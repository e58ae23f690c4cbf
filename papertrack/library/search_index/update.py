"""Creating the search index and keeping it up to date with the library's tables."""

import os
import sqlite3
import stat
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby, product

from papertrack.errors import LibraryError
from papertrack.library.library import Library
from papertrack.library.search_index import checksum
from papertrack.library.search_index.documents import IndexedDocument, indexed_document
from papertrack.library.search_index.queries import PLACES, SearchIndex, common_threshold
from papertrack.library.search_index.word_keys import (
    KeyFinder,
    key_of_spelling,
    other_spellings,
)
from papertrack.models import Entry
from papertrack.word_breaks import split_words

FILE = ".words.sqlite"
_VERSION = 11
_BUSY_TIMEOUT = 10.0  # seconds that another process may take to update the file
_REMOVED_ALLOWED = 1000  # Above this and a quarter of all papers, the index is rebuilt.
_KEYS_AT_ONCE = 5_000  # words
_FEW_TEXTS = 2000  # The words of fewer texts are counted quicker here than by FTS5.
_PRIMARY_CODE = 0xFF  # the bits of an SQLite error code that identify the kind of error
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
# Those of earlier versions of the index, too.
_TABLES = ("words", "titles", "stems", "keys", "papers", "tables", "terms", "common", "known")
_SCHEMA = """
    CREATE TABLE tables (name TEXT PRIMARY KEY, signature TEXT);
    CREATE TABLE papers (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, home TEXT, text INTEGER,
        title_length INTEGER, body_length INTEGER, day INTEGER,
        authors TEXT, categories TEXT, sources TEXT,
        venue TEXT, organization TEXT, has TEXT, upvotes INTEGER, counted TEXT
    );
    CREATE INDEX homes ON papers (home);
    -- The keys of a word are separated by spaces, NULL while they are not known.
    CREATE TABLE terms (word TEXT PRIMARY KEY, papers INTEGER, keys TEXT) WITHOUT ROWID;
    CREATE TABLE keys (key TEXT, word TEXT, PRIMARY KEY (key, word)) WITHOUT ROWID;
    CREATE TABLE common (
        word TEXT, place TEXT, until INTEGER, papers BLOB, PRIMARY KEY (word, place, until)
    );
    CREATE TABLE known (
        words TEXT, names TEXT, title_lengths BLOB, body_lengths BLOB, days BLOB, gone BLOB,
        papers INTEGER, abstracts INTEGER, title_words INTEGER, abstract_words INTEGER
    );
    INSERT INTO known VALUES ('', '', x'', x'', x'', x'', 0, 0, 0, 0);
    -- Vowel signs and other marks (M*) are parts of words.
    CREATE VIRTUAL TABLE words USING fts5 (
        title, body, content='', columnsize=0,
        tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
    );
    CREATE VIRTUAL TABLE titles USING fts5 (
        title, content='', columnsize=0,
        tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
    );
    -- Larger batches and more segments side by side mean less merging.
    INSERT INTO words (words, rank) VALUES ('hashsize', 16777216), ('automerge', 8);
"""
_VIEWS = """
    CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, words, row);
    CREATE VIRTUAL TABLE temp.each_in_words USING fts5vocab (main, words, instance);
    CREATE VIRTUAL TABLE temp.each_in_titles USING fts5vocab (main, titles, instance);
"""

LocatedEntry = tuple[str, Entry]  # the name of a papers table, and an entry in it
ReadingProgress = Callable[[Iterable[LocatedEntry], Callable[[], int]], Iterable[LocatedEntry]]


def open_search_index(library: Library, progress: ReadingProgress) -> SearchIndex:
    """Return the up-to-date search index of a library.

    `progress` passes on the papers that are read, with a function for their number. Raises
    LibraryError, LibraryNewer.
    """
    folder = library.folder
    for _ in range(2 if folder and os.path.isdir(folder) else 0):
        path = os.path.join(str(folder), FILE)
        try:
            return _open_and_update(path, library, progress)
        except checksum.SearchIndexDamaged:
            pass
        except (sqlite3.Error, OSError) as error:
            # Deleting a file that is busy, read-only or on a full disk would not help.
            if getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE not in _DAMAGED:
                break
        with suppress(OSError):
            checksum.remove(path)
    try:
        return _open_and_update(None, library, progress)
    except sqlite3.Error as error:
        raise LibraryError(
            "cannot build the search index",
            f"SQLite reports: {error}",
            "search needs a Python whose SQLite includes FTS5, as most do",
        ) from error


def _open_and_update(path: str | None, library: Library, progress: ReadingProgress) -> SearchIndex:
    """The updated index in the file at `path`, or in memory.

    Raises sqlite3.Error, OSError, SearchIndexDamaged.
    """
    if path is not None:
        if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
            raise checksum.SearchIndexDamaged("it is not a regular file")
        with suppress(FileExistsError):  # A read-only file can still be queried.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    # Only one thread uses a connection, but another may collect the index as garbage and close it.
    database = sqlite3.connect(
        path or ":memory:", _BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
    )
    index = SearchIndex(database)
    writer = _IndexWriter(database)
    if path is not None:
        checksum.check(path, database)
    changes = database.total_changes
    writer.create()
    writer.update(index, library, progress)
    if path is not None and database.total_changes > changes:
        checksum.save(path, database)
    return index


class _IndexWriter:
    """The only writer of a search index: creates its tables and adds what changed."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._uncounted: list[str] = []  # texts whose words are not in `terms` yet
        self._first_new: int | None = None  # paper whose authors may not be in `known` yet

    def create(self) -> None:
        """Create the tables unless they exist in the present version. Raises sqlite3.Error."""
        if self._is_outdated():
            with self._transaction():
                if self._is_outdated():  # Another process may have just created them.
                    self._recreate()
        self._database.executescript(_VIEWS)

    def update(self, index: SearchIndex, library: Library, progress: ReadingProgress) -> None:
        """Add what changed in the library's tables. Raises sqlite3.Error, LibraryError."""
        fingerprints = library.fingerprints()
        indexed = dict(self._database.execute("SELECT name, signature FROM tables"))
        stale = [name for name, value in fingerprints.items() if indexed.get(name) != value]
        deleted = indexed.keys() - fingerprints.keys()
        if not stale and not deleted:
            return
        with self._transaction():
            if self._needs_rebuild(index):
                self._recreate()
                stale, deleted = list(fingerprints), set()
            self._index_tables(index, library, stale, progress)
            self._delete_tables(index, deleted)
            self._count_words()
            self._store_common_postings(index)
            self._store_paper_facts(index)
            self._database.executemany(
                "REPLACE INTO tables VALUES (?, ?)", [(name, fingerprints[name]) for name in stale]
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Commit all changes made within, or none."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise

    def _value(self, query: str) -> int:
        return int(self._database.execute(query).fetchone()[0])

    def _is_outdated(self) -> bool:
        return self._value("PRAGMA user_version") != _VERSION

    def _needs_rebuild(self, index: SearchIndex) -> bool:
        """Whether so many papers were changed or removed that a rebuild pays."""
        papers = self._value("SELECT count(*) FROM papers")
        return index.highest_number > papers * 5 / 4 + _REMOVED_ALLOWED

    def _recreate(self) -> None:
        for name in _TABLES:
            self._database.execute(f"DROP TABLE IF EXISTS {name}")
        for statement in _SCHEMA.split(";"):  # executescript would commit the transaction.
            self._database.execute(statement)
        self._database.execute(f"PRAGMA user_version = {_VERSION}")
        self._database.execute(f"PRAGMA application_id = {checksum.APPLICATION_ID}")

    def _index_tables(
        self,
        index: SearchIndex,
        library: Library,
        tables: Sequence[str],
        progress: ReadingProgress,
    ) -> None:
        located = ((table, entry) for table in tables for entry in library.records(table))
        empty = set(tables)
        for table, rows in groupby(progress(located, library.paper_count), key=lambda row: row[0]):
            self._index_table(index, table, [entry for _, entry in rows])
            empty.discard(table)
        for table in empty:
            self._index_table(index, table, [])

    def _index_table(self, index: SearchIndex, table: str, entries: Iterable[Entry]) -> None:
        """Replace the contents of a papers table in the index, without indexing unchanged texts."""
        query = "SELECT id, number, text FROM papers WHERE home = ?"
        indexed = {row[0]: row[1:] for row in self._database.execute(query, (table,))}
        replaced, changes, added = [], [], []
        for entry in entries:
            document = indexed_document(entry)
            number, fingerprint = indexed.pop(entry.paper.id, (None, None))
            if number and fingerprint == document.fingerprint:
                changes.append((document.day, document.upvotes, document.counted, number))
            else:
                replaced += [number] if number else []
                added.append((entry.paper.id, document))
        self._remove([*replaced, *(number for number, _ in indexed.values())])
        update = "UPDATE papers SET day = ?, upvotes = ?, counted = ? WHERE number = ?"
        self._database.executemany(update, changes)
        self._add(index, table, added)

    def _add(
        self, index: SearchIndex, table: str, documents: Iterable[tuple[str, IndexedDocument]]
    ) -> None:
        numbered = list(enumerate(documents, index.highest_number + 1))
        self._database.executemany(
            "INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (number, paper_id, table, *_facts(document))
                for number, (paper_id, document) in numbered
            ),
        )
        texts = [(number, *document[:2]) for number, (_, document) in numbered]
        self._database.executemany("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", texts)
        titles = [text[:2] for text in texts]
        self._database.executemany("INSERT INTO titles (rowid, title) VALUES (?, ?)", titles)
        if self._first_new is None and numbered:
            self._first_new = numbered[0][0]
        if len(self._uncounted) < _FEW_TEXTS:
            self._uncounted += [f"{title} {body}" for _, title, body in texts]

    def _count_words(self) -> None:
        """Bring the document frequencies and keys of all words up to date."""
        if len(self._uncounted) < _FEW_TEXTS:
            counts = Counter(word for text in self._uncounted for word in set(split_words(text)))
            self._database.executemany(
                "INSERT INTO terms VALUES (?, ?, NULL)"
                " ON CONFLICT DO UPDATE SET papers = papers + excluded.papers",
                counts.items(),
            )
        else:  # FTS5 needs a second for a hundred thousand words.
            self._database.execute(
                "INSERT INTO terms SELECT term, doc, NULL FROM temp.vocabulary WHERE true"
                " ON CONFLICT DO UPDATE SET papers = excluded.papers"
            )
        self._uncounted.clear()
        self._store_keys()

    def _store_keys(self) -> None:
        """Store the keys of the words that are new in `terms`, not all in memory at once."""
        query = "SELECT word FROM terms WHERE keys IS NULL AND word > ? ORDER BY word LIMIT ?"
        last = ""
        while words := [row[0] for row in self._database.execute(query, (last, _KEYS_AT_ONCE))]:
            last = words[-1]
            keys = dict(zip(words, KeyFinder().keys(words), strict=True))
            self._database.executemany(
                "UPDATE terms SET keys = ? WHERE word = ?",
                ((" ".join(sorted(of_word)), word) for word, of_word in keys.items()),
            )
            pairs = {(key, word) for word, of_word in keys.items() for key in of_word}
            # A spelling has its own key only if it is another spelling of a word.
            spellings = (spelling for word in words for spelling in other_spellings(word))
            pairs.update((key_of_spelling(spelling), spelling) for spelling in spellings)
            self._database.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", sorted(pairs))

    def _store_common_postings(self, index: SearchIndex) -> None:
        """Store the postings of common words as arrays, once enough papers were added."""
        highest = index.highest_number
        frequent = common_threshold(highest)
        if highest < self._value("SELECT ifnull(max(until), 0) FROM common") + frequent / 4:
            return
        words = self._database.execute("SELECT word FROM terms WHERE papers > ?", (frequent,))
        for word, place in product((word for (word,) in words.fetchall()), PLACES):
            query = "SELECT ifnull(max(until), 0) FROM common WHERE word = ? AND place = ?"
            (until,) = self._database.execute(query, (word, place)).fetchone()
            papers = array("I", index.postings_after(place, f'"{word}"', until))
            self._database.execute(
                "INSERT INTO common VALUES (?, ?, ?, ?)", (word, place, highest, papers.tobytes())
            )

    def _store_paper_facts(self, index: SearchIndex) -> None:
        """Store lengths, their sums, days, removed numbers and words in a row, for fast reading."""
        title_lengths = array("I", bytes(4 * (index.highest_number + 1)))
        body_lengths, days = array("I", title_lengths), array("I", title_lengths)
        rows = self._database.execute("SELECT number, title_length, body_length, day FROM papers")
        for number, title_length, body_length, day in rows:
            title_lengths[number], body_lengths[number] = title_length, body_length
            days[number] = day
        numbers = range(1, len(title_lengths))
        removed = array("I", [number for number in numbers if not title_lengths[number]])
        words = " ".join(word for (word,) in self._database.execute("SELECT word FROM terms"))
        arrays = (title_lengths, body_lengths, days, removed)
        papers = len(numbers) - len(removed)
        abstracts = len(body_lengths) - body_lengths.count(0)
        self._database.execute(
            "UPDATE known SET words = ?, names = ?,"
            " title_lengths = ?, body_lengths = ?, days = ?, gone = ?,"
            " papers = ?, abstracts = ?, title_words = ?, abstract_words = ?",
            (
                words,
                self._author_words(),
                *(numbers.tobytes() for numbers in arrays),
                *(papers, abstracts, sum(title_lengths), sum(body_lengths)),
            ),
        )

    def _author_words(self) -> str:
        """The words of all authors, with those of new papers."""
        ((known,),) = self._database.execute("SELECT names FROM known")
        if self._first_new is None:
            return str(known)
        words = set(known.split())
        query = "SELECT authors FROM papers WHERE number >= ?"
        for (authors,) in self._database.execute(query, (self._first_new,)):
            words.update(authors.split())
        self._first_new = None
        return " ".join(sorted(words))

    def _remove(self, numbers: Iterable[int]) -> None:
        self._database.executemany(
            "DELETE FROM papers WHERE number = ?", [(number,) for number in numbers]
        )

    def _delete_tables(self, index: SearchIndex, tables: Iterable[str]) -> None:
        for table in tables:
            self._index_table(index, table, [])
            self._database.execute("DELETE FROM tables WHERE name = ?", (table,))


def _facts(document: IndexedDocument) -> tuple[int | str | None, ...]:
    """The columns of a paper after its number, id and table."""
    return (
        document.fingerprint,
        document.title_length,
        document.body_length,
        document.day,
        document.authors,
        document.categories,
        document.sources,
        document.venue,
        document.organization,
        document.has,
        document.upvotes,
        document.counted,
    )

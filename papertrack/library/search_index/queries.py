"""Queries to the search index, none of which changes it."""

import json
import sqlite3
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal
from weakref import finalize

from papertrack.calendar import parse_moment
from papertrack.library.search_index import checksum
from papertrack.library.search_index.fts import any_phrase
from papertrack.library.search_index.word_keys import KeyFinder, key_of_spelling
from papertrack.searching.lexicon import Frequencies, Totals

if TYPE_CHECKING:
    from papertrack.matching.candidates import Condition

_COUNTED = 4000  # Counting the occurrences of a word in more papers than this takes too long.
_MANY_NUMBERS = 5000  # One query for all ids is quicker than one for each of so many.
_COMMON_SHARE, _COMMON_FROM = 1 / 8, 100

Column = Literal["authors", "categories", "sources", "venue", "organization", "has"]
Place = Literal["words", "titles"]
PLACES: tuple[Place, Place] = ("words", "titles")  # the FTS5 tables of whole papers and of titles


class SearchIndex:
    """The search index of one library. Papers are identified by a number, assigned in order."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        # From Python 3.13 on, a connection that is not closed causes a ResourceWarning.
        finalize(self, database.close)
        self._document_frequency: dict[str, int] = {}
        self._same_words: dict[str, list[str]] = {}

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        """The rows of a query. Raises SearchIndexDamaged."""
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            if checksum.is_damage(error):
                checksum.distrust(self._database)
                raise checksum.SearchIndexDamaged(f"SQLite reports: {error}") from error
            raise

    @cached_property
    def title_lengths(self) -> Sequence[int]:
        """The number of words of each title, by paper number; 0 for a number without a paper."""
        return self._numbers("title_lengths")

    @cached_property
    def body_lengths(self) -> Sequence[int]:
        """The number of words of each abstract, by paper number."""
        return self._numbers("body_lengths")

    @cached_property
    def totals(self) -> Totals:
        """The numbers of papers and abstracts that the index holds, and of their words."""
        query = "SELECT papers, abstracts, title_words, abstract_words FROM known"
        return Totals(*self._rows(query)[0])

    @property
    def paper_count(self) -> int:
        """How many papers the index holds; numbers of removed papers are not assigned again."""
        return self.totals.papers

    @cached_property
    def days(self) -> Sequence[int]:
        """The ordinal of each paper's last listing day, by its number, without revisions."""
        return self._numbers("days")

    def paper_count_since(self, day: int) -> int:
        """How many papers were listed last on the day with this ordinal or later."""
        query = "SELECT count(*) FROM papers WHERE day >= ?"
        ((number,),) = self._rows(query, (day,))
        return int(number)

    def papers_since(self, day: int) -> dict[str, set[str]]:
        """The ids of the papers that `paper_count_since` counts, by papers table."""
        query = "SELECT home, id FROM papers WHERE day >= ?"
        return _by_home(self._rows(query, (day,)))

    def vocabulary(self) -> list[str]:
        """Every word of the index, those of removed papers included."""
        ((words,),) = self._rows("SELECT words FROM known")
        return str(words).split()

    def same_words(self, words: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """The words that are the same term as each of these words, sorted: see `word_keys`."""
        unknown = [word for word in words if word not in self._same_words]
        if unknown:
            self._read_same_words(unknown)
        return self._same_words

    def _read_same_words(self, words: Sequence[str]) -> None:
        query = "SELECT word, keys FROM terms WHERE word IN (SELECT value FROM json_each(?))"
        stored = self._rows(query, (json.dumps(words),))
        keys_of = {word: keys.split() for word, keys in stored}
        others = [word for word in words if word not in keys_of]
        keys_of |= zip(others, self._key_finder.keys(others) if others else (), strict=True)
        keys_of = {word: [*keys, key_of_spelling(word)] for word, keys in keys_of.items()}
        query = (
            "SELECT key, word, papers FROM keys JOIN terms USING (word)"
            " WHERE key IN (SELECT value FROM json_each(?))"
        )
        words_with: dict[str, list[str]] = defaultdict(list)
        all_keys = list(set(chain(*keys_of.values())))
        for key, word, papers in self._rows(query, (json.dumps(all_keys),)):
            words_with[key].append(word)
            self._document_frequency[word] = papers
        for word, keys in keys_of.items():
            self._same_words[word] = sorted(set(chain(*(words_with[key] for key in keys))))

    def document_frequency(self, word: str) -> int:
        """How many papers contain a word."""
        if word not in self._document_frequency:
            query = "SELECT papers FROM terms WHERE word = ?"
            rows = self._rows(query, (word,))
            self._document_frequency[word] = rows[0][0] if rows else 0
        return self._document_frequency[word]

    def term_frequencies(self, words: Iterable[str]) -> Frequencies:
        """How often papers and their titles contain any of these words, by paper number.

        If very many papers contain them, a paper or title counts once for all its occurrences.
        """
        words = list(words)
        if sum(map(self.document_frequency, words)) > _COUNTED:
            return self.phrase_frequencies([(word,) for word in words])
        papers, titles = (Counter(self._occurrences(place, words)) for place in PLACES)
        return self._without_removed(papers, titles)

    def phrase_frequencies(self, phrases: Iterable[Sequence[str]]) -> Frequencies:
        """Which papers and titles contain one of these phrases: 1 for each."""
        phrases = list(phrases)
        papers, titles = (dict.fromkeys(self._postings(place, phrases), 1) for place in PLACES)
        return self._without_removed(papers, titles)

    def sequence_frequency(self, phrases: Iterable[Sequence[str]]) -> int:
        """How many papers contain one of these phrases, removed papers included.

        Cheaper than the postings that `papers_with` reads.
        """
        query = any_phrase(phrases)
        statement = "SELECT count(*) FROM words WHERE words MATCH ?"
        return int(self._rows(statement, (query,))[0][0]) if query else 0

    def papers_with(self, phrases: Iterable[Sequence[str]]) -> set[int]:
        """The numbers of the papers that contain one of these phrases."""
        return set(self._postings("words", list(phrases))) - self._removed

    def papers_satisfying(self, condition: "Condition", since: int = 0) -> dict[str, set[str]]:
        """The ids of the papers that satisfy a condition, by the papers table that holds them.

        Only papers listed on the day with the ordinal `since` or later.
        """
        statement = (
            "SELECT home, id FROM papers"
            " WHERE number IN (SELECT rowid FROM words WHERE words MATCH ?) AND day >= ?"
        )
        from papertrack.library.search_index.conditions import fts_query  # only topics need it

        query = fts_query(condition)
        return _by_home(self._rows(statement, (query, since))) if query else {}

    def has_author_word(self, part: str) -> bool:
        """Whether a word of any author's name contains this text; authors of removed papers too."""
        ((names,),) = self._rows("SELECT names FROM known")
        return part in names

    def papers_where(
        self, column: Column, predicate: Callable[[str], bool], containing: str = ""
    ) -> set[int]:
        """The numbers of the papers with a column that satisfies a predicate.

        The predicate gets the text as it is in IndexedDocument. It is called only for texts that
        have the part `containing`, which SQLite finds quicker.
        """
        query = f"SELECT number, {column} FROM papers"  # noqa: S608  # one of six literals
        rows = (
            self._rows(f"{query} WHERE instr({column}, ?)", (containing,))
            if containing
            else self._rows(query)
        )
        return {number for number, text in rows if predicate(text)}

    def ids(self, numbers: Sequence[int]) -> list[str]:
        """The ids of the papers with these numbers, in the same order."""
        if len(numbers) > _MANY_NUMBERS:
            ids = dict(self._rows("SELECT number, id FROM papers"))
            return [ids[number] for number in numbers]
        query = "SELECT id FROM papers WHERE number = ?"
        return [self._rows(query, (number,))[0][0] for number in numbers]

    def upvotes(self) -> dict[str, tuple[datetime, int]]:
        """The last upvotes that were observed outside of a listing, and when, by paper id."""
        query = "SELECT id, counted, upvotes FROM papers WHERE upvotes IS NOT NULL"
        rows = self._rows(query)
        return {paper_id: (parse_moment(at), upvotes) for paper_id, at, upvotes in rows}

    def numbers(self, paper_ids: Iterable[str]) -> set[int]:
        """The numbers of the papers with these ids."""
        ids = set(paper_ids)
        rows = self._rows("SELECT number, id FROM papers")
        return {number for number, paper_id in rows if paper_id in ids}

    @property
    def highest_number(self) -> int:
        """The highest number that was ever assigned to a paper."""
        query = "SELECT ifnull(max(seq), 0) FROM sqlite_sequence"
        return int(self._rows(query)[0][0])

    def postings_after(self, place: Place, query: str, number: int = 0) -> list[int]:
        """The numbers above `number` of the papers that an FTS5 query matches."""
        # As one text of JSON, which takes half the time of a row for each number.
        numbers = f"SELECT json_group_array(rowid) FROM {place} WHERE {place} MATCH ? AND rowid > ?"  # noqa: S608  # one of two literals
        ((encoded,),) = self._rows(numbers, (query, number))
        return list(json.loads(encoded))

    def _occurrences(self, place: Place, words: Iterable[str]) -> Iterable[int]:
        """The number of the paper of each occurrence of these words."""
        query = f"SELECT doc FROM temp.each_in_{place} WHERE term = ?"  # noqa: S608  # one of two literals
        occurrences = (self._rows(query, (word,)) for word in words)
        return (number for rows in occurrences for (number,) in rows)

    def _postings(self, place: Place, phrases: Iterable[Sequence[str]]) -> Iterable[int]:
        """The numbers of the papers with one of these phrases, some of them twice."""
        frequent = common_threshold(len(self.title_lengths))
        common = {
            phrase
            for phrase in phrases
            if len(phrase) == 1 and self.document_frequency(phrase[0]) > frequent
        }
        query = any_phrase(phrase for phrase in phrases if phrase not in common)
        rare = self.postings_after(place, query) if query else ()
        return chain(rare, *(self._common_postings(place, word) for (word,) in common))

    def _common_postings(self, place: Place, word: str) -> Iterable[int]:
        """The postings of a common word: those stored as arrays, and the newer ones from FTS5."""
        query = "SELECT until, papers FROM common WHERE word = ? AND place = ? ORDER BY until"
        stored = self._rows(query, (word, place))
        until = stored[-1][0] if stored else 0
        arrays = (array("I", papers) for _, papers in stored)
        return chain(*arrays, self.postings_after(place, f'"{word}"', until))

    @cached_property
    def _key_finder(self) -> KeyFinder:
        return KeyFinder()

    @cached_property
    def _removed(self) -> frozenset[int]:
        return frozenset(self._numbers("gone"))

    def _without_removed(self, papers: dict[int, int], titles: dict[int, int]) -> Frequencies:
        # FTS5 still has the words of papers that were changed or removed.
        for number in self._removed & papers.keys():
            del papers[number]
            titles.pop(number, None)
        return Frequencies(papers, titles)

    def _numbers(
        self, column: Literal["title_lengths", "body_lengths", "days", "gone"]
    ) -> Sequence[int]:
        query = f"SELECT {column} FROM known"  # noqa: S608  # one of four literals
        ((numbers,),) = self._rows(query)
        return array("I", numbers)


def _by_home(rows: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """The ids of papers by the table that holds them, from pairs of table and id."""
    ids: dict[str, set[str]] = {}
    for table, paper_id in rows:
        ids.setdefault(table, set()).add(paper_id)
    return ids


def common_threshold(papers: int) -> float:
    """The document frequency above which the postings of a word are stored as an array.

    `papers` is the number of all papers. The postings of rarer words are read from FTS5 quickly.
    """
    return max(papers * _COMMON_SHARE, _COMMON_FROM)

"""Which papers say which words, as the index has it: its questions, and nothing that changes it."""

import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain
from weakref import finalize

from papertrack.library.conditions import asked
from papertrack.matching.candidates import Condition

_OFTEN = 4000  # papers; of a word that more say it takes too long to count how often they do
_COMMON_SHARE, _COMMON_FROM = 1 / 8, 100  # of a word that more papers say they are kept


class Said:
    """The words of one library's papers, which go by numbers here."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        # Whoever asks keeps no index open; from 3.13 on, Python warns of what nobody closed.
        finalize(self, database.close)
        self._papers: dict[str, int] = {}

    @cached_property
    def lengths(self) -> Sequence[int]:
        """How many words each paper has, by number; 0 where there is no paper."""
        return self._numbers("lengths")

    @cached_property
    def paper_count(self) -> int:
        """How many papers there are, which are fewer than numbers."""
        return len(self.lengths) - self.lengths.count(0)

    @cached_property
    def days(self) -> Sequence[int]:
        """The last day on which each paper came, by number, as an ordinal."""
        return self._numbers("days")

    def vocabulary(self) -> list[str]:
        """Every word that papers say, or said."""
        (words,) = self._database.execute("SELECT words FROM known").fetchone()
        return str(words).split()

    def with_prefix(self, start: str) -> list[str]:
        """Those words that begin so, sorted."""
        question = "SELECT word, papers FROM terms WHERE word >= ? AND word < ?"
        found = dict(self._database.execute(question, (start, start + "\U0010ffff")).fetchall())
        self._papers |= found
        return list(found)

    def document_frequency(self, word: str) -> int:
        """How many papers say a word."""
        if word not in self._papers:
            question = "SELECT papers FROM terms WHERE word = ?"
            found = self._database.execute(question, (word,)).fetchone()
            self._papers[word] = found[0] if found else 0
        return self._papers[word]

    def term_frequencies(self, words: Iterable[str], title: int) -> dict[int, int]:
        """How often papers say one of some words, a mention in the title counted `title` times;
        where many do, only whether they do.
        """
        words = list(words)
        if sum(map(self.document_frequency, words)) > _OFTEN:
            return self.papers_with([(word,) for word in words], title)
        found = Counter(self._each("words", words))
        for number in self._each("titles", words):
            found[number] += title - 1
        return self._living(found)

    def sequence_frequency(self, rows: Iterable[Sequence[str]]) -> int:
        """How many papers say one of some rows of words, or said it; sooner told than which."""
        question = "SELECT count(*) FROM words WHERE words MATCH ?"
        phrases = _one_of(rows)
        return self._database.execute(question, (phrases,)).fetchone()[0] if phrases else 0

    def papers_with(self, rows: Iterable[Sequence[str]], title: int = 1) -> dict[int, int]:
        """The papers that say one of some rows of words: `title` for those that do in the title,
        1 for the others.
        """
        rows = list(rows)
        found = dict.fromkeys(self._in_a_row("words", rows), 1)
        if title > 1:
            found |= dict.fromkeys(self._in_a_row("titles", rows), title)
        return self._living(found)

    def papers_satisfying(self, condition: Condition, since: int = 0) -> dict[str, set[str]]:
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

    def _each(self, where: str, words: Iterable[str]) -> Iterable[int]:
        """The papers of each mention of some words in `words` or `titles`."""
        question = f"SELECT doc FROM temp.each_in_{where} WHERE term = ?"  # noqa: S608  # as below
        mentions = (self._database.execute(question, (word,)) for word in words)
        return (number for found in mentions for (number,) in found)

    def _in_a_row(self, where: str, rows: Iterable[Sequence[str]]) -> Iterable[int]:
        """The papers that say one of some rows in their `words` or `titles`, some of them twice."""
        many = common_from(len(self.lengths))
        common = {row for row in rows if len(row) == 1 and self.document_frequency(row[0]) > many}
        phrases = _one_of(row for row in rows if row not in common)
        rare = self._matching(where, phrases) if phrases else ()
        return chain(rare, *(self._kept(where, word) for (word,) in common))

    def _kept(self, where: str, word: str) -> Iterable[int]:
        """The papers that say a word that many do, as far as they are kept, and those since."""
        question = "SELECT until, papers FROM common WHERE word = ? AND place = ? ORDER BY until"
        kept = self._database.execute(question, (word, where)).fetchall()
        until = kept[-1][0] if kept else 0
        numbers = (array("I", papers) for _, papers in kept)
        return chain(*numbers, self._matching(where, f'"{word}"', until))

    def _matching(self, where: str, asked_for: str, after: int = 0) -> list[int]:
        question = f"SELECT rowid FROM {where} WHERE {where} MATCH ? AND rowid > ?"  # noqa: S608
        return [number for (number,) in self._database.execute(question, (asked_for, after))]

    @cached_property
    def _gone(self) -> frozenset[int]:
        return frozenset(self._numbers("gone"))

    def _living(self, found: dict[int, int]) -> dict[int, int]:
        """Without the papers that changed or were removed: their words are still in the index."""
        for one in self._gone & found.keys():
            del found[one]
        return found

    def _numbers(self, column: str) -> Sequence[int]:
        question = f"SELECT {column} FROM known"  # noqa: S608  # no stranger's words
        (found,) = self._database.execute(question).fetchone()
        return array("I", found)


def common_from(papers: int) -> float:
    """How many of so many papers must say a word, at least, for it to be kept which they are: of
    fewer it is quickly found.
    """
    return max(papers * _COMMON_SHARE, _COMMON_FROM)


def _one_of(rows: Iterable[Sequence[str]]) -> str:
    """Rows of words in the language of FTS5."""
    return " OR ".join(f'"{" ".join(row)}"' for row in rows)

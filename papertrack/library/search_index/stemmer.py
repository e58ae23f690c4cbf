"""The stems of words: words with a common stem are the same term of a query.

The stems of a word are those of the word as written, of its forms in `matching` (its singulars, in
American spelling) and, if ae, oe or ue in it may be an umlaut, of the word without these letters.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from weakref import finalize

from papertrack.matching.words import forms

# An umlaut, which the index has as a, o or u, written as ae, oe or ue, and an å written as aa.
_UMLAUT = re.compile("(?<![aeiouq].)(?<=[aou])e(?=[^aeious])|(?<![aeiou])a(?=a[^aeious])")
_MIN_UMLAUT = 6  # letters without it; of shorter words, many differ in such an e
_SCHEMA = """
    CREATE VIRTUAL TABLE words USING fts5 (
        word, content='', columnsize=0,
        tokenize="porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
    );
    CREATE VIRTUAL TABLE stems USING fts5vocab (words, instance);
"""


class Stemmer:
    """Finds stems with the Porter stemmer of FTS5."""

    def __init__(self) -> None:
        # Only one thread uses it, but another may collect it as garbage and close it.
        self._database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        finalize(self, self._database.close)  # as for `queries.SearchIndex`
        self._database.executescript(_SCHEMA)

    def stems(self, words: Sequence[str]) -> list[set[str]]:
        """Return the stems of each of these folded words. Raises sqlite3.Error."""
        texts = ((number, " ".join(_spellings(word))) for number, word in enumerate(words))
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO words (rowid, word) VALUES (?, ?)", texts)
        stems: list[set[str]] = [set() for _ in words]
        for stem, number in self._database.execute("SELECT term, doc FROM stems"):
            stems[number].add(stem)
        self._database.execute("ROLLBACK")
        return stems


def _spellings(word: str) -> Iterable[str]:
    return dict.fromkeys((word, *forms(word), *_without_umlauts(word)))


def _without_umlauts(word: str) -> Iterator[str]:
    """A word without each of its umlauts, and without all of them."""
    if len(word) <= _MIN_UMLAUT or not ("e" in word or "aa" in word):
        return
    umlauts = list(_UMLAUT.finditer(word))
    if len(word) - len(umlauts) >= _MIN_UMLAUT:
        yield from (word[: umlaut.start()] + word[umlaut.end() :] for umlaut in umlauts)
        yield _UMLAUT.sub("", word)

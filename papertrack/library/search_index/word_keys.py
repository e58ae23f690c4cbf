"""The keys of words: words with a key in common are the same term of a query.

The keys of a word are its stem, and its other spellings after an equals sign: the forms of the word
in `matching` (its singulars, in American spelling) and, if ae, oe or ue in it may be an umlaut, the
word without these letters. So *behaviour* is *behaviours* by its stem, and *behavior* by its form;
but *people*, which is *person*, is not *personal*, which has the same stem as *person*.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
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


def key_of_spelling(spelling: str) -> str:
    """Return the key that words with this other spelling have."""
    return f"={spelling}"


class KeyFinder:
    """Finds the keys of words, with the Porter stemmer of FTS5."""

    def __init__(self) -> None:
        # Only one thread uses it, but another may collect it as garbage and close it.
        self._database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        finalize(self, self._database.close)  # as for `queries.SearchIndex`
        self._database.executescript(_SCHEMA)

    def keys(self, words: Sequence[str]) -> list[set[str]]:
        """Return the keys of each of these folded words. Raises sqlite3.Error."""
        keys = [set(map(key_of_spelling, other_spellings(word))) for word in words]
        self._database.execute("BEGIN")
        insert = "INSERT INTO words (rowid, word) VALUES (?, ?)"
        self._database.executemany(insert, enumerate(words))
        for stem, number in self._database.execute("SELECT term, doc FROM stems"):
            keys[number].add(stem)
        self._database.execute("ROLLBACK")
        return keys


def other_spellings(word: str) -> set[str]:
    """Return the other spellings of a folded word."""
    return {*forms(word), *_without_umlauts(word)} - {word}


def _without_umlauts(word: str) -> Iterator[str]:
    """A word without each of its umlauts, and without all of them."""
    if len(word) <= _MIN_UMLAUT or not ("e" in word or "aa" in word):
        return
    umlauts = list(_UMLAUT.finditer(word))
    if len(word) - len(umlauts) >= _MIN_UMLAUT:
        yield from (word[: umlaut.start()] + word[umlaut.end() :] for umlaut in umlauts)
        yield _UMLAUT.sub("", word)

"""Words that are never treated as typos: a fixed list, so that verdicts are reproducible.

`vocabulary.txt` has one lower-case word a line, sorted by bytes; `tests/build_vocabulary.py` built
it. It contains only words of 5 to 25 letters, because shorter words are never corrected.
"""

from functools import cache

SHORTEST_KNOWN = 5  # letters


@cache
def known_words() -> frozenset[str]:
    """All words of the list, folded. Reads it once."""
    path = __file__.rpartition(".")[0] + ".txt"
    with open(path, encoding="ascii") as lines:  # Importing pathlib would cost 10 ms.
        return frozenset(lines.read().split())


def is_known(word: str) -> bool:
    """Whether a folded word is too common in papers to be a typo of another word.

    The first call reads the list in about 5 ms. A binary search in the file, at 13 microseconds a
    word, was no faster for the 180 possible typos of a day with three topics.
    """
    return word in known_words()


def known_among(words: set[str]) -> frozenset[str]:
    """The words for which `is_known` is true."""
    return known_words() & words

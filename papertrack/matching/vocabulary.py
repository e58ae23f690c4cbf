"""The words that are no typos: a fixed list, so that each command gives the same verdict.

`vocabulary.txt` has one lower-case word a line in the order of bytes; `tests/build_vocabulary.py`
built it. Only words of five to 25 letters are in it: shorter ones are never repaired.
"""

from functools import cache


@cache
def _listed() -> frozenset[str]:
    beside = __file__.rpartition(".")[0] + ".txt"
    with open(beside, encoding="ascii") as lines:  # importing pathlib costs 10 ms
        return frozenset(lines.read().split())


def is_known(word: str) -> bool:
    """Whether papers use this folded word often enough not to be another word misspelled.

    The list is read when first asked for, in about 5 ms. Searching the file by halves instead
    costs 13 microseconds a word: asking only for what may be a typo (180 words of a day with three
    topics) was no quicker, as the whole list tells at once of most words that they are none.
    """
    return word in _listed()


def known_among(words: set[str]) -> frozenset[str]:
    """Those of some words that `is_known` says yes to."""
    return _listed() & words

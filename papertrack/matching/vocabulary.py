"""Words that are never treated as typos: a fixed list, so that verdicts are reproducible.

`vocabulary.txt` has one lower-case word a line, sorted by bytes, with a line "-" before the words
that begin with the same three letters; `tests/build_vocabulary.py` built it. It contains only words
of 5 to 25 letters, because shorter words are never corrected.
"""

from functools import cache

SHORTEST_KNOWN = 5  # letters


@cache
def _groups() -> dict[str, str]:
    """The lines of the words with the same first three letters, by these letters."""
    path = __file__.rpartition(".")[0] + ".txt"
    with open(path, encoding="ascii") as lines:  # Importing pathlib would cost 10 ms.
        return {group[1:4]: group for group in lines.read().split("-")}


def is_known(word: str) -> bool:
    """Whether a folded word is too common in papers to be a typo of another word.

    The first call reads the list in about 1 ms. A set of all words would answer sooner, in 0.1
    instead of 0.4 microseconds, but takes 4 ms to make, more than a day's papers gain by it.
    """
    return f"\n{word}\n" in _groups().get(word[:3], "")

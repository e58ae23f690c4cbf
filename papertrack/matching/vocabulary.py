"""Words that are never treated as typos: a fixed list, so that verdicts are reproducible.

`vocabulary.txt` has a line for the words that begin with the same three letters: these, and the
rests of the words; `tests/build_vocabulary.py` built it. It contains only lower-case words of 5 to
25 letters, because shorter words are never corrected.
"""

from functools import cache

SHORTEST_KNOWN = 5  # letters
_START = 3  # letters


def is_known(word: str) -> bool:
    """Whether a folded word is too common in papers to be a typo of another word."""
    return f" {word[_START:]} " in _lines_by_start().get(word[:_START], "")


@cache
def _lines_by_start() -> dict[str, str]:
    """The lines of the list, read once; a set of the words would take three times as long."""
    path = __file__.rpartition(".")[0] + ".txt"
    with open(path, encoding="ascii") as lines:  # Importing pathlib would cost 10 ms.
        return {line[:_START]: f"{line} " for line in lines.read().splitlines()}

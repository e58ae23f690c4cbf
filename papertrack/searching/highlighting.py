"""Where a text says the words that it was found by."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache

from papertrack.text import fold, shorten

_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_LONGEST = 160  # letters: a line or two of a terminal
_folded = lru_cache(65_536)(fold)  # papers say few words many times over


def spans(text: str, words: AbstractSet[str]) -> Iterator[tuple[int, int]]:
    """The first and the last place, this one excluded, of each of some folded words in a text."""
    if words:
        yield from (found.span() for found in _WORD.finditer(text) if _folded(found[0]) in words)


def excerpt(text: str, words: AbstractSet[str]) -> str | None:
    """The sentence of a text that says most of some folded words, the first of several; of a long
    one at most 160 letters from the first of them on. None where no sentence says one.
    """
    sentences = _SENTENCE.split(text)
    said = [{_folded(one[first:last]) for first, last in spans(one, words)} for one in sentences]
    best = max(range(len(said)), key=lambda at: len(said[at]))
    if not said[best]:
        return None
    sentence = sentences[best]
    first, _ = next(spans(sentence, words))
    begin = min(first, max(0, len(sentence) - _LONGEST))
    begin = sentence.rfind(" ", 0, begin) + 1 if len(sentence) > _LONGEST else 0
    return ("…" if begin else "") + shorten(sentence[begin:], _LONGEST)

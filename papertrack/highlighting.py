"""Finding the matched words in a text, to highlight them or to quote a sentence."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache

from papertrack.text import fold, shorten
from papertrack.word_breaks import WORD

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_MAX_LENGTH = 160  # characters: a line or two in a terminal
_folded = lru_cache(65_536)(fold)  # Papers repeat few words many times.


def spans(text: str, words: AbstractSet[str]) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each occurrence of these folded words in a text."""
    if words:
        yield from (match.span() for match in WORD.finditer(text) if _folded(match[0]) in words)


def excerpt(text: str, words: AbstractSet[str]) -> str | None:
    """Return the sentence of a text with the most of these folded words, the first of equal ones.

    Of a long sentence, at most 160 characters that include the first of the words. None if the text
    contains none of them.
    """
    sentences = _SENTENCE_END.split(text)
    matched = [
        {_folded(sentence[start:end]) for start, end in spans(sentence, words)}
        for sentence in sentences
    ]
    best = max(range(len(sentences)), key=lambda index: len(matched[index]))
    if not matched[best]:
        return None
    sentence = sentences[best]
    first, _ = next(spans(sentence, words))
    start = min(first, max(0, len(sentence) - _MAX_LENGTH))
    start = sentence.rfind(" ", 0, start) + 1 if len(sentence) > _MAX_LENGTH else 0
    return ("…" if start else "") + shorten(sentence[start:], _MAX_LENGTH)

"""Finding the matched words in a text, to highlight them or to quote a sentence."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache

from papertrack.text import fold_word, shorten
from papertrack.word_breaks import is_unspaced, split_words, words_in

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])")
_MAX_LENGTH = 160  # characters: a line or two in a terminal
_folded = lru_cache(65_536)(fold_word)  # Papers repeat few words many times.


def spans(text: str, words: AbstractSet[str]) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each run of these folded words in a text.

    In scripts without spaces each character is a word. If there are several of them in `words`, a
    character counts only beside another.
    """
    runs: list[tuple[int, int]] = []
    for start, end in (match.span() for match in _matches(text, words)):
        begins = runs.pop()[0] if runs and runs[-1][1] == start else start
        runs.append((begins, end))
    characters = sum(len(word) == 1 and is_unspaced(word) for word in words)
    for start, end in runs:
        if characters < 2 or end > start + 1 or not is_unspaced(text[start]):  # noqa: PLR2004
            yield start, end


def _matches(text: str, words: AbstractSet[str]) -> Iterator[re.Match[str]]:
    return (word for word in words_in(text) if words and _is_among(word[0], words))


def _is_among(word: str, words: AbstractSet[str]) -> bool:
    """Whether a word folds to one of these words, or to several of them as ½ does."""
    folded = _folded(word)
    if folded in words or folded.isalnum():
        return folded in words
    parts = split_words(folded)
    return len(parts) > 1 and words >= set(parts)


def occurrences(text: str, phrases: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each occurrence of phrases as whole words, ignoring case.

    GPT-4 does not occur in GPT-4.1, nor 1-bit in .1-bit: these are other numbers.
    """
    longest_first = sorted(set(filter(None, phrases)), key=len, reverse=True)
    if longest_first:
        words = [word.span() for word in words_in(text)]
        inside = {at for start, end in words for at in range(start + 1, end)}
        pattern = "|".join(map(_pattern_of, longest_first))
        for match in re.finditer(pattern, text, re.IGNORECASE):
            if inside.isdisjoint(match.span()):
                yield match.span()


def _pattern_of(phrase: str) -> str:
    before = r"(?<!\d\.)(?<![^\w.]\.)(?<!^\.)" * phrase[0].isdigit()
    after = r"(?!\.\d)" * phrase[-1].isdigit()
    return f"{before}{re.escape(phrase)}{after}"


def excerpt(text: str, words: AbstractSet[str]) -> str | None:
    """Return the sentence of a text that has the most of these folded words, the first if tied.

    A long sentence is cut to 160 characters that include the first of the words. None if the text
    contains none of them.
    """
    sentences = _SENTENCE_END.split(text)
    matched = [{_folded(word[0]) for word in _matches(sentence, words)} for sentence in sentences]
    best = max(range(len(sentences)), key=lambda index: len(matched[index]))
    if not matched[best]:
        return None
    sentence = sentences[best]
    first = next(_matches(sentence, words)).start()
    start = min(first, max(0, len(sentence) - _MAX_LENGTH))
    start = sentence.rfind(" ", 0, start) + 1 if len(sentence) > _MAX_LENGTH else 0
    return ("…" if start else "") + shorten(sentence[start:], _MAX_LENGTH)

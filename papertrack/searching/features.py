"""The features of papers by which they are compared: words, pairs of neighbouring words, authors.

Words are without the plural ending (Harman, How Effective Is Suffixing?, JASIS 42, 1991).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from papertrack.models import Paper
from papertrack.searching.lexicon import STOP_WORDS
from papertrack.text import fold, readable
from papertrack.word_breaks import split_words, without_dots

_PASSAGE_END = re.compile(r"[.!?:;]\s")
_AUTHOR = ""  # stands before the name of an author, as a pair of words has no empty word
# A word, a pair of neighbouring words, or an author. Pairs are faster to count than joined texts.
Feature = str | tuple[str, str]


class Features(NamedTuple):
    """How often a paper has each word, and each pair of words or author."""

    words: Counter[str]
    pairs: Counter[tuple[str, str]]

    def items(self) -> Iterator[tuple[Feature, int]]:
        """All features with their numbers."""
        return chain(self.words.items(), self.pairs.items())


class KeptFeatures:
    """The features of papers that are needed more than once, computed once."""

    def __init__(self) -> None:
        self._kept: dict[Paper, Features] = {}

    def of(self, paper: Paper) -> Features:
        """The features of a paper, which are kept."""
        kept = self._kept.get(paper)
        if kept is None:
            kept = self._kept[paper] = features(paper)
        return kept


@lru_cache(maxsize=4)  # The same paper is often asked for several times in succession.
def features(paper: Paper) -> Features:
    """Count the features of a paper."""
    stems: list[str] = []
    for passage in _passages(paper):
        stems += map(_stem, passage)
        stems.append("")  # The end of a passage and the beginning of the next are no pair.
    pairs = [pair for pair in pairwise(stems) if pair[0] and pair[1]]
    pairs += [(_AUTHOR, fold(author)) for author in map(readable, paper.authors)]
    words = Counter(stems)
    del words[""]
    return Features(words, Counter(pairs))


def spelled_features(paper: Paper) -> Iterator[tuple[Feature, str]]:
    """Yield each feature with the words of the paper that it stands for."""
    for passage in _passages(paper):
        previous = ("", "")
        for word in passage:
            current = _stem(word), word
            if current[0]:
                yield current
                if previous[0]:
                    yield (previous[0], current[0]), f"{previous[1]} {word}"
            previous = current
    for author in map(readable, paper.authors):
        yield (_AUTHOR, fold(author)), f"by {author}"


def spelled_words(paper: Paper) -> dict[str, str]:
    """The words of a paper by their features."""
    words = [word for passage in _passages(paper) for word in passage]
    return dict(zip(map(_stem, words), words, strict=True))


@lru_cache(maxsize=1)  # Asked for twice in succession: for features, and for their spellings.
def _passages(paper: Paper) -> Sequence[Sequence[str]]:
    """The words of each sentence of a paper; colons and semicolons divide sentences."""
    passages: list[list[str]] = []
    for text in (paper.title, *paper.keywords, paper.abstract or ""):
        # As `words_of` does with a passage, but all at once, which is quicker.
        sentences = _PASSAGE_END.split(fold(without_dots(readable(text))))
        passages += map(split_words, sentences)
    return passages


@cache
def _stem(word: str) -> str:
    """A word without its plural ending, by the three rules of Harman's S stemmer.

    Empty for a word that does not count.
    """
    if len(word) < 2 or word.isdigit() or word in STOP_WORDS:  # noqa: PLR2004  # a single letter
        return ""
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "us":  # noqa: PLR2004  # unlike "gas"
        return word[:-3] + "y" if word.endswith("ies") and word[-4] not in "ae" else word[:-1]
    return word

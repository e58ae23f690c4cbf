"""The features of papers by which they are compared: words, pairs of neighbouring words, authors.

Words are without the plural ending (Harman, How Effective Is Suffixing?, JASIS 42, 1991). Features
are known by keys, integers of 63 bits: those of thousands of papers take little room on disk, and
are compared faster than texts. That two features have the same key is as good as impossible.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import chain, pairwise
from typing import NamedTuple

from papertrack.models import Paper
from papertrack.searching.lexicon import STOP_WORDS
from papertrack.text import fold, readable
from papertrack.word_breaks import split_words, without_dots

_PASSAGE_END = re.compile(r"[.!?:;]\s")
_AUTHOR = "\0"  # stands before the name of an author, as no word has it
_KEY_BITS = 60  # of a word; a pair has some more, and with them fits into 8 bytes
MAX_NUMBER = 255  # is the most that a feature is counted, in a byte


class Features(NamedTuple):
    """The keys of the words of a paper, each once, and those of its pairs and authors.

    `numbers` tells how often it has each word, then how often it has each pair or author.
    """

    words: "array[int]"
    pairs: "array[int]"
    numbers: "array[int]"

    def items(self) -> Iterator[tuple[int, int]]:
        """The keys of all features with their numbers."""
        return zip(chain(self.words, self.pairs), self.numbers, strict=True)

    def counted_words(self) -> Iterator[tuple[int, int]]:
        """The keys of the words with their numbers."""
        return zip(self.words, self.numbers, strict=False)


def features(paper: Paper) -> Features:
    """Count the features of a paper."""
    keys: list[int] = []
    for passage in _passages(paper):
        keys += map(_KEYS.__getitem__, passage)
        keys.append(0)  # The end of a passage and the beginning of the next are no pair.
    pairs = Counter(_pairs(keys))
    pairs.update(_authors(paper).keys())
    words = Counter(keys)
    del words[0]
    numbers = [*words.values(), *pairs.values()]
    if max(numbers, default=0) > MAX_NUMBER:
        numbers = [min(number, MAX_NUMBER) for number in numbers]
    # Arrays are made faster from lists and bytes than from others.
    return Features(array("q", list(words)), array("q", list(pairs)), array("B", bytes(numbers)))


def word_counts(paper: Paper) -> Counter[str]:
    """How often a paper has each word."""
    counts = Counter(_stem(word) for passage in _passages(paper) for word in passage)
    del counts[""]
    return counts


def spelled_features(paper: Paper) -> Iterator[tuple[int, str]]:
    """Yield the key of each feature with the words of the paper that it stands for."""
    for passage in _passages(paper):
        previous = (0, "")
        for word in passage:
            current = _KEYS[word], word
            if current[0]:
                yield current
                for pair in _pairs((previous[0], current[0])):
                    yield pair, f"{previous[1]} {word}"
            previous = current
    for key, author in _authors(paper).items():
        yield key, f"by {author}"


def spelled_words(paper: Paper) -> dict[int, str]:
    """The words of a paper by their keys."""
    words = [word for passage in _passages(paper) for word in passage]
    return dict(zip(map(_KEYS.__getitem__, words), words, strict=True))


@cache
def key_of(word: str) -> int:
    """The key of a word without its plural ending."""
    return _hash(word)


class _WordKeys(dict[str, int]):
    """The keys of words as they are written, 0 for one that does not count."""

    def __missing__(self, word: str) -> int:
        stem = _stem(word)
        self[word] = key = key_of(stem) if stem else 0
        return key


_KEYS = _WordKeys()


def _pairs(keys: Sequence[int]) -> list[int]:
    """The keys of the pairs of neighbours; a pair in the other order has another key."""
    return [first * 5 ^ second for first, second in pairwise(keys) if first and second]


def _authors(paper: Paper) -> dict[int, str]:
    """The authors of a paper by their keys."""
    return {_hash(_AUTHOR + fold(author)): author for author in map(readable, paper.authors)}


def _hash(text: str) -> int:
    digest = blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 64 - _KEY_BITS or 1


@lru_cache(maxsize=1)  # Asked for twice in succession: for features, and for their spellings.
def _passages(paper: Paper) -> Sequence[Sequence[str]]:
    """The words of each sentence of a paper; colons and semicolons divide sentences."""
    passages: list[list[str]] = []
    for text in (paper.title, *paper.keywords, paper.abstract or ""):
        # As `words_of` does with a passage, but all at once, which is quicker.
        sentences = _PASSAGE_END.split(fold(without_dots(readable(text))))
        passages += map(split_words, sentences)
    return passages


def _stem(word: str) -> str:
    """A word without its plural ending, by the three rules of Harman's S stemmer.

    Empty for a word that does not count.
    """
    if len(word) < 2 or word.isdigit() or word in STOP_WORDS:  # noqa: PLR2004  # a single letter
        return ""
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "us":  # noqa: PLR2004  # unlike "gas"
        return word[:-3] + "y" if word.endswith("ies") and word[-4] not in "ae" else word[:-1]
    return word

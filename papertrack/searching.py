"""Ranked search over papers: BM25 with fields, and query words repaired where nothing has them.

    score = sum over words of idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean length))

the Okapi formula (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009) with
k1 = 1.5 and b = 0.75, where tf counts a mention in the title or the keywords three times and
lengths are in words. A word of the query stands for its simple inflections, too.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import NamedTuple, Protocol

from papertrack.text import fold

_K1, _B, _TITLE_WEIGHT = 1.5, 0.75, 3
_WORD = re.compile(r"[^\W_]+")
_ENDINGS = re.compile("(?<=.{3})(?:ing|ies|es|ed|s|y)$")
_LONGEST_ENDING = 4
_REPAIRED_FROM = 5  # letters; shorter words have too many neighbours
_TWO_EDITS_FROM = 10
_SHORTEST_PART = 3
_COMMON = frozenset(
    (
        *("a", "about", "an", "and", "are", "as", "at", "be", "been", "by", "can", "do", "for"),
        *("from", "had", "has", "have", "how", "if", "in", "into", "is", "it", "its", "of", "on"),
        *("or", "over", "such", "than", "that", "the", "their", "there", "these", "this", "to"),
        *("using", "was", "were", "what", "when", "which", "with"),
    )
)


class _Mentioned(Protocol):
    """How often a paper says some words in its title, and in its abstract."""

    @property
    def number(self) -> int: ...
    @property
    def title(self) -> int: ...
    @property
    def body(self) -> int: ...


class _Words(Protocol):
    """Which papers, by number, say which words, folded and in lower case.

    `lengths` are in words, `days` the ordinals of the last days on which papers came.
    """

    @property
    def lengths(self) -> Mapping[int, int]: ...
    @property
    def days(self) -> Mapping[int, int]: ...
    def words(self, beginning: str) -> Iterable[tuple[str, int]]:
        """The words that begin so, with the number of papers that say them."""

    def mentions(self, words: Iterable[str]) -> Iterable[_Mentioned]:
        """The papers that say at least one of some words."""

    def saying(self, words: Sequence[str]) -> Iterable[_Mentioned]:
        """The papers that say some words one after the other."""


class Hit(NamedTuple):
    """A paper that a query found, by its number, and its score."""

    number: int
    score: float


def search(query: str, said: _Words, since: int = 0) -> list[Hit]:
    """The papers that say a word of the query, best first, ties by number, and that came on the day
    with the ordinal `since` or later.
    """
    count = len(said.lengths)
    mean = sum(said.lengths.values()) / max(count, 1) or 1.0
    scores: dict[int, float] = {}
    for mentions in _found(_terms(query), said):
        rarity = log(1 + (count - len(mentions) + 0.5) / (len(mentions) + 0.5))
        for number, tf in mentions.items():
            length = said.lengths[number] / mean
            weight = tf * (_K1 + 1) / (tf + _K1 * (1 - _B + _B * length))
            scores[number] = scores.get(number, 0.0) + rarity * weight
    hits = [Hit(one, round(score, 4)) for one, score in scores.items() if said.days[one] >= since]
    return sorted(hits, key=lambda hit: (-hit.score, hit.number))


def _found(terms: Sequence[str], said: _Words) -> Iterable[dict[int, int]]:
    """For each term its mentions by paper, those in titles weighing more."""
    for term in terms:
        words = _inflections(term, said)
        mentions = said.mentions(words) if words else _otherwise(term, said)
        yield {one.number: _TITLE_WEIGHT * one.title + one.body for one in mentions}


def _terms(query: str) -> list[str]:
    words = dict.fromkeys(_WORD.findall(fold(query)))
    telling = [word for word in words if word not in _COMMON] or list(words)
    return list(dict.fromkeys(_ENDINGS.sub("", word) for word in telling))


def _inflections(term: str, said: _Words) -> list[str]:
    longest = len(term) + _LONGEST_ENDING
    return [word for word, _ in said.words(term) if len(word) <= longest]


def _otherwise(term: str, said: _Words) -> Iterable[_Mentioned]:
    """The mentions of what a term that nobody says is probably meant for: two words without the
    space between them, else the word it is nearest to.
    """
    for at in range(_SHORTEST_PART, len(term) - _SHORTEST_PART + 1):
        first, last = term[:at], _inflections(term[at:], said)
        if last and any(word == first for word, _ in said.words(first)):
            together = [one for word in last for one in said.saying((first, word))]
            if together:
                return together
    repaired = _repaired(term, said)
    return said.mentions(_inflections(repaired, said)) if repaired else ()


def _repaired(term: str, said: _Words) -> str | None:
    """The word that a term is nearest to: within one edit, two from ten letters; of two the one
    that more papers say.
    """
    if len(term) < _REPAIRED_FROM:
        return None
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    edits = 1 if len(term) < _TWO_EDITS_FROM else 2
    papers: dict[str, int] = {}
    for word, count in said.words(""):
        if abs(len(word) - len(term)) <= edits + _LONGEST_ENDING:
            stem = _ENDINGS.sub("", word)
            papers[stem] = papers.get(stem, 0) + count
    near = process.extract(term, list(papers), scorer=OSA.distance, score_cutoff=edits, limit=None)
    return min(near, key=lambda one: (one[1], -papers[one[0]]))[0] if near else None

"""Ranked search over papers: BM25 with fields, and query words repaired where nothing has them.

    score = sum over words of idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean length))

the Okapi formula (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009) with
k1 = 1.5 and b = 0.75, where tf counts a mention in the title or the keywords three times. A word
of the query stands for its simple inflections, too.
"""

import re
from collections.abc import Iterable, Sequence
from math import log
from typing import NamedTuple

from papertrack.models import Paper
from papertrack.text import fold

_K1, _B, _TITLE_WEIGHT = 1.5, 0.75, 3
_WORD = re.compile(r"\w+")
_ENDINGS = re.compile("(?<=.{3})(?:ing|ies|es|ed|s|y)$")
_REPAIRED_FROM = 5  # letters; shorter words have too many neighbours
_TWO_EDITS_FROM = 10
_COMMON = frozenset(
    (
        *("a", "about", "an", "and", "are", "as", "at", "be", "been", "by", "can", "do", "for"),
        *("from", "had", "has", "have", "how", "if", "in", "into", "is", "it", "its", "of", "on"),
        *("or", "over", "such", "than", "that", "the", "their", "there", "these", "this", "to"),
        *("using", "was", "were", "what", "when", "which", "with"),
    )
)


class Hit(NamedTuple):
    """A paper that a query found, and its score."""

    paper_id: str
    score: float


class _Text(NamedTuple):
    """What of a paper is searched, folded: what counts more, and what counts once."""

    paper_id: str
    title: str
    body: str


def search(query: str, papers: Iterable[Paper]) -> list[Hit]:
    """The papers that say a word of the query, best first, ties in the order given."""
    texts = [_text(paper) for paper in papers]
    terms = _terms(query)
    mentions = {term: _mentions(term, texts) for term in terms}
    for term in [term for term in terms if not mentions[term]]:
        repaired = _repaired(term, texts)
        mentions[term] = _mentions(repaired, texts) if repaired else {}
    scores: dict[int, float] = {}
    mean = sum(len(text.body) + len(text.title) for text in texts) / max(len(texts), 1) or 1.0
    for found in mentions.values():
        rarity = log(1 + (len(texts) - len(found) + 0.5) / (len(found) + 0.5))
        for number, tf in found.items():
            length = (len(texts[number].body) + len(texts[number].title)) / mean
            weight = tf * (_K1 + 1) / (tf + _K1 * (1 - _B + _B * length))
            scores[number] = scores.get(number, 0.0) + rarity * weight
    best = sorted(scores, key=lambda number: (-scores[number], number))
    return [Hit(texts[number].paper_id, round(scores[number], 4)) for number in best]


def _text(paper: Paper) -> _Text:
    title = fold(" ".join((paper.title, *paper.keywords))).replace("-", " ")
    body = fold(paper.abstract or "").replace("-", " ")
    return _Text(paper.id, title, body)


def _terms(query: str) -> list[str]:
    words = dict.fromkeys(_WORD.findall(fold(query).replace("-", " ")))
    telling = [word for word in words if word not in _COMMON] or list(words)
    return list(dict.fromkeys(_ENDINGS.sub("", word) for word in telling))


def _mentions(term: str, texts: Sequence[_Text]) -> dict[int, int]:
    """Which texts say a term, by number, and how often; the title's mentions weigh more."""
    said = re.compile(rf"\b{re.escape(term)}\w{{0,4}}\b").findall
    found = {}
    for number, text in enumerate(texts):
        # Most texts do not hold the letters at all, and that is quickly seen.
        in_title = len(said(text.title)) if term in text.title else 0
        in_body = len(said(text.body)) if term in text.body else 0
        if in_title or in_body:
            found[number] = _TITLE_WEIGHT * in_title + in_body
    return found


def _repaired(term: str, texts: Sequence[_Text]) -> str | None:
    """The word of the titles that a term, which nothing has, is nearest to: within one edit, two
    from ten letters; the more frequent of two.
    """
    if len(term) < _REPAIRED_FROM:
        return None
    from collections import Counter

    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    words = Counter(
        _ENDINGS.sub("", word) for text in texts for word in set(_WORD.findall(text.title))
    )
    edits = 1 if len(term) < _TWO_EDITS_FROM else 2
    near = process.extract(term, list(words), scorer=OSA.distance, score_cutoff=edits, limit=None)
    return min(near, key=lambda one: (one[1], -words[one[0]]))[0] if near else None

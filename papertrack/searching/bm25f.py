"""Scores of papers for weighted terms: the formula BM25F.

Robertson, Zaragoza and Taylor, Simple BM25 Extension to Multiple Weighted Fields, CIKM 2004; with a
length normalization per field as in Robertson and Zaragoza, The Probabilistic Relevance Framework,
2009:

    score = sum over terms of weight * idf * tf * (k1 + 1) / (tf + k1)
    tf = sum over fields of field weight * occurrences / (1 - b + b * length / mean length)

with k1 = 1.2 and b = 0.75. A term that the query contains n times has the weight
n * (k3 + 1) / (n + k3) with k3 = 7 (these three constants as in Robertson and Walker, Okapi/Keenbow
at TREC-8, 1999). The fields are the title, which includes the keywords and weighs 3, and the
abstract. Lengths are in words, and the mean is that of the papers that have the field, so that a
paper without an abstract scores neither more nor less for that.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log

from papertrack.searching.lexicon import Frequencies, Postings, QueryTerm

_K1, _B, _K3, _TITLE_WEIGHT = 1.2, 0.75, 7, 3
_COMMON_SHARE, _COMMON_FROM = 0.125, 1000

Scores = list[float]  # by paper number; 0 for papers without any term


def query_weights(terms: Iterable[QueryTerm]) -> dict[QueryTerm, float]:
    """Return the weights of the terms of a query, in which a term may occur more than once."""
    return {term: n * (_K3 + 1) / (n + _K3) for term, n in Counter(terms).items()}


class Bm25f:
    """Scores the papers of a search index."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings
        totals = postings.totals
        self._title_norms = _Norms(totals.title_words, totals.papers)
        self._body_norms = _Norms(totals.abstract_words, totals.abstracts)

    def scores(self, weights: Mapping[QueryTerm, float]) -> Scores:
        """Return the scores of all papers for terms with these weights.

        A term in more than 1,000 papers and more than an eighth of all papers scores only papers
        that contain a rarer term, if there are any.
        """
        scores = [0.0] * len(self._postings.title_lengths)
        count = self._postings.paper_count
        has_rarer = False
        for term in sorted(weights, key=self._document_frequency):
            frequencies = _frequencies(term, self._postings)
            papers = len(frequencies.papers)
            is_common = has_rarer and papers > max(_COMMON_FROM, _COMMON_SHARE * count)
            idf = log(1 + (count - papers + 0.5) / (papers + 0.5))
            self._add(scores, frequencies, weights[term] * idf, is_common=is_common)
            has_rarer = has_rarer or bool(papers)
        return scores

    def _add(
        self, scores: Scores, frequencies: Frequencies, weight: float, *, is_common: bool
    ) -> None:
        """Add the scores for a term, if it `is_common` only to scores above 0."""
        title_lengths, body_lengths = self._postings.title_lengths, self._postings.body_lengths
        title_norms, body_norms = self._title_norms, self._body_norms
        titles, maximum = frequencies.titles, weight * (_K1 + 1)
        for number, occurrences in frequencies.papers.items():
            if is_common and not scores[number]:
                continue
            in_title = titles.get(number, 0)
            tf = (occurrences - in_title) * body_norms[body_lengths[number]]
            if in_title:
                tf += _TITLE_WEIGHT * in_title * title_norms[title_lengths[number]]
            scores[number] += maximum * tf / (tf + _K1)

    def _document_frequency(self, term: QueryTerm) -> int:
        return sum(map(self._postings.document_frequency, term.words))


def length_norm(length: int, mean: float) -> float:
    """Return the factor by which occurrences in a text of this many words are multiplied."""
    return 1 / (1 - _B + _B * length / mean)


class _Norms(dict[int, float]):
    """The norm of each length of a field, computed when it is needed."""

    def __init__(self, words: int, texts: int) -> None:
        super().__init__()
        self._mean = words / (texts or 1) or 1.0

    def __missing__(self, length: int) -> float:
        norm = self[length] = length_norm(length, self._mean)
        return norm


def _frequencies(term: QueryTerm, postings: Postings) -> Frequencies:
    words = postings.term_frequencies(term.words)
    if not term.phrases:
        return words
    phrases = postings.phrase_frequencies(term.phrases)
    return Frequencies(_sum(words.papers, phrases.papers), _sum(words.titles, phrases.titles))


def _sum(first: Mapping[int, int], second: Mapping[int, int]) -> dict[int, int]:
    total = dict(first)
    for number, count in second.items():
        total[number] = total.get(number, 0) + count
    return total

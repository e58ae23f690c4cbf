"""How similar papers are to those of a topic, apart from the words that select them.

The words of the topic's papers have log-odds weights against all other papers, as in
papertrack.searching.relevance; weights below one standard deviation count as 0. A paper's score is
the sum of the weights of its words. If a share of some papers were like the topic's papers, and the
others like the rest of the library, their mean score would lie between the means of both, at that
share. So the share is estimated from the means, each paper of the topic scored by the others.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from math import log, sqrt
from typing import NamedTuple

from papertrack.models import Paper
from papertrack.searching.lexicon import Postings
from papertrack.searching.relevance import words_in

_PRIOR = 10.0  # the weight of the whole library, in papers


class SimilarShare(NamedTuple):
    """The estimated share of papers that are like those of a topic, and its standard error."""

    share: float
    error: float


class _WordWeight(NamedTuple):
    """The weight of a word, the same without one of its papers, and its share in the others."""

    weight: float
    without_one: float
    share: float


class TopicSimilarity:
    """Compares papers with the `sample` of a topic's papers, of which there are `papers` in all."""

    def __init__(self, sample: Sequence[Paper], papers: int, postings: Postings) -> None:
        self._word_sets = [words_in(paper) for paper in sample]
        counts = Counter(word for words in self._word_sets for word in words)
        self._weights: dict[str, _WordWeight] = {}
        size, others = len(sample), max(postings.paper_count - papers, 1)
        for word, count in counts.items():
            frequency = max(postings.document_frequency(word), count)
            outside = min(max(frequency - count * papers / size, 0.0), others)
            prior = _PRIOR * frequency / max(postings.paper_count, frequency, 1)
            weight, without_one = (
                _weight(own + prior, total + _PRIOR, outside + prior, others + _PRIOR)
                for own, total in ((count, size), (count - 1, size - 1))
            )
            if weight or without_one:
                self._weights[word] = _WordWeight(weight, without_one, outside / others)

    def share_of(self, papers: Collection[Paper], without: Collection[str]) -> SimilarShare:
        """Return the share of similar papers; the words in `without` do not count.

        The share is 0 if the topic's papers do not differ from others.
        """
        weights = {word: w for word, w in self._weights.items() if word not in without}
        average_other = sum(w.weight * w.share for w in weights.values())
        variance = sum(w.weight**2 * w.share * (1 - w.share) for w in weights.values())
        own = _mean(
            sum(weights[word].without_one for word in words if word in weights)
            for words in self._word_sets
        )
        scores = (
            sum(weights[word].weight for word in words_in(paper) if word in weights)
            for paper in papers
        )
        distance = own - average_other
        if distance <= 0 or not papers:
            return SimilarShare(0.0, 0.0)
        return SimilarShare(
            (_mean(scores) - average_other) / distance, sqrt(variance / len(papers)) / distance
        )


def _weight(here: float, papers: float, there: float, others: float) -> float:
    """The log-odds of a word in some papers against others; 0 if they are no standard deviation."""
    if here <= 0 or there <= 0 or here >= papers or there >= others:
        return 0.0
    odds = log(here / (papers - here)) - log(there / (others - there))
    return odds if odds >= sqrt(1 / here + 1 / there) else 0.0


def _mean(numbers: Iterable[float]) -> float:
    values = list(numbers)
    return sum(values) / (len(values) or 1)

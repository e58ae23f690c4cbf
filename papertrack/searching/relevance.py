"""Models of topics that find related papers: similar papers that no phrase matches.

A model weights words by their log-odds in the papers of the topic against all other papers, with a
Dirichlet prior from the whole library (Monroe, Colaresi and Quinn, Fightin' Words, Political
Analysis 16, 2008):

    weight = log((y1 + a w) / (n1 + a - y1 - a w)) - log((y2 + a w) / (n2 + a - y2 - a w))

where y1 of n1 papers of the topic and y2 of n2 other papers contain a word, w is the share of all
papers that contain it, and a = 10. A paper with a phrase in its title counts 1, any other 1/3. The
200 words with weights the most standard deviations from 0, at least 1.96, are used; words of the
phrases never are, because papers with them already match. The score of a paper is the sum of the
weights of its words.

The minimum score of a related paper follows from the topic's own papers, each scored by a model
trained on the other four fifths of them: it is the score that maximizes r * r / p, where r is the
share of them and p the share of all papers that reach it. This grows as F1 does but needs no labels
(Lee and Liu, Learning with Positive and Unlabeled Examples Using Weighted Logistic Regression, ICML
2003). There are never more than two related papers for each paper that matches.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from heapq import nlargest
from itertools import groupby
from math import log, sqrt
from typing import NamedTuple
from zlib import crc32

from papertrack.models import Paper, Related, Topic
from papertrack.searching.lexicon import STOP_WORDS, Lexicon, Postings
from papertrack.searching.query import words_of
from papertrack.text import readable

VERSION = 2  # Increased whenever the same papers may give another model.
MIN_TOPIC_PAPERS = 10  # papers of a topic; a model of fewer would be arbitrary
_PRIOR, _ELSEWHERE_WEIGHT = 10.0, 1 / 3
_MAX_WORDS, _MIN_DEVIATIONS = 200, 1.96
_FOLDS = 5
_MAX_RELATED = 2  # related papers for each paper that matches
# A word must be in at least three papers of the topic, and in at least one of every 200.
_MIN_WORD_PAPERS, _PAPERS_PER_WORD = 3, 200
_SHOWN_WORDS = 5
_UNITS = 10_000  # Weights are rounded to four decimals, and are whole numbers of this unit.


class RelevanceModel(NamedTuple):
    """The weighted words of a topic, and the `least` score of a related paper.

    `least` is None if no score separates the topic's papers from others. `papers` is the size of
    the library that the model was trained on, `rule` a fingerprint of the topic.
    """

    topic: str
    rule: str
    papers: int
    least: float | None
    weights: Mapping[str, float]

    def related(self, paper: Paper) -> Related | None:
        """Return how a paper is related to the topic, or None if it is not."""
        if self.least is None:
            return None
        related = self.score(paper)
        return related if related.score >= self.least else None

    def score(self, paper: Paper) -> Related:
        """Return the score of a paper, related or not, and its words with the highest weights."""
        words = [word for word in words_in(paper) if word in self.weights]
        best = nlargest(_SHOWN_WORDS, words, key=lambda word: (self.weights[word], word))
        return Related(self.topic, _sum(self.weights, words), self.least or 0.0, tuple(best))

    def scores(self, postings: Postings) -> dict[int, float]:
        """Return the score of each paper in the index with any of the words, by number."""
        scores: dict[int, int] = {}
        for word, weight in self.weights.items():
            units = _to_units(weight)
            for number in postings.papers_with([(word,)]):
                scores[number] = scores.get(number, 0) + units
        return {number: _from_units(score) for number, score in scores.items()}


class TrainingPaper(NamedTuple):
    """A paper of a topic, as a model is trained on it."""

    id: str
    words: tuple[str, ...]
    weight: float

    @property
    def fold(self) -> int:
        """The index of the fifth of all papers that it belongs to."""
        return crc32(self.id.encode(errors="surrogatepass")) % _FOLDS


def words_in(paper: Paper) -> set[str]:
    """Return the folded words of a paper, without stop words, numbers and single letters."""
    texts = (readable(paper.title), *paper.keywords, readable(paper.abstract or ""))
    words = words_of(" ".join(texts))
    return {word for word in words if len(word) > 1 and not word.isdigit()} - STOP_WORDS


def training_paper(paper: Paper, *, in_title: bool) -> TrainingPaper:
    """Return a paper of a topic for training; `in_title`: its title matches the topic."""
    weight = 1.0 if in_title else _ELSEWHERE_WEIGHT
    return TrainingPaper(paper.id, tuple(words_in(paper)), weight)


def train(
    topic: Topic,
    rule: str,
    papers: Collection[TrainingPaper],
    own: Collection[int],
    postings: Postings,
) -> RelevanceModel:
    """Return the model of a topic, trained on its papers.

    `own` are the numbers of the same papers in the index.
    """
    total = postings.paper_count
    if len(papers) < MIN_TOPIC_PAPERS:
        return RelevanceModel(topic.name, rule, total, None, {})
    folds = [_Fold() for _ in range(_FOLDS)]
    for paper in papers:
        folds[paper.fold].add(paper)
    candidates = _candidate_words(topic, folds, len(papers), postings)
    other_papers = total - len(papers)
    model = RelevanceModel(topic.name, rule, total, None, _weights(folds, candidates, other_papers))
    weights_without = [
        _weights([fold for fold in folds if fold is not held_out], candidates, other_papers)
        for held_out in folds
    ]
    own_scores = [_sum(weights_without[paper.fold], paper.words) for paper in papers]
    scores = model.scores(postings).items()
    other_scores = (score for number, score in scores if number not in own)
    return model._replace(least=_least_score(own_scores, other_scores, total))


def _least_score(
    own_scores: Collection[float], other_scores: Iterable[float], total: int
) -> float | None:
    """The minimum score of related papers, or None if no score separates the topic's papers."""
    own = [(-score, True) for score in own_scores]
    other = [(-score, False) for score in other_scores]
    best, least, own_above, other_above = 0.0, None, 0, 0
    for negative, tied in groupby(sorted(own + other), key=lambda item: item[0]):
        for _, is_own in tied:
            own_above, other_above = own_above + is_own, other_above + (not is_own)
        if other_above > _MAX_RELATED * len(own) or negative == 0:
            break
        above = own_above + other_above
        criterion = (own_above / len(own)) ** 2 * total / above
        if above >= MIN_TOPIC_PAPERS and criterion > best:
            best, least = criterion, -negative
    return least


class _Fold:
    """Counts over a fifth of a topic's papers: the papers with each word, and their weights."""

    def __init__(self) -> None:
        self.weight = 0.0
        self.papers_by_word: Counter[str] = Counter()
        self._full_weight_papers: Counter[str] = Counter()

    def add(self, paper: TrainingPaper) -> None:
        self.weight += paper.weight
        self.papers_by_word.update(paper.words)
        if paper.weight == 1:
            self._full_weight_papers.update(paper.words)

    def weight_of(self, word: str) -> float:
        """The total weight of the papers with a word."""
        full = self._full_weight_papers[word]
        return full + _ELSEWHERE_WEIGHT * (self.papers_by_word[word] - full)


class _CandidateWord(NamedTuple):
    """How many papers outside the topic contain a word, and the share of all papers, below 1."""

    other_papers: int
    share: float


def _candidate_words(
    topic: Topic, folds: Iterable[_Fold], papers: int, postings: Postings
) -> dict[str, _CandidateWord]:
    phrases = (*topic.any, *topic.all)
    lexicon = Lexicon(postings)
    phrase_words = {
        inflection
        for phrase in phrases
        for word in words_of(phrase)
        for inflection in lexicon.inflections(word)
    }
    total, minimum = postings.paper_count, max(_MIN_WORD_PAPERS, papers / _PAPERS_PER_WORD)
    candidates = {}
    for word, own in sum((fold.papers_by_word for fold in folds), Counter[str]()).items():
        if own >= minimum and word not in phrase_words:
            # The document frequency still counts papers that were removed.
            frequency = min(max(postings.document_frequency(word), own), total)
            other_papers = min(frequency - own, total - papers)
            candidates[word] = _CandidateWord(other_papers, frequency / (total + 1))
    return candidates


def _weights(
    folds: Collection[_Fold], candidates: Mapping[str, _CandidateWord], other_papers: int
) -> dict[str, float]:
    """The log-odds of the most significant words against so many other papers."""
    total_weight = sum(fold.weight for fold in folds)
    significant = []
    for word, (other_papers_with_word, share) in candidates.items():
        prior = _PRIOR * share
        here = sum(fold.weight_of(word) for fold in folds) + prior
        there = other_papers_with_word + prior
        odds = _log_odds(here, total_weight + _PRIOR) - _log_odds(there, other_papers + _PRIOR)
        deviations = odds / sqrt(1 / here + 1 / there)
        if deviations > _MIN_DEVIATIONS:
            significant.append((deviations, word, odds))
    return {word: round(odds, 4) for _, word, odds in nlargest(_MAX_WORDS, significant)}


def _log_odds(count: float, total: float) -> float:
    return log(count / (total - count))


def _sum(weights: Mapping[str, float], words: Iterable[str]) -> float:
    """The sum of the weights of those words that have one."""
    return _from_units(sum(_to_units(weights[word]) for word in words if word in weights))


def _to_units(weight: float) -> int:
    """A weight as a whole number, because sums of floats depend on their order."""
    return round(weight * _UNITS)


def _from_units(units: int) -> float:
    return units / _UNITS

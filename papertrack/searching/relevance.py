"""Papers that say what the papers of a topic say, although none of its phrases.

What sets the words of a topic's papers apart is measured by their log-odds against all others, with
a Dirichlet prior from the whole library (Monroe, Colaresi and Quinn, Fightin' Words, Political
Analysis 16, 2008):

    weight = log((y1 + a w) / (n1 + a - y1 - a w)) - log((y2 + a w) / (n2 + a - y2 - a w))

where y1 of n1 papers of the topic and y2 of the n2 others say a word, w is the share of all papers
that do, and a = 10. A paper that has a phrase in its title counts 1, another a third. The 200
words count whose weight is the most standard deviations from 0, 1.96 at least; those of the phrases
never do, as they would only find what is found. The score of a paper is the sum over its words.

How much is enough follows from the topic's own papers, each scored by a model of the other four
fifths of them: the score at which r * r / p is highest, where r is the share of them and p that of
all papers that come so high. It grows as F1 does and needs no labels (Lee and Liu, Learning with
Positive and Unlabeled Examples Using Weighted Logistic Regression, ICML 2003). There are never
more than two related papers for each that matches.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from heapq import nlargest
from itertools import groupby
from math import log, sqrt
from typing import NamedTuple
from zlib import crc32

from papertrack.models import Paper, Related, Topic
from papertrack.searching.lexicon import Postings, stemmed
from papertrack.searching.query import words_of
from papertrack.searching.query_terms import COMMON

VERSION = 1  # grows whenever the same papers may give another model
ENOUGH = 10  # papers of a topic; fewer say nothing about others
_PRIOR, _ELSEWHERE = 10.0, 1 / 3
_WORDS, _SURE = 200, 1.96
_PARTS = 5
_AT_MOST = 2  # related papers for one that matches
_RARE = 200  # a word counts that one of so many papers of the topic says, and three papers do
_FEWEST = 3
_TOLD = 5


class RelevanceModel(NamedTuple):
    """What the papers of a topic say: words with their weights, and the `least` score of a related
    paper, None where nothing can be told. Made of a library of so many `papers`.
    """

    topic: str
    rule: str
    papers: int
    least: float | None
    weights: Mapping[str, float]

    def related(self, paper: Paper) -> Related | None:
        """How a paper is related to the topic, None where it is not."""
        if self.least is None:
            return None
        one = self.score(paper)
        return one if one.score >= self.least else None

    def score(self, paper: Paper) -> Related:
        """How near a paper comes, and the words of it that weigh most."""
        said = [word for word in words_in(paper) if word in self.weights]
        most = nlargest(_TOLD, said, key=lambda word: (self.weights[word], word))
        return Related(self.topic, _sum(self.weights, said), self.least or 0.0, tuple(most))

    def scores(self, said: Postings) -> dict[int, float]:
        """The score of each paper of an index, by number, that says one of the words."""
        found: dict[int, int] = {}
        for word, weight in self.weights.items():
            exact = _exact(weight)
            for number in said.papers_with([(word,)]):
                found[number] = found.get(number, 0) + exact
        return {number: _plain(score) for number, score in found.items()}


class TrainingPaper(NamedTuple):
    """A paper of a topic as a model is made of it: its id, its words, and what it counts."""

    id: str
    words: tuple[str, ...]
    counts: float

    @property
    def part(self) -> int:
        """Which fifth of the papers it is in."""
        return crc32(self.id.encode(errors="surrogatepass")) % _PARTS


def words_in(paper: Paper) -> set[str]:
    """The words of a paper, folded, as the index has them; no numbers and no single letters."""
    said = words_of(" ".join((paper.title, *paper.keywords, paper.abstract or "")))
    return {word for word in said if len(word) > 1 and not word.isdigit()} - COMMON


def training_paper(paper: Paper, *, in_title: bool) -> TrainingPaper:
    """A paper of a topic, which says it `in_title` or elsewhere."""
    return TrainingPaper(paper.id, tuple(words_in(paper)), 1.0 if in_title else _ELSEWHERE)


def train(
    topic: Topic, rule: str, papers: Collection[TrainingPaper], own: Collection[int], said: Postings
) -> RelevanceModel:
    """The model of a topic whose papers are these, which have `own` numbers among the words of all.
    Two papers are related for each of them at most.
    """
    every = said.paper_count
    if len(papers) < ENOUGH:
        return RelevanceModel(topic.name, rule, every, None, {})
    parts = [_Fold() for _ in range(_PARTS)]
    for paper in papers:
        parts[paper.part].take_in(paper)
    known = _known_words(topic, parts, len(papers), said)
    others = every - len(papers)
    model = RelevanceModel(topic.name, rule, every, None, _weights(parts, known, others))
    held_out = [
        _weights([one for one in parts if one is not part], known, others) for part in parts
    ]
    scores = [_sum(held_out[one.part], one.words) for one in papers]
    found = (score for number, score in model.scores(said).items() if number not in own)
    return model._replace(least=_least(scores, found, every))


def _least(own: Collection[float], others: Iterable[float], every: int) -> float | None:
    """The lowest score of a related paper, None where no score tells the topic's papers apart."""
    ranked = sorted([(-one, True) for one in own] + [(-one, False) for one in others])
    best, found, met, other = 0.0, None, 0, 0
    for score, tied in groupby(ranked, key=lambda one: one[0]):
        for _, is_own in tied:
            met, other = met + is_own, other + (not is_own)
        if other > _AT_MOST * len(own) or score == 0:
            break
        worth = (met / len(own)) ** 2 * every / (met + other)
        if met + other >= ENOUGH and worth > best:
            best, found = worth, -score
    return found


class _Fold:
    """What some papers of a topic say: how many say each word, and what these count."""

    def __init__(self) -> None:
        self.papers, self.counted = 0, 0.0
        self.saying: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def take_in(self, paper: TrainingPaper) -> None:
        self.papers += 1
        self.counted += paper.counts
        self.saying.update(paper.words)
        if paper.counts == 1:
            self.counts.update(paper.words)

    def count(self, word: str) -> float:
        """What the papers that say a word count."""
        return self.counts[word] + _ELSEWHERE * (self.saying[word] - self.counts[word])


class _CandidateWord(NamedTuple):
    """A word that may count: so many `others` say it, and that `share` of all papers, below 1."""

    others: int
    share: float


def _known_words(
    topic: Topic, parts: Iterable[_Fold], papers: int, said: Postings
) -> dict[str, _CandidateWord]:
    own = {stemmed(word) for phrase in (*topic.any, *topic.all) for word in words_of(phrase)}
    every, often = said.paper_count, max(_FEWEST, papers / _RARE)
    known = {}
    for word, saying in sum((part.saying for part in parts), Counter[str]()).items():
        if saying >= often and stemmed(word) not in own:
            # The index also has the words of papers that were removed.
            all_saying = min(max(said.document_frequency(word), saying), every)
            elsewhere = min(all_saying - saying, every - papers)
            known[word] = _CandidateWord(elsewhere, all_saying / (every + 1))
    return known


def _weights(
    parts: Collection[_Fold], known: Mapping[str, _CandidateWord], others: int
) -> dict[str, float]:
    """The words that tell most, with their log-odds against so many other papers."""
    counted = sum(part.counted for part in parts)
    found = []
    for word, (saying, share) in known.items():
        prior = _PRIOR * share
        here, there = sum(part.count(word) for part in parts) + prior, saying + prior
        odds = log(here / (counted + _PRIOR - here)) - log(there / (others + _PRIOR - there))
        sure = odds / sqrt(1 / here + 1 / there)
        if sure > _SURE:
            found.append((sure, word, odds))
    return {word: round(odds, 4) for _, word, odds in nlargest(_WORDS, found)}


def _sum(weights: Mapping[str, float], words: Iterable[str]) -> float:
    """The sum of the weights that some words have."""
    return _plain(sum(_exact(weights[word]) for word in words if word in weights))


def _exact(weight: float) -> int:
    """A weight in ten thousandths: sums of these are the same in any order."""
    return round(weight * 10_000)


def _plain(sum_of_exact: int) -> float:
    return sum_of_exact / 10_000

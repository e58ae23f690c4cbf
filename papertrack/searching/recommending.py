"""Ranking papers for a reader by the papers that they starred and hid.

The score of a paper is linear in its features: words without the plural ending (Harman, How
Effective Is Suffixing?, JASIS 42, 1991), pairs of neighbouring words, and authors. A paper is a
vector of TF-IDF weights, (1 + log tf) * log(N / df), scaled to length 1 (Salton and Buckley,
Term-Weighting Approaches in Automatic Text Retrieval, 1988), so that no paper gains from repeating
words. The weights w of the features solve a ridge regression (Hoerl and Kennard, Technometrics 12,
1970): they minimize

    sum over starred (1 - x.w)^2 + sum over hidden (x.w)^2 + sum over others c (x.w)^2 + 0.2 |w|^2

where c makes the other papers together count twice as much as the starred ones: papers that are
neither starred nor hidden are taken for papers that the reader does not want, as most are (Elkan
and Noto, Learning Classifiers from Only Positive and Unlabeled Data, KDD 2008). Features that no
starred paper has are left out.

It is solved by eight steps of conjugate gradients (Hestenes and Stiefel, 1952); stopping early
smooths the weights further. Then the ten best papers are added as if starred, at a fifth of the
weight or less, and the weights are computed again: pseudo-relevance feedback (Buckley, Salton,
Allan and Singhal, TREC-3, 1994). It helps if few papers are starred and would drown the smaller of
two interests if many are, so ten papers together never count more than ten divided by the number of
starred ones.

The constants were chosen with held-out readers; see tests/benchmarks/recommending.py.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from math import log, sqrt
from operator import mul
from typing import NamedTuple, TypeVar
from zlib import crc32

from papertrack.models import Paper, Reasons
from papertrack.searching.lexicon import STOP_WORDS
from papertrack.searching.query import words_of
from papertrack.text import fold, readable

_PENALTY = 0.2  # of the squared length of the weights
_STEPS = 8  # of conjugate gradients
_FEEDBACK_PAPERS, _FEEDBACK_WEIGHT = 10, 0.2
_OTHERS_WEIGHT = 2.0  # of all other papers together, when the starred ones have 1
_MAX_OTHERS = 2500  # papers that stand for all others; more hardly change the weights
_MIN_PAPERS = 2  # with a feature; a feature of a single paper connects no papers
_DUPLICATE = 0.8  # the cosine from which two papers count as one
_SHOWN_WORDS, _SHOWN_AGAINST, _SHOWN_PAPERS = 5, 3, 2
_MIN_SHARE = 0.1  # of the part of a paper's best word; words with smaller parts are no reasons
_MIN_SIMILARITY = 0.1  # cosine to a starred paper that is shown as a reason
_AUTHOR = "\t"  # begins the feature of an author

_Key = TypeVar("_Key")
_Vector = tuple[tuple[int, ...], tuple[float, ...]]  # positions of features, and their weights


class Recommendation(NamedTuple):
    """A paper's score, highest for the best paper, and what speaks for and against it."""

    id: str
    score: float
    reasons: Reasons


class Profile(NamedTuple):
    """What the papers of a reader say: weights by feature, highest first.

    `starred` are the starred papers that count; near-duplicates of another are left out.
    """

    weights: Mapping[str, float]
    starred: tuple[str, ...]


class Ranking:
    """A model of a reader, trained on starred and hidden papers, and the papers to rank with it.

    `others` are all further papers. The order of the arguments does not matter.
    """

    def __init__(
        self, starred: Sequence[Paper], hidden: Sequence[Paper], others: Sequence[Paper]
    ) -> None:
        starred, hidden, others = (
            sorted(papers, key=lambda paper: paper.id) for papers in (starred, hidden, others)
        )
        sample = nlargest(_MAX_OTHERS, others, key=_sampling_key)
        self._space = _Space(starred, [*sample, *starred, *hidden])
        self._others = {paper.id: self._space.vector(features(paper)) for paper in others}
        vectors = {paper.id: self._space.vector(features(paper)) for paper in starred}
        self._starred = dict(_without_duplicates(vectors.items()))
        background = [self._others[paper.id] for paper in sample]
        avoided = [self._space.vector(features(paper)) for paper in hidden]
        self._weights = self._train(background, avoided)

    def profile(self) -> Profile:
        """The weights of all features, highest first."""
        pairs = zip(self._space.spellings, self._weights, strict=True)
        weights = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
        return Profile(dict(weights), tuple(self._starred))

    def best(self, ids: Collection[str], limit: int | None) -> list[Recommendation]:
        """The papers with these ids among the others, best first."""
        scores = {paper_id: _dot(self._others[paper_id], self._weights) for paper_id in ids}
        ranked = sorted(scores, key=lambda paper_id: (-scores[paper_id], paper_id))[:limit]
        return [
            Recommendation(paper_id, scores[paper_id], self._reasons(paper_id))
            for paper_id in ranked
        ]

    def _train(self, background: Sequence[_Vector], avoided: Sequence[_Vector]) -> list[float]:
        share = _OTHERS_WEIGHT * len(self._starred) / max(len(background), 1)
        rows = [
            *((vector, 1.0, 1.0) for vector in self._starred.values()),
            *((vector, share, 0.0) for vector in background),
            *((vector, 1.0, 0.0) for vector in avoided),
        ]
        size = len(self._space.positions)
        weights = _ridge(rows, size)
        scores = [(_dot(vector, weights), vector) for vector in self._others.values()]
        # A few more than needed, as near-duplicates count once.
        best = nlargest(
            3 * _FEEDBACK_PAPERS, enumerate(scores), key=lambda row: (row[1][0], row[0])
        )
        distinct = list(_without_duplicates((number, vector) for number, (_, vector) in best))
        feedback = distinct[:_FEEDBACK_PAPERS]
        weight = min(_FEEDBACK_WEIGHT, 1 / max(len(self._starred), 1))
        return _ridge([*rows, *((vector, weight, 1.0) for _, vector in feedback)], size)

    def _reasons(self, paper_id: str) -> Reasons:
        vector = self._others[paper_id]
        spellings = self._space.spellings
        parts = sorted(
            (-self._weights[position] * value, spellings[position])
            for position, value in zip(*vector, strict=True)
        )
        least = -parts[0][0] * _MIN_SHARE if parts else 0.0
        similar = sorted((-_cosine(vector, other), key) for key, other in self._starred.items())
        return Reasons(
            _distinct((name for part, name in parts if -part > least), _SHOWN_WORDS),
            tuple(key for part, key in similar[:_SHOWN_PAPERS] if -part >= _MIN_SIMILARITY),
            _distinct((name for part, name in parts[::-1] if part > least), _SHOWN_AGAINST),
        )


def features(paper: Paper) -> Counter[str]:
    """Count the features of a paper: words, pairs of neighbouring words, and authors."""
    return Counter(feature for feature, _ in _features_as_written(paper))


def _features_as_written(paper: Paper) -> Iterator[tuple[str, str]]:
    """Yield each feature with the words of the paper that it stands for."""
    for text in (paper.title, *paper.keywords, paper.abstract or ""):
        previous = ("", "")
        for word in words_of(readable(text)):
            current = (_singular(word), word) if _counts(word) else ("", "")
            if current[0]:
                yield current
                if previous[0]:
                    yield f"{previous[0]} {current[0]}", f"{previous[1]} {word}"
            previous = current
    for author in map(readable, paper.authors):
        yield _AUTHOR + fold(author), f"by {author}"


class _Space:
    """The vector space of the features that a starred paper has, weighted over some papers."""

    def __init__(self, starred: Sequence[Paper], papers: Sequence[Paper]) -> None:
        frequencies = Counter(feature for paper in papers for feature in features(paper))
        self._inverse = {
            feature: log(len(papers) / number)
            for feature, number in frequencies.items()
            if number >= _MIN_PAPERS
        }
        written = Counter(pair for paper in starred for pair in _features_as_written(paper))
        # The last one counts: the most frequent spelling, of those the first in the alphabet.
        spellings = dict(sorted(written, key=lambda pair: (-written[pair], pair), reverse=True))
        own = sorted(spellings.keys() & self._inverse.keys())
        self.positions = {feature: position for position, feature in enumerate(own)}
        self.spellings = [spellings[feature] for feature in own]

    def vector(self, counts: Mapping[str, int]) -> _Vector:
        """The features of a paper; features that no starred paper has only count in its length."""
        inverse = self._inverse
        weights = {
            feature: (1 + log(number)) * inverse[feature]
            for feature, number in counts.items()
            if feature in inverse
        }
        length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        own = sorted(weights.keys() & self.positions.keys())
        return (
            tuple(self.positions[feature] for feature in own),
            tuple(weights[feature] / length for feature in own),
        )


def _ridge(rows: Sequence[tuple[_Vector, float, float]], size: int) -> list[float]:
    """The weights that minimize the weighted squared error and the penalty; see the module.

    A row is the vector of a paper, its weight, and the value to predict.
    """
    weights = [0.0] * size
    residual = _combine([(vector, weight * value) for vector, weight, value in rows], size)
    direction, remaining = residual, sum(map(mul, residual, residual))
    for _ in range(_STEPS):
        if not remaining:
            break
        image = _combine([(row[0], row[1] * _dot(row[0], direction)) for row in rows], size)
        image = [value + _PENALTY * part for value, part in zip(image, direction, strict=True)]
        step = remaining / sum(map(mul, direction, image))
        weights = [value + step * part for value, part in zip(weights, direction, strict=True)]
        residual = [value - step * part for value, part in zip(residual, image, strict=True)]
        before, remaining = remaining, sum(map(mul, residual, residual))
        ratio = remaining / before
        direction = [value + ratio * part for value, part in zip(residual, direction, strict=True)]
    return weights


def _combine(rows: Sequence[tuple[_Vector, float]], size: int) -> list[float]:
    """The sum of vectors, each times a factor."""
    result = [0.0] * size
    for (positions, values), factor in rows:
        if factor:
            for position, value in zip(positions, values, strict=True):
                result[position] += factor * value
    return result


def _dot(vector: _Vector, weights: Sequence[float]) -> float:
    positions, values = vector
    return float(sum(map(mul, values, map(weights.__getitem__, positions))))


def _cosine(first: _Vector, second: _Vector) -> float:
    values = dict(zip(*second, strict=True))
    return sum(
        value * values[position]
        for position, value in zip(*first, strict=True)
        if position in values
    )


def _without_duplicates(vectors: Iterable[tuple[_Key, _Vector]]) -> Iterator[tuple[_Key, _Vector]]:
    """The vectors that are not nearly the same as an earlier one."""
    kept: list[_Vector] = []
    for key, vector in vectors:
        # The vectors are shorter than 1 by the features that no starred paper has.
        least = _DUPLICATE * _cosine(vector, vector)
        if any(_cosine(vector, other) > max(least, 1e-9) for other in kept):
            continue
        kept.append(vector)
        yield key, vector


def _sampling_key(paper: Paper) -> tuple[int, str]:
    return crc32(paper.id.encode(errors="surrogatepass")), paper.id


def _counts(word: str) -> bool:
    return len(word) > 1 and not word.isdigit() and word not in STOP_WORDS


def _singular(word: str) -> str:
    """A word without its plural ending, by the three rules of Harman's S stemmer."""
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "us":  # noqa: PLR2004  # unlike "gas"
        return word[:-3] + "y" if word.endswith("ies") and word[-4] not in "ae" else word[:-1]
    return word


def _distinct(names: Iterable[str], number: int) -> tuple[str, ...]:
    """The first names that share no word with an earlier one."""
    shown: list[str] = []
    words: set[str] = set()
    for name in names:
        if words.isdisjoint(name.split()):
            shown.append(name)
            # Authors may share a name, and "by" is none.
            words.update(() if name.startswith("by ") else name.split())
    return tuple(shown[:number])

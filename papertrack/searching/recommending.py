"""Ranking papers for a reader by the papers that they starred and hid.

The score of a paper is linear in its features: words without the plural ending (Harman, How
Effective Is Suffixing?, JASIS 42, 1991), pairs of neighbouring words, authors, and its position in
a latent space, where papers of one subject are close even if they share few words; see `latent`.
The words, pairs and authors are TF-IDF weights, (1 + log tf) * log(N / df), scaled to length 1
(Salton and Buckley, Term-Weighting Approaches in Automatic Text Retrieval, 1988), so that no paper
gains from repeating words; they have six tenths of the squared length of a paper and the position
has four. The weights w of the features solve a ridge regression (Hoerl and Kennard, Technometrics
12, 1970): they minimize

    sum over starred (1 - x.w)^2 + sum over hidden (x.w)^2 + sum over others c (x.w)^2 + 0.2 |w|^2

where c makes the other papers together count five times as much as the starred ones: papers that
are neither starred nor hidden are taken for papers that the reader does not want, as most are
(Elkan and Noto, Learning Classifiers from Only Positive and Unlabeled Data, KDD 2008). Words, pairs
and authors that no starred paper has are left out. It is solved by eight steps of conjugate
gradients (Hestenes and Stiefel, 1952); stopping early smooths the weights further.

If the starred papers fall into two clusters that are clearly apart, each cluster has a regression
of its own, too. A paper then belongs to the interest whose regression scores it higher, is scored
by the sum of that one and the common one, and the list takes papers of both interests in proportion
to their starred papers (Steck, Calibrated Recommendations, RecSys 2018).

The constants were chosen with held-out readers; see tests/benchmarks/recommending.py.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from heapq import nlargest
from itertools import chain, pairwise
from math import log, sqrt
from operator import mul
from typing import NamedTuple
from zlib import crc32

from papertrack.models import Paper, Reasons, Recommendation
from papertrack.searching.interests import find_interests, interleave
from papertrack.searching.latent import LatentSpace, SparseVector, WordRows, dot, learn_space
from papertrack.searching.lexicon import STOP_WORDS
from papertrack.searching.query import words_of
from papertrack.searching.ridge import RidgeRegression, Weights
from papertrack.text import fold, readable

VERSION = 1  # Increased whenever the same papers may give another ranking.
_OTHERS_WEIGHT = 5.0  # of all other papers together, when the starred ones have 1
_MAX_LEARNED = 1500  # papers that the latent space is learned from
_MAX_OTHERS = 2500  # papers that stand for all others; more hardly change the weights
_LATENT_SHARE = 0.4  # of the squared length of a paper's vector
_MIN_PAPERS = 2  # with a feature; a feature of a single paper connects no papers
_DUPLICATE = 0.8  # the cosine from which two papers count as one
_SHOWN_WORDS, _SHOWN_AGAINST, _SHOWN_PAPERS = 5, 3, 2
_MIN_SHARE = 0.1  # of the part of a paper's best word; words with smaller parts are no reasons
_MIN_SIMILARITY = 0.1  # cosine to a starred paper that is shown as a reason
_AUTHOR = "\t"  # begins the feature of an author


class Profile(NamedTuple):
    """What the papers of a reader say: weights by feature, highest first.

    `starred` are the starred papers that count; near-duplicates of another are left out.
    """

    weights: Mapping[str, float]
    starred: tuple[str, ...]


class Ranking:
    """A model of a reader, trained on starred and hidden papers, and the papers to rank with it.

    `others` are all further papers. The order of the arguments does not matter. `space` was learned
    by `learn_latent_space`; without it, it is learned from all papers.
    """

    def __init__(
        self,
        starred: Sequence[Paper],
        hidden: Sequence[Paper],
        others: Sequence[Paper],
        latent: LatentSpace | None = None,
    ) -> None:
        starred, hidden, others = (
            sorted(papers, key=lambda paper: paper.id) for papers in (starred, hidden, others)
        )
        sample = nlargest(_MAX_OTHERS, others, key=sampling_key)
        counts = {id(paper): features(paper) for paper in chain(starred, hidden, sample)}
        known = [counts[id(paper)] for paper in chain(sample, starred, hidden)]
        self._space = _Space(starred, known, latent or learn_space(list(map(_words, known))))
        vector = self._space.vector
        self._papers = {paper.id: paper for paper in others}
        self._judged: dict[str, tuple[int, float]] = {}
        # Of many papers, only those that are trained with are kept as vectors.
        self._vectors = {paper.id: vector(counts[id(paper)]) for paper in sample}
        marked = {paper.id: vector(counts[id(paper)]) for paper in starred}
        self._starred = {key: marked[key] for key in _without_duplicates(marked)}
        self._similar = _Similarity(self._starred)
        avoided = [vector(counts[id(paper)]) for paper in hidden]
        self._train(list(self._vectors.values()), avoided)

    def profile(self) -> Profile:
        """The weights of all features, highest first."""
        weights = self._space.weights_by_name(self._weights)
        ordered = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
        return Profile(dict(ordered), tuple(self._starred))

    def best(self, ids: Iterable[str], limit: int | None) -> list[Recommendation]:
        """The papers with these ids among the others, best first."""
        return [
            Recommendation(paper_id, score, self.reasons(paper_id))
            for paper_id, score in self.order(ids)[:limit]
        ]

    def order(self, ids: Iterable[str]) -> list[tuple[str, float]]:
        """The ids, which are of other papers, with their scores, best first."""
        groups: list[list[tuple[float, str]]] = [[] for _ in self._interests]
        for paper_id in ids:
            if paper_id not in self._judged:
                self._judged[paper_id] = self._judge(self._vector(paper_id))
            interest, score = self._judged[paper_id]
            groups[interest].append((-score, paper_id))
        ordered = interleave([sorted(group) for group in groups], self._shares)
        return [(paper_id, -negative) for negative, paper_id in ordered]

    def _vector(self, paper_id: str) -> "_Vector":
        vector = self._vectors.get(paper_id)
        return vector or self._space.vector(features(self._papers[paper_id]))

    def _judge(self, vector: "_Vector") -> tuple[int, float]:
        """The interest that a paper belongs to, and its score."""
        scores = [vector.score(weights) for weights in self._interests]
        score = max(scores)
        return scores.index(score), score

    def _train(self, background: Sequence["_Vector"], avoided: Sequence["_Vector"]) -> None:
        vectors = list(self._starred.values())
        rows = [*vectors, *background, *avoided]
        own, latent = ([row.own for row in rows], [row.latent for row in rows])
        regression = RidgeRegression(own, latent, self._space.size)

        def fit(liked: Sequence[int]) -> Weights:
            """The weights for the starred papers at these positions; the others do not count."""
            share = _OTHERS_WEIGHT * len(liked) / max(len(background), 1)
            values = [0.0] * len(rows)
            for position in liked:
                values[position] = 1.0
            importance = values[: len(vectors)] + [share] * len(background) + [1.0] * len(avoided)
            return regression.fit(importance, values)

        self._weights = fit(range(len(vectors)))
        self._interests, self._shares = [self._weights], [1.0]
        interests = find_interests([self._space.unit_latent(vector) for vector in vectors])
        if len(interests) > 1:
            self._interests = [self._weights.plus(fit(interest)) for interest in interests]
            self._shares = [len(interest) / len(vectors) for interest in interests]

    def reasons(self, paper_id: str) -> Reasons:
        """What speaks for and against a paper among the others."""
        vector, paper = self._vector(paper_id), self._papers[paper_id]
        weights = self._interests[self._judge(vector)[0]]
        parts = sorted(
            (-part, name) for name, part in self._space.parts(paper, vector, weights).items()
        )
        least = -parts[0][0] * _MIN_SHARE if parts else 0.0
        cosines = self._similar.cosines(vector)
        similar = sorted((-cosine, key) for key, cosine in cosines.items())
        return Reasons(
            _distinct((name for part, name in parts if -part > least), _SHOWN_WORDS),
            tuple(key for part, key in similar[:_SHOWN_PAPERS] if -part >= _MIN_SIMILARITY),
            _distinct((name for part, name in parts[::-1] if part > least), _SHOWN_AGAINST),
        )


def sampled(papers: Iterable[Paper]) -> list[Paper]:
    """The papers that a latent space is learned from; of the same papers, the same."""
    return sorted(nlargest(_MAX_LEARNED, papers, key=sampling_key), key=lambda paper: paper.id)


def learn_latent_space(papers: Iterable[Paper]) -> LatentSpace:
    """The latent space of papers."""
    return learn_space([_words(features(paper)) for paper in papers])


def features(paper: Paper) -> Counter[str]:
    """Count the features of a paper: words, pairs of neighbouring words, and authors."""
    result: list[str] = []
    for text in (paper.title, *paper.keywords, paper.abstract or ""):
        stems = list(map(_stem, words_of(readable(text))))
        result += filter(None, stems)
        result += [f"{first} {second}" for first, second in pairwise(stems) if first and second]
    result += [_AUTHOR + fold(author) for author in map(readable, paper.authors)]
    return Counter(result)


def _features_as_written(paper: Paper) -> Iterator[tuple[str, str]]:
    """Yield each feature with the words of the paper that it stands for."""
    for text in (paper.title, *paper.keywords, paper.abstract or ""):
        previous = ("", "")
        for word in words_of(readable(text)):
            current = _stem(word), word
            if current[0]:
                yield current
                if previous[0]:
                    yield f"{previous[0]} {current[0]}", f"{previous[1]} {word}"
            previous = current
    for author in map(readable, paper.authors):
        yield _AUTHOR + fold(author), f"by {author}"


def _words(counts: Mapping[str, int]) -> dict[str, int]:
    """The single words among features."""
    return {
        feature: number
        for feature, number in counts.items()
        if " " not in feature and not feature.startswith(_AUTHOR)
    }


class _Vector(NamedTuple):
    """The vector of a paper: its features that starred papers have, and its latent dimensions."""

    own: SparseVector
    latent: "array[float]"

    def score(self, weights: Weights) -> float:
        """The product with weights."""
        return dot(self.own, weights.own) + _product(self.latent, weights.latent)


class _Space:
    """The vector space of the features that a starred paper has, and of the latent dimensions.

    The features are weighted over some papers, by their counts.
    """

    def __init__(
        self,
        starred: Sequence[Paper],
        papers: Sequence[Mapping[str, int]],
        latent: LatentSpace,
    ) -> None:
        frequencies = Counter(feature for counts in papers for feature in counts)
        self._inverse = {
            feature: log(len(papers) / number)
            for feature, number in frequencies.items()
            if number >= _MIN_PAPERS
        }
        written = Counter(pair for paper in starred for pair in _features_as_written(paper))
        # The last one counts: the most frequent spelling, of those the first in the alphabet.
        spellings = dict(sorted(written, key=lambda pair: (-written[pair], pair), reverse=True))
        own = sorted(spellings.keys() & self._inverse.keys())
        self._positions = {feature: position for position, feature in enumerate(own)}
        self._spellings = {feature: spellings[feature] for feature in own}
        self._names = list(self._spellings.values())
        self._latent, self._rows = latent, WordRows(latent)
        share = _LATENT_SHARE if latent.dimensions else 0.0
        self._own_scale, self._latent_scale = sqrt(1 - share), sqrt(share)
        self.size = len(own)

    def vector(self, counts: Mapping[str, int]) -> _Vector:
        """The features of a paper; features that no starred paper has only count in its length."""
        inverse, positions = self._inverse, self._positions
        weights = {
            feature: inverse[feature] if number == 1 else inverse[feature] * (1 + log(number))
            for feature, number in counts.items()
            if feature in inverse
        }
        values = weights.values()
        scale = self._own_scale / (sqrt(sum(map(mul, values, values))) or 1.0)
        own = sorted(
            (positions[feature], weight * scale)
            for feature, weight in weights.items()
            if feature in positions
        )
        latent = array("d", (value * self._latent_scale for value in self._rows.project(counts)))
        values_known = array("d", (value for _, value in own))
        return _Vector((array("I", (position for position, _ in own)), values_known), latent)

    def unit_latent(self, vector: _Vector) -> list[float]:
        """The latent dimensions of a vector, scaled to length 1."""
        return [value / self._latent_scale for value in vector.latent]

    def weights_by_name(self, weights: Weights) -> dict[str, float]:
        """What each feature and word adds to a score, before the scaling of papers to length 1."""
        result = {
            name: self._own_scale * weights.own[self._positions[feature]]
            for feature, name in self._spellings.items()
        }
        for word, inverse in self._latent.inverse.items():
            name = self._spellings.get(word, word)
            part = _product(self._rows.row(word), weights.latent) / (inverse or 1)
            result[name] = result.get(name, 0.0) + self._latent_scale * part
        return result

    def parts(self, paper: Paper, vector: _Vector, weights: Weights) -> dict[str, float]:
        """What each feature of a paper adds to its score, by the words of a reader."""
        names = self._names
        result = {
            names[position]: weights.own[position] * value
            for position, value in zip(*vector.own, strict=True)
        }
        written, counts = dict(_features_as_written(paper)), features(paper)
        located = self._rows.locate(counts)
        length = sqrt(_product(located, located)) or 1.0
        for word in sorted(counts.keys() & self._latent.inverse.keys()):
            name = self._spellings.get(word, written[word])
            part = (1 + log(counts[word])) * _product(self._rows.row(word), weights.latent) / length
            result[name] = result.get(name, 0.0) + self._latent_scale * part
        return result


class _Similarity:
    """The cosines of a paper to others, of the features that starred papers have."""

    def __init__(self, vectors: Mapping[str, _Vector]) -> None:
        self._columns: dict[int, list[tuple[str, float]]] = {}
        for key, vector in vectors.items():
            self.add(key, vector)

    def add(self, key: str, vector: _Vector) -> None:
        """Add a paper to compare with."""
        for position, value in zip(*vector.own, strict=True):
            self._columns.setdefault(position, []).append((key, value))

    def cosines(self, vector: _Vector) -> dict[str, float]:
        """The cosine to each other paper that has a feature of this one."""
        result: dict[str, float] = {}
        for position, value in zip(*vector.own, strict=True):
            for key, other in self._columns.get(position, ()):
                result[key] = result.get(key, 0.0) + value * other
        return result


def _product(first: Sequence[float], second: Sequence[float]) -> float:
    return float(sum(map(mul, first, second)))


def _without_duplicates(vectors: Mapping[str, _Vector]) -> Iterator[str]:
    """The keys of the vectors that are not nearly the same as an earlier one."""
    kept = _Similarity({})
    for key, vector in vectors.items():
        # The vectors are shorter than 1 by the features that no starred paper has.
        least = _DUPLICATE * _product(vector.own[1], vector.own[1])
        if max(kept.cosines(vector).values(), default=0.0) <= max(least, 1e-9):
            kept.add(key, vector)
            yield key


def sampling_key(paper: Paper) -> tuple[int, str]:
    """A key that sorts papers in an order that depends on nothing that they are about."""
    return crc32(paper.id.encode(errors="surrogatepass")), paper.id


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

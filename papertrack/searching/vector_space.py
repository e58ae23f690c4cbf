"""Papers as vectors: TF-IDF weights of features, and coordinates by the vectors of their words.

See `recommending` for their parts.
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import chain, repeat
from math import log, sqrt
from operator import mul
from typing import NamedTuple

from papertrack.models import Paper
from papertrack.searching.features import MAX_NUMBER, Features, key_of, spelled_features
from papertrack.searching.packed import Packing, packed_at
from papertrack.searching.representations import Kind, Representation, SubjectVector
from papertrack.searching.ridge import Weights
from papertrack.searching.sparse import SparseVector, dot

_MIN_PAPERS = 2  # with a feature; a feature of a single paper connects no papers
# What a feature counts that a paper has this number of times.
_TIMES = (0.0, *(1 + log(number) for number in range(1, MAX_NUMBER + 1)))
_COSINE_UNIT = 1 << 16  # of the values that packed vectors are multiplied by


class Vector(NamedTuple):
    """The vector of a paper: its features that starred papers have, and its subject."""

    own: SparseVector
    subject: SubjectVector

    def score(self, weights: Weights) -> float:
        """The product with weights."""
        return dot(self.own, weights.own) + _product(self.subject.coordinates, weights.dense)


class VectorSpace:
    """The vector space of the features that a starred paper has, and of the subjects of papers.

    The features are weighted over `papers`, of which the first are the starred ones. `names` has
    the words of a reader for the key of each feature of a starred paper, in the order of the
    dimensions, and `shares` the share of the papers that are not starred that have it.
    """

    def __init__(
        self, starred: Sequence[Paper], papers: Sequence[Features], kinds: Sequence[Kind]
    ) -> None:
        liked, others = papers[: len(starred)], papers[len(starred) :]
        frequencies, liked_frequencies = _frequencies(others), _frequencies(liked)
        self.shares = {
            feature: frequencies[feature] / max(len(others), 1) for feature in liked_frequencies
        }
        frequencies.update(liked_frequencies)
        written = Counter(pair for paper in starred for pair in spelled_features(paper))
        # The last one counts: the most frequent spelling, of those the first in the alphabet.
        ordered = sorted(written, key=lambda pair: (-written[pair], pair[1]), reverse=True)
        spellings = {
            feature: name for feature, name in ordered if frequencies[feature] >= _MIN_PAPERS
        }
        self.own = sorted(spellings, key=spellings.__getitem__)
        self.names = {feature: spellings[feature] for feature in self.own}
        others_with = (key for key, number in frequencies.items() if number >= _MIN_PAPERS)
        known = dict.fromkeys((*self.own, *others_with))
        self._positions = {key: position for position, key in enumerate(known)}
        self._weights = [log(len(papers) / frequencies[key]) for key in known]
        self._kinds = kinds
        self._subject_share = sum(kind.share for kind in kinds)
        self._own_scale = sqrt(1 - self._subject_share)

    def vector(self, paper: Representation) -> Vector:
        """The vector of a paper; features that no starred paper has only count in its length."""
        words, pairs, numbers = paper.features
        positions = map(self._positions.get, chain(words, pairs))
        known = [
            (position, self._weights[position] * _TIMES[number])
            for position, number in zip(positions, numbers, strict=True)
            if position is not None
        ]
        scale = self._own_scale / (sqrt(sum([value * value for _, value in known])) or 1.0)
        own = [pair for pair in known if pair[0] < len(self.own)]
        values = array("d", [scale * value for _, value in own])
        return Vector((array("I", [position for position, _ in own]), values), paper.subject)

    def subject(self, vector: Vector) -> list[float]:
        """The subject of a paper, of length 1, or 0 if none of its words has a vector."""
        length = sqrt(self._subject_share)
        return [value / length for value in vector.subject.coordinates]

    def mean(self, vectors: Sequence[Vector]) -> Weights:
        """The mean of vectors."""
        own, share = [0.0] * len(self.own), 1 / len(vectors)
        for vector in vectors:
            for position, value in zip(*vector.own, strict=True):
                own[position] += value * share
        columns = zip(*(vector.subject.coordinates for vector in vectors), strict=True)
        return Weights(own, [sum(column) * share for column in columns])

    def subject_parts(self, key: int, weights: Weights) -> list[float]:
        """What a word adds to a score by its vector of each kind, before these are scaled."""
        parts, first = [], 0
        for vectors, _ in self._kinds:
            last = first + vectors.dimensions
            parts.append(_product(vectors.vector(key), weights.dense[first:last]))
            first = last
        return parts

    def weights_by_name(self, weights: Weights) -> dict[str, float]:
        """What each feature and word adds to a score, before papers are scaled to length 1."""
        values = map(mul, self._weights[: len(self.own)], weights.own)
        result = {
            name: self._own_scale * value
            for name, value in zip(self.names.values(), values, strict=True)
        }
        scales = [sqrt(share) for _, share in self._kinds]
        for word in dict.fromkeys(word for vectors, _ in self._kinds for word in vectors.words):
            key = key_of(word)
            name = self.names.get(key, word)
            part = sum(map(mul, scales, self.subject_parts(key, weights)))
            result[name] = result.get(name, 0.0) + part
        return result


class Similarity:
    """The cosines of a paper to others, at most `most`, of the features that starred papers have.

    They are sums of products with the columns of a matrix, packed; see `packed`.
    """

    def __init__(self, most: int) -> None:
        self._packing = Packing(most)
        self._keys: list[str] = []
        self._columns: dict[int, int] = {}
        self._support: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: str, vector: Vector) -> None:
        """Add a paper to compare with."""
        for position, value in zip(*vector.own, strict=True):
            packed = packed_at(len(self._keys), value)
            self._columns[position] = self._columns.get(position, 0) + packed
        self._support.update(vector.own[0])
        self._keys.append(key)

    def support(self, position: int) -> int:
        """The number of other papers that have a feature."""
        return self._support[position]

    def cosines(self, vector: Vector) -> list[tuple[float, str]]:
        """The cosine to each other paper, with its key."""
        positions, values = vector.own
        factors = map(round, map(float(_COSINE_UNIT).__mul__, values))
        total = sum(map(mul, factors, map(self._columns.get, positions, repeat(0))))
        return list(zip(self._packing.unpack(total, _COSINE_UNIT), self._keys, strict=False))


def _frequencies(papers: Sequence[Features]) -> Counter[int]:
    """The number of papers that have each feature."""
    result: Counter[int] = Counter()
    for counts in papers:
        result.update(counts.words)
        result.update(counts.pairs)
    return result


def _product(first: Sequence[float], second: Sequence[float]) -> float:
    return float(sum(map(mul, first, second)))

"""Papers as vectors: TF-IDF weights of features, and positions in a latent space.

See `recommending` for their parts.
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import repeat
from math import log, sqrt
from operator import mul
from typing import NamedTuple

from papertrack.models import Paper
from papertrack.searching.features import Feature, Features, spelled_features
from papertrack.searching.latent import LatentSpace, SparseVector, WordRows, dot
from papertrack.searching.packed import Packing, packed_at
from papertrack.searching.ridge import Weights

_LATENT_SHARE = 0.4  # of the squared length of a paper's vector
_MIN_PAPERS = 2  # with a feature; a feature of a single paper connects no papers
_COSINE_UNIT = 1 << 16  # of the values that packed vectors are multiplied by


class Vector(NamedTuple):
    """The vector of a paper: its features that starred papers have, and its latent dimensions.

    Adding `word_scale` times the coordinates of its words gives the latter; see `WordRows`.
    """

    own: SparseVector
    latent: "array[float]"
    word_scale: float

    def score(self, weights: Weights) -> float:
        """The product with weights."""
        return dot(self.own, weights.own) + _product(self.latent, weights.latent)


class VectorSpace:
    """The vector space of the features that a starred paper has, and of the latent dimensions.

    The features are weighted over `papers`, of which the first are the starred ones. `names` has
    the words of a reader for each feature of a starred paper, in the order of the dimensions, and
    `shares` the share of the papers that are not starred that have it.
    """

    def __init__(
        self, starred: Sequence[Paper], papers: Sequence[Features], latent: LatentSpace
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
        positions = {feature: position for position, feature in enumerate(self.own)}
        # The weight of each feature, and its position, negative if no starred paper has it.
        self._features = {
            feature: (log(len(papers) / number), positions.get(feature, -1))
            for feature, number in frequencies.items()
            if number >= _MIN_PAPERS
        }
        self._latent, self._rows = latent, WordRows(latent)
        share = _LATENT_SHARE if latent.dimensions else 0.0
        self._own_scale, self._latent_scale = sqrt(1 - share), sqrt(share)

    def vector(self, counts: Features) -> Vector:
        """The vector of a paper; features that no starred paper has only count in its length."""
        positions, weights, square, find = [], [], 0.0, self._features.get
        for feature, number in counts.items():
            known = find(feature)
            if known:
                weight, position = known
                if number > 1:
                    weight *= 1 + log(number)
                square += weight * weight
                if position >= 0:
                    positions.append(position)
                    weights.append(weight)
        scale = self._own_scale / (sqrt(square) or 1.0)
        own = array("I", positions), array("d", [weight * scale for weight in weights])
        located = self._rows.locate(counts.words)
        scale = self._latent_scale / (sqrt(_product(located, located)) or 1.0)
        return Vector(own, array("d", [value * scale for value in located]), scale)

    def unit_latent(self, vector: Vector) -> list[float]:
        """The latent dimensions of a vector, scaled to length 1."""
        return [value / self._latent_scale for value in vector.latent]

    def mean(self, vectors: Sequence[Vector]) -> Weights:
        """The mean of vectors."""
        own, share = [0.0] * len(self.own), 1 / len(vectors)
        for vector in vectors:
            for position, value in zip(*vector.own, strict=True):
                own[position] += value * share
        columns = zip(*(vector.latent for vector in vectors), strict=True)
        return Weights(own, [sum(column) * share for column in columns])

    def latent_part(self, word: str, weights: Weights) -> float:
        """What a word adds to a score by its position, before that is scaled; 0 if it has none."""
        known = word in self._latent.inverse
        return _product(self._rows.row(word), weights.latent) if known else 0.0

    def weights_by_name(self, weights: Weights) -> dict[str, float]:
        """What each feature and word adds to a score, before the scaling of papers to length 1."""
        values = zip(self.names.values(), weights.own, strict=True)
        result = {name: self._own_scale * value for name, value in values}
        for word, inverse in self._latent.inverse.items():
            name = self.names.get(word, word)
            part = self.latent_part(word, weights) / (inverse or 1)
            result[name] = result.get(name, 0.0) + self._latent_scale * part
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


def _frequencies(papers: Sequence[Features]) -> Counter[Feature]:
    """The number of papers that have each feature."""
    result: Counter[Feature] = Counter()
    for counts in papers:
        result.update(counts.words.keys())
        result.update(counts.pairs.keys())
    return result


def _product(first: Sequence[float], second: Sequence[float]) -> float:
    return float(sum(map(mul, first, second)))

"""Latent semantic vectors: papers of one subject are close even if they share few words.

Latent semantic analysis (Deerwester, Dumais, Furnas, Landauer and Harshman, Indexing by Latent
Semantic Analysis, JASIS 41, 1990) projects the TF-IDF vectors of papers on the directions of the
word space in which they vary most. Here the directions span the Krylov space of the words'
co-occurrences, which contains the leading singular vectors nearly (Golub and Kahan, Calculating the
Singular Values and Pseudo-Inverse of a Matrix, SIAM Journal on Numerical Analysis 2, 1965). It is
found by products with sparse vectors alone, so it needs no library for linear algebra, and as only
angles between papers count, the singular vectors themselves are not needed.
"""

import sys
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from math import log, sqrt
from operator import mul
from typing import NamedTuple
from zlib import crc32

# Positions, and the values there. Arrays of them take a quarter of the memory of lists, and the
# products with many vectors wait for memory.
SparseVector = tuple["array[int]", "array[float]"]

# Fewer papers for each dimension would give directions that are accidents, and few dimensions
# would hide more differences than they explain.
_PAPERS_PER_DIMENSION, _MIN_DIMENSIONS, _MAX_DIMENSIONS = 20, 10, 48
# A word of fewer papers says little about co-occurrence; one of more says little about subjects.
_MIN_PAPERS, _MAX_SHARE = 3, 0.25
_ROUNDING_ERROR = 1e-8  # The length of what remains when no direction is left.
# A packed coordinate has 64 bits: the coordinate in units of 2**-24, plus 2**30 so that it is
# positive. A sum of them cannot overflow, as weights of words are in units of 2**-12.
_UNIT, _OFFSET, _WEIGHT_UNIT, _BYTES = 1 << 24, 1 << 30, 1 << 12, 8


class LatentSpace(NamedTuple):
    """The `dimensions` of a vector space of words, learned from papers.

    `inverse` has the weight of each word, log(N / df), in the order of the rows of `coordinates`,
    which has as many numbers a word as there are dimensions.
    """

    dimensions: int
    inverse: Mapping[str, float]
    coordinates: "array[float]"


class WordRows:
    """The coordinates of the words of a space, times their weights.

    The sum for a paper is that of a hundred rows. It is computed with the coordinates of a word
    packed into one integer, which takes a tenth of the time of adding them one by one.
    """

    def __init__(self, space: LatentSpace) -> None:
        self.dimensions = space.dimensions
        self._space = space
        self._packed: dict[str, int] = {}

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {word: position for position, word in enumerate(self._space.inverse)}

    def row(self, word: str) -> list[float]:
        """The weighted coordinates of a word that the space has."""
        first, weight = self._positions[word] * self.dimensions, self._space.inverse[word]
        numbers = self._space.coordinates[first : first + self.dimensions]
        return [weight * number for number in numbers]

    def locate(self, words: Mapping[str, int]) -> list[float]:
        """The coordinates of a paper with these words, which are counted; 0 if it has none.

        Words, and others, that the space does not have do not count.
        """
        known = self._space.inverse
        once, total, weights = [], 0, 0
        for word, number in words.items():
            if word in known:
                packed = self._packed.get(word) or self._pack(word)
                if number == 1:
                    once.append(packed)
                else:
                    weight = round((1 + log(number)) * _WEIGHT_UNIT)
                    total += weight * packed
                    weights += weight
        total += sum(once) * _WEIGHT_UNIT
        offset = (weights + len(once) * _WEIGHT_UNIT) * _OFFSET
        numbers = array("Q")
        numbers.frombytes(total.to_bytes(self.dimensions * _BYTES, sys.byteorder))
        return [(number - offset) / (_UNIT * _WEIGHT_UNIT) for number in numbers]

    def project(self, words: Mapping[str, int]) -> list[float]:
        """As `locate`, scaled to length 1."""
        result = self.locate(words)
        length = sqrt(sum(map(mul, result, result)))
        return [value / length for value in result] if length else result

    def _pack(self, word: str) -> int:
        numbers = array("Q", (round(number * _UNIT) + _OFFSET for number in self.row(word)))
        packed = int.from_bytes(numbers.tobytes(), sys.byteorder)
        self._packed[word] = packed
        return packed


def learn_space(papers: Sequence[Mapping[str, int]]) -> LatentSpace:
    """Learn a space from the words of papers, which are counted."""
    dimensions = min(_MAX_DIMENSIONS, len(papers) // _PAPERS_PER_DIMENSION)
    inverse = _inverse_frequencies(papers)
    if dimensions < _MIN_DIMENSIONS or not inverse:
        return LatentSpace(0, {}, array("f"))
    positions = {word: position for position, word in enumerate(inverse)}
    rows = [_unit_vector(words, inverse, positions) for words in papers]
    directions = _directions(rows, list(inverse), dimensions)
    coordinates = array("f", (number for word in zip(*directions, strict=True) for number in word))
    return LatentSpace(len(directions), inverse, coordinates)


def dot(vector: SparseVector, weights: Sequence[float]) -> float:
    """The product of a sparse vector and a dense one."""
    positions, values = vector
    return float(sum(map(mul, values, map(weights.__getitem__, positions))))


def transpose(rows: Sequence[SparseVector], size: int) -> list[SparseVector]:
    """The columns of a matrix, given by its rows."""
    columns: list[tuple[list[int], list[float]]] = [([], []) for _ in range(size)]
    for number, row in enumerate(rows):
        for position, value in zip(*row, strict=True):
            numbers, values = columns[position]
            numbers.append(number)
            values.append(value)
    return [(array("I", numbers), array("d", values)) for numbers, values in columns]


def _inverse_frequencies(papers: Sequence[Mapping[str, int]]) -> dict[str, float]:
    frequencies = Counter(word for words in papers for word in words)
    most = _MAX_SHARE * len(papers)
    return {
        word: log(len(papers) / frequencies[word])
        for word in sorted(frequencies)
        if _MIN_PAPERS <= frequencies[word] <= most
    }


def _unit_vector(
    words: Mapping[str, int], inverse: Mapping[str, float], positions: Mapping[str, int]
) -> SparseVector:
    known = sorted((positions[word], word) for word in words if word in positions)
    values = [(1 + log(words[word])) * inverse[word] for _, word in known]
    length = sqrt(sum(map(mul, values, values))) or 1.0
    positions_known = array("I", (position for position, _ in known))
    return positions_known, array("d", (value / length for value in values))


def _directions(
    rows: Sequence[SparseVector], words: Sequence[str], number: int
) -> list[list[float]]:
    """Orthogonal directions of length 1 in the space of words, at most `number`.

    They come in pairs with directions in the space of papers. It suffices that these, which are
    much shorter, are made orthogonal to all before (Simon and Zha, Low-Rank Matrix Approximation
    Using the Lanczos Bidiagonalization Process, SIAM Journal on Scientific Computing 21, 2000).
    """
    columns = transpose(rows, len(words))
    # Any vector does that favours no subject; the words' checksums always give the same.
    start = [1.0 if crc32(word.encode()) & 1 else -1.0 for word in words]
    image = [dot(row, start) for row in rows]
    direction, length = _scaled([dot(column, image) for column in columns])
    scale = length
    of_papers: list[list[float]] = []
    directions: list[list[float]] = []
    while length > _ROUNDING_ERROR * scale:
        directions.append(direction)
        if len(directions) == number:
            break
        image = [dot(row, direction) for row in rows]
        for other in of_papers:
            part = sum(map(mul, image, other))
            image = [x - part * y for x, y in zip(image, other, strict=True)]
        image, before = _scaled(image)
        of_papers.append(image)
        following = [dot(column, image) for column in columns]
        rest = [x - before * y for x, y in zip(following, direction, strict=True)]
        scale = max(scale, before) if len(of_papers) > 1 else before
        direction, length = _scaled(rest)
    return directions


def _scaled(vector: Sequence[float]) -> tuple[list[float], float]:
    """A vector scaled to length 1, and its length before."""
    length = sqrt(sum(map(mul, vector, vector)))
    return [value / length for value in vector] if length else list(vector), length

"""Latent semantic vectors: papers of one subject are close even if they share few words.

Latent semantic analysis (Deerwester, Dumais, Furnas, Landauer and Harshman, Indexing by Latent
Semantic Analysis, JASIS 41, 1990) projects the TF-IDF vectors of papers on the directions of the
word space in which they vary most. Here the directions span the Krylov space of the words'
co-occurrences, which contains the leading singular vectors nearly (Golub and Kahan, Calculating the
Singular Values and Pseudo-Inverse of a Matrix, SIAM Journal on Numerical Analysis 2, 1965). It is
found by products with sparse vectors alone, so it needs no library for linear algebra, and as only
angles between papers count, the singular vectors themselves are not needed.
"""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log, sqrt
from operator import mul
from typing import NamedTuple
from zlib import crc32

SparseVector = tuple[tuple[int, ...], tuple[float, ...]]  # positions, and the values there

# Fewer papers for each dimension would give directions that are accidents, and few dimensions
# would hide more differences than they explain.
_PAPERS_PER_DIMENSION, _MIN_DIMENSIONS, _MAX_DIMENSIONS = 20, 10, 48
# A word of fewer papers says little about co-occurrence; one of more says little about subjects.
_MIN_PAPERS, _MAX_SHARE = 3, 0.25
_ROUNDING_ERROR = 1e-8  # The length of what remains when no direction is left.


class LatentSpace(NamedTuple):
    """The `dimensions` of a vector space of words, learned from papers.

    `inverse` has the weight of each word, log(N / df), in the order of the rows of `coordinates`,
    which has as many numbers a word as there are dimensions.
    """

    dimensions: int
    inverse: Mapping[str, float]
    coordinates: "array[float]"

    def rows(self) -> dict[str, Sequence[float]]:
        """The coordinates of each word, times its weight."""
        size, numbers = self.dimensions, self.coordinates
        return {
            word: [weight * number for number in numbers[start : start + size]]
            for start, (word, weight) in zip(
                range(0, len(numbers), size or 1), self.inverse.items(), strict=True
            )
        }


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


def locate(words: Mapping[str, int], rows: Mapping[str, Sequence[float]], size: int) -> list[float]:
    """The coordinates of a paper with these words, which are counted; all 0 if it has no known."""
    weighted = []
    for word, number in words.items():
        row = rows.get(word)
        if row is not None:
            weight = 1 + log(number)
            weighted.append(row if number == 1 else [weight * part for part in row])
    return list(map(sum, zip(*weighted, strict=True))) or [0.0] * size


def project(
    words: Mapping[str, int], rows: Mapping[str, Sequence[float]], size: int
) -> list[float]:
    """As `locate`, scaled to length 1."""
    result = locate(words, rows, size)
    length = sqrt(sum(map(mul, result, result)))
    return [value / length for value in result] if length else result


def dot(vector: SparseVector, weights: Sequence[float]) -> float:
    """The product of a sparse vector and a dense one."""
    positions, values = vector
    return float(sum(map(mul, values, map(weights.__getitem__, positions))))


def combine(rows: Sequence[tuple[SparseVector, float]], size: int) -> list[float]:
    """The sum of sparse vectors, each times a factor."""
    result = [0.0] * size
    for (positions, values), factor in rows:
        if factor:
            for position, value in zip(positions, values, strict=True):
                result[position] += factor * value
    return result


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
    known = sorted(positions[word] for word in words if word in positions)
    names = {positions[word]: word for word in words if word in positions}
    values = [(1 + log(words[names[key]])) * inverse[names[key]] for key in known]
    length = sqrt(sum(map(mul, values, values))) or 1.0
    return tuple(known), tuple(value / length for value in values)


def _directions(
    rows: Sequence[SparseVector], words: Sequence[str], number: int
) -> list[list[float]]:
    """Orthogonal directions of length 1, at most `number`."""
    columns = _columns(rows, len(words))
    # Any vector does that favours no subject; the words' checksums always give the same.
    direction = [1.0 if crc32(word.encode()) & 1 else -1.0 for word in words]
    directions: list[list[float]] = []
    while len(directions) < number:
        image = [dot(row, direction) for row in rows]
        direction = [dot(column, image) for column in columns]
        scale = sqrt(sum(map(mul, direction, direction)))
        for other in directions:
            part = sum(map(mul, direction, other))
            direction = [x - part * y for x, y in zip(direction, other, strict=True)]
        length = sqrt(sum(map(mul, direction, direction)))
        if length <= _ROUNDING_ERROR * scale or not length:
            break
        direction = [value / length for value in direction]
        directions.append(direction)
    return directions


def _columns(rows: Sequence[SparseVector], size: int) -> list[SparseVector]:
    """The columns of a matrix, given by its rows."""
    columns: list[tuple[list[int], list[float]]] = [([], []) for _ in range(size)]
    for number, row in enumerate(rows):
        for position, value in zip(*row, strict=True):
            columns[position][0].append(number)
            columns[position][1].append(value)
    return [(tuple(numbers), tuple(values)) for numbers, values in columns]

"""Latent semantic vectors: papers of one subject are close even if they share few words.

Latent semantic analysis (Deerwester, Dumais, Furnas, Landauer and Harshman, Indexing by Latent
Semantic Analysis, JASIS 41, 1990) projects the TF-IDF vectors of papers on the directions of the
word space in which they vary most. Here the directions span the block Krylov space of the words'
co-occurrences, which contains the leading singular vectors nearly (Musco and Musco, Randomized
Block Krylov Methods for Stronger and Faster Approximate Singular Value Decomposition, NIPS 2015);
as only angles between papers count, the singular vectors themselves are not needed.

It needs no library for linear algebra, as the products are those of sparse vectors with vectors
that are packed into integers; see `packed`.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from math import log, sqrt
from operator import mul
from typing import NamedTuple, TypeVar
from zlib import crc32

from papertrack.searching.packed import Packing

_Number = TypeVar("_Number", int, float)
# Positions, and the values there. Arrays of them take a quarter of the memory of lists, and the
# products with many vectors wait for memory.
SparseVector = tuple["array[int]", "array[float]"]
_IntegerVector = tuple["array[int]", "array[int]"]

# Fewer papers for each dimension would give directions that are accidents, and few dimensions
# would hide more differences than they explain.
_PAPERS_PER_DIMENSION, _MIN_DIMENSIONS, _MAX_DIMENSIONS = 20, 10, 48
# A word of fewer papers says little about co-occurrence; one of more says little about subjects.
_MIN_PAPERS, _MAX_SHARE = 3, 0.25
_BLOCK = 4  # Directions found at once: with more, they are farther from the singular vectors.
_ROUNDING_ERROR = 1e-5  # The share of a vector's length that remains if it is in others' space.
_VALUE_UNIT = 1 << 16  # of the values of papers' vectors in products with packed ones
_WEIGHT_UNIT = 1 << 12  # of the weights of repeated words


class LatentSpace(NamedTuple):
    """The `dimensions` of a vector space of words, learned from papers.

    `inverse` has the weight of each word, log(N / df), in the order of the rows of `coordinates`,
    which has as many numbers a word as there are dimensions.
    """

    dimensions: int
    inverse: Mapping[str, float]
    coordinates: "array[float]"


class WordRows:
    """The coordinates of the words of a space, times their weights."""

    def __init__(self, space: LatentSpace) -> None:
        self._space = space
        self._packing = Packing(space.dimensions)
        self._packed = _PackedRows(self._pack)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {word: position for position, word in enumerate(self._space.inverse)}

    def row(self, word: str) -> list[float]:
        """The weighted coordinates of a word that the space has."""
        size, weight = self._space.dimensions, self._space.inverse[word]
        first = self._positions[word] * size
        return [weight * number for number in self._space.coordinates[first : first + size]]

    def locate(self, words: Mapping[str, int]) -> list[float]:
        """The coordinates of a paper with these words, which are counted; 0 if it has none.

        Words that the space does not have do not count.
        """
        packed = list(map(self._packed.__getitem__, words))
        again = [
            round(log(number) * _WEIGHT_UNIT) * row
            for row, number in zip(packed, words.values(), strict=True)
            if number > 1
        ]
        return self._packing.unpack(sum(packed) * _WEIGHT_UNIT + sum(again), _WEIGHT_UNIT)

    def _pack(self, word: str) -> int:
        return self._packing.pack(self.row(word)) if word in self._space.inverse else 0


class _PackedRows(dict[str, int]):
    """The packed row of each word, 0 for a word that the space does not have."""

    def __init__(self, pack: Callable[[str], int]) -> None:
        self._pack = pack

    def __missing__(self, word: str) -> int:
        row = self[word] = self._pack(word)
        return row


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


def transpose(
    rows: Sequence[tuple["array[int]", "array[_Number]"]], size: int
) -> list[tuple["array[int]", "array[_Number]"]]:
    """The columns of a matrix, given by its rows."""
    columns: list[tuple[list[int], list[_Number]]] = [([], []) for _ in range(size)]
    for number, row in enumerate(rows):
        for position, value in zip(*row, strict=True):
            numbers, values = columns[position]
            numbers.append(number)
            values.append(value)
    kind = rows[0][1].typecode if rows else "d"
    return [(array("I", numbers), array(kind, values)) for numbers, values in columns]


def _inverse_frequencies(papers: Sequence[Mapping[str, int]]) -> dict[str, float]:
    frequencies: Counter[str] = Counter()
    for words in papers:
        frequencies.update(words.keys())
    most = _MAX_SHARE * len(papers)
    return {
        word: log(len(papers) / frequencies[word])
        for word in sorted(frequencies)
        if _MIN_PAPERS <= frequencies[word] <= most
    }


def _unit_vector(
    words: Mapping[str, int], inverse: Mapping[str, float], positions: Mapping[str, int]
) -> _IntegerVector:
    """The vector of a paper, scaled to the length of `_VALUE_UNIT`."""
    known = [word for word in words if word in positions]
    values = [(1 + log(words[word])) * inverse[word] for word in known]
    scale = _VALUE_UNIT / (sqrt(sum(map(mul, values, values))) or 1.0)
    return (
        array("I", [positions[word] for word in known]),
        array("l", [round(value * scale) for value in values]),
    )


def _directions(
    rows: Sequence[_IntegerVector], words: Sequence[str], number: int
) -> list[list[float]]:
    """Orthogonal directions of length 1 in the space of words, at most `number`.

    They come in pairs with directions in the space of papers. It suffices that these, which are
    much shorter, are made orthogonal to all before (Simon and Zha, Low-Rank Matrix Approximation
    Using the Lanczos Bidiagonalization Process, SIAM Journal on Scientific Computing 21, 2000).
    """
    columns = transpose(rows, len(words))
    # Any vectors do that favour no subject; the words' checksums always give the same.
    checksums = [crc32(word.encode()) for word in words]
    start = [[1.0 if bits >> bit & 1 else -1.0 for bits in checksums] for bit in range(_BLOCK)]
    block = _orthogonal(_products(columns, _products(rows, start)), [])
    of_papers: list[list[float]] = []
    directions: list[list[float]] = []
    while block and len(directions) < number:
        directions += block
        images = _orthogonal(_products(rows, block), of_papers)
        of_papers += images
        block = _orthogonal(_products(columns, images), block)
    return directions[:number]


def _products(
    matrix: Sequence[_IntegerVector], vectors: Sequence[Sequence[float]]
) -> list[list[float]]:
    """The products of a sparse matrix, given by its rows, with a few vectors, scaled together."""
    if not vectors:
        return []
    packing, unit = Packing(len(vectors)), 1 / (max(max(map(abs, x)) for x in vectors) or 1.0)
    packed = [packing.pack([unit * x for x in numbers]) for numbers in zip(*vectors, strict=True)]
    products = (
        packing.unpack(sum(map(mul, values, map(packed.__getitem__, positions))), _VALUE_UNIT)
        for positions, values in matrix
    )
    return list(map(list, zip(*products, strict=True)))


def _orthogonal(
    vectors: Iterable[list[float]], others: Sequence[Sequence[float]]
) -> list[list[float]]:
    """The vectors, made orthogonal to others and to each other, and of length 1.

    Vectors are left out of which nothing remains but rounding errors.
    """
    result: list[list[float]] = []
    for vector in vectors:
        rest, before = vector, _length(vector)
        for other in chain(others, result):
            part = sum(map(mul, rest, other))
            rest = [x - part * y for x, y in zip(rest, other, strict=True)]
        length = _length(rest)
        if length > _ROUNDING_ERROR * before:
            result.append([value / length for value in rest])
    return result


def _length(vector: Sequence[float]) -> float:
    return sqrt(sum(map(mul, vector, vector)))

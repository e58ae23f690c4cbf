"""Word vectors learned from the papers of a library.

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
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import log, sqrt
from operator import mul
from zlib import crc32

from papertrack.searching.packed import Packing
from papertrack.searching.ridge import Steps
from papertrack.searching.sparse import transpose
from papertrack.searching.word_vectors import WordVectors, in_units

_IntegerVector = tuple["array[int]", "array[int]"]
# Fewer papers for each dimension would give directions that are accidents, and few dimensions
# would hide more differences than they explain.
_PAPERS_PER_DIMENSION, _MIN_DIMENSIONS, _MAX_DIMENSIONS = 20, 10, 32
# A word of fewer papers says little about co-occurrence; one of more says little about subjects.
_MIN_PAPERS, _MAX_SHARE = 3, 0.25
_BLOCK = 4  # Directions found at once: with more, they are farther from the singular vectors.
_ROUNDING_ERROR = 1e-5  # The share of a vector's length that remains if it is in others' space.
_VALUE_UNIT = 1 << 16  # of the values of papers' vectors in products with packed ones


def learn_vectors(papers: Sequence[Mapping[str, int]], steps: Steps = iter) -> WordVectors:
    """Learn the vectors of words from papers, whose words are counted; none from few papers.

    `steps` yields the numbers of the steps, and may tell how many have been done.
    """
    dimensions = min(_MAX_DIMENSIONS, len(papers) // _PAPERS_PER_DIMENSION)
    inverse = _inverse_frequencies(papers) if dimensions >= _MIN_DIMENSIONS else {}
    positions = {word: position for position, word in enumerate(inverse)}
    rows = [_unit_vector(words, inverse, positions) for words in papers]
    directions = _directions(rows, list(inverse), dimensions, steps) if inverse else []
    vectors = zip(inverse.items(), zip(*directions, strict=True), strict=bool(directions))
    return in_units({word: [weight * x for x in vector] for (word, weight), vector in vectors})


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
    rows: Sequence[_IntegerVector], words: Sequence[str], number: int, steps: Steps
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
    for _ in steps(range(0, number, _BLOCK)):
        directions += block
        if not block or len(directions) >= number:
            break
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

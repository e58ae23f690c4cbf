"""Word vectors: papers of one subject are close even if they share few words.

The vector of a word tells which subjects its papers are about, and a paper is where its words are
together. Some vectors come with papertrack, made from the words and categories of 82,400 papers of
arXiv, most of them on computer science and physics; see tests/build_word_vectors.py. Others are
learned from the papers of a library, whatever they are about; see `latent`.
"""

from array import array
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from math import log
from struct import pack, unpack_from

from papertrack.searching.features import Features, key_of
from papertrack.searching.packed import Packing, moved

_UNIT_BYTES = 4  # of a word's unit, a number with a fraction
_LARGEST = 127  # coordinate
_WEIGHT_UNIT = 1 << 12  # of the weights of repeated words


class WordVectors:
    """The vectors of words, times their weights log(N / df).

    A word has `dimensions` coordinates, which are integers from -127 to 127, in a unit of its own.
    """

    def __init__(self, words: Sequence[str], units: Sequence[float], coordinates: bytes) -> None:
        self.words = words
        self.dimensions = len(coordinates) // max(len(words), 1)
        self._units = units
        self._coordinates = memoryview(coordinates).cast("b")

    @cached_property  # Reading vectors is quick, and not all that are read are used.
    def _positions(self) -> Mapping[int, int]:
        return {key_of(word): position for position, word in enumerate(self.words)}

    def vector(self, key: int) -> list[float]:
        """The vector of the word with a key; empty if it has none."""
        row, unit = self.row(key)
        return [unit * number for number in row]

    def row(self, key: int) -> tuple[Sequence[int], float]:
        """The coordinates of the word with a key and their unit; empty if it has none."""
        position = self._positions.get(key)
        if position is None:
            return (), 0.0
        first = position * self.dimensions
        return self._coordinates[first : first + self.dimensions], self._units[position]

    def to_bytes(self) -> bytes:
        """The words on a line, then their units, then their coordinates."""
        units = pack(f"<{len(self.words)}f", *self._units)
        return b"\n".join((" ".join(self.words).encode(), units + self._coordinates.tobytes()))


class Locator:
    """Finds where papers are by their words, which have vectors of several kinds."""

    def __init__(self, kinds: Sequence[WordVectors]) -> None:
        self._packing = Packing(sum(vectors.dimensions for vectors in kinds))
        self._packed = _PackedVectors(kinds)

    def locate(self, counts: Features) -> list[float]:
        """The coordinates of a paper with these features, by its words: of each kind in turn.

        They are 0 if no word has a vector. A word that occurs n times counts 1 + log(n) times.
        """
        packed = list(map(self._packed.__getitem__, counts.words))
        again = [
            _weight(number) * vector
            for vector, number in zip(packed, counts.numbers, strict=False)
            if number > 1
        ]
        return self._packing.unpack(sum(packed) * _WEIGHT_UNIT + sum(again), _WEIGHT_UNIT)


@cache
def _weight(number: int) -> int:
    """What a word counts more if it occurs several times, in units of 1 / _WEIGHT_UNIT."""
    return round(log(number) * _WEIGHT_UNIT)


class _PackedVectors(dict[int, int]):
    """The packed vector of each key of a word that was looked for, 0 if it has none."""

    def __init__(self, kinds: Sequence[WordVectors]) -> None:
        self._kinds = [(vectors, Packing(vectors.dimensions)) for vectors in kinds]

    def __missing__(self, key: int) -> int:
        packed, first = 0, 0
        for vectors, packing in self._kinds:
            row, unit = vectors.row(key)
            if row:
                packed += moved(packing.pack_multiple(row, unit), first)
            first += vectors.dimensions
        self[key] = packed
        return packed


def in_units(vectors: Mapping[str, Sequence[float]]) -> WordVectors:
    """Vectors of words, of equal numbers of coordinates, rounded to what is stored."""
    units, coordinates = array("f"), array("b")  # Units are stored in single precision.
    for vector in vectors.values():
        unit = max(map(abs, vector)) / _LARGEST or 1.0
        units.append(unit)
        coordinates.extend(round(value / unit) for value in vector)
    return WordVectors(tuple(vectors), units, coordinates.tobytes())


def from_bytes(content: bytes) -> WordVectors:
    """The vectors that `to_bytes` wrote. Raises ValueError if they are incomplete."""
    line, _, numbers = content.partition(b"\n")
    words = line.decode().split()
    first = _UNIT_BYTES * len(words)
    if len(numbers) < first or (len(numbers) - first) % max(len(words), 1):
        raise ValueError("incomplete")
    return WordVectors(words, unpack_from(f"<{len(words)}f", numbers), numbers[first:])


@cache
def shipped_vectors() -> WordVectors:
    """The vectors that come with papertrack."""
    with open(__file__.rpartition(".")[0] + ".bin", "rb") as file:  # Pathlib would cost 10 ms.
        return from_bytes(file.read())

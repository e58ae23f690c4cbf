"""What rankings need to know of papers, whoever reads them: their features and subjects.

It takes longer to compute than all that depends on the reader, so it is kept from one ranking to
the next.
"""

import sys
from array import array
from collections.abc import Sequence
from hashlib import blake2b
from math import sqrt
from operator import mul
from struct import Struct
from typing import Any, NamedTuple

from papertrack.models import Paper
from papertrack.searching.features import Features, features
from papertrack.searching.word_vectors import Locator, WordVectors

_MOST_KEPT = 20_000  # papers, some 60 MB
_ENTRY = Struct("=16sII")  # the key of a paper, its number of words, and of pairs and authors
_FEATURE_BYTES, _COORDINATE_BYTES = 9, 4  # A feature has a key and a number.


class Kind(NamedTuple):
    """Word vectors, and their share of the squared length of a paper's vector."""

    vectors: WordVectors
    share: float


class SubjectVector(NamedTuple):
    """The sum of the vectors of a paper's words, of each kind times its scale."""

    coordinates: "array[float]"
    scales: "array[float]"


class Representation(NamedTuple):
    """The features of a paper, and its subject."""

    features: Features
    subject: SubjectVector


class Representations:
    """The representations of papers with some kinds of word vectors: each is computed once.

    `content` are those that `to_bytes` gave with the same vectors. Raises ValueError if it is not
    whole.
    """

    def __init__(self, kinds: Sequence[Kind], content: memoryview | None = None) -> None:
        self.kinds = [kind for kind in kinds if kind.vectors.dimensions]
        self._locator = Locator([kind.vectors for kind in self.kinds])
        self._dimensions = sum(kind.vectors.dimensions for kind in self.kinds)
        # By the key of a paper: its number of words, and of pairs and authors, and the rest.
        self._stored: dict[bytes, tuple[int, int, bytes | memoryview]] = {}
        self._used: set[bytes] = set()
        self._computed = 0
        if content:
            self._read_entries(content)

    @property
    def is_worth_keeping(self) -> bool:
        """Whether `to_bytes` would give papers that were not in `content`, and not too many."""
        return self._computed > 0 and len(self._used) < _MOST_KEPT

    def of(self, paper: Paper) -> Representation:
        """The representation of a paper."""
        key = _key(paper)
        if len(self._used) < _MOST_KEPT:
            self._used.add(key)
        if key in self._stored:
            return self._read(*self._stored[key])
        counts = features(paper)
        subject = self._subject(counts)
        if key in self._used:
            body = b"".join(part.tobytes() for part in (*counts, *subject))
            self._stored[key] = len(counts.words), len(counts.pairs), body
            self._computed += 1
        return Representation(counts, subject)

    def to_bytes(self) -> bytes:
        """The representations that were asked for."""
        keys = sorted(self._used)
        entries = (_ENTRY.pack(key, *self._stored[key][:2]) for key in keys)
        bodies = (self._stored[key][2] for key in keys)
        return b"".join((_ENTRY.pack(_ORDER, len(keys), 0), *entries, *bodies))

    def _subject(self, counts: Features) -> SubjectVector:
        subject, scales, located = array("f"), array("f"), self._locator.locate(counts)
        for vectors, share in self.kinds:
            part = located[len(subject) : len(subject) + vectors.dimensions]
            scale = sqrt(share / (sum(map(mul, part, part)) or 1.0))
            scales.append(scale)
            subject.extend(map(scale.__mul__, part))
        return SubjectVector(subject, scales)

    def _read_entries(self, content: memoryview) -> None:
        if len(content) < _ENTRY.size:
            raise ValueError("not whole")
        order, number, _ = _ENTRY.unpack_from(content)
        first = _ENTRY.size * (number + 1)
        if order != _ORDER or first > len(content):
            raise ValueError("not whole, or from another machine")
        for key, words, pairs in _ENTRY.iter_unpack(content[_ENTRY.size : first]):
            last = first + self._size(words, pairs)
            self._stored[key] = words, pairs, content[first:last]
            first = last
        if first != len(content):
            raise ValueError("not whole")

    def _size(self, words: int, pairs: int) -> int:
        """The bytes of a representation."""
        numbers = self._dimensions + len(self.kinds)
        return _FEATURE_BYTES * (words + pairs) + _COORDINATE_BYTES * numbers

    def _read(self, words: int, pairs: int, content: bytes | memoryview) -> Representation:
        counts = _arrays("qqB", content, (words, pairs, words + pairs))
        numbers = content[_FEATURE_BYTES * (words + pairs) :]
        subject = _arrays("ff", numbers, (self._dimensions, len(self.kinds)))
        return Representation(Features(*counts), SubjectVector(*subject))


def _arrays(kinds: str, content: bytes | memoryview, lengths: Sequence[int]) -> "list[array[Any]]":
    """Arrays of these kinds and lengths that are one after the other."""
    arrays, first = [], 0
    for kind, length in zip(kinds, lengths, strict=True):
        numbers = array(kind)
        last = first + length * numbers.itemsize
        numbers.frombytes(content[first:last])
        arrays.append(numbers)
        first = last
    return arrays


# Stands where entries have the key of a paper; numbers are as this machine has them.
_ORDER = sys.byteorder.encode().ljust(16)


def _key(paper: Paper) -> bytes:
    """A digest of all that a representation depends on."""
    fields = (paper.title, paper.abstract or "", *paper.authors, "", *paper.keywords)
    text = f"{len(paper.authors)}\0" + "\0".join(fields)
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()

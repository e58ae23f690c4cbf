"""Word vectors: where papers are by the subjects of their words."""

from array import array
from math import log, sqrt

import pytest

from papertrack.models import Paper
from papertrack.searching.features import Features, features, key_of, word_counts
from papertrack.searching.packed import Packing, packed_at
from papertrack.searching.word_vectors import (
    Locator,
    WordVectors,
    from_bytes,
    in_units,
    shipped_vectors,
)

WORDS, UNITS = ["law", "soil", "star"], [0.5, 0.25, 2.0]
COORDINATES = [[1, -2, 3], [127, 0, -127], [0, 0, 4]]


@pytest.fixture
def vectors():
    numbers = [number % 256 for row in COORDINATES for number in row]
    return WordVectors(WORDS, UNITS, bytes(numbers))


def counted(words):
    """The features of a paper with these words, which are counted."""
    keys, numbers = array("q", map(key_of, words)), array("B", words.values())
    return Features(keys, array("q"), numbers)


def vector(vectors, word):
    return vectors.vector(key_of(word))


def cosine(first, second):
    locator = Locator([shipped_vectors()])
    located = [locator.locate(features(Paper("", text))) for text in (first, second)]
    lengths = [sqrt(sum(x * x for x in vector)) for vector in located]
    return sum(x * y for x, y in zip(*located, strict=True)) / (lengths[0] * lengths[1])


def test_the_vector_of_a_word_has_its_coordinates_in_its_unit(vectors):
    assert vector(vectors, "soil") == [31.75, 0.0, -31.75]
    assert vector(vectors, "unknown") == []


def test_a_paper_is_where_its_words_are_together(vectors):
    once, thrice = vector(vectors, "law"), vector(vectors, "soil")
    together = [x + (1 + log(3)) * y for x, y in zip(once, thrice, strict=True)]
    located = Locator([vectors]).locate(counted({"law": 1, "soil": 3, "unknown": 2}))
    assert located == pytest.approx(together, abs=0.01)


def test_a_paper_without_a_known_word_is_at_the_origin(vectors):
    locator = Locator([vectors])
    assert locator.locate(counted({"unknown": 1})) == locator.locate(counted({})) == [0.0, 0.0, 0.0]


def test_vectors_of_several_kinds_are_located_in_turn(vectors):
    other = in_units({"law": [-1.0, 2.0], "moss": [-0.5, 0.5]})
    words = counted({"law": 2, "moss": 1, "star": 3})
    apart = [*Locator([vectors]).locate(words), *Locator([other]).locate(words)]
    assert Locator([vectors, other]).locate(words) == pytest.approx(apart)


def test_vectors_are_read_as_they_were_written(vectors):
    read = from_bytes(vectors.to_bytes())
    assert list(read.words) == WORDS
    assert [vector(read, word) for word in WORDS] == [vector(vectors, word) for word in WORDS]


def test_incomplete_vectors_are_not_read(vectors):
    content = vectors.to_bytes()
    for length in (len(content) - 1, len(" ".join(WORDS)) + 2, 3):
        with pytest.raises(ValueError, match="incomplete"):
            from_bytes(content[:length])


def test_numbers_are_rounded_to_a_127th_of_the_largest_of_their_word():
    rounded = in_units({"law": [1.27, -0.004, 0.006], "soil": [0.0, 0.0, 0.0]})
    assert vector(rounded, "law") == pytest.approx([1.27, 0.0, 0.01])
    assert vector(rounded, "soil") == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("first", "near", "far"),
    [
        ("entangled qubits", "quantum decoherence", "reward shaping policies"),
        ("grasping robot", "manipulator trajectories", "superconducting phase"),
        ("translation", "multilingual corpora", "lattice phonon"),
    ],
)
def test_papers_of_one_subject_are_close_without_a_common_word(first, near, far):
    assert cosine(first, near) > cosine(first, far) + 0.2


def test_the_shipped_words_are_counted_as_in_papers():
    words = shipped_vectors().words
    assert set(word_counts(Paper("", "Graph diffusion and theorems about qubits"))) < set(words)
    assert list(words) == sorted(set(words))


def test_packed_vectors_add_up_number_by_number():
    packing = Packing(3)
    first, second = packing.pack([1.5, -2.25, 1000.0]), packing.pack([-2.0, 0.5, -0.125])
    total = first - 5 * second + 3 * packed_at(1, 4.0)
    assert packing.unpack(total, 1) == [11.5, 7.25, 1000.625]
    assert packing.unpack(total, 2) == [5.75, 3.625, 500.3125]


def test_a_multiple_of_integers_is_packed_as_its_numbers_are():
    packing = Packing(3)
    assert packing.pack_multiple([4, -127, 0], 0.25) == packing.pack([1.0, -31.75, 0.0])

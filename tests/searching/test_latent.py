"""Latent spaces, and lists for two interests."""

from collections import Counter
from itertools import product
from math import log, prod, sqrt
from operator import mul
from random import Random

import pytest

from papertrack.searching.interests import find_interests, interleave
from papertrack.searching.latent import WordRows, learn_space
from papertrack.searching.packed import Packing, packed_at

SUBJECTS = [
    [f"{subject}{number}" for number in range(30)] for subject in ("stars", "genes", "laws", "cars")
]


def papers(number):
    """Papers of four subjects in turn, each with five of the words of its subject."""
    draw = Random(1)
    return [Counter(draw.sample(SUBJECTS[index % 4], 5)) for index in range(number)]


def cosine(space, first, second):
    rows = WordRows(space)
    vectors = [rows.locate(Counter(words)) for words in (first, second)]
    lengths = [sqrt(sum(x * x for x in vector)) for vector in vectors]
    return sum(x * y for x, y in zip(*vectors, strict=True)) / prod(lengths)


def test_papers_of_one_subject_are_close_without_a_common_word():
    space = learn_space(papers(400))
    close = cosine(space, SUBJECTS[0][:15], SUBJECTS[0][15:])
    apart = cosine(space, SUBJECTS[0][:15], SUBJECTS[1][15:])
    assert close > apart + 0.2


def test_the_same_papers_have_the_same_space():
    assert learn_space(papers(240)) == learn_space(papers(240))


def test_few_papers_have_no_space():
    assert learn_space(papers(100)).dimensions == 0


def test_words_whose_first_directions_cancel_out_have_no_space():
    # The checksums of these two words differ in all bits that directions begin with.
    both, others = [{"law": 1, "aal": 1}] * 60, [{f"word{number}": 1} for number in range(180)]
    space = learn_space([*both, *others])
    assert (space.dimensions, WordRows(space).locate({"law": 1})) == (0, [])


def test_a_paper_without_a_known_word_is_at_the_origin():
    space = learn_space(papers(240))
    assert set(WordRows(space).locate({"unknown": 1})) == {0.0}


def test_a_paper_is_where_its_words_are_together():
    space = learn_space(papers(240))
    rows = WordRows(space)
    once, thrice = rows.row("stars1"), rows.row("laws2")
    located = rows.locate({"stars1": 1, "laws2": 3})
    together = [x + (1 + log(3)) * y for x, y in zip(once, thrice, strict=True)]
    assert located == pytest.approx(together, abs=1e-3)


def test_directions_are_orthogonal_and_of_length_one():
    space = learn_space(papers(400))
    size = space.dimensions
    directions = [space.coordinates[first::size] for first in range(size)]
    for first, second in product(range(size), repeat=2):
        cosine = sum(map(mul, directions[first], directions[second]))
        assert cosine == pytest.approx(float(first == second), abs=1e-5)


def test_packed_vectors_add_up_number_by_number():
    packing = Packing(3)
    first, second = packing.pack([1.5, -2.25, 1000.0]), packing.pack([-2.0, 0.5, -0.125])
    total = first - 5 * second + 3 * packed_at(1, 4.0)
    assert packing.unpack(total, 1) == [11.5, 7.25, 1000.625]
    assert packing.unpack(total, 2) == [5.75, 3.625, 500.3125]


def near(axis, number, size=6):
    """Vectors of length 1 that are mostly along an axis."""
    return [
        [
            0.96 if place == axis else 0.28 if place == 2 + index % 4 else 0.0
            for place in range(size)
        ]
        for index in range(number)
    ]


def test_stars_in_two_clear_clusters_are_two_interests():
    assert find_interests(near(0, 6) + near(1, 3)) == ([0, 1, 2, 3, 4, 5], [6, 7, 8])


@pytest.mark.parametrize("vectors", [near(0, 9), near(0, 9) + near(1, 1), near(0, 3), [[1.0]], []])
def test_other_stars_are_a_single_interest(vectors):
    assert find_interests(vectors) == (list(range(len(vectors))),)


def test_each_beginning_of_a_list_is_in_proportion():
    mixed = interleave(["aaaaaaaa", "bbbb"], [2 / 3, 1 / 3])
    assert Counter(mixed[:6]) == {"a": 4, "b": 2}
    assert Counter(mixed) == {"a": 8, "b": 4}


def test_a_list_goes_on_when_another_has_ended():
    assert interleave(["a", "bbb"], [0.9, 0.1]) == ["a", "b", "b", "b"]

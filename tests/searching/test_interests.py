"""Two interests of a reader, and lists that take papers for both."""

from collections import Counter

import pytest

from papertrack.searching.interests import find_interests, interleave


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

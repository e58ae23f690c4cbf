"""Two interests of a reader: papers in two clusters, and lists that take papers for both."""

from collections.abc import Sequence
from math import sqrt
from operator import mul
from typing import TypeVar

_Item = TypeVar("_Item")
_ROUNDS = 10  # of reassigning papers to clusters; few are needed
_MIN_PAPERS, _MIN_SHARE = 2, 0.2  # of a cluster
# Clusters are apart if the mean cosine between them is below this share of the smaller mean cosine
# within one, and if that one is no scattered rest.
_MAX_RATIO, _MIN_COSINE = 0.72, 0.3


def find_interests(vectors: Sequence[Sequence[float]]) -> tuple[list[int], ...]:
    """The positions of the vectors of each interest: two lists if they are clearly apart, or one.

    The vectors have length 1 and are clustered by their cosines: k-means with two clusters, which
    begins with the two vectors that are least similar.
    """
    everything = list(range(len(vectors)))
    clusters = _two_clusters(vectors) if len(vectors) >= 2 * _MIN_PAPERS else ()
    least = max(_MIN_PAPERS, _MIN_SHARE * len(vectors))
    if not clusters or min(map(len, clusters)) < least:
        return (everything,)
    first, second = ([vectors[position] for position in cluster] for cluster in clusters)
    within = min(_mean_cosine_within(first), _mean_cosine_within(second))
    between = _product(_sum(first), _sum(second)) / (len(first) * len(second))
    apart = within > _MIN_COSINE and between < _MAX_RATIO * within
    return clusters if apart else (everything,)


def interleave(lists: Sequence[Sequence[_Item]], shares: Sequence[float]) -> list[_Item]:
    """All items of the lists, each beginning of the result in proportion to the shares."""
    taken = [0] * len(lists)
    result: list[_Item] = []
    for number in range(1, sum(map(len, lists)) + 1):
        left = [index for index, items in enumerate(lists) if taken[index] < len(items)]
        index = max(left, key=lambda index: shares[index] * number - taken[index])
        result.append(lists[index][taken[index]])
        taken[index] += 1
    return result


def _two_clusters(vectors: Sequence[Sequence[float]]) -> tuple[list[int], ...]:
    """The positions of the vectors in two clusters; none if all are the same."""
    size = len(vectors)
    pairs = ((first, second) for second in range(size) for first in range(second))
    seeds = min(pairs, key=lambda pair: _product(vectors[pair[0]], vectors[pair[1]]))
    centres = [vectors[seed] for seed in seeds]
    clusters: tuple[list[int], ...] = ()
    for _ in range(_ROUNDS):
        nearer = [
            _product(vector, centres[0]) >= _product(vector, centres[1]) for vector in vectors
        ]
        before, clusters = (
            clusters,
            (
                [position for position in range(size) if nearer[position]],
                [position for position in range(size) if not nearer[position]],
            ),
        )
        if not all(clusters):
            return ()
        if clusters == before:
            break
        sums = [_sum([vectors[position] for position in cluster]) for cluster in clusters]
        centres = [_scaled(total) for total in sums]
    return clusters


def _mean_cosine_within(vectors: Sequence[Sequence[float]]) -> float:
    """The mean cosine of two different vectors of a cluster."""
    total, number = _sum(vectors), len(vectors)
    own = sum(_product(vector, vector) for vector in vectors)
    return (_product(total, total) - own) / (number * (number - 1))


def _sum(vectors: Sequence[Sequence[float]]) -> list[float]:
    return list(map(sum, zip(*vectors, strict=True)))


def _scaled(vector: Sequence[float]) -> list[float]:
    length = sqrt(_product(vector, vector)) or 1.0
    return [value / length for value in vector]


def _product(first: Sequence[float], second: Sequence[float]) -> float:
    return float(sum(map(mul, first, second)))

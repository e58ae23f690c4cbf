"""Ridge regression on rows that are partly sparse, by conjugate gradients."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from operator import mul
from typing import NamedTuple

from papertrack.searching.sparse import SparseVector, dot, transpose

Steps = Callable[[Sequence[int]], Iterable[int]]

_PENALTY = 1.0  # of the squared length of the weights
_STEPS = 6  # of conjugate gradients


class Weights(NamedTuple):
    """The weights of the sparse and of the dense dimensions."""

    own: list[float]
    dense: list[float]

    def plus(self, other: "Weights", factor: float = 1.0) -> "Weights":
        """These weights, and others times a factor."""
        return Weights(
            *(
                [value + factor * part for value, part in zip(*pair, strict=True)]
                for pair in zip(self, other, strict=True)
            )
        )

    def square(self) -> float:
        """The squared length."""
        return float(sum(sum(map(mul, part, part)) for part in self))

    def product(self, other: "Weights") -> float:
        """The product with other weights."""
        return float(sum(sum(map(mul, *pair)) for pair in zip(self, other, strict=True)))


class RidgeRegression:
    """Rows to predict values from: a sparse vector of `size` dimensions and a dense one each.

    Products with a matrix and with its transpose take turns, so it is stored by rows and by
    columns.
    """

    def __init__(
        self, own: Sequence[SparseVector], dense: Sequence[Sequence[float]], size: int
    ) -> None:
        self._rows = list(zip(own, dense, strict=True))
        self._columns = transpose(own, size)
        self._dense_columns = [array("d", column) for column in zip(*dense, strict=True)]

    def fit(
        self, importance: Sequence[float], values: Sequence[float], steps: Steps = iter
    ) -> Weights:
        """The weights that minimize the squared errors and the penalty.

        The error of each row counts with its importance. `steps` yields the numbers of the steps,
        and may tell how many have been done. See the module `recommending`.
        """
        residual = self._combine(list(map(mul, importance, values)))
        weights = Weights([0.0] * len(residual.own), [0.0] * len(residual.dense))
        direction, remaining = residual, residual.square()
        for _ in steps(range(_STEPS)):
            if not remaining:
                break
            predicted = [
                dot(own, direction.own) + sum(map(mul, dense, direction.dense))
                for own, dense in self._rows
            ]
            image = self._combine(list(map(mul, importance, predicted))).plus(direction, _PENALTY)
            step = remaining / direction.product(image)
            weights = weights.plus(direction, step)
            residual = residual.plus(image, -step)
            before, remaining = remaining, residual.square()
            direction = residual.plus(direction, remaining / before)
        return weights

    def _combine(self, factors: Sequence[float]) -> Weights:
        """The sum of the rows, each times a factor."""
        return Weights(
            [dot(column, factors) for column in self._columns],
            [float(sum(map(mul, column, factors))) for column in self._dense_columns],
        )

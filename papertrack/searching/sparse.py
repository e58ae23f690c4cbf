"""Sparse vectors: positions, and the values there."""

from array import array
from collections.abc import Sequence
from operator import mul
from typing import TypeVar

_Number = TypeVar("_Number", int, float)
# Arrays take a quarter of the memory of lists, and products with many vectors wait for memory.
SparseVector = tuple["array[int]", "array[float]"]


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

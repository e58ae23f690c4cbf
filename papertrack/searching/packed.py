"""Vectors packed into single integers, with which Python computes faster than with their numbers.

Adding two packed vectors of 48 numbers, or multiplying one by an integer, takes one operation
instead of 48, about a tenth of the time.
"""

from collections.abc import Sequence
from struct import Struct

_BITS = 64  # for each number, whose sums and multiples need more than the number itself
_UNIT = 1 << 24  # Packed numbers are in units of 2**-24.


class Packing:
    """The packing of vectors of one size. Sums and integer multiples of packed vectors are packed.

    A multiple is unpacked with its factor, so that numbers with fractions can be factors, too.
    Numbers must stay below 2**39, also times the factors.
    """

    def __init__(self, size: int) -> None:
        self._struct = Struct(f"<{size}q")
        # Two's complement with these bits changed is the number plus these bits, without a sign.
        self._signs = sum(1 << _BITS * position + _BITS - 1 for position in range(size))

    def pack(self, vector: Sequence[float]) -> int:
        """Pack a vector."""
        numbers = self._struct.pack(*map(round, map(float(_UNIT).__mul__, vector)))
        return (int.from_bytes(numbers, "little") ^ self._signs) - self._signs

    def pack_multiple(self, vector: Sequence[int], factor: float) -> int:
        """Pack a vector of integers, times a factor; quicker than packing the multiple."""
        numbers = self._struct.pack(*vector)
        unscaled = (int.from_bytes(numbers, "little") ^ self._signs) - self._signs
        return unscaled * round(_UNIT * factor)

    def unpack(self, packed: int, factor: int) -> list[float]:
        """The vector of a packed one, divided by a factor."""
        numbers = ((packed + self._signs) ^ self._signs).to_bytes(self._struct.size, "little")
        return list(map((1 / (_UNIT * factor)).__mul__, self._struct.unpack(numbers)))


def packed_at(position: int, number: float) -> int:
    """A packed vector with a number at a position, and 0 elsewhere."""
    return moved(round(number * _UNIT), position)


def moved(packed: int, positions: int) -> int:
    """A packed vector with this number of zeros before it."""
    return packed << _BITS * positions

"""Rows that stay JSON until they are touched: of a large table most never are."""

import json
from collections.abc import Iterator, Mapping, MutableMapping
from functools import cache
from typing import Any


class EncodedRow(MutableMapping[str, Any]):
    """A row as it was read from its table, decoded when it is first asked for anything."""

    __slots__ = ("_encoded", "_row")

    def __init__(self, encoded: Any) -> None:
        self._encoded = encoded
        self._row: dict[str, Any] | None = None

    def copy(self) -> "EncodedRow | dict[str, Any]":
        """Another row that says the same."""
        return EncodedRow(self._encoded) if self._row is None else self._row.copy()

    def decoded(self) -> dict[str, Any]:
        """The row itself."""
        if self._row is None:
            self._row = _read(self._encoded)
        return self._row

    def __getitem__(self, key: str) -> Any:
        return self.decoded()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.decoded()[key] = value

    def __delitem__(self, key: str) -> None:
        del self.decoded()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.decoded())

    def __len__(self) -> int:
        return len(self.decoded())


class RowCopies(Mapping[str, Any]):
    """Rows of which each is a copy: what is done to it is not done to them. None is made before it
    is asked for, as of a large table most never are.
    """

    def __init__(self, rows: Mapping[str, Any]) -> None:
        self._rows = rows

    def __getitem__(self, key: str) -> Any:
        return self._rows[key].copy()

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def parse_rows(body: bytes) -> dict[str, EncodedRow] | None:
    """The "rows" of the JSON object in `body`, all of which is checked; None where something is
    wrong with it.
    """
    from msgspec import MsgspecError

    try:
        if not body.isascii():  # as what older versions wrote
            body.decode()  # which msgspec leaves to the moment when a row is decoded
        rows = _decoder().decode(body).rows
    except (MsgspecError, ValueError, RecursionError):
        return None
    if not all(memoryview(row)[0] == ord("{") for row in rows.values()):
        return None
    return {key: EncodedRow(row) for key, row in rows.items()}


def decoded(value: object) -> dict[str, Any]:
    """What json is to write for a row; raises TypeError for what is none, as json would."""
    if isinstance(value, EncodedRow):
        return value.decoded()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


@cache
def _decoder() -> Any:
    from msgspec import Raw, defstruct
    from msgspec.json import Decoder

    return Decoder(defstruct("Table", [("rows", dict[str, Raw])]))


def _read(encoded: Any) -> dict[str, Any]:
    from msgspec import DecodeError
    from msgspec.json import decode

    try:
        return decode(encoded, type=dict[str, Any])
    except DecodeError:  # a number that no double can be, which json reads as infinite
        row: dict[str, Any] = json.loads(bytes(encoded))
        return row

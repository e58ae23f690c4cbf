"""Rows that are decoded from JSON on first access, since most rows of a large table never are."""

import json
from collections.abc import Iterator, Mapping, MutableMapping
from functools import cache
from typing import Any

_PRINTABLE_ESCAPES = b'\\"'


class EncodedRow(MutableMapping[str, Any]):
    """A row of a table, decoded on first access."""

    __slots__ = ("_encoded", "_row")

    def __init__(self, encoded: Any) -> None:
        self._encoded = encoded
        self._row: dict[str, Any] | None = None

    def copy(self) -> "EncodedRow | dict[str, Any]":
        """An equal row that can be changed independently."""
        return EncodedRow(self._encoded) if self._row is None else self._row.copy()

    @property
    def encoded(self) -> Any:
        """The JSON of the row as it was read, for msgspec."""
        return self._encoded

    @property
    def is_printable_ascii(self) -> bool:
        """Whether all texts have only printable ASCII characters, as a quick test shows of most.

        JSON escapes control characters other than DEL; msgspec has refused those that are not.
        """
        encoded = bytes(self._encoded)
        if not encoded.isascii() or b"\x7f" in encoded:
            return False
        at = encoded.find(b"\\")
        while at >= 0 and encoded[at + 1] in _PRINTABLE_ESCAPES:
            at = encoded.find(b"\\", at + 2)
        return at < 0

    def decode(self) -> dict[str, Any]:
        """The row as a dictionary."""
        if self._row is None:
            self._row = _decode(self._encoded)
        return self._row

    def __getitem__(self, key: str) -> Any:
        return self.decode()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.decode()[key] = value

    def __delitem__(self, key: str) -> None:
        del self.decode()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.decode())

    def __len__(self) -> int:
        return len(self.decode())


class RowCopies(Mapping[str, Any]):
    """A table's rows as copies that callers may change.

    Each copy is made on access, since most rows of a large table are never accessed.
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
    """Return the "rows" of the JSON object in `body`, None if any part of it is invalid."""
    from msgspec import MsgspecError

    try:
        if not body.isascii():
            body.decode()  # msgspec checks the UTF-8 of older versions only when decoding a row.
        rows = _decoder().decode(body).rows
    except (MsgspecError, ValueError, RecursionError):
        return None
    if not {memoryview(row)[0] for row in rows.values()} <= {ord("{")}:
        return None
    return dict(zip(rows, map(EncodedRow, rows.values()), strict=True))


def json_default(value: object) -> dict[str, Any]:
    """The `default` function for json's encoder: decodes rows.

    Raises TypeError for other types, as json does.
    """
    if isinstance(value, EncodedRow):
        return value.decode()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


@cache
def _decoder() -> Any:
    from msgspec import Raw, defstruct
    from msgspec.json import Decoder

    return Decoder(defstruct("Table", [("rows", dict[str, Raw])]))


def _decode(encoded: Any) -> dict[str, Any]:
    from msgspec import DecodeError
    from msgspec.json import decode

    try:
        return decode(encoded, type=dict[str, Any])
    except DecodeError:  # json reads a number too large for a double as infinity.
        row: dict[str, Any] = json.loads(bytes(encoded))
        return row

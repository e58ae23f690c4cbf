"""The headers of the pages of a Parquet file, read before any page is unpacked.

The footer of a file has the sizes of its columns and each page has its own, which may be others: a
page of a few bytes can unpack to 2 GB. A header is a struct of Thrift's compact protocol, see
https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift and
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md.
"""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_TRUE, _FALSE, _BYTE, _I64, _DOUBLE, _BINARY, _STRUCT = 1, 2, 3, 6, 7, 8, 12  # types
_MAX_DEPTH = 8
_MAX_SHIFT = 63  # of the bits of a number
# Fields of a header. Each kind of page has a struct that begins with the number of values.
_SIZE, _PACKED_SIZE = 2, 3
_DATA, _DICTIONARY, _DATA_2 = 5, 7, 8
_VALUES, _ENCODING, _ENCODING_2 = 1, 2, 4
_DELTA_BYTE_ARRAY = 7

_Struct = dict[int, "int | _Struct"]


class PageHeader(NamedTuple):
    """What a page says of itself: its bytes when unpacked, and the number of its values.

    If it `shares_text`, a value may begin with all of the previous one, so that each may be as long
    as the page.
    """

    size: int
    values: int
    shares_text: bool


def read_page_headers(file: BinaryIO, start: int, length: int, values: int) -> Iterator[PageHeader]:
    """The headers of a column with so many values, which begins at an offset of a file.

    Raises ValueError for what is not such a header.
    """
    at = start
    while at < start + length and values > 0:
        file.seek(at)
        header = _read_struct(file, 0)
        kind = next((each for each in (_DATA, _DATA_2, _DICTIONARY) if each in header), None)
        size, packed = header.get(_SIZE), header.get(_PACKED_SIZE)
        if not (isinstance(size, int) and isinstance(packed, int) and size >= 0 and packed >= 0):
            raise ValueError("a page has no size")
        details = header[kind] if kind else {}
        count = details.get(_VALUES, 0) if isinstance(details, dict) else 0
        if not isinstance(details, dict) or not isinstance(count, int) or count < 0:
            raise ValueError("a page has no number of values")
        encoding = details.get(_ENCODING_2 if kind == _DATA_2 else _ENCODING)
        yield PageHeader(size, count, encoding == _DELTA_BYTE_ARRAY)
        values -= 0 if kind in (_DICTIONARY, None) else count
        at = file.tell() + packed


def _read_struct(file: BinaryIO, depth: int) -> _Struct:
    """The numbers and structs in a struct, by the ids of their fields."""
    if depth > _MAX_DEPTH:
        raise ValueError("a page header is nested too deeply")
    fields: _Struct = {}
    number = 0
    while head := _byte(file):
        number = number + (head >> 4) if head >> 4 else _signed(file)
        kind = head & 15
        if kind == _STRUCT:
            fields[number] = _read_struct(file, depth + 1)
        elif _BYTE < kind <= _I64:
            fields[number] = _signed(file)
        else:
            _skip(file, kind)
    return fields


def _skip(file: BinaryIO, kind: int) -> None:
    if kind == _BINARY:
        file.seek(_unsigned(file), 1)
    elif kind == _DOUBLE:
        file.seek(8, 1)
    elif kind == _BYTE:
        file.seek(1, 1)
    elif kind not in (_TRUE, _FALSE):  # which are in the type itself
        raise ValueError("a page header has a field of an unknown type")


def _signed(file: BinaryIO) -> int:
    number = _unsigned(file)
    return (number >> 1) ^ -(number & 1)


def _unsigned(file: BinaryIO) -> int:
    number = shift = 0
    while shift <= _MAX_SHIFT:
        byte = _byte(file)
        number |= (byte & 127) << shift
        if byte < 128:  # noqa: PLR2004  # the last byte
            return number
        shift += 7
    raise ValueError("a page header has a number that is too long")


def _byte(file: BinaryIO) -> int:
    byte = file.read(1)
    if not byte:
        raise ValueError("a page header ends too early")
    return byte[0]

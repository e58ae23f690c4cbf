"""Read JSON of any layout, value by value, so that a file of any size needs little memory."""

import json
import re
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Any, BinaryIO, TextIO

from papertrack.tracker.import_files import WINDOWS_1252

_CHUNK = 1 << 18
_RECORD_SEPARATOR = "\x1e"  # which `re` counts as blank
_BLANKS = re.compile(r"[\s\ufeff]*")
_DECODER = json.JSONDecoder()
# A line that begins papertrack's JSON output, whatever the order of its keys.
_ENVELOPE = re.compile(r'\{\s*"(?:command|data|errors|generated_at|notes|schema)"\s*:')


def has_lines(first_line: bytes, *, is_cut: bool) -> bool:
    """Whether a file that begins with this line is JSON Lines.

    Else it is an array, papertrack's JSON output, objects of several lines or several in one, or a
    JSON text sequence (RFC 7464). `is_cut` means that
    `first_line` is only the beginning of the line.
    """
    text = first_line.decode(errors=WINDOWS_1252).lstrip("\ufeff")
    line = text.strip()
    if text.startswith(_RECORD_SEPARATOR) or line.startswith("[") or _ENVELOPE.match(line):
        return False
    if is_cut:
        return True
    try:
        _, end = _DECODER.raw_decode(line)
    except json.JSONDecodeError as error:
        return error.pos < len(line) - 1  # else the value continues on the next line
    except RecursionError:
        return True
    return not line[end:].lstrip().startswith(("{", ","))


def papers_in(file: BinaryIO, longest: int) -> Iterator[str]:
    """Yield the source text of each paper, on one line.

    The papers are the elements of arrays, those of papertrack's JSON output, and other values.
    Raises ValueError where the file is not JSON, or has a value of more than `longest` characters.
    """
    text = TextIOWrapper(file, encoding="utf-8", errors=WINDOWS_1252, newline="")
    try:
        reader = _JsonReader(text, longest)
        while start := reader.peek():
            if start == "[":
                yield from (source for _, source in reader.elements())
            elif start == "{":
                yield from _papers_of_object(reader)
            elif start == ",":  # the file is a part of an array
                reader.skip(",")
            else:
                yield reader.value()[1]
    finally:
        text.detach()  # else the file would be closed with it


def _papers_of_object(reader: "_JsonReader") -> Iterator[str]:
    """The papers of papertrack's JSON output, else the object itself."""
    fields: dict[str, Any] = {}
    has_data = False
    for name in reader.names():
        if name == "data" and reader.peek() == "[":
            has_data = True
            yield from (source for _, source in reader.elements())
        else:
            fields[name] = reader.value()[0]
    if not has_data:
        yield json.dumps(fields)


class _JsonReader:
    """Reads the values of a file of JSON; every method raises ValueError for other text."""

    def __init__(self, text: TextIO, longest: int) -> None:
        self._text, self._longest = text, longest
        self._buffer, self._position = "", 0

    def peek(self) -> str:
        """The next character that is not blank; "" at the end of the file."""
        while True:
            blanks = _BLANKS.match(self._buffer, self._position)
            self._position = blanks.end() if blanks else self._position
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._read():
                return ""

    def value(self) -> tuple[Any, str]:
        """The next value, and its source text on one line."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._position)
                if end < len(self._buffer) or not self._read():
                    break
            except (ValueError, RecursionError) as error:
                if len(self._buffer) - self._position > self._longest or not self._read():
                    raise ValueError("not JSON") from error
        source = self._buffer[self._position : end]
        self._position = end
        return value, source.replace("\n", " ").replace("\r", " ")

    def elements(self) -> Iterator[tuple[Any, str]]:
        """The elements of an array, as `value` returns them."""
        self.skip("[")
        while self.peek() != "]":
            yield self.value()
            self._skip_comma("]")
        self.skip("]")

    def names(self) -> Iterator[str]:
        """The names of the members of an object; the caller reads the value of each."""
        self.skip("{")
        while self.peek() != "}":
            key = self.value()[0]
            self.skip(":")
            yield str(key)
            self._skip_comma("}")
        self.skip("}")

    def skip(self, character: str) -> None:
        """Skip a character, which must be the next."""
        if self.peek() != character:
            raise ValueError("not JSON")
        self._position += 1

    def _skip_comma(self, end: str) -> None:
        if self.peek() != end:
            self.skip(",")

    def _read(self) -> bool:
        """Read more of the file, so that a long value doubles the buffer; False at the end."""
        rest = self._buffer[self._position :]
        more = self._text.read(max(_CHUNK, len(rest)))
        if more:
            self._buffer, self._position = rest + more, 0
        return bool(more)

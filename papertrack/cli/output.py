"""What papertrack prints: everything passes through streams that let no text act on the terminal.

Text from outside is cleaned where it is read. The streams also clean what nobody reads as text from
outside: names of files, keys of damaged tables, errors of templates and of the system.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import AnyStr, TextIO, cast

from papertrack.text import unusual_characters, unusual_in_utf8, visible

_BYTE_ORDER_MARK = "\ufeff"
_LINES_AT_ONCE = 16


class CleanStream:
    """A text stream that removes invisible characters, but not the escape sequences of tables.

    With `lenient`, errors of writing are ignored: a message that cannot be printed must not change
    the exit code.
    """

    def __init__(self, stream: TextIO, *, lenient: bool = False) -> None:
        self._stream = stream
        self._lenient = lenient

    def write(self, text: str) -> int:
        """Write a text. Raises OSError unless `lenient`."""
        cleaned = clean_output(text)
        if not self._lenient:
            return self._stream.write(cleaned)
        with suppress(OSError, ValueError):
            self._stream.write(cleaned)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts, as `write`: soon several at once, as each call takes its time.

        If `lines` raises an error, those before it are written.
        """
        for text in _batches(lines, ""):
            self.write(text)

    def write_utf8(self, lines: Iterable[bytes]) -> None:
        """As `writelines`, for texts in UTF-8 that may have lone surrogates. Raises OSError.

        A file or a pipe gets the bytes as they are, unless they need cleaning: converting a whole
        library to text and back takes a twelfth of the command's time.
        """
        stream = self._stream
        if stream.encoding != "utf-8" or stream.isatty() or os.linesep != "\n":
            self.writelines(line.decode(errors="surrogatepass") for line in lines)
            return
        stream.flush()
        for encoded in _batches(lines, b""):
            stream.buffer.write(_clean_utf8(encoded))

    def flush(self) -> None:
        """Write what is buffered. Raises OSError unless `lenient`."""
        if not self._lenient:
            self._stream.flush()
            return
        with suppress(OSError, ValueError):
            self._stream.flush()

    def write_unchanged(self, text: str) -> None:
        """Write a sequence that is meant to act on the terminal. Raises OSError."""
        self._stream.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def cleaned(stream: TextIO, *, lenient: bool = False) -> TextIO:
    """Return a stream that cleans what is written to this one."""
    return cast("TextIO", CleanStream(stream, lenient=lenient))


def print_line(text: object) -> None:
    """Print a line on stdout at once. Raises OSError."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def write_utf8(lines: Iterable[bytes]) -> None:
    """Write texts in UTF-8 on stdout; see `CleanStream.write_utf8`. Raises OSError."""
    stream = sys.stdout
    (stream if isinstance(stream, CleanStream) else CleanStream(stream)).write_utf8(lines)


def write_sequence(sequence: str) -> None:
    """Send an escape sequence of papertrack's own to the terminal on stderr."""
    stream = sys.stderr
    (stream.write_unchanged if isinstance(stream, CleanStream) else stream.write)(sequence)


def clean_output(text: str) -> str:
    """Return a text without what could act on a terminal, except for papertrack's own sequences.

    Those set colours, mark links to web pages, and draw progress bars. A byte order mark alone,
    with which CSV for Excel begins, stays.
    """
    if _is_clean(unusual_characters(text)) or text == _BYTE_ORDER_MARK:
        return text
    pieces = _own_sequences().split(text)
    return "".join(piece if number % 2 else visible(piece) for number, piece in enumerate(pieces))


def _clean_utf8(encoded: bytes) -> bytes:
    """As `clean_output`, for a text in UTF-8 that may have lone surrogates."""
    if _is_clean(unusual_in_utf8(encoded)):
        return encoded
    return clean_output(encoded.decode(errors="surrogatepass")).encode(errors="replace")


def _is_clean(unusual: str) -> bool:
    """Whether these characters of a text, those that are not printable ASCII, may be printed."""
    return unusual.replace("\n", "").replace("\t", "").isprintable()


def _batches(lines: Iterable[AnyStr], nothing: AnyStr) -> Iterator[AnyStr]:
    """Lines joined to `nothing`, soon several at once; also those before an error of `lines`."""
    batch, size = list[AnyStr](), 1
    try:
        for line in lines:
            batch.append(line)
            if len(batch) >= size:
                joined = nothing.join(batch)
                batch.clear()
                yield joined
                size = min(2 * size, _LINES_AT_ONCE)
    finally:
        if batch:
            yield nothing.join(batch)


@cache
def _own_sequences() -> re.Pattern[str]:
    # Compiled when it is needed: plain output has none of them.
    return re.compile(
        "([\n\t]|\r|\x1b\\[[\\d;]{0,30}m|\x1b\\[\\??\\d{0,4}[AKhl]"
        "|\x1b\\]8;[!-~]{0,40};[!-~]{0,2000}\x1b\\\\)"
    )

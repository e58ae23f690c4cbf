"""Open import files: standard input, compressed files and archives, text in any encoding.

All formats are recognised by their content, and the size of what is unpacked is limited.
"""

import codecs
import gzip
import lzma
import os
import stat
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from io import TextIOWrapper
from shutil import disk_usage
from tempfile import TemporaryFile, gettempdir
from typing import BinaryIO, NamedTuple, cast

from papertrack.errors import UsageError

WINDOWS_1252 = "papertrack-windows-1252"  # an error handler for decoding UTF-8
_CHUNK = 1 << 20
_MAX_BYTES = 20 << 30  # arXiv's metadata snapshot has about 5 GB
_MAX_STREAM = 2 << 30  # bytes of a pipe, which may be endless
# Papers as JSON compress to a fifth; a file that is far smaller is made to fill a disk.
_FREE_BYTES, _MAX_RATIO = 50 << 20, 50
_XZ_MEMORY = 200 << 20  # xz -9 needs 65 MB
_MAX_MEMBERS = 1000
_GZIP, _XZ, _ZIP = b"\x1f\x8b", b"\xfd7zXZ\x00", b"PK\x03\x04"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DAMAGED = (
    *(EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, zipfile.BadZipFile),
    NotImplementedError,  # a compression method of zip
)


class Content(NamedTuple):
    """The content of an import file, or of a file in an archive: seekable, without compression.

    `name` is "" if the file has a single content. `changed` is the time of the file's last change,
    in UTC, None for standard input. `path` is that of the file, "" for standard input and for files
    in an archive.
    """

    name: str
    file: BinaryIO
    changed: datetime | None
    path: str = ""


def name_of(path: str) -> str:
    """The name of a file in messages."""
    return "standard input" if path == "-" else path


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(WINDOWS_1252, _as_windows_1252)


def open_contents(path: str) -> Iterator[Content]:
    """Yield the contents of a file, each open until the next; "-" is standard input.

    UTF-16 and UTF-32 become UTF-8. Raises OSError, and UsageError for a file that is damaged, or
    too large when unpacked.
    """
    with ExitStack() as stack:
        file = sys.stdin.buffer if path == "-" else stack.enter_context(open(path, "rb"))
        status = os.fstat(file.fileno())
        changed = None if path == "-" else datetime.fromtimestamp(status.st_mtime, UTC)
        if not stat.S_ISREG(status.st_mode):  # A pipe or a device cannot be read twice.
            file = _copied_stream(stack, path, file.read)
        try:
            for name, content in _unpacked(path, cast("BinaryIO", file)):
                yield Content(name, content, changed, "" if name or path == "-" else path)
        except _DAMAGED as error:
            raise UsageError(f"{name_of(path)} is damaged or incomplete", str(error)) from error


def _unpacked(path: str, file: BinaryIO) -> Iterator[tuple[str, BinaryIO]]:
    start = file.read(len(_XZ))
    file.seek(0)
    if start.startswith(_ZIP):
        yield from _members(path, file)
        return
    with ExitStack() as stack:
        limit = unpacked_limit(os.fstat(file.fileno()).st_size)
        if start.startswith(_GZIP):
            file = _unpacked_copy(stack, path, stack.enter_context(gzip.open(file)).read, limit)
        elif start.startswith(_XZ):
            file = _unpacked_copy(stack, path, _XzReader(file).read, limit)
        yield "", _as_utf8(stack, path, file)


def _members(path: str, file: BinaryIO) -> Iterator[tuple[str, BinaryIO]]:
    """Yield the files of a zip archive, except hidden ones."""
    size = os.fstat(file.fileno()).st_size
    with zipfile.ZipFile(file) as archive:
        members = [member for member in archive.infolist() if _is_visible(member)]
        if len(members) > _MAX_MEMBERS:
            raise UsageError(f"{name_of(path)} has more than {_MAX_MEMBERS} files")
        remaining = unpacked_limit(size)
        for member in members:
            if member.flag_bits & 1:
                raise UsageError(
                    f"{name_of(path)} is encrypted", next_step="unpack it and import the files"
                )
            with ExitStack() as stack:
                reader = stack.enter_context(archive.open(member))
                content = _unpacked_copy(stack, path, reader.read, remaining)
                remaining -= os.fstat(content.fileno()).st_size
                name = member.filename if len(members) > 1 else ""
                yield name, _as_utf8(stack, path, content)


def _is_visible(member: zipfile.ZipInfo) -> bool:
    parts = member.filename.split("/")
    return not member.is_dir() and not any(part.startswith((".", "__MACOSX")) for part in parts)


class _XzReader:
    """Reads xz files as lzma.open does, but with a limit of memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decompressor = self._new()
        self._input = b""

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; b"" at the end. Raises EOFError, LZMAError."""
        while True:
            if self._decompressor.eof:
                # More streams, and zero bytes to fill blocks, may follow.
                rest = (self._decompressor.unused_data or self._file.read(_CHUNK)).lstrip(b"\0")
                if not rest:
                    return b""
                self._decompressor, self._input = self._new(), rest
            elif self._decompressor.needs_input and not self._input:
                self._input = self._file.read(_CHUNK)
                if not self._input:
                    raise EOFError("the file ends too early")
            data = self._decompressor.decompress(self._input, size)
            self._input = b""
            if data:
                return data

    @staticmethod
    def _new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


def unpacked_limit(packed: int) -> int:
    """The bytes that a file of so many bytes may have when unpacked."""
    return min(_MAX_BYTES, max(_FREE_BYTES, packed * _MAX_RATIO))


def _copied_stream(stack: ExitStack, path: str, read: Callable[[int], bytes]) -> BinaryIO:
    """A temporary file with the content of a pipe or device. Raises UsageError if it is too long.

    It may be endless, so it must not fill the disk that others use.
    """
    limit = min(_MAX_STREAM, disk_usage(gettempdir()).free // 2)
    next_step = "save it to a file and import that"
    return _copied(stack, read, limit, f"{name_of(path)} is too long for a stream", next_step)


def _unpacked_copy(
    stack: ExitStack, path: str, read: Callable[[int], bytes], limit: int
) -> BinaryIO:
    """A temporary file with unpacked content. Raises UsageError if it is too large."""
    next_step = "if you trust it, unpack it and import the file"
    return _copied(stack, read, limit, f"{name_of(path)} is too large when unpacked", next_step)


def _copied(
    stack: ExitStack, read: Callable[[int], bytes], limit: int, problem: str, next_step: str
) -> BinaryIO:
    """A temporary file with all that `read` returns. Raises UsageError if that is too much."""
    copy = stack.enter_context(TemporaryFile())  # noqa: SIM115  # the stack closes it
    size = 0
    while chunk := read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise UsageError(problem, f"more than {limit >> 20:,} MB", next_step)
        copy.write(chunk)
    copy.seek(0)
    return cast("BinaryIO", copy)


def _as_utf8(stack: ExitStack, path: str, file: BinaryIO) -> BinaryIO:
    encoding = _wide_encoding(file.read(4))
    file.seek(0)
    if encoding is None:
        return file
    text = TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    try:
        return _unpacked_copy(stack, path, lambda size: text.read(size).encode(), _MAX_BYTES)
    finally:
        text.detach()


def _wide_encoding(start: bytes) -> str | None:
    """The encoding of text that begins with these four bytes, if it is UTF-16 or UTF-32."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    zeros = [number for number, byte in enumerate(start) if not byte]
    if zeros == [1, 3]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [0, 2] else None

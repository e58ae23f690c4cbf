"""Transactions as files: a change of many tables that happens whole or not at all.

A transaction is written into one file, flushed to the disk, and given the name `commit`: from that
moment it has happened. Then its tables are replaced one by one, and it is kept under a number until
they are known to be on the disk. So a commit waits for the disk three times, however many tables it
changes; whoever reads while a `commit` is there takes its tables from it; and a table that a loss
of power left empty is found among the numbers.
"""

import json
import math
import os
import stat
import zlib
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from typing import NamedTuple

from papertrack import log
from papertrack.storage import files

FOLDER = ".journal"
_COMMIT = "commit"
_ENDING = b" end of the journal\n"
_TRAILER = 16 + len(_ENDING)  # where the index begins, in hexadecimal
_KEPT = 8  # transactions until their tables are flushed


Change = tuple[str, bytes | None]  # a table and its bytes, None where it goes


class _TablePart(NamedTuple):
    """Where the bytes of a table stand; `length` is None where the transaction removes it.
    `damaged` says that what it replaces is no last version to keep.
    """

    start: int
    length: int | None
    checksum: int
    damaged: bool


class TransactionMoved(Exception):
    """A transaction is no longer where it was: by now it is in the files of its tables."""


class Transaction:
    """One transaction as it was written; the bytes of its tables are read when asked for."""

    def __init__(
        self, path: str, signature: files.FileFingerprint, parts: Mapping[str, _TablePart]
    ) -> None:
        self.signature = signature
        self._path, self._parts = path, parts

    def __contains__(self, table: str) -> bool:
        return table in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def removes(self, table: str) -> bool:
        """Whether a table goes."""
        return self._parts[table].length is None

    def replaces_damage(self, table: str) -> bool:
        """Whether what stood in the place of a table was no table."""
        return self._parts[table].damaged

    def checksum(self, table: str) -> str:
        """What the bytes of a table are told by."""
        part = self._parts[table]
        return content_checksum(part.checksum, part.length or 0)

    def body(self, table: str) -> bytes | None:
        """The bytes of a table, None where it was removed. Raises Moved, OSError, Unusable."""
        part = self._parts[table]
        if part.length is None:
            return None
        with suppress(FileNotFoundError), _reading(self._path) as (descriptor, found):
            if files.fingerprint_of(found) != self.signature:
                raise TransactionMoved
            body = _read_at(descriptor, part.start, part.length)
            if zlib.crc32(body) != part.checksum:
                raise files.UnusableFile("its checksum is wrong")
            return body
        raise TransactionMoved


def content_checksum(checksum: int, length: int) -> str:
    """What some bytes are told by, wherever they are."""
    return f"crc32-{checksum:08x}-{length}"


class Journal:
    """The transactions of one folder of tables."""

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(folder, FOLDER)
        self._commit = os.path.join(self._folder, _COMMIT)
        self._read: Transaction | None = None

    @property
    def path(self) -> str:
        """Where a transaction stands that has happened, but not yet to all tables."""
        return self._commit

    def pending(self) -> Transaction | None:
        """That transaction, if there is one. Raises OSError, Unusable."""
        try:
            found = files.fingerprint(self._commit)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if self._read is None or self._read.signature != found:
            with suppress(FileNotFoundError):  # its tables were just replaced
                self._read = _opened(self._commit)
                return self._read
            return None
        return self._read

    def commit(
        self,
        changes: Iterable[Change],
        damaged: Container[str],
        readable: int,
        rows: int | None = None,
    ) -> None:
        """Write a transaction and let it happen; `damaged` are the tables whose files are not to
        be kept as last versions, `readable` the rights of the file, `rows` a count for the log.
        Raises OSError: then it has not happened, unless the disk broke in the moment of confirming
        it.
        """
        later: log.Facts = {}
        with log.timed("write", {"rows": rows}, later):
            parts = self._confirm(changes, damaged, readable)
            size = sum(one.length or 0 for one in parts.values())
            later |= {"tables": len(parts), "bytes": size, "names": ",".join(parts)}

    def _confirm(
        self, changes: Iterable[Change], damaged: Container[str], readable: int
    ) -> dict[str, _TablePart]:
        above = os.path.dirname(self._folder)
        if not os.path.isdir(self._folder):
            os.mkdir(self._folder, 0o700)
            files.flush(above)
        rights = stat.S_IMODE(os.stat(above).st_mode)
        if stat.S_IMODE(os.stat(self._folder).st_mode) != rights:
            os.chmod(self._folder, rights)  # whoever may look into the one, into the other
        try:
            with files.open_next_version(self._commit, readable) as descriptor:
                parts = _write(descriptor, changes, damaged)
                os.fsync(descriptor)
                written = files.fingerprint_of(os.fstat(descriptor))
            os.replace(files.next_version_path(self._commit), self._commit)
        except BaseException:
            with suppress(OSError):
                files.remove(files.next_version_path(self._commit))
            raise
        self._read = Transaction(self._commit, written, parts)
        files.flush(self._folder)
        return parts

    def applied(self) -> None:
        """All tables were replaced: keep the transaction until they are on the disk."""
        newest = max(self._numbers(), default=0)
        os.replace(self._commit, os.path.join(self._folder, str(newest + 1)))

    def kept(self) -> Iterator[Transaction]:
        """The transactions of the last time, newest first; those that cannot be read are none."""
        for number in sorted(self._numbers(), reverse=True):
            with suppress(OSError, files.UnusableFile):
                yield _opened(os.path.join(self._folder, str(number)))

    def is_full(self) -> bool:
        """Whether it is time to flush tables."""
        return len(self._numbers()) >= _KEPT

    def latest(self) -> Iterator[Change]:
        """The tables of the transactions that are kept, each as the last of them left it; those
        whose bytes cannot be used are left out.
        """
        seen: set[str] = set()
        for transaction in self.kept():
            for table in transaction:
                if table not in seen:
                    seen.add(table)
                    with suppress(files.UnusableFile):
                        yield table, transaction.body(table)

    def empty(self) -> None:
        """Forget the transactions that are kept, as their tables are on the disk."""
        for number in sorted(self._numbers()):  # the newest goes last, as it is what would serve
            files.remove(os.path.join(self._folder, str(number)))

    def _numbers(self) -> list[int]:
        try:
            return [int(name) for name in os.listdir(self._folder) if name.isdecimal()]
        except (FileNotFoundError, NotADirectoryError):
            return []


def _write(
    descriptor: int, changes: Iterable[Change], damaged: Container[str]
) -> dict[str, _TablePart]:
    parts, start = {}, 0
    for table, body in changes:
        length = None if body is None else len(body)
        parts[table] = _TablePart(start, length, zlib.crc32(body or b""), table in damaged)
        files.write_all(descriptor, body or b"")
        start += length or 0
    index = json.dumps(parts).encode()
    files.write_all(descriptor, index + f"{start:016x}".encode() + _ENDING)
    return parts


def _opened(path: str) -> Transaction:
    """A transaction of which the index is read. Raises OSError, Unusable."""
    with _reading(path) as (descriptor, found):
        end = found.st_size - _TRAILER
        try:
            start = int(_read_at(descriptor, max(0, end), _TRAILER).removesuffix(_ENDING), 16)
            index = json.loads(_read_at(descriptor, max(0, min(start, end)), end - start))
            parts = {table: _TablePart(*part) for table, part in index.items()}
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise files.UnusableFile("it has no end") from error
    return Transaction(path, files.fingerprint_of(found), parts)


def _reading(path: str) -> AbstractContextManager[tuple[int, os.stat_result]]:
    return files.open_for_reading(path, math.inf)  # for a restore it holds all tables there are


def _read_at(descriptor: int, start: int, length: int) -> bytes:
    os.lseek(descriptor, start, os.SEEK_SET)
    return files.read_some(descriptor, length)

"""The journal: a transaction is written to a single file, so that it happens completely or not.

A transaction is written to a file, flushed to the disk and renamed to `commit`, by which it takes
effect. Then its tables are replaced one by one, and the file is renamed to a number and kept until
the tables are flushed, too. A commit therefore waits for the disk three times, however many tables
it changes. While there is a `commit`, readers read its tables from it. A table that a loss of power
left empty is recovered from a numbered file.

The file holds the tables' contents one after another, then the index of their positions as JSON,
the index's own position in hexadecimal, and a fixed ending.
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
_TRAILER_SIZE = 16 + len(_ENDING)  # the position of the index, and the ending
_MAX_TRANSACTIONS = 8  # before their tables are flushed to the disk


Change = tuple[str, bytes | None]  # a table and its new content, None to remove it


class _TablePart(NamedTuple):
    """The position of a table's content; `length` is None if the transaction removes the table.

    `damaged` means that the table's present file must not become its backup. Stored in this order.
    """

    start: int
    length: int | None
    checksum: int
    damaged: bool


class TransactionMoved(Exception):
    """The file of a transaction has been moved; its tables have their own files by now."""


class Transaction:
    """A written transaction; the content of a table is read on request."""

    def __init__(
        self, path: str, fingerprint: files.FileFingerprint, parts: Mapping[str, _TablePart]
    ) -> None:
        self.fingerprint = fingerprint
        self._path, self._parts = path, parts

    def __contains__(self, table: str) -> bool:
        return table in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def removes(self, table: str) -> bool:
        """Whether the transaction removes a table."""
        return self._parts[table].length is None

    def replaces_damage(self, table: str) -> bool:
        """Whether the table's file was damaged when the transaction was written."""
        return self._parts[table].damaged

    def checksum(self, table: str) -> str:
        """The content checksum of a table."""
        part = self._parts[table]
        return content_checksum(part.checksum, part.length or 0)

    def body(self, table: str) -> bytes | None:
        """Return the content of a table, None if it is removed.

        Raises TransactionMoved, OSError, UnusableFile.
        """
        part = self._parts[table]
        if part.length is None:
            return None
        with suppress(FileNotFoundError), _open_for_reading(self._path) as (descriptor, status):
            if files.fingerprint_of(status) != self.fingerprint:
                raise TransactionMoved
            body = _read_at(descriptor, part.start, part.length)
            if zlib.crc32(body) != part.checksum:
                raise files.UnusableFile("its checksum is wrong")
            return body
        raise TransactionMoved


def content_checksum(checksum: int, length: int) -> str:
    """Return the fingerprint of a table's content, wherever it is stored."""
    return f"crc32-{checksum:08x}-{length}"


class Journal:
    """The transactions of one folder of tables."""

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(folder, FOLDER)
        self._commit = os.path.join(self._folder, _COMMIT)
        self._cached: Transaction | None = None

    @property
    def path(self) -> str:
        """The path of a committed transaction whose tables are not all replaced yet."""
        return self._commit

    def pending(self) -> Transaction | None:
        """The committed transaction whose tables are not all replaced yet, if there is one.

        Raises OSError, UnusableFile.
        """
        try:
            fingerprint = files.fingerprint(self._commit)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if self._cached is None or self._cached.fingerprint != fingerprint:
            with suppress(FileNotFoundError):  # Its tables were replaced in this moment.
                self._cached = _open_transaction(self._commit)
                return self._cached
            return None
        return self._cached

    def commit(
        self,
        changes: Iterable[Change],
        damaged: Container[str],
        permissions: int,
        rows: int | None = None,
    ) -> None:
        """Write and commit a transaction.

        The files of the tables in `damaged` do not become backups. `permissions` are those of the
        journal file; `rows` is a count for the log. Raises OSError: the transaction did not happen,
        unless the disk failed while the rename was flushed.
        """
        later: log.Facts = {}
        with log.timed("write", {"rows": rows}, later):
            parts = self._write_commit(changes, damaged, permissions)
            size = sum(part.length or 0 for part in parts.values())
            later |= {"tables": len(parts), "bytes": size, "names": ",".join(parts)}

    def _write_commit(
        self, changes: Iterable[Change], damaged: Container[str], permissions: int
    ) -> dict[str, _TablePart]:
        parent = os.path.dirname(self._folder)
        if not os.path.isdir(self._folder):
            os.mkdir(self._folder, 0o700)
            files.flush(parent)
        mode = stat.S_IMODE(os.stat(parent).st_mode)
        if stat.S_IMODE(os.stat(self._folder).st_mode) != mode:
            os.chmod(
                self._folder, mode
            )  # Users who can read the library must be able to read the journal.
        try:
            with files.open_next_version(self._commit, permissions) as descriptor:
                parts = _write(descriptor, changes, damaged)
                os.fsync(descriptor)
                fingerprint = files.fingerprint_of(os.fstat(descriptor))
            os.replace(files.next_version_path(self._commit), self._commit)
        except BaseException:
            with suppress(OSError):
                files.remove(files.next_version_path(self._commit))
            raise
        self._cached = Transaction(self._commit, fingerprint, parts)
        files.flush(self._folder)
        return parts

    def mark_applied(self) -> None:
        """Number the committed transaction: its tables are replaced, but maybe not flushed.

        Raises OSError.
        """
        newest = max(self._numbers(), default=0)
        os.replace(self._commit, os.path.join(self._folder, str(newest + 1)))

    def applied_transactions(self) -> Iterator[Transaction]:
        """The readable transactions whose tables may not be flushed yet, newest first."""
        for number in sorted(self._numbers(), reverse=True):
            with suppress(OSError, files.UnusableFile):
                yield _open_transaction(os.path.join(self._folder, str(number)))

    def is_full(self) -> bool:
        """Whether the tables should be flushed before the next transaction."""
        return len(self._numbers()) >= _MAX_TRANSACTIONS

    def latest_changes(self) -> Iterator[Change]:
        """The newest content of each table of the applied transactions, if it is undamaged."""
        tables: set[str] = set()
        for transaction in self.applied_transactions():
            for table in transaction:
                if table not in tables:
                    tables.add(table)
                    with suppress(files.UnusableFile):
                        yield table, transaction.body(table)

    def clear(self) -> None:
        """Delete the applied transactions; their tables must have been flushed. Raises OSError."""
        # Oldest first: if this is interrupted, the remaining transactions are the newest.
        for number in sorted(self._numbers()):
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


def _open_transaction(path: str) -> Transaction:
    """The transaction in a file, its index read. Raises OSError, UnusableFile."""
    with _open_for_reading(path) as (descriptor, status):
        end = status.st_size - _TRAILER_SIZE
        try:
            trailer = _read_at(descriptor, max(0, end), _TRAILER_SIZE)
            start = int(trailer.removesuffix(_ENDING), 16)
            index = json.loads(_read_at(descriptor, max(0, min(start, end)), end - start))
            parts = {table: _TablePart(*part) for table, part in index.items()}
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise files.UnusableFile("it is incomplete") from error
    return Transaction(path, files.fingerprint_of(status), parts)


def _open_for_reading(path: str) -> AbstractContextManager[tuple[int, os.stat_result]]:
    # Without a size limit, because the transaction of a restore holds all tables.
    return files.open_for_reading(path, math.inf)


def _read_at(descriptor: int, start: int, length: int) -> bytes:
    os.lseek(descriptor, start, os.SEEK_SET)
    return files.read_up_to(descriptor, length)

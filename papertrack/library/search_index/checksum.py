"""Whether the file of the search index is as papertrack wrote it, byte by byte.

SQLite notices only damage that breaks its structure. A block that a broken disk or an interrupted
copy has replaced may also make a search miss papers. So the checksum of the file is stored beside
it after each change. A large file is read again only if its fingerprint has changed.
"""

import json
import os
import sqlite3
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from papertrack.errors import LibraryDamaged
from papertrack.storage import files

APPLICATION_ID = 0x50545349  # "PTSI", which SQLite stores at the beginning of the file
_SUFFIX = ".sum"
_CHUNK = 1 << 20
_ALWAYS_READ = 16 << 20  # bytes, which take about 10 ms
_PRIMARY_CODE = 0xFF  # the part of an SQLite error code that tells its kind
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_HEADER_SIZE = 100
_VERSION_AT, _APPLICATION_AT = 60, 68  # https://www.sqlite.org/fileformat.html


class SearchIndexDamaged(LibraryDamaged):
    """The search index is not what papertrack wrote; it can be built again."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "the search index is damaged", why, "run the command again: it is built anew"
        )


def check(path: str, database: sqlite3.Connection) -> None:
    """Raise SearchIndexDamaged unless the file is empty or has its stored checksum.

    Raises OSError, sqlite3.Error.
    """
    with _locked(database, "DEFERRED"):
        if is_intact(path):
            return
    # Another process may have changed it, and may be about to store the checksum.
    with _locked(database, "IMMEDIATE"):
        if not is_intact(path):
            raise SearchIndexDamaged("its checksum is wrong")
        with suppress(OSError):
            _save(path, _checksum(path))


def save(path: str, database: sqlite3.Connection) -> None:
    """Store the checksum of the file as it is now. Raises OSError, sqlite3.Error."""
    with _locked(database, "IMMEDIATE"):
        _save(path, _checksum(path))


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is damaged, or is no database at all."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _DAMAGE


def distrust(database: sqlite3.Connection) -> None:
    """Forget the checksum of an index, so that the next run builds it again."""
    ((_, _, path),) = database.execute("PRAGMA database_list").fetchall()[:1]
    if path:
        with suppress(OSError):
            files.remove(path + _SUFFIX)


def remove(path: str) -> None:
    """Remove an index and its checksum, so that it is built again. Raises OSError.

    The file of another program is renamed instead; of a link, only the link is removed.
    """
    files.remove(path + _SUFFIX)
    with suppress(FileNotFoundError):
        (files.set_aside if _is_foreign(path) else files.remove)(path)


@contextmanager
def _locked(database: sqlite3.Connection, kind: str) -> Iterator[None]:
    """Keep other processes from changing the file, or with IMMEDIATE from locking it as well.

    Raises SearchIndexDamaged for a damaged schema that SQLite quotes in its message.
    """
    database.execute(f"BEGIN {kind}")
    try:
        try:
            database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except UnicodeDecodeError as error:  # of the message: the quoted bytes are no text
            raise SearchIndexDamaged("its schema is malformed") from error
        yield
    finally:
        with suppress(sqlite3.Error):
            database.execute("ROLLBACK")


def is_intact(path: str, *, fully: bool = False) -> bool:
    """Return whether the file is empty or has its stored checksum.

    A large file is read only `fully` or if its fingerprint has changed. Raises OSError.
    """
    fingerprint = files.fingerprint(path)
    size = fingerprint[1]
    if not size:
        return True
    try:
        stored, *stored_fingerprint = json.loads(files.read(path + _SUFFIX))
    except (OSError, files.UnusableFile, ValueError, TypeError):
        return False
    is_same_file = tuple(stored_fingerprint) == fingerprint
    is_trusted = is_same_file and size > _ALWAYS_READ and not fully
    return is_trusted or stored == _checksum(path)


def _save(path: str, checksum: int) -> None:
    body = json.dumps([checksum, *files.fingerprint(path)]).encode()
    files.replace(path + _SUFFIX, body)


def _checksum(path: str) -> int:
    checksum = 0
    with files.open_for_reading(path, float("inf")) as (descriptor, _):
        while chunk := os.read(descriptor, _CHUNK):
            checksum = zlib.crc32(chunk, checksum)
    return checksum


def _is_foreign(path: str) -> bool:
    """Whether a file is another program's database, or no file at all but a folder."""
    status = os.lstat(path)
    if not stat.S_ISREG(status.st_mode):
        return stat.S_ISDIR(status.st_mode)
    try:
        header = files.read(path, _HEADER_SIZE)
    except (OSError, files.UnusableFile):
        return False
    version, application = (
        int.from_bytes(header[at : at + 4], "big") for at in (_VERSION_AT, _APPLICATION_AT)
    )
    is_database = header.startswith(b"SQLite format 3\0")
    # Versions up to 8 of the index had no application id.
    is_earlier_index = application == 0 and 0 < version <= 8  # noqa: PLR2004
    return is_database and application != APPLICATION_ID and not is_earlier_index

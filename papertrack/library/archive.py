"""Backups: a portable ZIP archive of all tables of a library, with a table of contents.

The table of contents, `papertrack.json`, has the tables' schema and the number of rows of each. An
archive is read completely before any of it is restored, and refused if it has anything that
`write_backup` does not write: links, files with one name, odd names of tables, or more bytes than
such tables unpack to. What its rows contain is checked when they are read, as in any
library.
"""

import json
import math
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from papertrack.calendar import format_moment, parse_moment
from papertrack.errors import LibraryDamaged, LibraryError, UsageError
from papertrack.library.database import SCHEMA
from papertrack.library.library import Library, ProgressCallback
from papertrack.storage import files
from papertrack.storage.folder import FolderStorage
from papertrack.storage.naming import ENDING, file_name, table_name

_CONTENTS = "papertrack.json"
_TABLES = "tables/"
# Tables shrink to a tenth; archives that shrink far more are made to fill the memory.
_FREE_BYTES, _MAX_RATIO = 16 << 20, 50
_ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    # Another program may have compressed the archive with LZMA, which Python may lack.
    getattr(getattr(zipfile, "lzma", None), "LZMAError", zlib.error),
)


class ArchiveContents(NamedTuple):
    """How many tables and papers an archive holds, and when it was made (ISO 8601)."""

    tables: int
    papers: int
    made: str


def write_backup(
    library: Library, path: str, now: datetime, progress: ProgressCallback
) -> ArchiveContents:
    """Write all of a library to a new file.

    Raises UsageError if the file exists, LibraryError if it cannot be written, LibraryBusy.
    """
    if os.path.lexists(path):
        raise UsageError(f"{path} already exists", next_step="name another with --output")
    try:
        # In a transaction, so that no other process writes at the same time.
        with (
            library.transaction(),
            files.open_replacement(path, files.PRIVATE, overwrite=False) as descriptor,
        ):
            contents = _write(library, descriptor, now, progress)
        files.flush(os.path.dirname(os.path.abspath(path)))
    except OSError as error:
        raise LibraryError(f"cannot write {path}", error.strerror or str(error)) from error
    return contents


def _write(
    library: Library, descriptor: int, now: datetime, progress: ProgressCallback
) -> ArchiveContents:
    storage, papers, rows = _storage(library), 0, {}
    names = storage.names()
    with (
        open(descriptor, "wb", closefd=False) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        for done, name in enumerate(names):
            table = storage.load(name) or {}
            archive.writestr(_TABLES + file_name(name), SCHEMA.encode(table))
            rows[name] = len(table)
            papers += len(table) if name.startswith("papers.") else 0
            progress(done + 1, len(names))
        made = format_moment(now)
        contents = {SCHEMA.name: SCHEMA.version, "made": made, "papers": papers, "tables": rows}
        archive.writestr(_CONTENTS, json.dumps(contents, indent=1))
    return ArchiveContents(len(rows), papers, made)


def restore(
    library: Library,
    path: str,
    progress: ProgressCallback = lambda _done, _all: None,
    back_up: Callable[[], object] = lambda: None,
) -> ArchiveContents:
    """Replace all tables of a library by those of an archive.

    `back_up` is called in the transaction that replaces them, so that nothing is written between
    the two. Raises LibraryDamaged if the archive is incomplete, LibraryNewer, LibraryError if it
    cannot be read, LibraryBusy, and the errors of `back_up`; then the library is unchanged.
    """
    with _open_archive(path) as archive:
        contents = _check(archive, path, progress)
        names = list(_read_contents(archive, path)["tables"])
        with library.transaction():
            back_up()
            _storage(library).replace_all((name, _body(archive, name)) for name in names)
    return contents


@contextmanager
def _open_archive(path: str) -> Iterator[zipfile.ZipFile]:
    try:
        with (
            files.open_for_reading(path, math.inf) as (descriptor, status),
            open(descriptor, "rb", closefd=False) as file,
            zipfile.ZipFile(file) as archive,
        ):
            _check_members(archive, status.st_size)
            yield archive
    except (OSError, files.UnusableFile) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise LibraryError(f"cannot read {path}", why) from error
    except _ARCHIVE_ERRORS as error:
        raise _incomplete(path, str(error) or type(error).__name__) from error


def _check_members(archive: zipfile.ZipFile, packed: int) -> None:
    """Raise ValueError if an archive has what no backup has."""
    members = archive.infolist()
    if len({member.filename for member in members}) < len(members):
        raise ValueError("it has several files with one name")
    if any(stat.S_ISLNK(member.external_attr >> 16) for member in members):
        raise ValueError("it has links")
    size = sum(member.file_size for member in members)
    if size > max(_FREE_BYTES, packed * _MAX_RATIO):
        raise ValueError(f"it would unpack to {size:,} bytes")


def _check(archive: zipfile.ZipFile, path: str, progress: ProgressCallback) -> ArchiveContents:
    contents = _read_contents(archive, path)
    tables = contents["tables"]
    for done, (name, rows) in enumerate(tables.items()):
        # Only the rows are counted, so decoding them would take memory for nothing.
        if len(SCHEMA.decode(_body(archive, name), name, path, lazily=True)) != rows:
            raise _incomplete(path, f"its table {name} lacks rows")
        progress(done + 1, len(tables))
    return ArchiveContents(len(tables), contents["papers"], contents["made"])


def _read_contents(archive: zipfile.ZipFile, path: str) -> dict[str, Any]:
    """The table of contents. Raises LibraryNewer, and other errors if it is invalid."""
    contents = dict(json.loads(archive.read(_CONTENTS)))
    version, tables = contents[SCHEMA.name], dict(contents["tables"])
    if type(version) is int and version > SCHEMA.version:
        raise SCHEMA.newer(path, version)
    papers = sum(rows for name, rows in tables.items() if name.startswith("papers."))
    if not all(type(number) is int for number in (version, contents["papers"], *tables.values())):
        raise TypeError("invalid table of contents")
    if contents["papers"] != papers or not all(
        table_name(name + ENDING) == name for name in tables
    ):
        raise ValueError("invalid table of contents")
    return contents | {"made": format_moment(parse_moment(contents["made"]))}


def _body(archive: zipfile.ZipFile, name: str) -> bytes:
    member = archive.getinfo(_TABLES + file_name(name))
    if member.file_size > files.SIZE_LIMIT:
        raise ValueError(f"its table {name} is too large: {member.file_size:,} bytes")
    with archive.open(member) as file:
        return file.read(files.SIZE_LIMIT)


def _incomplete(path: str, why: str) -> LibraryDamaged:
    return LibraryDamaged(
        f"{path} is not a complete backup", why, "nothing was restored; the library is unchanged"
    )


def _storage(library: Library) -> FolderStorage:
    storage = library.database.storage
    if not isinstance(storage, FolderStorage):
        raise UsageError("a library in memory has no files")
    return storage

"""Backups: a whole library as one portable ZIP archive of its tables with a table of contents.

The table of contents, `papertrack.json`, has the tables' schema and the number of rows of each. An
archive is read completely before any of it is restored.
"""

import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from papertrack.calendar import format_moment
from papertrack.errors import LibraryDamaged, LibraryError, UsageError
from papertrack.library.database import SCHEMA
from papertrack.library.library import Library, ProgressCallback
from papertrack.storage import files
from papertrack.storage.folder import FolderStorage
from papertrack.storage.naming import file_name

_CONTENTS = "papertrack.json"
_TABLES = "tables/"
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
    # If another program packed the archive again with LZMA; Python may be built without it.
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
        # In a transaction, so that no other process writes meanwhile.
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


def read_contents(path: str, progress: ProgressCallback) -> ArchiveContents:
    """Read and check a complete archive.

    Raises LibraryDamaged if it is incomplete, LibraryNewer, LibraryError if it cannot be read.
    """
    with _open_archive(path) as archive:
        contents = _read_contents(archive, path)
        tables = contents["tables"]
        for done, (name, rows) in enumerate(tables.items()):
            if len(SCHEMA.decode(_body(archive, name), name, path)) != rows:
                raise _incomplete(path, f"its table {name} lacks rows")
            progress(done + 1, len(tables))
    return ArchiveContents(len(tables), contents["papers"], contents["made"])


def restore(library: Library, path: str) -> None:
    """Replace all tables of a library by those of an archive, in one transaction.

    Raises the errors of `read_contents`, and LibraryBusy; then the library is unchanged.
    """
    with _open_archive(path) as archive:
        names = list(_read_contents(archive, path)["tables"])
        _storage(library).replace_all((name, _body(archive, name)) for name in names)


@contextmanager
def _open_archive(path: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise LibraryError(f"cannot read {path}", error.strerror or str(error)) from error
    except _ARCHIVE_ERRORS as error:
        raise _incomplete(path, str(error) or type(error).__name__) from error


def _read_contents(archive: zipfile.ZipFile, path: str) -> dict[str, Any]:
    if archive.getinfo(_CONTENTS).file_size > files.SIZE_LIMIT:
        raise ValueError("its table of contents is too long")
    contents = json.loads(archive.read(_CONTENTS))
    version = contents[SCHEMA.name]
    if type(version) is not int or type(contents["papers"]) is not int:
        raise _incomplete(path, "invalid table of contents")
    if version > SCHEMA.version:
        raise SCHEMA.newer(path, version)
    if not all(isinstance(text, str) for text in (contents["made"], *contents["tables"])):
        raise _incomplete(path, "invalid table of contents")
    return dict(contents)


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

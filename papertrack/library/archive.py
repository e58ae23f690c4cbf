"""A whole library as one portable file: a ZIP archive of its tables with a list of them.

The list, `papertrack.json`, says which schema the tables are of and how many rows each has. An
archive is read in full before anything of it is used.
"""

import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from papertrack.calendar import format_moment
from papertrack.errors import LibraryDamaged, LibraryError, UsageError
from papertrack.library.database import SCHEMA
from papertrack.library.library import Library
from papertrack.storage import files
from papertrack.storage.folder import FolderStorage
from papertrack.storage.naming import file_name

_LIST = "papertrack.json"
_TABLES = "tables/"
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    # Of an archive that another program packed again; Python may be built without lzma.
    getattr(getattr(zipfile, "lzma", None), "LZMAError", zlib.error),
)

ProgressCallback = Callable[[int, int], None]  # tables done, of how many


class ArchiveContents(NamedTuple):
    """What an archive holds: how many tables and papers, and when it was made."""

    tables: int
    papers: int
    made: str


def write_backup(
    library: Library, path: str, now: datetime, told: ProgressCallback
) -> ArchiveContents:
    """Write all of a library to a new file at `path`. Raises UsageError where there is one,
    LibraryError where it cannot be written, LibraryBusy.
    """
    if os.path.lexists(path):
        raise UsageError(f"{path} is already there", next_step="name another with --output")
    try:
        # The transaction, so that nobody writes meanwhile.
        with library.transaction(), files.open_replacement(path, files.PRIVATE) as descriptor:
            content = _written(library, descriptor, now, told)
        files.flush(os.path.dirname(os.path.abspath(path)))
    except OSError as error:
        raise LibraryError(f"cannot write {path}", error.strerror or str(error)) from error
    return content


def _written(
    library: Library, descriptor: int, now: datetime, told: ProgressCallback
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
            told(done + 1, len(names))
        content = ArchiveContents(len(rows), papers, format_moment(now))
        said = {SCHEMA.name: SCHEMA.version, "made": content.made, "papers": papers, "tables": rows}
        archive.writestr(_LIST, json.dumps(said, indent=1))
    return content


def read_contents(path: str, told: ProgressCallback) -> ArchiveContents:
    """Read all of an archive. Raises LibraryDamaged where it is not whole, LibraryNewer,
    LibraryError where it cannot be read.
    """
    with _opened(path) as archive:
        said = _understood(archive, path)
        for done, (name, rows) in enumerate(said["tables"].items()):
            if len(SCHEMA.decode(_body(archive, name), name, path)) != rows:
                raise _broken(path, f"its table {name} is not whole")
            told(done + 1, len(said["tables"]))
    return ArchiveContents(len(said["tables"]), said["papers"], said["made"])


def restore(library: Library, path: str) -> None:
    """Put what an archive holds in the place of all of a library, in one step.

    Raises what `examine` raises, and LibraryBusy: then the library is as it was.
    """
    with _opened(path) as archive:
        names = list(_understood(archive, path)["tables"])
        _storage(library).replace_all((name, _body(archive, name)) for name in names)


@contextmanager
def _opened(path: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise LibraryError(f"cannot read {path}", error.strerror or str(error)) from error
    except _BROKEN as error:
        raise _broken(path, str(error) or type(error).__name__) from error


def _understood(archive: zipfile.ZipFile, path: str) -> dict[str, Any]:
    if archive.getinfo(_LIST).file_size > files.SIZE_LIMIT:
        raise ValueError("its list is too long")
    said = json.loads(archive.read(_LIST))
    version = said[SCHEMA.name]
    if type(version) is not int or type(said["papers"]) is not int:
        raise _broken(path, "its list is none")
    if version > SCHEMA.version:
        raise SCHEMA.newer(path, version)
    if not all(isinstance(one, str) for one in (said["made"], *said["tables"])):
        raise _broken(path, "its list is none")
    return dict(said)


def _body(archive: zipfile.ZipFile, name: str) -> bytes:
    entry = archive.getinfo(_TABLES + file_name(name))
    if entry.file_size > files.SIZE_LIMIT:
        raise ValueError(f"its table {name} has {entry.file_size:,} bytes")
    with archive.open(entry) as file:
        return file.read(files.SIZE_LIMIT)


def _broken(path: str, why: str) -> LibraryDamaged:
    return LibraryDamaged(
        f"{path} is no whole backup", why, "nothing was restored; the library is as it was"
    )


def _storage(library: Library) -> FolderStorage:
    storage = library.database.storage
    if not isinstance(storage, FolderStorage):
        raise UsageError("a library in memory has no files")
    return storage

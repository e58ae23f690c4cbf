"""What a library holds and how much disk space it takes."""

import os
from datetime import UTC, date, datetime
from typing import NamedTuple

from papertrack.library.database import SCHEMA
from papertrack.library.library import Library
from papertrack.storage.files import as_library_error
from papertrack.storage.journal import FOLDER as JOURNAL
from papertrack.storage.naming import ENDING

_DAMAGED = ".damaged-"


class LibraryInfo(NamedTuple):
    """The figures of a library.

    `days` counts listing days, `marked` papers with a state. `bytes` is the size of all tables,
    `bytes_kept` that of all other files. `damaged` counts the damaged files that were set aside,
    `written` is the time of the last write (UTC).
    """

    library: str
    schema: int
    papers: int
    days: int
    first_day: date | None
    last_day: date | None
    marked: int
    tables: int
    bytes: int
    bytes_kept: int
    damaged: int
    written: datetime | None


def library_info(library: Library) -> LibraryInfo:
    """Return the figures of a library in a folder. Raises LibraryError."""
    folder = library.folder or ""
    names = library.database.tables()
    days = library.listing_days()
    files = _files(folder)
    tables = [status for name, status in files.items() if name.endswith(ENDING)]
    size = sum(status.st_size for status in tables)
    written = max((status.st_mtime for status in tables), default=None)
    return LibraryInfo(
        folder,
        SCHEMA.version,
        library.paper_count(),
        len(days),
        min(days, default=None),
        max(days, default=None),
        len(library.states()),
        len(names),
        size,
        sum(status.st_size for status in files.values()) - size,
        sum(1 for name in files if _DAMAGED in name),
        None if written is None else datetime.fromtimestamp(int(written), UTC),
    )


def _files(folder: str) -> dict[str, os.stat_result]:
    """The files of a library by their path within its folder; empty if there is no folder."""
    files: dict[str, os.stat_result] = {}
    with as_library_error("read", folder):
        for subfolder in ("", JOURNAL):
            path = os.path.join(folder, subfolder)
            if os.path.isdir(path):
                with os.scandir(path) as entries:
                    files |= {
                        os.path.join(subfolder, entry.name): entry.stat()
                        for entry in entries
                        if entry.is_file()
                    }
    return files

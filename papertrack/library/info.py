"""What a library holds and what it takes on the disk."""

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
    """What a library holds: papers, listing days, marked papers; and its files: how many tables,
    the bytes of these and of all that is kept beside them, how many damaged files were set aside,
    and when it was last written to.
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
    """Look at a library in a folder. Raises LibraryError."""
    folder = library.folder or ""
    names = library.database.tables()
    days = library.listing_days()
    files = _files(folder)
    tables = [found for name, found in files.items() if name.endswith(ENDING)]
    size = sum(found.st_size for found in tables)
    written = max((found.st_mtime for found in tables), default=None)
    return LibraryInfo(
        folder,
        SCHEMA.version,
        library.size(),
        len(days),
        min(days, default=None),
        max(days, default=None),
        len(library.states()),
        len(names),
        size,
        sum(found.st_size for found in files.values()) - size,
        sum(1 for name in files if _DAMAGED in name),
        None if written is None else datetime.fromtimestamp(int(written), UTC),
    )


def _files(folder: str) -> dict[str, os.stat_result]:
    """Each file of a library, by its path within; nothing where there is none."""
    found: dict[str, os.stat_result] = {}
    with as_library_error("read", folder):
        for inside in ("", JOURNAL):
            place = os.path.join(folder, inside)
            if os.path.isdir(place):
                with os.scandir(place) as entries:
                    files = [one for one in entries if one.is_file()]
                found |= {os.path.join(inside, one.name): one.stat() for one in files}
    return found

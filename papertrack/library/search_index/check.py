"""Checking the file of the search index without changing it."""

import os
import sqlite3
from contextlib import closing
from urllib.parse import quote

from papertrack.library.search_index import checksum
from papertrack.library.search_index.update import FILE


def index_path(folder: str) -> str:
    """The path of the search index of the library in a folder; the file may not exist."""
    return os.path.join(folder, FILE)


def index_problem(folder: str) -> str | None:
    """Return why the search index of a library cannot be used; None if it can, or is missing."""
    path = index_path(folder)
    if not os.path.exists(path):
        return None
    address = f"file:{quote(os.path.abspath(path))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            (result,) = database.execute("PRAGMA quick_check(1)").fetchone()
            database.execute("SELECT count(*) FROM tables").fetchone()
            if result == "ok" and not checksum.is_intact(path, fully=True):
                return "its checksum is wrong"
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        return str(error)
    return None if result == "ok" else str(result).partition("\n")[0]


def remove_index(folder: str) -> None:
    """Remove the search index of a library, so that the next search builds it. Raises OSError."""
    checksum.remove(index_path(folder))

"""Checking the file of the search index without changing it."""

import os
import sqlite3
from contextlib import closing
from urllib.parse import quote

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
    except sqlite3.Error as error:
        return str(error)
    return None if result == "ok" else str(result).partition("\n")[0]

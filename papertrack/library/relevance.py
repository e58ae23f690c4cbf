"""The relevance models of topics, kept in a file beside the papers' tables.

They are derived, and the file is a saving and nothing more: one that is missing or damaged is made
anew. A library in memory, or one that cannot be written, keeps none.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress

from papertrack.library.library import Library
from papertrack.searching.relevance import RelevanceModel

FILE = ".related.json"


def load_models(library: Library) -> tuple[RelevanceModel, ...]:
    """The models that are kept."""
    if library.folder is not None:
        path = os.path.join(library.folder, FILE)
        with suppress(OSError, ValueError, TypeError), open(path, "rb") as file:
            return tuple(RelevanceModel(*row) for row in json.load(file))
    return ()


def save_models(library: Library, models: Iterable[RelevanceModel]) -> None:
    """Keep these models in place of all others."""
    if library.folder is None or not os.path.isdir(library.folder):
        return
    new = os.path.join(library.folder, f"{FILE}.{os.getpid()}")
    with suppress(OSError):
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(list(models), file)
        os.replace(new, os.path.join(library.folder, FILE))

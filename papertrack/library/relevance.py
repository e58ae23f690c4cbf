"""A cache of the topics' relevance models, in a file beside the tables.

The models can be trained again, so a missing or damaged file is no error. A library in memory or
without write permission has no cache.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress

from papertrack.library.library import Library
from papertrack.searching.relevance import RelevanceModel
from papertrack.storage import files

FILE = ".related.json"


def load_models(library: Library) -> tuple[RelevanceModel, ...]:
    """Return the cached models."""
    if library.folder is not None:
        path = os.path.join(library.folder, FILE)
        with suppress(OSError, files.UnusableFile, ValueError, TypeError):
            return tuple(RelevanceModel(*row) for row in json.loads(files.read(path)))
    return ()


def save_models(library: Library, models: Iterable[RelevanceModel]) -> None:
    """Replace all cached models."""
    if library.folder is None or not os.path.isdir(library.folder):
        return
    with suppress(OSError):
        path = os.path.join(library.folder, FILE)
        files.replace_cache(path, json.dumps(list(models)).encode())

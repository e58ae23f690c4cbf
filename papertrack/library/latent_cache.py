"""A cache of the word vectors that `recommend` learns, in a file beside the tables.

They can be learned again, so a missing or damaged file is no error. A library in memory or without
write permission has no cache.
"""

import os
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple

from papertrack.library.library import Library
from papertrack.library.recommended import VECTORS_FILE
from papertrack.searching.word_vectors import WordVectors, from_bytes
from papertrack.storage import files


class CachedVectors(NamedTuple):
    """Word vectors, and the fingerprint of the papers that they were learned from."""

    fingerprint: str
    vectors: WordVectors


def load_vectors(library: Library) -> CachedVectors | None:
    """The cached vectors; None if there are none, or if the file is damaged."""
    if library.folder is not None:
        path = os.path.join(library.folder, VECTORS_FILE)
        with suppress(OSError, files.UnusableFile, ValueError):
            checksum, _, content = files.read(path).partition(b"\n")
            if checksum.decode() == sha256(content).hexdigest():
                fingerprint, _, vectors = content.partition(b"\n")
                return CachedVectors(fingerprint.decode(), from_bytes(vectors))
    return None


def save_vectors(library: Library, cached: CachedVectors) -> None:
    """Replace the cache, if the library has a folder that can be written."""
    if library.folder is None or not os.path.isdir(library.folder):
        return
    content = cached.fingerprint.encode() + b"\n" + cached.vectors.to_bytes()
    with suppress(OSError):
        body = sha256(content).hexdigest().encode() + b"\n" + content
        files.replace_cache(os.path.join(library.folder, VECTORS_FILE), body)


def forget_vectors(library: Library) -> bool:
    """Delete the cache; whether there was any. Raises LibraryError if it cannot be deleted."""
    return library.folder is not None and files.forget_cache(library.folder, VECTORS_FILE)

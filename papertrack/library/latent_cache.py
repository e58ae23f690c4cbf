"""Caches of what `recommend` computes from papers alone, in files beside the tables.

One has the word vectors that were learned, the other the representations of the papers that were
ranked last. Both can be computed again, so a missing or damaged file is no error. A library in
memory or without write permission has no cache.
"""

import os
import zlib
from contextlib import suppress
from typing import NamedTuple

from papertrack.library.library import Library
from papertrack.library.recommended import VECTORS_FILE
from papertrack.searching.word_vectors import WordVectors, from_bytes
from papertrack.storage import files

_PAPERS_FILE = ".recommend.papers"


class CachedVectors(NamedTuple):
    """Word vectors, and the fingerprint of the papers that they were learned from."""

    fingerprint: str
    vectors: WordVectors


def load_vectors(library: Library) -> CachedVectors | None:
    """The cached vectors; None if there are none, or if the file is damaged."""
    fingerprint, content = _load(library, VECTORS_FILE)
    with suppress(ValueError):
        if content:
            return CachedVectors(fingerprint, from_bytes(bytes(content)))
    return None


def save_vectors(library: Library, cached: CachedVectors) -> None:
    """Replace the cached vectors, if the library has a folder that can be written."""
    _save(library, VECTORS_FILE, cached.fingerprint, cached.vectors.to_bytes())


def load_representations(library: Library, fingerprint: str) -> memoryview | None:
    """The cached representations of papers with the vectors that have a fingerprint.

    None if there are none, or if the file is damaged.
    """
    of_cached, content = _load(library, _PAPERS_FILE)
    return content if of_cached == fingerprint else None


def save_representations(library: Library, fingerprint: str, content: bytes) -> None:
    """Replace the cached representations, if the library has a folder that can be written."""
    _save(library, _PAPERS_FILE, fingerprint, content)


def forget_computed(library: Library) -> bool:
    """Delete the caches; whether there were any. Raises LibraryError if they cannot be deleted."""
    folder, names = library.folder, (VECTORS_FILE, _PAPERS_FILE)
    return folder is not None and any(list(map(files.forget_cache, (folder, folder), names)))


def _load(library: Library, name: str) -> tuple[str, memoryview]:
    """A fingerprint and what was computed; empty if the file is missing or damaged."""
    if library.folder is not None:
        with suppress(OSError, files.UnusableFile, ValueError):
            content = files.read(os.path.join(library.folder, name))
            checksum = content.index(b"\n") + 1
            fingerprint = content.index(b"\n", checksum) + 1
            if int(content[:checksum]) == zlib.crc32(memoryview(content)[checksum:]):
                text = content[checksum : fingerprint - 1].decode()
                return text, memoryview(content)[fingerprint:]
    return "", memoryview(b"")


def _save(library: Library, name: str, fingerprint: str, computed: bytes) -> None:
    if library.folder is None or not os.path.isdir(library.folder):
        return
    line = f"{fingerprint}\n".encode()
    checksum = b"%d\n" % zlib.crc32(computed, zlib.crc32(line))
    with suppress(OSError):
        files.replace_cache(os.path.join(library.folder, name), checksum, line, computed)

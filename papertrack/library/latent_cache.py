"""A cache of the latent space that `recommend` derives from papers, in a file beside the tables.

It can be derived again, so a missing or damaged file is no error. A library in memory or without
write permission has no cache.
"""

import json
import os
from array import array
from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple

from papertrack.library.library import Library
from papertrack.library.recommended import SPACE_FILE
from papertrack.searching.latent import LatentSpace
from papertrack.storage import files


class CachedSpace(NamedTuple):
    """A latent space, and the fingerprint of the papers that it was learned from."""

    fingerprint: str
    space: LatentSpace


def load_space(library: Library) -> CachedSpace | None:
    """The cached space; None if there is none, or if the file is damaged."""
    if library.folder is not None:
        path = os.path.join(library.folder, SPACE_FILE)
        with suppress(OSError, files.UnusableFile, ValueError, TypeError, KeyError):
            checksum, _, text = files.read(path).partition(b"\n")
            if checksum.decode() == sha256(text).hexdigest():
                fingerprint, dimensions, inverse, coordinates = json.loads(text)["space"]
                numbers = array("f")
                numbers.frombytes(b64decode(coordinates))
                return CachedSpace(fingerprint, LatentSpace(dimensions, inverse, numbers))
    return None


def save_space(library: Library, cached: CachedSpace) -> None:
    """Replace the cache, if the library has a folder that can be written."""
    if library.folder is None or not os.path.isdir(library.folder):
        return
    space = cached.space
    coordinates = b64encode(space.coordinates.tobytes()).decode()
    fields = [cached.fingerprint, space.dimensions, dict(space.inverse), coordinates]
    text = json.dumps({"space": fields}, separators=(",", ":")).encode()
    with suppress(OSError):
        body = sha256(text).hexdigest().encode() + b"\n" + text
        files.replace_cache(os.path.join(library.folder, SPACE_FILE), body)


def forget_space(library: Library) -> bool:
    """Delete the cache; whether there was any. Raises LibraryError if it cannot be deleted."""
    return library.folder is not None and files.forget_cache(library.folder, SPACE_FILE)

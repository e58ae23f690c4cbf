"""A cache of what `recommend` derives from the library, in a file beside the tables.

It has the latent space of the papers and the last ranking, each with the fingerprint of what it was
derived from. Both can be derived again, so a missing or damaged file is no error. A library in
memory or without write permission has no cache.
"""

import json
import os
import tempfile
from array import array
from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any, NamedTuple

from papertrack.library.library import Library
from papertrack.models import Reasons
from papertrack.searching.latent import LatentSpace
from papertrack.searching.recommending import Recommendation
from papertrack.storage import files

FILE = ".recommend.json"


class Derived(NamedTuple):
    """A latent space and the best papers of a ranking, each with its fingerprint."""

    space_fingerprint: str = ""
    space: LatentSpace | None = None
    ranking_fingerprint: str = ""
    best: Sequence[Recommendation] = ()


def load_derived(library: Library) -> Derived:
    """What is cached; empty if nothing is, or if the file is damaged."""
    if library.folder is not None:
        path = os.path.join(library.folder, FILE)
        with suppress(OSError, ValueError, TypeError, KeyError), open(path, "rb") as file:
            checksum, _, text = file.read().partition(b"\n")
            if checksum.decode() == sha256(text).hexdigest():
                return _parse(json.loads(text))
    return Derived()


def save_derived(library: Library, derived: Derived) -> None:
    """Replace the cache; only the user can read it, as it tells their interests."""
    if library.folder is None or not os.path.isdir(library.folder):
        return
    text = json.dumps(_to_fields(derived), separators=(",", ":")).encode()
    with suppress(OSError):
        descriptor, new = tempfile.mkstemp(prefix=FILE + ".", dir=library.folder)
        try:
            with open(descriptor, "wb") as file:
                file.write(sha256(text).hexdigest().encode() + b"\n" + text)
            os.replace(new, os.path.join(library.folder, FILE))
        except OSError:
            os.unlink(new)


def forget_derived(library: Library) -> bool:
    """Delete the cache; whether there was any. Raises LibraryError if it cannot be deleted."""
    if library.folder is None:
        return False
    path = os.path.join(library.folder, FILE)
    exists = os.path.lexists(path)
    with files.as_library_error("write", library.folder):
        files.remove(path)
    return exists


def _to_fields(derived: Derived) -> dict[str, Any]:
    space = derived.space or LatentSpace(0, {}, array("f"))
    return {
        "space": [
            derived.space_fingerprint,
            space.dimensions,
            dict(space.inverse),
            b64encode(space.coordinates.tobytes()).decode(),
        ],
        "ranking": [derived.ranking_fingerprint, list(derived.best)],
    }


def _parse(fields: dict[str, Any]) -> Derived:
    fingerprint, dimensions, inverse, coordinates = fields["space"]
    numbers = array("f")
    numbers.frombytes(b64decode(coordinates))
    space = LatentSpace(dimensions, inverse, numbers)
    ranking_fingerprint, rows = fields["ranking"]
    best = [
        Recommendation(key, score, Reasons(*map(tuple, reasons))) for key, score, reasons in rows
    ]
    return Derived(fingerprint, space, ranking_fingerprint, best)

"""The last ranking of `recommend`, in a file beside the tables, for commands that start often.

It can be made again, so a missing or damaged file is no error. Only the user can read it, as it
tells their interests. A library in memory or without write permission has none.
"""

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from papertrack.library.library import Library
from papertrack.library.row_values import count, text, texts
from papertrack.models import Reasons, Recommendation, State

KEPT = 100  # papers
VECTORS_FILE = ".recommend.vectors"  # see latent_cache
_FILE = ".recommend.best.json"
_INVALID = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class StoredRanking(NamedTuple):
    """The best unread papers of the last 30 days, of `papers` that were ranked.

    `fingerprint` is that of all that the ranking depends on, `marks` that of the marks alone; see
    `marks_fingerprint`. `days` has the number of papers of each listing day at that time.
    """

    fingerprint: str
    marks: int
    papers: int
    days: Mapping[str, int]
    best: Sequence[Recommendation]


def has_learned(library: Library) -> bool:
    """Whether word vectors are cached; without them, ranking takes seconds."""
    return library.folder is not None and os.path.exists(os.path.join(library.folder, VECTORS_FILE))


def marks_fingerprint(states: Mapping[str, State]) -> int:
    """A fingerprint of the ids of the starred papers, and of the hidden ones."""
    starred = sorted(key for key, state in states.items() if state.starred)
    hidden = sorted(key for key, state in states.items() if state.hidden and not state.starred)
    ids = "\n".join([*starred, "", *hidden])
    return zlib.crc32(ids.encode(errors="surrogatepass"))


def load_ranking(library: Library) -> StoredRanking | None:
    """The stored ranking; None if there is none, or the file is damaged."""
    if library.folder is not None:
        from papertrack.storage import files

        path = os.path.join(library.folder, _FILE)
        with suppress(OSError, files.UnusableFile, *_INVALID):
            checksum, _, content = files.read(path).partition(b"\n")
            if int(checksum) == zlib.crc32(content):
                return _parse(json.loads(content))
    return None


def save_ranking(library: Library, ranking: StoredRanking) -> None:
    """Replace the stored ranking, if the library has a folder that can be written."""
    if library.folder is None or not os.path.isdir(library.folder):
        return
    from papertrack.storage.files import replace_cache

    content = json.dumps(ranking._asdict(), separators=(",", ":")).encode()
    with suppress(OSError):
        body = b"%d\n%b" % (zlib.crc32(content), content)
        replace_cache(os.path.join(library.folder, _FILE), body)


def forget_ranking(library: Library) -> bool:
    """Delete the ranking; whether there was any. Raises LibraryError if it cannot be deleted."""
    from papertrack.storage.files import forget_cache

    return library.folder is not None and forget_cache(library.folder, _FILE)


def _parse(fields: dict[str, Any]) -> StoredRanking:
    return StoredRanking(
        text(fields["fingerprint"]),
        count(fields["marks"]),
        count(fields["papers"]),
        {text(day): count(number) for day, number in fields["days"].items()},
        [
            Recommendation(text(key), float(score), Reasons(*map(texts, reasons)))
            for key, score, reasons in fields["best"]
        ],
    )

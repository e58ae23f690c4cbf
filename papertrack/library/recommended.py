"""The last rankings of `recommend`, in files beside the tables.

That of the last 30 days has its own file, for commands that start often. The other file has
rankings with options, and long ones.

Rankings can be made again, so a missing or damaged file is no error. Only the user can read them,
as they tell their interests. A library in memory or without write permission has none.
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

KEPT = 100  # papers of the last 30 days
VECTORS_FILE = ".recommend.vectors"  # see latent_cache
_FILE, _OTHERS_FILE = ".recommend.best.json", ".recommend.others.json"
_MAX_OTHERS, _MAX_PAPERS = 5, 10_000  # rankings of the other file, and their papers together
_INVALID = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class StoredRanking(NamedTuple):
    """The best unread papers, of the last 30 days or of other days, of `papers` that were ranked.

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


def load_ranking(library: Library, fingerprint: str | None = None) -> StoredRanking | None:
    """The stored ranking of the last 30 days; None if there is none, or the file is damaged.

    With a fingerprint, also None if the ranking has another.
    """
    with suppress(*_INVALID):
        fields = _read(library, _FILE)
        if fingerprint in (None, fields["fingerprint"]):
            return _parse(fields)
    return None


def save_ranking(library: Library, ranking: StoredRanking) -> None:
    """Replace the stored ranking, if the library has a folder that can be written."""
    _write(library, _FILE, ranking._asdict())


def load_other_ranking(library: Library, fingerprint: str) -> StoredRanking | None:
    """The ranking with a fingerprint in the other file; None if there is none."""
    with suppress(*_INVALID):
        for fields in _read(library, _OTHERS_FILE):
            if fields["fingerprint"] == fingerprint:
                return _parse(fields)
    return None


def save_other_ranking(library: Library, ranking: StoredRanking) -> None:
    """Add a ranking to the other file, if it can be written, in the place of the oldest ones.

    Too long a ranking is not stored. Of two processes at once, one may lose its ranking.
    """
    rankings, left = [ranking._asdict()], _MAX_PAPERS - len(ranking.best)
    with suppress(*_INVALID):
        for fields in _read(library, _OTHERS_FILE):
            left -= len(fields["best"])
            if left < 0 or len(rankings) == _MAX_OTHERS:
                break
            if fields["fingerprint"] != ranking.fingerprint:
                rankings.append(fields)
    if len(ranking.best) <= _MAX_PAPERS:
        _write(library, _OTHERS_FILE, rankings)


def forget_rankings(library: Library) -> bool:
    """Delete the rankings; whether there were any. Raises LibraryError if they cannot be."""
    from papertrack.storage.files import forget_cache

    folder = library.folder
    return folder is not None and any(
        list(map(forget_cache, (folder, folder), (_FILE, _OTHERS_FILE)))
    )


def _read(library: Library, name: str) -> Any:
    """What a file of rankings contains. Raises ValueError if it is missing or damaged."""
    from papertrack.storage import files

    with suppress(OSError, files.UnusableFile):
        if library.folder is not None:
            checksum, _, content = files.read(os.path.join(library.folder, name)).partition(b"\n")
            if int(checksum) == zlib.crc32(content):
                return json.loads(content)
    raise ValueError("no rankings")


def _write(library: Library, name: str, content: Any) -> None:
    if library.folder is None or not os.path.isdir(library.folder):
        return
    from papertrack.storage.files import replace_cache

    body = json.dumps(content, separators=(",", ":")).encode()
    with suppress(OSError):
        replace_cache(os.path.join(library.folder, name), b"%d\n%b" % (zlib.crc32(body), body))


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

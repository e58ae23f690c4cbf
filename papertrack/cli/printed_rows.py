"""The rows of the table last printed on each terminal, so that commands accept their numbers.

They are in a small private file per terminal, in the user's cache folder. A file or folder that
other users can write is ignored, because commands that change the library would use its ids.
"""

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from papertrack.calendar import utc_day
from papertrack.config.folders import is_private, is_private_folder, user_folder
from papertrack.errors import UsageError
from papertrack.storage import files
from papertrack.tracker import Tracker

_MAX_BYTES = 10_000_000
_ROW = re.compile(r"([1-9]\d{0,5})(?:-([1-9]\d{0,5}))?", re.ASCII)


def save(paper_ids: Sequence[str], environ: Mapping[str, str]) -> None:
    """Store the rows of a table printed on this terminal; do nothing without a terminal."""
    terminal = _terminal() if sys.stdout.isatty() else None
    if terminal is None:
        return
    path = _path(terminal, environ)
    with suppress(OSError):
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        rows = {"session": os.getsid(0), "ids": list(paper_ids)}
        files.replace_cache(path, json.dumps(rows).encode())


def expand(texts: Iterable[str], environ: Mapping[str, str]) -> list[str]:
    """Replace row numbers such as "3", "5-7" and "3,5-7" by the ids of these rows.

    Raises UsageError for a row that the last table on this terminal did not have.
    """
    expanded: list[str] = []
    rows: Sequence[str] | None = None
    for text in texts:
        ranges = [_ROW.fullmatch(part.strip()) for part in text.split(",")]
        if not all(ranges):
            expanded.append(text)
            continue
        rows = last_rows(environ) if rows is None else rows
        for row in filter(None, ranges):
            expanded += _between(rows, int(row[1]), int(row[2] or row[1]))
    return expanded


def resolve(tracker: Tracker, texts: Iterable[str]) -> list[str]:
    """Return the ids of the papers that a person names: by row, id, URL or part of the title.

    `-` stands for the ids on standard input.

    Raises UsageError.
    """
    from papertrack.cli.typed_ids import typed_ids
    from papertrack.tracker import papers

    typed = typed_ids(expand(texts, os.environ), utc_day(tracker.now))
    return papers.resolve(tracker, typed)


def _between(rows: Sequence[str], first: int, last: int) -> Iterator[str]:
    if not rows:
        raise UsageError(
            "no table was printed on this terminal, so there are no rows to number",
            next_step="run `papertrack today` here first, or give an id",
        )
    if not first <= last <= len(rows):
        number = first if first > last or first > len(rows) else last
        raise UsageError(
            f"no row {number} in the last table on this terminal",
            f"its rows are 1 to {len(rows)}",
        )
    yield from rows[first - 1 : last]


def last_rows(environ: Mapping[str, str]) -> Sequence[str]:
    """The ids of the rows of the last table on this terminal; none if there is no usable file."""
    terminal = _terminal()
    if terminal is None:
        return ()
    with suppress(OSError, files.UnusableFile, ValueError, KeyError, TypeError):
        path = _path(terminal, environ)
        with files.open_for_reading(path, _MAX_BYTES) as (descriptor, status):
            if not (is_private(status) and is_private_folder(os.path.dirname(path))):
                return ()
            stored = json.loads(files.read_up_to(descriptor, status.st_size))
        if stored["session"] == os.getsid(0):
            return [paper_id for paper_id in stored["ids"] if isinstance(paper_id, str)]
    return ()


def _terminal() -> str | None:
    """The device of the terminal that this process is on; None without one."""
    for stream in (sys.stdout, sys.stdin, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            return os.ttyname(stream.fileno())
    return None


def _path(terminal: str, environ: Mapping[str, str]) -> str:
    name = re.sub(r"\W+", "-", terminal).strip("-")
    return os.path.join(user_folder("cache", environ), f"rows-{name}.json")

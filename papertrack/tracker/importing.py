"""Bringing files into the library: told apart by their content, stored by day, repeatable."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import BinaryIO, NamedTuple

from papertrack.errors import SourceError, UsageError
from papertrack.library.library import Library
from papertrack.library.storing import store
from papertrack.merge import merge_states
from papertrack.models import Sighting, State
from papertrack.tracker.import_lines import BadLine, ImportedPaper, parse_line

_OWN_JSON = b'{"schema": '  # how papertrack's own JSON begins
_A_COMMIT = 4000
_LONGEST_LINE = 8_000_000


class BadEntry(NamedTuple):
    """Something in a file that could not be used: where, and why."""

    where: str
    reason: str


class ImportResult(NamedTuple):
    """What an import did: papers read, new and changed in the library, and what was skipped."""

    papers: int = 0
    new: int = 0
    changed: int = 0
    bad: tuple[BadEntry, ...] = ()


class _LinePosition(NamedTuple):
    home: int
    offset: int
    length: int


def import_file(
    library: Library,
    path: str,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> ImportResult:
    """Store the papers of a file; counts in it without a moment are as of its last change.

    `progress` is told bytes done and in all, over two readings: one to sort the lines by listing
    day, so that each table is written once however the file is ordered, and one to store them.
    Raises UsageError for a file that cannot be read, LibraryError, LibraryBusy.
    """
    try:
        with open(path, "rb") as file:
            at = min(now, datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC))
            result = _import(library, file, at, progress or _silent)
    except OSError as error:
        raise UsageError(f"cannot read {path}", error.strerror or str(error)) from error
    if result.bad and not result.papers:
        raise UsageError(f"{path} holds no paper", ": ".join(result.bad[0]))
    return result


def _import(
    library: Library, file: BinaryIO, at: datetime, progress: Callable[[int, int], None]
) -> ImportResult:
    if not file.seekable():  # a pipe: lines are read twice
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            return _import(library, copy, at, progress)
    start = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    file.seek(0)
    if start.startswith(b"["):
        return _import_page(library, file, at)
    if start.startswith(_OWN_JSON):
        with tempfile.TemporaryFile() as lines:
            lines.writelines(_papers_of(file))
            lines.seek(0)
            return _import_lines(library, lines, at, progress)
    return _import_lines(library, file, at, progress)


def _papers_of(file: BinaryIO) -> Iterator[bytes]:
    """Each paper of our own JSON output, as a line."""
    try:
        papers = json.load(file)["data"]
    except (ValueError, KeyError, RecursionError) as error:
        raise UsageError(
            f"{file.name} starts like papertrack's JSON but is none", str(error)
        ) from error
    return (json.dumps(paper).encode() + b"\n" for paper in papers)


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""


def _import_page(library: Library, file: BinaryIO, at: datetime) -> ImportResult:
    """A saved answer of Hugging Face's API: a JSON array."""
    from papertrack.sources.huggingface import parse_page

    try:
        page = parse_page(file.read(), None, at)
    except SourceError as error:
        raise UsageError(
            f"{file.name} starts like a saved Hugging Face page but is none", error.what
        ) from error
    with library.transaction():
        stored = store(library, page.sightings)
    bad = tuple(BadEntry(one.where, one.reason) for one in page.skipped)
    return ImportResult(len(page.sightings), len(stored.new), len(stored.changed), bad)


def _import_lines(
    library: Library, file: BinaryIO, at: datetime, progress: Callable[[int, int], None]
) -> ImportResult:
    size = os.fstat(file.fileno()).st_size
    bad: list[BadEntry] = []
    found: list[_LinePosition] = []
    for number, offset, line in _lines(file):
        try:
            found.append(_LinePosition(parse_line(line, at).home.toordinal(), offset, len(line)))
        except BadLine as error:
            bad.append(BadEntry(f"line {number}", str(error)))
        progress(offset // 2, size)
    found.sort()
    result = ImportResult(papers=len(found), bad=tuple(bad))
    for start in range(0, len(found), _A_COMMIT):
        places = found[start : start + _A_COMMIT]
        new, changed = _store_lines(library, (_read(file, place, at) for place in places))
        result = result._replace(new=result.new + new, changed=result.changed + changed)
        progress((size + size * (start + len(places)) // len(found)) // 2, size)
    return result


def _lines(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Each line that is not blank: its number from 1, where it starts, and its bytes; of one that
    is too long only the beginning, which is no JSON.
    """
    number, offset, ended = 0, 0, True
    while line := file.readline(_LONGEST_LINE):
        begins, ended = ended, line.endswith(b"\n")
        number += begins
        if begins and line.strip():
            yield number, offset, line
        offset += len(line)


def _read(file: BinaryIO, place: _LinePosition, at: datetime) -> ImportedPaper:
    file.seek(place.offset)
    return parse_line(file.read(place.length), at)


def _store_lines(library: Library, imported: Iterable[ImportedPaper]) -> tuple[int, int]:
    sightings: list[Sighting] = []
    states: dict[str, State] = {}
    for one in imported:
        sightings += one.sightings
        if one.state != State():
            paper_id = one.sightings[0].paper.id
            states[paper_id] = merge_states(states.get(paper_id, State()), one.state)
    with library.transaction():
        stored = store(library, sightings)
        library.change_states(states, lambda key, state: merge_states(state, states[key]))
    return len(stored.new), len(stored.changed)

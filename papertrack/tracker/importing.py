"""Import files into the library; `import_file` detects the format from the content.

Importing the same file again changes nothing.
"""

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

_OWN_JSON = b'{"schema": '  # the beginning of papertrack's JSON output
_PAPERS_PER_COMMIT = 4000
_LONGEST_LINE = 8_000_000


class BadEntry(NamedTuple):
    """A skipped entry of a file: its position and the reason."""

    where: str
    reason: str


class ImportResult(NamedTuple):
    """The counts of an import: papers read, new and changed ones, and the skipped entries."""

    papers: int = 0
    new: int = 0
    changed: int = 0
    bad: tuple[BadEntry, ...] = ()


class _LinePosition(NamedTuple):
    storage_day: int
    offset: int
    length: int


def import_file(
    library: Library,
    path: str,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> ImportResult:
    """Store the papers of a file; counts without a time get that of the file's last change.

    The file is read twice: first to sort the lines by day, so that each table is written once
    whatever their order, then to store them. `progress` receives the bytes done and the total
    over both. Raises UsageError if the file cannot be read, LibraryError and LibraryBusy.
    """
    try:
        with open(path, "rb") as file:
            at = min(now, datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC))
            result = _import(library, file, at, progress or _no_progress)
    except OSError as error:
        raise UsageError(f"cannot read {path}", error.strerror or str(error)) from error
    if result.bad and not result.papers:
        raise UsageError(f"{path} contains no papers", ": ".join(result.bad[0]))
    return result


def _import(
    library: Library, file: BinaryIO, at: datetime, progress: Callable[[int, int], None]
) -> ImportResult:
    if not file.seekable():  # A pipe cannot be read twice.
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
            lines.writelines(_export_lines(file))
            lines.seek(0)
            return _import_lines(library, lines, at, progress)
    return _import_lines(library, file, at, progress)


def _export_lines(file: BinaryIO) -> Iterator[bytes]:
    """The papers of papertrack's JSON output as JSON Lines."""
    try:
        papers = json.load(file)["data"]
    except (ValueError, KeyError, RecursionError) as error:
        raise UsageError(
            f"{file.name} starts like papertrack's JSON output but is not valid", str(error)
        ) from error
    return (json.dumps(paper).encode() + b"\n" for paper in papers)


def _no_progress(_done: int, _total: int) -> None:
    """Show nothing."""


def _import_page(library: Library, file: BinaryIO, at: datetime) -> ImportResult:
    """Import a saved response of Hugging Face's API, a JSON array."""
    from papertrack.sources.huggingface import parse_page

    try:
        page = parse_page(file.read(), None, at)
    except SourceError as error:
        raise UsageError(
            f"{file.name} starts like a saved Hugging Face page but is not valid", error.what
        ) from error
    with library.transaction():
        stored = store(library, page.sightings)
    bad = tuple(BadEntry(skipped.where, skipped.reason) for skipped in page.skipped)
    return ImportResult(len(page.sightings), len(stored.new), len(stored.changed), bad)


def _import_lines(
    library: Library, file: BinaryIO, at: datetime, progress: Callable[[int, int], None]
) -> ImportResult:
    size = os.fstat(file.fileno()).st_size
    bad: list[BadEntry] = []
    positions: list[_LinePosition] = []
    for number, offset, line in _lines(file):
        try:
            day = parse_line(line, at).storage_day.toordinal()
            positions.append(_LinePosition(day, offset, len(line)))
        except BadLine as error:
            bad.append(BadEntry(f"line {number}", str(error)))
        progress(offset // 2, size)
    positions.sort()
    result = ImportResult(papers=len(positions), bad=tuple(bad))
    for start in range(0, len(positions), _PAPERS_PER_COMMIT):
        batch = positions[start : start + _PAPERS_PER_COMMIT]
        new, changed = _store_papers(library, (_read_line(file, line, at) for line in batch))
        result = result._replace(new=result.new + new, changed=result.changed + changed)
        progress((size + size * (start + len(batch)) // len(positions)) // 2, size)
    return result


def _lines(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """The lines that are not blank: number from 1, offset, and bytes.

    A line that is too long is cut, and so fails to parse as JSON.
    """
    number, offset, at_start = 0, 0, True
    while line := file.readline(_LONGEST_LINE):
        is_start, at_start = at_start, line.endswith(b"\n")
        number += is_start
        if is_start and line.strip():
            yield number, offset, line
        offset += len(line)


def _read_line(file: BinaryIO, position: _LinePosition, at: datetime) -> ImportedPaper:
    file.seek(position.offset)
    return parse_line(file.read(position.length), at)


def _store_papers(library: Library, papers: Iterable[ImportedPaper]) -> tuple[int, int]:
    """Store a batch in one transaction: the numbers of new and of changed papers."""
    sightings: list[Sighting] = []
    states: dict[str, State] = {}
    for paper in papers:
        sightings += paper.sightings
        if paper.state != State():
            paper_id = paper.sightings[0].paper.id
            states[paper_id] = merge_states(states.get(paper_id, State()), paper.state)
    with library.transaction():
        stored = store(library, sightings)
        library.change_states(states, lambda key, state: merge_states(state, states[key]))
    return len(stored.new), len(stored.changed)

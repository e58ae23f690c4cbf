"""Import files into the library; `import_file` detects the format from the content.

Importing the same content again changes nothing, whatever the time of the file.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import BinaryIO, NamedTuple

from papertrack.bibliography import BibliographyFormat, format_of, read_papers
from papertrack.errors import UsageError
from papertrack.library.library import Library
from papertrack.library.paper_events import follow_starred
from papertrack.library.storing import store
from papertrack.merge import merge_states
from papertrack.models import Sighting, Skipped, State
from papertrack.parquet import MAGIC, papers_files, read_rows
from papertrack.tracker.bibliography_keys import identify
from papertrack.tracker.import_files import (
    WINDOWS_1252,
    Content,
    name_of,
    open_contents,
    unpacked_limit,
)
from papertrack.tracker.import_lines import (
    BadLine,
    ImportedPaper,
    as_profile,
    parse_line,
    storage_day,
)
from papertrack.tracker.json_values import has_lines, papers_in
from papertrack.tracker.usual_lines import parse_usual_line

_PAPERS_PER_COMMIT = 4000
_LONGEST_LINE = 8_000_000
_MOST_BAD = 1000  # skipped entries of a file that are described; the others are counted
_GIVE_UP = 100_000  # lines without an id: this is no file of papers
_MOST_LINES = 10_000_000  # arXiv has 3 million papers
_LONGEST_BIBLIOGRAPHY = 50_000_000  # 30,000 entries; they are parsed in memory
_CHUNK = 1 << 20
# Text has hardly any control characters but white space, other files have a tenth. Zeros do not
# count, as a damaged disk leaves blocks of them in a text.
_CONTROL, _MAX_CONTROL = bytes((*range(1, 9), *range(14, 32))), 0.03


class BadEntry(NamedTuple):
    """A skipped entry of a file: its position and the reason."""

    where: str
    reason: str


class ImportResult(NamedTuple):
    """The counts of an import: papers read, new and changed ones, and the skipped entries.

    `bad` describes the first of them, `more_bad` counts the others. `ids` are those of all papers
    of a profile, as they are stored.
    """

    papers: int = 0
    new: int = 0
    changed: int = 0
    bad: tuple[BadEntry, ...] = ()
    more_bad: int = 0
    ids: tuple[str, ...] = ()

    def plus(self, other: "ImportResult") -> "ImportResult":
        """The counts of two imports together."""
        bad = self.bad + other.bad
        return ImportResult(
            self.papers + other.papers,
            self.new + other.new,
            self.changed + other.changed,
            bad[:_MOST_BAD],
            self.more_bad + other.more_bad + len(bad[_MOST_BAD:]),
            self.ids + other.ids,
        )


class _LinePosition(NamedTuple):
    storage_day: int
    offset: int
    length: int
    number: int


class _LineReader(NamedTuple):
    """A file of lines, with the arguments of parse_line; `unit` names the lines in messages.

    `most` is the number of lines after which the rest is not read. The papers of a `profile` are
    the reader's own.
    """

    file: BinaryIO
    at: datetime
    now: datetime
    unit: str
    most: int
    profile: bool

    def read_all(
        self, positions: Iterable[_LinePosition], bad: list[tuple[int, str]]
    ) -> Iterator[ImportedPaper]:
        """The papers of these lines; adds the numbers of bad lines, with the reasons, to `bad`."""
        for position in positions:
            self.file.seek(position.offset)
            line = self.file.read(position.length)
            try:
                paper = parse_usual_line(line, self.at, self.now) or parse_line(
                    line, self.at, self.now, position.number
                )
                yield as_profile(paper) if self.profile else paper
            except BadLine as error:
                bad.append((position.number, str(error)))


def import_file(
    library: Library,
    path: str,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
    most: int = _MOST_LINES,
    *,
    profile: bool = False,
) -> ImportResult:
    """Store the papers of a file, of standard input for "-", or of a folder of parquet files.

    Counts without a time get that of the file's last change. The file is read twice: first to sort
    the lines by day, so that each table is written once whatever their order, then to store them.
    `progress` receives the bytes done and the total over both. Lines after `most` of a file are
    counted among the bad entries. The papers of a `profile` are stored as the reader's own, which
    are not news; see `import_lines.as_profile`. Raises UsageError if the file cannot be read,
    LibraryError and LibraryBusy.
    """
    result = ImportResult()
    try:
        for file in _files_of(path):
            for content in open_contents(file):
                imported = _import(
                    library, content, now, progress or _no_progress, most, profile=profile
                )
                result = result.plus(imported)
    except OSError as error:
        raise UsageError(f"cannot read {name_of(path)}", error.strerror or str(error)) from error
    if result.bad and not result.papers:
        raise UsageError(
            f"{name_of(path)} contains no papers",
            ": ".join(result.bad[0]),
            "`papertrack import --help` names the formats",
        )
    return result


def _files_of(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    if tables := papers_files(path):
        return tables
    raise UsageError(
        f"cannot read {path}",
        "it is a folder without parquet files of papers",
        "import a folder of `papertrack export -f parquet`, or the files one by one",
    )


def _import(
    library: Library,
    content: Content,
    now: datetime,
    progress: Callable[[int, int], None],
    most: int,
    *,
    profile: bool,
) -> ImportResult:
    digest = _digest(content.file)
    at = library.import_time(digest) or min(now, content.changed or now)
    with tempfile.TemporaryFile() as lines:
        bad = _convert(content, lines)
        if bad is None:
            unit = f"{content.name} line".strip()
            reader = _LineReader(content.file, at, now, unit, most, profile)
            return _import_lines(library, reader, digest, progress)
        reader = _LineReader(lines, at, now, f"{content.name} entry".strip(), most, profile)
        result = _import_lines(library, reader, digest, progress)
    return result.plus(ImportResult(bad=tuple(bad)))


def _digest(file: BinaryIO) -> str:
    digest = blake2b(digest_size=16)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _convert(content: Content, lines: BinaryIO) -> list[BadEntry] | None:
    """Write the papers as JSON Lines and return the bad entries; None if the file is JSON Lines."""
    start = content.file.read(_CHUNK)
    content.file.seek(0)
    if start.startswith(MAGIC):
        _convert_table(content, lines)
        lines.seek(0)
        return []
    if len(start.translate(None, _CONTROL)) < (1 - _MAX_CONTROL) * len(start):
        return [BadEntry(f"{content.name} line 1".strip(), "not text")]
    form = format_of(start)
    bad = _convert_bibliography(content, form, lines) if form else _convert_json(content, lines)
    content.file.seek(0)
    lines.seek(0)
    return bad


def _convert_table(content: Content, lines: BinaryIO) -> None:
    limit = unpacked_limit(os.fstat(content.file.fileno()).st_size)
    for row in read_rows(content.file, content.path):
        lines.write(json.dumps(row).encode() + b"\n")
        if lines.tell() > limit:
            what = f"{content.name or 'the file'} is too large when unpacked"
            raise UsageError(what, f"more than {limit >> 20:,} MB")


def _convert_bibliography(
    content: Content, form: BibliographyFormat, lines: BinaryIO
) -> list[BadEntry]:
    body = content.file.read(_LONGEST_BIBLIOGRAPHY + 1)
    if len(body) > _LONGEST_BIBLIOGRAPHY:
        what = f"the {form} file is larger than {_LONGEST_BIBLIOGRAPHY // 1_000_000} MB"
        raise UsageError(what, next_step="divide it into smaller files")
    bad = []
    for paper in read_papers(body.decode("utf-8-sig", errors=WINDOWS_1252), form):
        if isinstance(paper, Skipped):
            bad.append(BadEntry(f"{content.name} {paper.where}".strip(), paper.reason))
        else:
            lines.write(json.dumps(paper).encode() + b"\n")
    return bad


def _convert_json(content: Content, lines: BinaryIO) -> list[BadEntry] | None:
    first_line = content.file.readline(_LONGEST_LINE + 1)
    while first_line.isspace():
        first_line = content.file.readline(_LONGEST_LINE + 1)
    content.file.seek(0)
    if has_lines(first_line, is_cut=len(first_line) > _LONGEST_LINE):
        return None
    count = 0
    try:
        for paper in papers_in(content.file, _LONGEST_LINE):
            lines.write(paper.encode(errors="surrogatepass") + b"\n")
            count += 1
    except ValueError as error:
        where = f"{content.name} entry {count + 1}".strip()
        return [BadEntry(where, f"{error}; the rest was not read")] if count else None
    return []


def _no_progress(_done: int, _total: int) -> None:
    """Show nothing."""


def _import_lines(
    library: Library, reader: _LineReader, digest: str, progress: Callable[[int, int], None]
) -> ImportResult:
    size = os.fstat(reader.file.fileno()).st_size
    positions: list[_LinePosition] = []
    has_papers = False
    for number, offset, line in _lines(reader.file):
        has_papers = has_papers or b'"id"' in line
        if number > (reader.most if has_papers else _GIVE_UP):
            break
        day = storage_day(line, reader.at).toordinal()
        positions.append(_LinePosition(day, offset, len(line), number))
        progress(offset // 2, size)
    positions.sort()
    result = ImportResult()
    bad: list[tuple[int, str]] = []
    for start in range(0, len(positions), _PAPERS_PER_COMMIT):
        batch = positions[start : start + _PAPERS_PER_COMMIT]
        if papers := list(reader.read_all(batch, bad)):
            with library.transaction():
                library.save_import_time(digest, reader.at)
                stored = _store_papers(library, papers)
            result = result.plus(stored if reader.profile else stored._replace(ids=()))
        progress((size + size * (start + len(batch)) // len(positions)) // 2, size)
    if len(positions) >= reader.most:
        bad.append((reader.most + 1, "the rest was not read; divide the file"))
    entries = (BadEntry(f"{reader.unit} {number}", reason) for number, reason in sorted(bad))
    return result.plus(ImportResult(bad=tuple(entries)))


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


def _store_papers(library: Library, papers: Sequence[ImportedPaper]) -> ImportResult:
    """Store a batch, within a transaction."""
    sightings: list[Sighting] = []
    states: list[tuple[str, State]] = []
    other_ids: dict[str, set[str]] = {}
    for paper in identify(library, papers):
        sightings += paper.sightings
        if paper.state != State():
            states.append((paper.id, paper.state))
        if paper.other_ids:
            other_ids.setdefault(paper.id, set()).update(paper.other_ids)
    stored = store(library, sightings, other_ids)
    merged: dict[str, State] = {}
    for paper_id, state in states:
        stored_id = stored.ids.get(paper_id, paper_id)
        merged[stored_id] = merge_states(merged.get(stored_id, State()), state)
    starred = library.starred(merged)
    library.change_states(merged, lambda key, state: merge_states(state, merged[key]))
    if sightings:
        seen = max(sighting.seen for sighting in sightings)
        follow_starred(library, merged, starred, seen)
    ids = dict.fromkeys(sighting.paper.id for sighting in sightings)
    stored_ids = tuple(stored.ids.get(paper_id, paper_id) for paper_id in ids)
    return ImportResult(len(papers), len(stored.new), len(stored.changed), ids=stored_ids)

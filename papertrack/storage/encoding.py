"""The format of a table's file: JSON that begins with the name and the version of its schema.

Each row is a line of its own; earlier releases wrote all of them as one line.
"""

import gc
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from papertrack.errors import LibraryDamaged, LibraryNewer
from papertrack.storage.encoded_rows import json_default, parse_rows

Rows = dict[str, Any]
Migration = Callable[[str, Rows], Rows]

_OPENING = re.compile(rb'\{"([^"\\]{1,40})":(\d{1,9}),"rows":')
OPENING_SIZE = 64
_CLOSING = "\n}}"  # after the last row
_FEW_ROWS = 2  # Searching a file for each key is quicker than looking at all its lines.
# Rows cannot contain themselves, and checking for that takes a tenth of the time. Non-ASCII text is
# escaped: this is quicker to write, a fifth quicker to read, and also represents lone surrogates,
# which file names may contain and UTF-8 cannot encode.
_ENCODER = json.JSONEncoder(check_circular=False, separators=(",", ":"), default=json_default)


class Format(NamedTuple):
    """The schema of all files of a folder; each file begins with its `name` and `version`.

    `migrations` lead from each older version to the next: each takes a table's name and rows and
    returns new rows. `update` is the advice shown if a file has a later version.
    """

    name: str = "tables"
    version: int = 1
    migrations: Mapping[int, Migration] = {}
    update: str = "update the program that reads it"

    def encode(self, rows: Rows) -> bytes:
        """Return the content of a table's file, a line for each row: changes are small diffs."""
        opening = f'{{"{self.name}":{self.version},"rows":{{'
        encode = _ENCODER.encode
        lines = ",\n".join([f"{encode(key)}:{encode(row)}" for key, row in rows.items()])
        return (f"{opening}\n{lines}{_CLOSING}" if lines else f"{opening}}}}}").encode()

    def decode(self, body: bytes, table: str, path: str, *, lazily: bool = False) -> Rows:
        """Return the rows of a table, migrated to the present schema.

        `path` is used in error messages only. If `lazily`, rows are decoded on first access by a
        quicker parser that takes time to import. Raises LibraryDamaged, LibraryNewer.
        """
        if lazily and self.version_of(body) == self.version:
            rows = parse_rows(body)
            if rows is not None:
                return rows
        content = _parse_json(body)
        version = content.get(self.name) if isinstance(content, dict) else None
        # Not isinstance, because True is an int.
        if type(version) is int and version > self.version:
            raise self.newer(path, version)
        rows = content.get("rows") if isinstance(content, dict) else None
        if not (type(version) is int and self._can_migrate(version) and isinstance(rows, dict)):
            raise LibraryDamaged(f"{path} is damaged", "it is not a complete table")
        rows = self._migrate(table, rows, version, path)
        if not all(isinstance(row, dict) for row in rows.values()):
            raise LibraryDamaged(f"{path} is damaged", "a row in it is not a JSON object")
        return rows

    def decode_some(self, body: bytes, keys: Iterable[str]) -> Rows | None:
        """Return the rows with these keys, in the order of the table, without decoding the others.

        None unless all of them are there, each once and on a line of its own, as `encode` writes
        them. What `decode` refuses in the rest of the file is not noticed.
        """
        if not self._has_lines(body):
            return None
        starts = {f"{_ENCODER.encode(key)}:".encode(): key for key in keys}
        lines = (_search if len(starts) <= _FEW_ROWS else _select)(body, starts)
        if lines is None:
            return None
        rows = {starts[start]: _parse_json(line) for start, line in lines}
        return rows if all(isinstance(row, dict) for row in rows.values()) else None

    def decode_containing(self, body: bytes, texts: Iterable[str]) -> Rows | None:
        """Return the rows that contain any of these texts, without decoding the others.

        None unless all of the texts are there, each in rows on lines of their own. What `decode`
        refuses in the rest of the file is not noticed.
        """
        if not self._has_lines(body):
            return None
        starts: set[int] = set()
        for text in texts:
            encoded = _ENCODER.encode(text).encode()
            at = body.find(encoded)
            if at < 0:
                return None
            while at >= 0:
                starts.add(body.rfind(b"\n", 0, at) + 1)
                at = body.find(encoded, body.index(b"\n", at))
        lines = b",".join(
            body[start : body.index(b"\n", start)].removesuffix(b",") for start in sorted(starts)
        )
        rows = _parse_json(b"{%b}" % lines)
        if isinstance(rows, dict) and len(rows) == len(starts):
            return rows if all(isinstance(row, dict) for row in rows.values()) else None
        return None

    def _has_lines(self, body: bytes) -> bool:
        """Whether a file seems to have a line for each row of the present schema."""
        return self.version_of(body) == self.version and body.endswith(_CLOSING.encode())

    def _can_migrate(self, version: int) -> bool:
        return all(old in self.migrations for old in range(version, self.version))

    def _migrate(self, table: str, rows: Rows, version: int, path: str) -> Rows:
        try:
            for old in range(version, self.version):
                rows = self.migrations[old](table, rows)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            why = f"it is not valid in its schema {version} ({type(error).__name__}: {error})"
            raise LibraryDamaged(f"{path} is damaged", why) from error
        return rows

    def version_of(self, opening: bytes) -> int | None:
        """The version that a file begins with, None if it is not within OPENING_SIZE bytes."""
        match = _OPENING.match(opening)
        return int(match[2]) if match and match[1] == self.name.encode() else None

    def newer(self, path: str, version: int) -> LibraryNewer:
        """Return the error to raise for a file of a later version."""
        return LibraryNewer(
            f"{path} was written by a later {self.name}",
            f"its schema is {version}, this version reads up to {self.version};"
            " it was left unchanged",
            self.update,
        )


def _search(body: bytes, starts: Iterable[bytes]) -> list[tuple[bytes, bytes]] | None:
    """The lines with these starts and what follows each, in order; None unless each is there once.

    Searches all lines for each start.
    """
    matches: list[tuple[int, bytes, bytes]] = []
    for start in starts:
        at = body.find(b"\n" + start)
        if at < 0 or body.find(b"\n" + start, at + 1) >= 0:
            return None
        line = body[at + 1 + len(start) : body.index(b"\n", at + 1)]
        matches.append((at, start, line.removesuffix(b",")))
    return [(start, line) for _, start, line in sorted(matches)]


def _select(body: bytes, starts: Collection[bytes]) -> list[tuple[bytes, bytes]] | None:
    """As `_search`, in one pass over the lines."""
    matches: list[tuple[bytes, bytes]] = []
    for line in body.split(b"\n"):
        # None for a key that contains these characters: it is left to the slower parser.
        start = line[: line.find(b'":') + 2]
        if start in starts:
            matches.append((start, line[len(start) :].removesuffix(b",")))
    is_complete = len(matches) == len(starts) == len({start for start, _ in matches})
    return matches if is_complete else None


def _parse_json(body: bytes) -> Any:
    with suppress(ValueError, RecursionError), _without_garbage_collection():
        # Given bytes, json.loads would also accept UTF-16, which this program never writes.
        return json.loads(body.decode())
    return None


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Disable the cyclic garbage collector.

    It would scan the new rows of a large table again and again, and take most of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

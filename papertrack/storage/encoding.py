"""What stands in a table's file: JSON that begins with the name and the version of its schema."""

import gc
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from papertrack.errors import LibraryDamaged, LibraryNewer
from papertrack.storage.encoded_rows import decoded, parse_rows

Rows = dict[str, Any]
Migration = Callable[[str, Rows], Rows]

_OPENING = re.compile(rb'\{"([^"\\]{1,40})":(\d{1,9}),"rows":')
OPENING_SIZE = 64
# Rows come from JSON or go into it: none contains itself, and to check that takes a tenth. Other
# letters are escaped: that is quicker to write, a fifth quicker to read, and holds what is no
# UTF-8, too, as a lone surrogate in the name of a file.
_ENCODER = json.JSONEncoder(check_circular=False, separators=(",", ":"), default=decoded)


class Format(NamedTuple):
    """The schema that files are written in: its `name`, which each file begins with, and `version`.

    `migrations` lead from each older version to the next: each is given a table's name and its rows
    and returns new rows. `update` tells people how to get a program that reads a later version.
    """

    name: str = "tables"
    version: int = 1
    migrations: Mapping[int, Migration] = {}
    update: str = "update the program that reads it"

    def encode(self, rows: Rows) -> bytes:
        """A table as the bytes of its file."""
        return _ENCODER.encode({self.name: self.version, "rows": rows}).encode()

    def decode(self, body: bytes, table: str, path: str, *, quickly: bool = False) -> Rows:
        """The rows of `table` in `body`, which was found at `path`, in the present schema. Where it
        is to be done `quickly`, by a parser that takes time to load, they are decoded when touched.
        Raises LibraryDamaged, LibraryNewer.
        """
        if quickly and self.version_of(body[:OPENING_SIZE]) == self.version:
            rows = parse_rows(body)
            if rows is not None:
                return rows
        whole = _parsed(body)
        version = whole.get(self.name) if isinstance(whole, dict) else None
        # Not isinstance: to that, true is an int.
        if type(version) is int and version > self.version:
            raise self.newer(path, version)
        rows = whole.get("rows") if isinstance(whole, dict) else None
        if not (type(version) is int and self._reads(version) and isinstance(rows, dict)):
            raise LibraryDamaged(f"{path} is damaged", "it does not hold what was written into it")
        rows = self._migrated(table, rows, version, path)
        if not all(isinstance(row, dict) for row in rows.values()):
            raise LibraryDamaged(f"{path} is damaged", "a row in it is none")
        return rows

    def _reads(self, version: int) -> bool:
        return all(old in self.migrations for old in range(version, self.version))

    def _migrated(self, table: str, rows: Rows, version: int, path: str) -> Rows:
        try:
            for old in range(version, self.version):
                rows = self.migrations[old](table, rows)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            why = (
                f"it is of schema {version}, but not as that was ({type(error).__name__}: {error})"
            )
            raise LibraryDamaged(f"{path} is damaged", why) from error
        return rows

    def version_of(self, opening: bytes) -> int | None:
        """The version in the first OPENING_SIZE bytes of a file, None where they tell none."""
        found = _OPENING.match(opening)
        return int(found[2]) if found and found[1] == self.name.encode() else None

    def newer(self, path: str, version: int) -> LibraryNewer:
        """The error, for raising, that the file at `path` has a later version."""
        return LibraryNewer(
            f"{path} was written by a later {self.name}",
            f"its schema is {version}, this one knows up to {self.version}; it is left untouched",
            self.update,
        )


def _parsed(body: bytes) -> Any:
    with suppress(ValueError, RecursionError), _without_collecting():
        # Not json.loads of bytes: that takes UTF-16, which nobody wrote here, for JSON.
        return json.loads(body.decode())
    return None


@contextmanager
def _without_collecting() -> Iterator[None]:
    """The cyclic collector walks what is being built again and again: most of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()

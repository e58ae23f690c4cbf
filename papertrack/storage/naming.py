"""File names for tables, valid on every file system."""

import re
from contextlib import suppress

from papertrack.errors import LibraryError

ENDING = ".json"
_PLAIN = re.compile(r"[a-z0-9_][a-z0-9._-]*", re.ASCII)
_ENCODED = re.compile(r"%([0-9a-f]{2})")
_MAX_LENGTH = 200  # bytes: most file systems allow 255, and suffixes such as .json.bak are added


def file_name(table: str) -> str:
    """Return the file name of a table, unique also on file systems that ignore case.

    Characters that some file systems do not allow are percent-encoded, as in URLs. Raises
    LibraryError if the name is empty or too long.
    """
    stem = file_stem(table)
    if not 0 < len(stem) <= _MAX_LENGTH:
        raise LibraryError(f"invalid table name {table[:80]!r}")
    return stem + ENDING


def file_stem(table: str) -> str:
    """Return the file name of a table without its ending, or of a prefix of names that prefix."""
    return table if _PLAIN.fullmatch(table) else _encode(table)


def table_name(file: str) -> str | None:
    """Return the table that a file, or its backup, belongs to; None for other files."""
    stem = file.removesuffix(".bak")
    if not stem.endswith(ENDING):
        return None
    stem = stem.removesuffix(ENDING)
    if _PLAIN.fullmatch(stem):
        return stem
    plain = _ENCODED.sub(lambda match: chr(int(match[1], 16)), stem)
    with suppress(UnicodeError):
        table = plain.encode("latin-1").decode(errors="surrogatepass")
        return table if table and _encode(table) == stem else None
    return None


def _encode(table: str) -> str:
    stem = "".join(
        chr(byte) if _PLAIN.fullmatch(f"_{chr(byte)}") else f"%{byte:02x}"
        for byte in table.encode(errors="surrogatepass")
    )
    return stem if stem[:1] not in (".", "-") else f"%{ord(stem[0]):02x}{stem[1:]}"

"""Which file a table is in: names that every file system can have."""

import re
from contextlib import suppress

from papertrack.errors import LibraryError

ENDING = ".json"
_PLAIN = re.compile(r"[a-z0-9_][a-z0-9._-]*", re.ASCII)
_ENCODED = re.compile(r"%([0-9a-f]{2})")
_LONGEST = 200  # bytes: most file systems take 255, and endings come behind it


def file_name(table: str) -> str:
    """The name of the file of a table, also where a file system folds cases. Raises LibraryError
    for a name that no file can have.
    """
    written = table if _PLAIN.fullmatch(table) else _encoded(table)
    if not 0 < len(written) <= _LONGEST:
        raise LibraryError(f"a table cannot be named {table[:80]!r}")
    return written + ENDING


def _encoded(table: str) -> str:
    written = "".join(
        chr(byte) if _PLAIN.fullmatch(f"_{chr(byte)}") else f"%{byte:02x}"
        for byte in table.encode(errors="surrogatepass")
    )
    return written if written[:1] not in (".", "-") else f"%{ord(written[0]):02x}{written[1:]}"


def table_name(file: str) -> str | None:
    """The table whose file, or whose last version, is called so; None for other files."""
    written = file.removesuffix(".bak")
    if not written.endswith(ENDING):
        return None
    written = written.removesuffix(ENDING)
    if _PLAIN.fullmatch(written):
        return written
    plain = _ENCODED.sub(lambda found: chr(int(found[1], 16)), written)
    with suppress(UnicodeError):
        table = plain.encode("latin-1").decode(errors="surrogatepass")
        return table if table and _encoded(table) == written else None
    return None

"""The values of stored rows, checked and cleaned, since anyone may edit or restore a table.

Values of a wrong type raise TypeError, which the library reports as damage. Text is cleaned as text
from the network is; what papertrack has stored is clean already, and the same afterwards.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from papertrack.calendar import parse_moment
from papertrack.text import clean, clean_lines, is_printable_ascii, visible


def text(value: Any) -> str:
    """Return a text as one line. Raises TypeError."""
    if type(value) is not str:
        raise TypeError(f"not a text: {type(value).__name__}")
    # Most texts are ASCII, for which this is all that `clean` would find out.
    return value if value.isascii() and value.isprintable() else clean(value)


def optional_text(value: Any) -> str | None:
    """Return a text as one line, or None. Raises TypeError."""
    return None if value is None else text(value)


def lines(value: Any) -> str | None:
    """Return a text with its lines, or None. Raises TypeError."""
    if value is None or (type(value) is str and is_printable_ascii(value)):
        return value
    if type(value) is not str:
        raise TypeError(f"not a text: {type(value).__name__}")
    return clean_lines(value)


def texts(value: Any) -> tuple[str, ...]:
    """Return a list of texts. Raises TypeError."""
    if not isinstance(value, list | tuple):
        raise TypeError(f"not a list: {type(value).__name__}")
    return tuple([text(element) for element in value])


def count(value: Any) -> int:
    """Return a whole number. Raises TypeError."""
    # Not isinstance, which accepts True.
    if type(value) is not int:
        raise TypeError(f"not a whole number: {type(value).__name__}")
    return value


def optional_count(value: Any) -> int | None:
    """Return a whole number or None. Raises TypeError."""
    return None if value is None else count(value)


def flag(value: Any) -> bool:
    """Return a truth value. Raises TypeError."""
    if type(value) is not bool:
        raise TypeError(f"not true or false: {type(value).__name__}")
    return value


def optional_moment(value: Any) -> datetime | None:
    """Return a time or None. Raises TypeError, ValueError."""
    return None if value is None else parse_moment(value)


def link(value: Any) -> str | None:
    """Return the address of a web page, None for any other text. Raises TypeError."""
    url = optional_text(value)
    is_safe = url is not None and url.startswith(("https://", "http://")) and " " not in url
    return url if is_safe else None


def paper_id(value: str) -> str:
    """Return the id of a row. Raises ValueError if it is empty or could act on a terminal.

    Earlier versions accepted ids that `identifiers.parse_id` refuses, and those still work. What
    commands could take for an option is left out of pipes, and `library verify --repair` renames
    it; see `identifiers.is_safe_argument`.
    """
    if not (value.isascii() and value.isprintable()) and visible(value) != value:
        raise ValueError("an id has invisible characters")
    if not value:
        raise ValueError("an id is empty")
    return value


def ids_of(row: Mapping[str, Any]) -> list[str]:
    """Return the ids of an index row. Raises KeyError, TypeError if it is invalid."""
    ids: list[str] = row["ids"]
    if not (isinstance(ids, list) and set(map(type, ids)) <= {str}):
        raise TypeError("not a list of ids")
    return ids

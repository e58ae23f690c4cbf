"""Phrases in the query language of SQLite's FTS5.

https://www.sqlite.org/fts5.html#full_text_query_syntax
"""

from collections.abc import Iterable, Sequence


def any_phrase(phrases: Iterable[Sequence[str]]) -> str:
    """Return the FTS5 query for papers that contain at least one of these phrases."""
    return " OR ".join(quote(" ".join(phrase)) for phrase in phrases)


def quote(words: str) -> str:
    """Return the FTS5 query for papers that contain these words side by side."""
    return f'"{words}"'

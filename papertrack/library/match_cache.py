"""A cache of the matches of a listing day's papers, so that `today` need not match them again.

It is valid for a single fingerprint of the topics; with any other, matches are computed again.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from papertrack.library import table_names
from papertrack.library.entry_rows import Row
from papertrack.library.library import Library, rejecting_foreign_rows
from papertrack.library.row_values import count, text, texts
from papertrack.models import FIELDS, Match, Related

CachedMatches = tuple[tuple[Match, ...], tuple[Related, ...]]
# The key of the row with the topics' fingerprint. Paper ids are numbers or have a namespace.
FINGERPRINT_KEY = "rule"


def load_matches(library: Library, day: date, fingerprint: str) -> dict[str, CachedMatches]:
    """Return the cached matches of a day's papers by id, empty ones included.

    Empty if the cache is of another fingerprint.
    """
    table = table_names.matches_table(day)
    with rejecting_foreign_rows(table):
        rows = dict(library.database.rows(table))
        if rows.pop(FINGERPRINT_KEY, {}).get("fingerprint") != fingerprint:
            return {}
        return {key: parse_row(row) for key, row in rows.items()}


def save_matches(
    library: Library, day: date, fingerprint: str, matches: Mapping[str, CachedMatches]
) -> None:
    """Replace the cached matches of a day's papers; within a transaction."""
    table = table_names.matches_table(day)
    cached = {key for key, _ in library.database.rows(table)}
    library.database.remove(table, cached - matches.keys())
    rows = {key: _to_row(*cached_matches) for key, cached_matches in matches.items()}
    library.database.put(table, {FINGERPRINT_KEY: {"fingerprint": fingerprint}, **rows})


def parse_row(row: Mapping[str, Any]) -> CachedMatches:
    """Return the matches of a row. Raises KeyError, TypeError, ValueError if it is invalid."""
    matches = tuple([_match(*match) for match in row["met"]])
    return matches, tuple([_related(*fields) for fields in row.get("near", ())])


def _match(*values: Any) -> Match:
    match = Match(*values)
    if match.field not in FIELDS:
        raise ValueError("not a field of a paper")
    return match._replace(
        topic=text(match.topic),
        phrase=text(match.phrase),
        matched=text(match.matched),
        score=count(match.score),
        phrases=count(match.phrases),
    )


def _related(topic: str, score: float, least: float, words: list[str]) -> Related:
    if not (isinstance(score, int | float) and isinstance(least, int | float)):
        raise TypeError("not a number")
    return Related(text(topic), score, least, texts(words))


def _to_row(matches: tuple[Match, ...], related: tuple[Related, ...]) -> Row:
    row: Row = {"met": [list(match) for match in matches]}
    return row | {"near": [list(relation) for relation in related]} if related else row

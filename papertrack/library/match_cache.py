"""The matches of a day's papers, kept so that `today` need not read and match them again.

They are derived: kept for one fingerprint of the topics, and found anew for any other.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from papertrack.library import table_names
from papertrack.library.entry_rows import Row
from papertrack.library.library import Library, rejecting_foreign_rows
from papertrack.models import Match, Related

CachedMatches = tuple[tuple[Match, ...], tuple[Related, ...]]
# The key of what matches are kept for: no paper's id, as those are numbers or have a namespace.
RULE = "rule"


def load_matches(library: Library, day: date, fingerprint: str) -> dict[str, CachedMatches]:
    """What the papers listed on `day` match and are related to, as kept, empty ones included."""
    table = table_names.matches_table(day)
    with rejecting_foreign_rows(table):
        rows = dict(library.database.rows(table))
        if rows.pop(RULE, {}).get("fingerprint") != fingerprint:
            return {}
        return {key: parse_row(row) for key, row in rows.items()}


def save_matches(
    library: Library, day: date, fingerprint: str, found: Mapping[str, CachedMatches]
) -> None:
    """Keep that of a day's papers, in place of all that was kept; within a transaction."""
    table = table_names.matches_table(day)
    stored = {key for key, _ in library.database.rows(table)}
    library.database.remove(table, stored - found.keys())
    rows = {key: _row(*one) for key, one in found.items()}
    library.database.put(table, {RULE: {"fingerprint": fingerprint}, **rows})


def _row(matches: tuple[Match, ...], related: tuple[Related, ...]) -> Row:
    row: Row = {"met": [list(match) for match in matches]}
    return row | {"near": [list(one) for one in related]} if related else row


def parse_row(row: Mapping[str, Any]) -> CachedMatches:
    """What a row says. Raises KeyError, TypeError, ValueError for what is none."""
    matches = tuple([Match(*match) for match in row["met"]])
    near = [Related(*one)._replace(words=tuple(one[-1])) for one in row.get("near", ())]
    return matches, tuple(near)

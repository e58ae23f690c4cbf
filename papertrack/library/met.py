"""The matches of a day's papers, kept so that `today` need not read and match them again.

They are derived: kept for one fingerprint of the topics, and found anew for any other.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from papertrack.library import places
from papertrack.library.library import Library, understood
from papertrack.library.records import Row
from papertrack.models import Match, Related

Found = tuple[tuple[Match, ...], tuple[Related, ...]]
# The key of what matches are kept for: no paper's id, as those are numbers or have a namespace.
RULE = "rule"


def recall(library: Library, day: date, fingerprint: str) -> dict[str, Found]:
    """What the papers listed on `day` match and are related to, as kept, empty ones included."""
    table = places.matches_table(day)
    with understood(table):
        rows = dict(library.database.rows(table))
        if rows.pop(RULE, {}).get("fingerprint") != fingerprint:
            return {}
        return {key: found_in(row) for key, row in rows.items()}


def keep(library: Library, day: date, fingerprint: str, found: Mapping[str, Found]) -> None:
    """Keep that of a day's papers, in place of all that was kept; within a transaction."""
    table = places.matches_table(day)
    stored = {key for key, _ in library.database.rows(table)}
    library.database.remove(table, stored - found.keys())
    rows = {key: _row(*one) for key, one in found.items()}
    library.database.put(table, {RULE: {"fingerprint": fingerprint}, **rows})


def _row(matches: tuple[Match, ...], related: tuple[Related, ...]) -> Row:
    row: Row = {"met": [list(match) for match in matches]}
    return row | {"near": [list(one) for one in related]} if related else row


def found_in(row: Mapping[str, Any]) -> Found:
    """What a row says. Raises KeyError, TypeError, ValueError for what is none."""
    matches = tuple([Match(*match) for match in row["met"]])
    near = [Related(*one)._replace(words=tuple(one[-1])) for one in row.get("near", ())]
    return matches, tuple(near)

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
        return {key: (_matches(row), _related(row)) for key, row in rows.items()}


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


def _matches(row: Mapping[str, Any]) -> tuple[Match, ...]:
    return tuple([Match(*match) for match in row["met"]])


def _related(row: Mapping[str, Any]) -> tuple[Related, ...]:
    near = row.get("near", ())
    return tuple([Related(name, score, least, tuple(words)) for name, score, least, words in near])

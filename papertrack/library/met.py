"""The matches of a day's papers, kept so that `today` need not read and match them again.

They are derived: kept for one fingerprint of the topics, and found anew for any other.
"""

from collections.abc import Mapping
from datetime import date

from papertrack.library import places
from papertrack.library.library import Library, understood
from papertrack.models import Match

Matches = dict[str, tuple[Match, ...]]
# The key of what matches are kept for: no paper's id, as those are numbers or have a namespace.
RULE = "rule"


def recall(library: Library, day: date, fingerprint: str) -> Matches:
    """The kept matches of the papers listed on `day`, empty ones included, by id."""
    table = places.matches_table(day)
    with understood(table):
        rows = dict(library.database.rows(table))
        if rows.pop(RULE, {}).get("fingerprint") != fingerprint:
            return {}
        return {key: tuple(Match(*match) for match in row["met"]) for key, row in rows.items()}


def keep(
    library: Library, day: date, fingerprint: str, matches: Mapping[str, tuple[Match, ...]]
) -> None:
    """Keep the matches of a day's papers, in place of all that was kept; within a transaction."""
    table = places.matches_table(day)
    stored = {key for key, _ in library.database.rows(table)}
    library.database.remove(table, stored - matches.keys())
    rows = {key: {"met": [list(match) for match in met]} for key, met in matches.items()}
    library.database.put(table, {RULE: {"fingerprint": fingerprint}, **rows})

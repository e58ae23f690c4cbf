"""How other services rank papers over time, in a table for each service: `rankings.NAME`.

A row is a ranking, whose key is its moment. Rankings are thinned with age as observations are; only
the newest has the titles of its papers, which need not be stored in the library.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from papertrack.calendar import format_moment, parse_moment
from papertrack.library import table_names
from papertrack.library.entry_rows import Row
from papertrack.library.library import Library, rejecting_foreign_rows
from papertrack.library.row_values import count, optional_text, paper_id, text
from papertrack.merge import kept_moments

_LATEST = datetime.max.replace(tzinfo=UTC)


class ServiceRanking(NamedTuple):
    """The ranks of papers from 1 by id, best first, at a moment, and their titles.

    `validator` is the HTTP validator of the response.
    """

    at: datetime
    ranks: Mapping[str, int]
    titles: Mapping[str, str]
    validator: str | None = None


def load_rankings(library: Library, service: str, until: datetime) -> list[ServiceRanking]:
    """The stored rankings of a service, no later than a moment, in time order.

    Raises LibraryError.
    """
    table = _table(service)
    with rejecting_foreign_rows(table):
        rankings = [parse_ranking(key, row) for key, row in library.database.rows(table)]
    return sorted((each for each in rankings if each.at <= until), key=lambda each: each.at)


def newest_ranking(
    library: Library, service: str, until: datetime = _LATEST
) -> ServiceRanking | None:
    """The last ranking of a service no later than a moment, if there is one.

    Raises LibraryError.
    """
    table = _table(service)
    with rejecting_foreign_rows(table):
        moments = {parse_moment(key): key for key, _ in library.database.rows(table)}
        at = max((moment for moment in moments if moment <= until), default=None)
        row = library.database.row(table, moments[at]) if at else None
        return parse_ranking(moments[at], row) if at and row else None


def save_ranking(library: Library, service: str, ranking: ServiceRanking) -> None:
    """Store a ranking, and thin the earlier ones; within a transaction."""
    table = _table(service)
    with rejecting_foreign_rows(table):
        stored = {parse_moment(key): key for key, _ in library.database.rows(table)}
        titled = {
            key: {name: value for name, value in row.items() if name != "titles"}
            for key, row in library.database.rows(table)
            if "titles" in row
        }
    library.database.put(table, titled | {format_moment(ranking.at): _to_row(ranking)})
    kept = kept_moments(sorted({*stored, ranking.at}))
    library.database.remove(table, (key for at, key in stored.items() if at not in kept))


def parse_ranking(key: str, row: Mapping[str, Any]) -> ServiceRanking:
    """Return the ranking of a row. Raises KeyError, TypeError, ValueError if it is invalid."""
    return ServiceRanking(
        parse_moment(key),
        {paper_id(key): count(rank) for key, rank in row["ranks"].items()},
        {key: text(title) for key, title in row.get("titles", {}).items()},
        optional_text(row.get("validator")),
    )


def _to_row(ranking: ServiceRanking) -> Row:
    row = {
        "ranks": dict(ranking.ranks),
        "titles": dict(ranking.titles),
        "validator": ranking.validator,
    }
    return {name: value for name, value in row.items() if value or name == "ranks"}


def _table(service: str) -> str:
    return f"{table_names.RANKINGS}.{service}"

"""Looking at all of a library: whether each file can be used, and whether what they say agrees."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from papertrack.calendar import Span
from papertrack.errors import LibraryDamaged
from papertrack.library import places, records
from papertrack.library.library import Library, to_coverage, understood
from papertrack.models import Match
from papertrack.storage.folder import FolderStorage

Told = Callable[[int, int], None]  # tables done, of how many
_Rows = dict[str, set[str]]
_SHOWN = 3


class Findings(NamedTuple):
    """What is wrong with a library, by table: rows that mean nothing; papers that no index knows;
    papers that an index says are in a table, but are not; papers that a listing names, but that are
    nowhere.
    """

    senseless: _Rows
    unindexed: _Rows
    missing: _Rows
    unknown: _Rows

    def lines(self) -> Iterator[str]:
        """Each finding in words."""
        yield from _said(self.senseless, "rows that papertrack never wrote")
        yield from _said(self.unindexed, "papers that its index does not know")
        yield from _said(self.missing, "papers that its index names are not there")
        yield from _said(self.unknown, "papers listed that are stored nowhere")


def _said(found: _Rows, what: str) -> Iterator[str]:
    for table, keys in sorted(found.items()):
        some = sorted(keys)[:_SHOWN] + ["…"] * (len(keys) > _SHOWN)
        yield f"{table}: {len(keys):,} {what}: {', '.join(some)}"


def check(library: Library, told: Told) -> Findings:
    """Read every table and compare them; changes nothing. Raises LibraryError, LibraryNewer."""
    names = sorted(library.database.tables())
    senseless: _Rows = {}
    stored: _Rows = {}
    listed: _Rows = {}
    for done, table in enumerate(names):
        sound, bad = _read(library, table)
        if bad:
            senseless[table] = bad
        if table.startswith(places.PAPERS + "."):
            stored[table] = sound
        elif table.startswith((places.LISTINGS + ".", places.COUNTS + ".")):
            listed[table] = sound
        told(done + 1, len(names))
    indexed = _indexed(library)
    known = set().union(*stored.values())
    return Findings(
        senseless,
        _without({table: keys - indexed.get(table, set()) for table, keys in stored.items()}),
        _without({table: keys - stored.get(table, set()) for table, keys in indexed.items()}),
        _without({table: keys - known for table, keys in listed.items()}),
    )


def repair(library: Library, findings: Findings) -> set[date]:
    """Take out the rows that mean nothing or point to nowhere, and write the index anew; within a
    transaction. Tables of which a copy serves are made whole by its end. The days of which papers
    are gone, and that will be asked for again.
    """
    database = library.database
    for table, keys in findings.senseless.items():
        if isinstance(database.storage, FolderStorage):
            database.storage.distrust(table)
        database.remove(table, keys)
    for table, keys in findings.unknown.items():
        database.remove(table, keys)
    _index_anew(library, findings.unindexed.keys() | findings.missing.keys())
    days = {places.day_of(table) for table in findings.unknown}
    if days:
        known = library.coverage(Span(min(days), max(days)))
        library.cover(
            one._replace(state="failed", problem="damaged")
            for one in known.values()
            if one.day in days
        )
    return days


def _index_anew(library: Library, papers_tables: Collection[str]) -> None:
    database = library.database
    for index in database.names(places.INDEX):
        database.remove(index, papers_tables)
    by_index: dict[str, dict[str, list[str]]] = {}
    for table in papers_tables:
        for key in sorted(_read(library, table)[0]):
            index = f"{places.INDEX}.{places.shard(key)}"
            by_index.setdefault(index, {}).setdefault(table, []).append(key)
    for index, tables in by_index.items():
        database.put(index, {table: {"ids": ids} for table, ids in tables.items()})


def compact(library: Library) -> None:
    """Remove tables that hold no rows, and transactions that are in their tables since long.

    Raises LibraryBusy, LibraryError.
    """
    database = library.database
    with library.transaction():
        for name in sorted(database.tables()):
            if not any(True for _ in database.rows(name)):
                database.drop_table(name)
    if isinstance(database.storage, FolderStorage):
        database.storage.flush()


def _read(library: Library, table: str) -> tuple[set[str], set[str]]:
    """The keys of a table whose rows make sense, and of those that make none."""
    reading = _READINGS.get(table.partition(".")[0], _read_nothing)
    sound, bad = set(), set()
    for key, row in library.database.rows(table):
        try:
            with understood(table):
                reading(table, key, row)
        except LibraryDamaged:
            bad.add(key)
        else:
            sound.add(key)
    return sound, bad


def _indexed(library: Library) -> _Rows:
    found: _Rows = {}
    for index in library.database.names(places.INDEX):
        for table, row in library.database.rows(index):
            with suppress(KeyError, TypeError):
                found.setdefault(table, set()).update(row["ids"])
    return found


def _read_nothing(_table: str, _key: str, _row: Mapping[str, Any]) -> None:
    """Whatever a table that is none of ours may hold."""


def _read_brief(table: str, key: str, row: Mapping[str, Any]) -> object:
    return records.from_brief(key, places.day_of(table), row, ())


def _read_index(_table: str, key: str, row: Mapping[str, Any]) -> None:
    date.fromisoformat(key.split(".")[1])
    if not all(isinstance(one, str) for one in row["ids"]):
        raise TypeError("an id is no text")


_READINGS: Mapping[str, Callable[[str, str, Mapping[str, Any]], object]] = {
    places.PAPERS: lambda _table, key, row: records.from_record(key, row),
    places.LISTINGS: _read_brief,
    places.COUNTS: lambda _table, _key, row: records.from_counts(row),
    places.STATE: lambda _table, _key, row: records.from_state_row(row),
    places.COVERAGE: lambda _table, _key, row: to_coverage(row),
    places.INDEX: _read_index,
    places.MATCHES: lambda _table, _key, row: [Match(*one) for one in row.get("met", ())],
}


def _without(rows: _Rows) -> _Rows:
    return {table: keys for table, keys in rows.items() if keys}

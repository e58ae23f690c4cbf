"""Looking at all of a library: whether each file can be used, and whether what they say agrees."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from papertrack.calendar import Span
from papertrack.errors import LibraryDamaged
from papertrack.library import entry_rows, table_names
from papertrack.library.library import Library, rejecting_foreign_rows, to_coverage
from papertrack.library.match_cache import RULE, parse_row
from papertrack.library.outbox import read_row
from papertrack.merge import merge
from papertrack.models import Entry
from papertrack.storage.folder import FolderStorage

ProgressCallback = Callable[[int, int], None]  # tables done, of how many
_Keys = dict[str, set[str]]
_SHOWN = 3


class Findings(NamedTuple):
    """What is wrong with a library, by table: rows that mean nothing; papers that no index knows;
    papers that an index says are in a table, but are not; papers that a listing names, but that are
    nowhere; papers that say they were listed, but that the listing does not name; papers that are
    in another table, too.
    """

    senseless: _Keys
    unindexed: _Keys
    missing: _Keys
    unknown: _Keys
    unlisted: _Keys
    twice: _Keys

    def lines(self) -> Iterator[str]:
        """Each finding in words."""
        yield from _said(self.senseless, "rows that papertrack never wrote")
        yield from _said(self.unindexed, "papers that its index does not know")
        yield from _said(self.missing, "papers that its index names are not there")
        yield from _said(self.unknown, "papers listed that are stored nowhere")
        yield from _said(self.unlisted, "papers of that day that it does not name")
        yield from _said(self.twice, "papers that an earlier table has, too")


def _said(found: _Keys, what: str) -> Iterator[str]:
    for table, keys in sorted(found.items()):
        some = sorted(keys)[:_SHOWN] + ["…"] * (len(keys) > _SHOWN)
        yield f"{table}: {len(keys):,} {what}: {', '.join(some)}"


class _Seen:
    """What the tables of a library say, while they are read."""

    def __init__(self) -> None:
        self.senseless: _Keys = {}
        self.stored: _Keys = {}
        self.indexed: _Keys = {}
        self.named: _Keys = {}
        self.listed: _Keys = {}

    def read(self, library: Library, table: str) -> None:
        """Take in one table."""
        kind = table.partition(".")[0]
        for key, row in library.database.rows(table):
            try:
                with rejecting_foreign_rows(table):
                    made = _READINGS[kind](table, key, row)
            except LibraryDamaged:
                self.senseless.setdefault(table, set()).add(key)
                continue
            if isinstance(made, Entry) and kind == table_names.PAPERS:
                self.stored.setdefault(table, set()).add(key)
                for listed in made.listings:
                    self.listed.setdefault(table_names.listings_table(listed.day), set()).add(key)
            elif kind in (table_names.LISTINGS, table_names.COUNTS):
                self.named.setdefault(table, set()).add(key)
            elif kind == table_names.INDEX:
                self.indexed.setdefault(key, set()).update(row["ids"])


def verify(library: Library, told: ProgressCallback) -> Findings:
    """Read every table and compare them; changes nothing. Raises LibraryError, LibraryNewer."""
    names = sorted(filter(table_names.is_library_table, library.database.tables()))
    seen = _Seen()
    for done, table in enumerate(names):
        seen.read(library, table)
        told(done + 1, len(names))
    known: set[str] = set()
    twice: _Keys = {}
    for table, keys in seen.stored.items():
        twice[table] = keys & known
        known |= keys
    return Findings(
        seen.senseless,
        _lacking(seen.stored, seen.indexed),
        _lacking(seen.indexed, seen.stored),
        _without({table: keys - known for table, keys in seen.named.items()}),
        _lacking(seen.listed, seen.named),
        _without(twice),
    )


def repair(library: Library, findings: Findings) -> set[date]:
    """Take out the rows that mean nothing or point to nowhere, write the index anew, and listings
    of what the papers themselves know; within a transaction. Tables of which a copy serves are made
    whole by its end. The days of which something is gone, and that will be asked for again.
    """
    database = library.database
    for table, keys in findings.senseless.items():
        if isinstance(database.storage, FolderStorage):
            database.storage.distrust(table)
        database.remove(table, keys)
    for table, keys in findings.unknown.items():
        database.remove(table, keys)
    united = _unite(library, findings.twice)
    _index_anew(library, findings.unindexed.keys() | findings.missing.keys() | united)
    for table, keys in findings.unlisted.items():
        day = table_names.day_of(table)
        entries = library.entries(keys)
        database.put(table, {key: entry_rows.to_brief(entries[key], day) for key in entries})
    hurt = (findings.unknown, findings.unlisted, findings.missing)
    days = {table_names.day_of(table) for tables in hurt for table in tables}
    _ask_again(library, days)
    return days


def _ask_again(library: Library, days: Collection[date]) -> None:
    if days:
        known = library.coverage(Span(min(days), max(days)))
        library.save_coverage(
            one._replace(state="failed", problem="damaged")
            for one in known.values()
            if one.day in days
        )


def _unite(library: Library, twice: _Keys) -> set[str]:
    """Put what two tables say of a paper into the earlier one; the tables that were changed."""
    changed: set[str] = set()
    for table, keys in twice.items():
        found = {one.paper.id: one for one in library.records(table, keys)}
        # Where an even earlier table has it, too, that is a finding about this one.
        for home in (one for one in library.tables_of_kind(table_names.PAPERS) if one < table):
            for earlier in library.records(home, found):
                merged = merge(earlier, found[earlier.paper.id])
                library.database.put(home, {earlier.paper.id: entry_rows.to_record(merged)})
                changed.add(home)
        library.database.remove(table, keys)
    return changed | twice.keys()


def _index_anew(library: Library, papers_tables: Collection[str]) -> None:
    database = library.database
    for index in library.tables_of_kind(table_names.INDEX):
        database.remove(index, papers_tables)
    by_index: dict[str, dict[str, list[str]]] = {}
    for table in papers_tables:
        for key, _ in sorted(database.rows(table)):
            index = f"{table_names.INDEX}.{table_names.shard(key)}"
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


def _same(made: object, written: Mapping[str, Any]) -> object:
    """What a row was read as. Raises ValueError where writing that would give another row."""
    if made != written:
        raise ValueError("it is not what it means")
    return made


def _read_paper(_table: str, key: str, row: Mapping[str, Any]) -> Entry:
    entry = entry_rows.from_record(key, row)
    if not isinstance(entry.paper.title, str) or not all(
        isinstance(one, str) for one in (*entry.paper.authors, entry.paper.abstract or "")
    ):
        raise TypeError("a text is none")
    return entry


def _read_brief(table: str, key: str, row: Mapping[str, Any]) -> object:
    if not isinstance(row["title"], str):
        raise TypeError("a title is no text")
    return entry_rows.from_brief(key, table_names.day_of(table), row, ())


def _read_counts(_table: str, _key: str, row: Mapping[str, Any]) -> object:
    return _same(entry_rows.to_counts(entry_rows.from_counts(row)), row)


def _read_state(_table: str, _key: str, row: Mapping[str, Any]) -> object:
    return _same(entry_rows.to_state_row(entry_rows.from_state_row(row)), row)


def _read_coverage(_table: str, _key: str, row: Mapping[str, Any]) -> object:
    found = to_coverage(row)
    return hash(found), *(one.casefold() for one in (found.source, found.state, found.category))


def _read_index(table: str, key: str, row: Mapping[str, Any]) -> object:
    if not table_names.is_library_table(key) or not key.startswith(table_names.PAPERS):
        raise ValueError("it is the index of no table")
    if any(table_names.shard(one) != table.partition(".")[2] for one in row["ids"]):
        raise ValueError("it has ids of another index")
    return row["ids"]


def _read_matches(_table: str, key: str, row: Mapping[str, Any]) -> object:
    return row["fingerprint"] if key == RULE else parse_row(row)


_READINGS: Mapping[str, Callable[[str, str, Mapping[str, Any]], object]] = {
    table_names.PAPERS: _read_paper,
    table_names.LISTINGS: _read_brief,
    table_names.COUNTS: _read_counts,
    table_names.STATE: _read_state,
    table_names.COVERAGE: _read_coverage,
    table_names.INDEX: _read_index,
    table_names.MATCHES: _read_matches,
    table_names.ALERTS: read_row,
    table_names.DELIVERED: read_row,
    table_names.ATTEMPTS: read_row,
}


def _lacking(said: _Keys, there: _Keys) -> _Keys:
    """What some tables say that others do not have."""
    return _without({table: keys - there.get(table, set()) for table, keys in said.items()})


def _without(rows: _Keys) -> _Keys:
    return {table: keys for table, keys in rows.items() if keys}

"""Verifying a library: whether each file can be used, and whether the tables agree."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from typing import Any, NamedTuple

from papertrack.calendar import Span, parse_moment
from papertrack.errors import LibraryBusy, LibraryDamaged, LibraryError
from papertrack.identifiers import is_safe_argument
from papertrack.library import entry_rows, paper_events, seen, table_names, undo
from papertrack.library.aliases import parse_row as parse_alias
from papertrack.library.coverage_rows import to_coverage
from papertrack.library.library import (
    Library,
    ProgressCallback,
    rejecting_foreign_rows,
)
from papertrack.library.match_cache import FINGERPRINT_KEY, parse_row
from papertrack.library.outbox import parse_alert_row
from papertrack.library.row_values import ids_of
from papertrack.library.service_rankings import parse_ranking
from papertrack.library.storing import rename
from papertrack.library.waits import parse_wait
from papertrack.merge import merge
from papertrack.models import Entry
from papertrack.storage.damage import Damage
from papertrack.storage.folder import FolderStorage

OpenLibrary = Callable[[Callable[[Damage], None]], Library]  # from what is called for damage
_KeysByTable = dict[str, set[str]]
_MAX_SHOWN = 3


class Findings(NamedTuple):
    """The problems of a library: the keys concerned, by table.

    `invalid`: rows that papertrack did not write. `unindexed`: papers missing in the index.
    `missing`: indexed papers that the table does not have. `unstored`: listed papers without a
    record. `unlisted`: papers whose record names a listing that does not have them. `duplicates`:
    papers that an earlier table has, too. `unsafe`: ids, of earlier versions, that commands could
    take for options.
    """

    invalid: _KeysByTable
    unindexed: _KeysByTable
    missing: _KeysByTable
    unstored: _KeysByTable
    unlisted: _KeysByTable
    duplicates: _KeysByTable
    unsafe: _KeysByTable

    def lines(self) -> Iterator[str]:
        """Each problem as a line of text."""
        yield from _lines(self.invalid, "invalid rows")
        yield from _lines(self.unindexed, "papers missing in the index")
        yield from _lines(self.missing, "papers in the index but not in the table")
        yield from _lines(self.unstored, "listed papers that are not stored")
        yield from _lines(self.unlisted, "papers missing in this listing")
        yield from _lines(self.duplicates, "papers that an earlier table has, too")
        yield from _lines(self.unsafe, "ids that commands could take for options")


def _lines(problems: _KeysByTable, description: str) -> Iterator[str]:
    for table, keys in sorted(problems.items()):
        shown = sorted(keys)[:_MAX_SHOWN] + ["…"] * (len(keys) > _MAX_SHOWN)
        yield f"{table}: {len(keys):,} {description}: {', '.join(shown)}"


class Verification(NamedTuple):
    """The result of verifying a library: its damaged files, and the problems of its rows."""

    damages: tuple[Damage, ...]
    findings: Findings

    def lines(self) -> list[str]:
        """Each problem as a line of text."""
        return [*map(str, self.damages), *self.findings.lines()]


class _LibraryScan:
    """Collects the keys that the tables of a library hold and refer to."""

    def __init__(self) -> None:
        self.invalid: _KeysByTable = {}
        self.stored: _KeysByTable = {}  # by papers table
        self.indexed: _KeysByTable = {}  # by papers table, from the index
        self.listed: _KeysByTable = {}  # by listings or counts table
        self.claimed: _KeysByTable = {}  # by listings table, from the papers' records

    def add(self, library: Library, table: str) -> None:
        """Read one table."""
        kind = table.partition(".")[0]
        for key, row in library.database.rows(table):
            try:
                with rejecting_foreign_rows(table):
                    content = _PARSERS[kind](table, key, row)
            except LibraryDamaged:
                self.invalid.setdefault(table, set()).add(key)
                continue
            if isinstance(content, Entry) and kind == table_names.PAPERS:
                self.stored.setdefault(table, set()).add(key)
                for listed in content.listings:
                    listings_table = table_names.listings_table(listed.day)
                    self.claimed.setdefault(listings_table, set()).add(key)
            elif kind in (table_names.LISTINGS, table_names.COUNTS):
                self.listed.setdefault(table, set()).add(key)
            elif kind == table_names.INDEX:
                self.indexed.setdefault(key, set()).update(row["ids"])


def verify_in_use(open_library: OpenLibrary, progress: ProgressCallback) -> Verification:
    """Verify a library that other processes may be writing; changes nothing.

    Two tables read one after the other may be of different transactions, so a problem counts only
    if it is found again, if possible while nobody writes. Raises LibraryError, LibraryNewer.
    """
    verification = _look(open_library, progress)
    if not verification.lines():
        return verification
    with ExitStack() as stack:
        try:
            stack.enter_context(open_library(lambda _damage: None).exclusive())
        except (LibraryBusy, LibraryError):  # Whoever may only read the library cannot lock it.
            return _common(verification, _look(open_library, progress))
        return _look(open_library, progress)


def repair_in_use(
    open_library: OpenLibrary, progress: ProgressCallback
) -> tuple[Verification, set[date]]:
    """Repair a library that other processes may be writing.

    Returns the problems as they were in the transaction that repaired them, and the days of which
    something was lost; see `repair`. Raises LibraryError, LibraryNewer, LibraryBusy.
    """
    verification = _look(open_library, progress)
    if not verification.lines():
        return verification, set()
    damages: list[Damage] = []
    library = open_library(damages.append)
    with library.transaction():
        findings = verify(library, progress)
        days = repair(library, findings)
    return Verification(tuple(damages), findings), days


def _common(first: Verification, second: Verification) -> Verification:
    """The problems that were found twice."""
    findings = Findings._make(
        _non_empty({table: keys & earlier.get(table, set()) for table, keys in later.items()})
        for earlier, later in zip(first.findings, second.findings, strict=True)
    )
    return Verification(tuple(d for d in second.damages if d in first.damages), findings)


def _look(open_library: OpenLibrary, progress: ProgressCallback) -> Verification:
    damages: list[Damage] = []
    findings = verify(open_library(damages.append), progress)
    return Verification(tuple(damages), findings)


def verify(library: Library, progress: ProgressCallback) -> Findings:
    """Read and compare all tables; changes nothing. Raises LibraryError, LibraryNewer."""
    names = sorted(filter(table_names.is_library_table, library.database.tables()))
    scan = _LibraryScan()
    for done, table in enumerate(names):
        scan.add(library, table)
        progress(done + 1, len(names))
    paper_ids: set[str] = set()
    duplicates: _KeysByTable = {}
    for table, keys in scan.stored.items():
        duplicates[table] = keys & paper_ids
        paper_ids |= keys
    return Findings(
        scan.invalid,
        _difference(scan.stored, scan.indexed),
        _difference(scan.indexed, scan.stored),
        _non_empty({table: keys - paper_ids for table, keys in scan.listed.items()}),
        _difference(scan.claimed, scan.listed),
        _non_empty(duplicates),
        _non_empty(
            {
                table: {key for key in keys if not is_safe_argument(key)}
                for table, keys in scan.stored.items()
            }
        ),
    )


def repair(library: Library, findings: Findings) -> set[date]:
    """Repair what `verify` found; returns the days of which something was lost.

    Removes invalid rows and references to missing papers, rebuilds the index, and listings from the
    papers' records, and renames papers with unsafe ids. The lost days are marked as failed, so that
    they are fetched again. Must be called within a transaction, which also replaces the damaged
    files that have a usable copy.
    """
    database = library.database
    for table, keys in findings.invalid.items():
        if isinstance(database.storage, FolderStorage):
            database.storage.mark_damaged(table)
        database.remove(table, keys)
    for table, keys in findings.unstored.items():
        database.remove(table, keys)
    merged = _merge_duplicates(library, findings.duplicates)
    _rebuild_index(library, findings.unindexed.keys() | findings.missing.keys() | merged)
    for table, keys in findings.unlisted.items():
        day = table_names.day_of(table)
        entries = library.entries(keys)
        database.put(table, {key: entry_rows.to_brief(entries[key], day) for key in entries})
    rename(library, {key: _safe_id(key) for keys in findings.unsafe.values() for key in keys})
    losses = (findings.unstored, findings.unlisted, findings.missing)
    days = {table_names.day_of(table) for tables in losses for table in tables}
    _mark_failed(library, days)
    return days


def _mark_failed(library: Library, days: Collection[date]) -> None:
    if days:
        coverages = library.coverage(Span(min(days), max(days)))
        library.save_coverage(
            coverage._replace(state="failed", problem="damaged")
            for coverage in coverages.values()
            if coverage.day in days
        )


def _merge_duplicates(library: Library, duplicates: _KeysByTable) -> set[str]:
    """Merge papers that two tables hold into the earlier table; returns the changed tables."""
    changed: set[str] = set()
    for table, keys in duplicates.items():
        entries = {entry.paper.id: entry for entry in library.records(table, keys)}
        # Only one earlier table still holds each paper: `duplicates` is in the order of the tables,
        # and those of earlier tables are merged already.
        earlier_tables = [
            name for name in library.tables_of_kind(table_names.PAPERS) if name < table
        ]
        for earlier_table in earlier_tables:
            for earlier in library.records(earlier_table, entries):
                merged = merge(earlier, entries[earlier.paper.id])
                row = entry_rows.to_record(merged)
                library.database.put(earlier_table, {earlier.paper.id: row})
                changed.add(earlier_table)
        library.database.remove(table, keys)
    return changed | duplicates.keys()


def _safe_id(paper_id: str) -> str:
    """The id that a paper gets instead of an unsafe one: with what can be read of that."""
    from hashlib import blake2b

    digest = blake2b(paper_id.encode(errors="surrogatepass"), digest_size=6).hexdigest()
    readable = re.sub(r"[^a-z0-9]+", "-", paper_id.lower(), flags=re.ASCII).strip("-")[:40]
    return f"renamed:{'-'.join(filter(None, (readable, digest)))}"


def _rebuild_index(library: Library, papers_tables: Collection[str]) -> None:
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


def compact(library: Library) -> int:
    """Remove empty tables, empty the journal, and return the number of removed tables.

    Raises LibraryBusy, LibraryError.
    """
    database = library.database
    with library.transaction():
        names = sorted(database.tables())
        empty = [name for name in names if not any(True for _ in database.rows(name))]
        for name in empty:
            database.drop_table(name)
    if isinstance(database.storage, FolderStorage):
        database.storage.flush()
    return len(empty)


def _check_same(rewritten: object, row: Mapping[str, Any]) -> object:
    """Return a row that was parsed and written again. Raises ValueError if it has changed."""
    if rewritten != row:
        raise ValueError("it is not in the form that papertrack writes")
    return rewritten


def _parse_paper(_table: str, key: str, row: Mapping[str, Any]) -> Entry:
    return entry_rows.from_record(key, row)


def _parse_brief(table: str, key: str, row: Mapping[str, Any]) -> object:
    return entry_rows.from_brief(key, table_names.day_of(table), row, ())


def _parse_counts(_table: str, _key: str, row: Mapping[str, Any]) -> object:
    return _check_same(entry_rows.to_counts(entry_rows.from_counts(row)), row)


def _parse_state(_table: str, _key: str, row: Mapping[str, Any]) -> object:
    return _check_same(entry_rows.to_state_row(entry_rows.from_state_row(row)), row)


def _parse_coverage(_table: str, _key: str, row: Mapping[str, Any]) -> object:
    return to_coverage(row)


def _parse_index(table: str, key: str, row: Mapping[str, Any]) -> object:
    if not table_names.is_library_table(key) or not key.startswith(table_names.PAPERS):
        raise ValueError("it is not the index of a papers table")
    ids = ids_of(row)
    if any(table_names.shard(paper_id) != table.partition(".")[2] for paper_id in ids):
        raise ValueError("it has ids of another index")
    return ids


def _parse_matches(_table: str, key: str, row: Mapping[str, Any]) -> object:
    return row["fingerprint"] if key == FINGERPRINT_KEY else parse_row(row)


def _parse_import_time(_table: str, _key: str, row: Mapping[str, Any]) -> object:
    return parse_moment(row["at"])


def _parse_reading(table: str, key: str, row: Mapping[str, Any]) -> object:
    parsers: Mapping[str, Callable[[], object]] = {
        table_names.SEEN: lambda: seen.parse_row(key, row),
        table_names.UNDO: lambda: undo.parse_row(row),
        table_names.FOLLOWED: lambda: paper_events.parse_followed(row),
        table_names.LOOKED: lambda: paper_events.parse_look(row),
    }
    return parsers[table]()


_PARSERS: Mapping[str, Callable[[str, str, Mapping[str, Any]], object]] = {
    table_names.PAPERS: _parse_paper,
    table_names.LISTINGS: _parse_brief,
    table_names.COUNTS: _parse_counts,
    table_names.STATE: _parse_state,
    table_names.COVERAGE: _parse_coverage,
    table_names.SOURCES: lambda _table, _key, row: parse_wait(row),
    table_names.RANKINGS: lambda _table, key, row: parse_ranking(key, row),
    table_names.INDEX: _parse_index,
    table_names.ALIASES: lambda _table, _key, row: parse_alias(row),
    table_names.MATCHES: _parse_matches,
    "imports": _parse_import_time,
    table_names.ALERTS: parse_alert_row,
    table_names.DELIVERED: parse_alert_row,
    table_names.ATTEMPTS: parse_alert_row,
    table_names.READING: _parse_reading,
    table_names.EVENTS: lambda _table, key, row: paper_events.parse_event_row(key, row),
}


def _difference(keys_by_table: _KeysByTable, excluded: _KeysByTable) -> _KeysByTable:
    """The keys of each table without those that are excluded for it."""
    return _non_empty(
        {table: keys - excluded.get(table, set()) for table, keys in keys_by_table.items()}
    )


def _non_empty(keys_by_table: _KeysByTable) -> _KeysByTable:
    return {table: keys for table, keys in keys_by_table.items() if keys}

"""Reading the library, and storing marks and coverage. `storing` stores listings."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from functools import cache
from typing import Any

from papertrack.calendar import Span, format_moment, parse_moment
from papertrack.errors import LibraryDamaged
from papertrack.library import entry_rows, table_names
from papertrack.library.coverage_rows import Coverage, CoverageKey, from_coverage, to_coverage
from papertrack.library.database import Database
from papertrack.library.row_values import ids_of
from papertrack.merge import merge, merge_listings, merge_observations
from papertrack.models import Entry, Observation, PaperListing, State
from papertrack.storage.damage import Damage, warn_of_damage
from papertrack.storage.encoded_rows import EncodedRow
from papertrack.storage.folder import LOCK_SECONDS

ProgressCallback = Callable[[int, int], None]  # tables done, of how many


class Library:
    """One library in a folder, or in memory if `folder` is None.

    `on_damage` is called for each file that cannot be used. All methods that read raise
    LibraryError, LibraryNewer, and LibraryDamaged for a row that papertrack did not write.
    """

    def __init__(
        self, folder: str | None, on_damage: Callable[[Damage], None] = warn_of_damage
    ) -> None:
        self.folder = folder
        self.database = Database(folder, on_damage)

    def transaction(self, timeout: float = LOCK_SECONDS) -> AbstractContextManager[None]:
        """Write all changes made within at once; see Database.transaction."""
        return self.database.transaction(timeout)

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep other processes from writing, without writing; see Database.exclusive."""
        return self.database.exclusive()

    def table_count(self) -> int:
        """The number of tables."""
        return len(self.database.tables())

    def tables_of_kind(self, kind: str) -> list[str]:
        """The tables of one kind, sorted, without copies that the user made under other names."""
        return [name for name in self.database.names(kind) if table_names.is_library_table(name)]

    def listing_days(self) -> list[date]:
        """The days with stored listings, oldest first."""
        return [table_names.day_of(name) for name in self.tables_of_kind(table_names.LISTINGS)]

    def listed_ids(self, day: date) -> set[str]:
        """The ids of the papers in a day's listing."""
        return set(self.database.keys(table_names.listings_table(day)))

    def listed_entries(self, span: Span, *, counted: bool = False) -> list[Entry]:
        """The brief entries of a span's listings with state, each paper once.

        With `counted`, only papers with observed counts, which are few of hundreds a day.
        """
        entries: dict[str, Entry] = {}
        for day in span.days():
            for brief in self.briefs(day, counted=counted):
                earlier = entries.get(brief.paper.id)
                entries[brief.paper.id] = merge(earlier, brief) if earlier else brief
        return self.with_state(entries.values())

    def briefs(self, day: date, *, counted: bool = False) -> list[Entry]:
        """The brief entries of one day's listing, without state.

        With `counted`, only papers with observed counts.
        """
        counts_table, table = table_names.counts_table(day), table_names.listings_table(day)
        with rejecting_foreign_rows(counts_table):
            rows = self.database.rows(counts_table)
            counts = {paper_id: entry_rows.from_counts(row) for paper_id, row in rows}
        if counted and not counts:
            return []
        with rejecting_foreign_rows(table):
            return [
                entry_rows.from_brief(paper_id, day, brief, counts.get(paper_id, ()))
                for paper_id, brief in self.database.rows(table)
                if not counted or paper_id in counts
            ]

    def entries(self, paper_ids: Iterable[str]) -> dict[str, Entry]:
        """The full entries of these ids, in their order, without unknown ids."""
        ids = list(dict.fromkeys(paper_ids))
        stored: dict[str, Entry] = {}
        for table, ids_in_table in self.locate(ids).items():
            stored |= {entry.paper.id: entry for entry in self.records(table, ids_in_table)}
        full = self.with_listings([stored[paper_id] for paper_id in ids if paper_id in stored])
        return {entry.paper.id: entry for entry in self.with_state(full)}

    def all_entries(self, *, outlined: bool = False) -> Iterator[Entry]:
        """Every paper, latest first, without ranks and counts of its listings.

        "Latest" is by the day it was first listed, else first seen. For `outlined` see `records`.
        """
        return self._scan(self.papers_tables(), outlined=outlined)

    def papers_tables(self) -> dict[str, None]:
        """All papers tables, as `entries_in` takes them."""
        return dict.fromkeys(self.tables_of_kind(table_names.PAPERS))

    def entries_in(
        self, tables: Mapping[str, Iterable[str] | None], *, outlined: bool = False
    ) -> Iterator[Entry]:
        """The papers of these tables with these ids, None for all; otherwise as `all_entries`."""
        return self._scan(tables, outlined=outlined)

    def entries_within(
        self, span: Span, among: Mapping[str, set[str]] | None = None, *, outlined: bool = False
    ) -> Iterator[Entry]:
        """The papers listed within a span, or first seen within it and never listed.

        Each paper once, without ranks and counts of its listings; with `among`, only papers with
        these ids by table. For `outlined` see `records`.
        """
        days = [day for day in self.listing_days() if span.first <= day <= span.last]
        listed_ids = set().union(*map(self.listed_ids, days))
        located = self.locate(listed_ids) if among is None else among
        tables = {
            name: None if among is None else among[name]
            for name in (self.papers_tables() if among is None else among)
            if span.first <= table_names.day_of(name) <= span.last
            or not listed_ids.isdisjoint(located.get(name, ()))
        }
        for entry in self._scan(tables, outlined=outlined):
            unlisted = not entry.listings and span.first <= entry.first_seen.date() <= span.last
            if unlisted or entry.paper.id in listed_ids:
                yield entry

    def records(
        self, table: str, only: Iterable[str] | None = None, *, outlined: bool = False
    ) -> Iterator[Entry]:
        """The papers of one papers table; with `only`, those with these ids.

        Without state, and without ranks and counts of their listings. With `outlined`, claims may
        have no fields, which takes a quarter of the time; all else is complete.
        """
        with rejecting_foreign_rows(table):
            for paper_id, record in self.database.rows(table, only):
                yield _from_record(paper_id, record, outlined=outlined)

    def fingerprints(self, kind: str = table_names.PAPERS) -> dict[str, str]:
        """The fingerprints of the tables of one kind, by name."""
        names = self.tables_of_kind(kind)
        return {name: self.database.fingerprint(name) for name in names}

    def locate(self, paper_ids: Iterable[str]) -> dict[str, set[str]]:
        """Return which of these ids each papers table holds; only tables that hold any."""
        tables: dict[str, set[str]] = {}
        for shard, ids in _by_shard(paper_ids).items():
            with rejecting_foreign_rows(index := f"{table_names.INDEX}.{shard}"):
                for table, row in self.database.rows_containing(index, ids):
                    if located := ids.intersection(ids_of(row)):
                        tables.setdefault(table, set()).update(located)
        return {table: ids for table, ids in tables.items() if self.database.exists(table)}

    def has_index_of(self, paper_id: str) -> bool:
        """Whether the index that would locate a paper exists; not so before its first paper."""
        return self.database.exists(_index_of(paper_id))

    def paper_count(self) -> int:
        """The number of stored papers."""
        indexes = self.tables_of_kind(table_names.INDEX)
        return sum(len(ids) for index in indexes for _, ids in self._index(index))

    def states(self) -> dict[str, State]:
        """All states that the reader set, by paper id."""
        states: dict[str, State] = {}
        for table in self.tables_of_kind(table_names.STATE):
            states |= self._states_in(table)
        return states

    def starred(self, paper_ids: Iterable[str]) -> list[str]:
        """Those of these papers that are starred, sorted."""
        return sorted(
            key
            for shard, ids in _by_shard(paper_ids).items()
            for key, state in self._states_in(f"{table_names.STATE}.{shard}").items()
            if state.starred and key in ids
        )

    def upvotes(self) -> dict[str, tuple[datetime, int]]:
        """The last upvotes that were observed in listings, and when, by paper id."""
        latest: dict[str, tuple[datetime, int]] = {}
        for table in self.tables_of_kind(table_names.COUNTS):
            with rejecting_foreign_rows(table):
                for key, row in self.database.rows(table):
                    counted = entry_rows.latest_upvotes(row)
                    if counted and (key not in latest or counted > latest[key]):
                        latest[key] = counted
        return latest

    def state(self, paper_id: str) -> State:
        """The reader's state of a paper, stored or not."""
        return self._states_in(f"{table_names.STATE}.{table_names.shard(paper_id)}").get(
            paper_id, State()
        )

    def with_state(self, entries: Iterable[Entry]) -> list[Entry]:
        """These entries with the reader's state."""
        states: dict[str, dict[str, State]] = {}
        result = []
        for entry in entries:
            shard = table_names.shard(entry.paper.id)
            if shard not in states:
                states[shard] = self._states_in(f"{table_names.STATE}.{shard}")
            state = states[shard].get(entry.paper.id)
            result.append(entry._replace(state=state) if state else entry)
        return result

    def change_states(self, paper_ids: Iterable[str], change: Callable[[str, State], State]) -> int:
        """Apply `change`, a function of id and state, to these papers in one transaction.

        Returns how many states it changed.
        """
        changed = 0
        with self.transaction():
            for shard, ids in _by_shard(paper_ids).items():
                table = f"{table_names.STATE}.{shard}"
                states = self._states_in(table)
                rows = {}
                for paper_id in sorted(ids):
                    before = states.get(paper_id, State())
                    if (after := change(paper_id, before)) != before:
                        rows[paper_id] = entry_rows.to_state_row(after)
                self.database.put(table, {key: row for key, row in rows.items() if row})
                self.database.remove(table, (key for key, row in rows.items() if not row))
                changed += len(rows)
        return changed

    def coverage(self, span: Span) -> dict[CoverageKey, Coverage]:
        """The coverage of the days of a span."""
        coverages: dict[CoverageKey, Coverage] = {}
        years = range(span.first.year, span.last.year + 1)
        for table in (table_names.coverage_table(date(year, 1, 1)) for year in years):
            with rejecting_foreign_rows(table):
                for _, row in self.database.rows(table):
                    coverage = to_coverage(row)
                    if span.first <= coverage.day <= span.last:
                        coverages[coverage.key] = coverage
        return coverages

    def save_coverage(self, coverages: Iterable[Coverage]) -> None:
        """Store coverage, replacing that of the same source, category and day.

        Must be called within a transaction.
        """
        by_table: dict[str, dict[str, entry_rows.Row]] = {}
        for coverage in coverages:
            key = " ".join(filter(None, (coverage.source, coverage.category, str(coverage.day))))
            table = table_names.coverage_table(coverage.day)
            by_table.setdefault(table, {})[key] = from_coverage(coverage)
        for table, rows in by_table.items():
            self.database.put(table, rows)

    def import_time(self, digest: str) -> datetime | None:
        """The time given to the undated counts of an imported file, by the file's digest."""
        with rejecting_foreign_rows(table_names.IMPORTS):
            row = self.database.row(table_names.IMPORTS, digest)
            return parse_moment(row["at"]) if row else None

    def save_import_time(self, digest: str, at: datetime) -> None:
        """Store the time for `import_time`, if there is none; within a transaction."""
        if self.database.row(table_names.IMPORTS, digest) is None:
            self.database.put(table_names.IMPORTS, {digest: {"at": format_moment(at)}})

    def _states_in(self, table: str) -> dict[str, State]:
        with rejecting_foreign_rows(table):
            return {key: entry_rows.from_state_row(row) for key, row in self.database.rows(table)}

    def _index(self, table: str) -> Iterator[tuple[str, list[str]]]:
        with rejecting_foreign_rows(table):
            for papers_table, row in self.database.rows(table):
                yield papers_table, ids_of(row)

    def _indexed_ids(self, papers_table: str, paper_ids: Iterable[str]) -> set[str]:
        """The ids that the index has for a papers table, from the shards of `paper_ids`."""
        ids: set[str] = set()
        shards = set(map(table_names.shard, paper_ids))
        for index in (f"{table_names.INDEX}.{shard}" for shard in shards):
            with rejecting_foreign_rows(index):
                if row := self.database.row(index, papers_table):
                    ids.update(ids_of(row))
        return ids

    def _scan(
        self, tables: Mapping[str, Iterable[str] | None], *, outlined: bool
    ) -> Iterator[Entry]:
        states = self.states()
        for table in sorted(tables, reverse=True):
            for entry in self.indexed_records(table, tables[table], outlined=outlined):
                state = states.get(entry.paper.id)
                yield entry._replace(state=state) if state else entry

    def indexed_records(
        self, table: str, only: Iterable[str] | None = None, *, outlined: bool = False
    ) -> list[Entry]:
        """As `records`, without those that a crash left and that were never fully stored.

        These have no index entry. An index without a file was lost.
        """
        entries = list(self.records(table, only, outlined=outlined))
        ids = [entry.paper.id for entry in entries]
        indexed = self._indexed_ids(table, ids)
        if indexed.issuperset(ids):
            return entries
        indexes = self.database.tables()
        return [
            entry
            for entry in entries
            if entry.paper.id in indexed or _index_of(entry.paper.id) not in indexes
        ]

    def with_listings(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Add the ranks and counts from the tables of their listing days to these entries."""
        ids_by_day: defaultdict[date, set[str]] = defaultdict(set)
        for entry in entries:
            for listed in entry.listings:
                ids_by_day[listed.day].add(entry.paper.id)
        ranks: dict[str, tuple[PaperListing, ...]] = {}
        counts: dict[str, tuple[Observation, ...]] = {}
        for day, ids in ids_by_day.items():
            with rejecting_foreign_rows(table := table_names.counts_table(day)):
                for key, row in self.database.rows(table, ids):
                    counts[key] = counts.get(key, ()) + entry_rows.from_counts(row)
            with rejecting_foreign_rows(table := table_names.listings_table(day)):
                for key, row in self.database.rows(table, ids):
                    ranks[key] = ranks.get(key, ()) + _from_ranks(day, row)
        for entry in entries:
            key = entry.paper.id
            listings, observations = entry.listings, entry.observations
            ranked, counted = ranks.get(key, ()), counts.get(key, ())
            if not (counted or observations) and ranked == listings and len(listings) <= 1:
                yield entry  # Most listings have neither ranks nor counts.
                continue
            yield entry._replace(
                listings=merge_listings(listings + ranked),
                observations=merge_observations(observations + counted),
            )


def _from_record(paper_id: str, record: Mapping[str, Any], *, outlined: bool) -> Entry:
    if isinstance(record, EncodedRow):
        return _record_reader(outlined=outlined)(paper_id, record)
    return entry_rows.from_record(paper_id, record)


def _from_ranks(day: date, brief: Mapping[str, Any]) -> tuple[PaperListing, ...]:
    if isinstance(brief, EncodedRow):
        return _ranks_reader()(day, brief)
    return entry_rows.from_ranks(day, brief)


# Importing them takes long, and rows are encoded only if many were read.
@cache
def _record_reader(*, outlined: bool) -> Callable[[str, EncodedRow], Entry]:
    from papertrack.library.typed_records import from_encoded_record, outline

    return outline if outlined else from_encoded_record


@cache
def _ranks_reader() -> Callable[[date, EncodedRow], tuple[PaperListing, ...]]:
    from papertrack.library.typed_records import from_encoded_ranks

    return from_encoded_ranks


def _index_of(paper_id: str) -> str:
    """The table that locates a paper."""
    return f"{table_names.INDEX}.{table_names.shard(paper_id)}"


def _by_shard(paper_ids: Iterable[str]) -> dict[str, set[str]]:
    shards: dict[str, set[str]] = {}
    for paper_id in paper_ids:
        shards.setdefault(table_names.shard(paper_id), set()).add(paper_id)
    return shards


@contextmanager
def rejecting_foreign_rows(table: str) -> Iterator[None]:
    """Raise LibraryDamaged, naming the table, for an error from parsing one of its rows."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise LibraryDamaged(
            f"the library's table {table} is damaged",
            f"a row in it was not written by papertrack ({type(error).__name__}: {error})",
            "run `papertrack library verify --repair`: it removes the row and keeps the file",
        ) from error

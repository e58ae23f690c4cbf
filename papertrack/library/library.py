"""Questions to the library and the reader's own marks. Storing listings is in `intake`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from papertrack.calendar import Span, format_moment, parse_moment
from papertrack.errors import LibraryDamaged
from papertrack.library import entry_rows, table_names
from papertrack.library.database import Database
from papertrack.merge import merge, merge_listings, merge_observations
from papertrack.models import Entry, Listed, Observation, State
from papertrack.storage.damage import Damage, warn_of_damage
from papertrack.storage.folder import LOCK_SECONDS

Row = Mapping[str, Any]
DayState = Literal["complete", "partial", "quiet", "failed"]
CoverageKey = tuple[str, str, date]  # source, category, day


class Coverage(NamedTuple):
    """What is known of one day of one source, or of one of its categories: when it was last asked
    and what came. `problem` says what did not, `validator` what the server calls its answer.
    """

    source: str
    day: date
    state: DayState
    asked: datetime
    papers: int = 0
    skipped: int = 0
    category: str = ""
    problem: str | None = None
    validator: str | None = None

    @property
    def key(self) -> CoverageKey:
        """What it is the coverage of."""
        return self.source, self.category, self.day


class Library:
    """One library: in `folder`, or in memory where there is none; see Database for `damaged`."""

    def __init__(
        self, folder: str | None, damaged: Callable[[Damage], None] = warn_of_damage
    ) -> None:
        self.folder = folder
        self.database = Database(folder, damaged)

    def transaction(self, timeout: float = LOCK_SECONDS) -> AbstractContextManager[None]:
        """Make all changes within one write; see Database.transaction."""
        return self.database.transaction(timeout)

    def tables(self) -> int:
        """How many tables there are."""
        return len(self.database.tables())

    def tables_of_kind(self, kind: str) -> list[str]:
        """The tables of one kind, sorted; not those that someone put there under other names."""
        return [name for name in self.database.names(kind) if table_names.is_library_table(name)]

    def listing_days(self) -> list[date]:
        """The days whose listings hold papers, oldest first."""
        return [table_names.day_of(name) for name in self.tables_of_kind(table_names.LISTINGS)]

    def listed(self, span: Span, *, counted: bool = False) -> list[Entry]:
        """The brief entries of a span's listings with state, each paper once, by id; with
        `counted` those whose counts were observed: others may be hundreds a day.
        """
        found: dict[str, Entry] = {}
        for day in span.days():
            for entry in self.briefs(day, counted=counted):
                known = found.get(entry.paper.id)
                found[entry.paper.id] = merge(known, entry) if known else entry
        return self.with_state(found.values())

    def briefs(self, day: date, *, counted: bool = False) -> list[Entry]:
        """The brief entries of one day's listing, without state; see `listed`."""
        counted_in, table = table_names.counts_table(day), table_names.listings_table(day)
        with rejecting_foreign_rows(counted_in):
            rows = self.database.rows(counted_in)
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
        """The whole entries of these ids, in their order; unknown ids are left out."""
        wanted = list(dict.fromkeys(paper_ids))
        found: dict[str, Entry] = {}
        for table, here in self.locate(wanted).items():
            found |= {entry.paper.id: entry for entry in self.records(table, here)}
        whole = self.with_listings([found[one] for one in wanted if one in found])
        return {entry.paper.id: entry for entry in self.with_state(whole)}

    def all_entries(self) -> Iterator[Entry]:
        """Every paper, latest home day first, without the observations of its listings."""
        return self._scan(self.papers_tables())

    def papers_tables(self) -> dict[str, None]:
        """All papers tables, for `chosen`."""
        return dict.fromkeys(self.tables_of_kind(table_names.PAPERS))

    def entries_in(self, tables: Mapping[str, Iterable[str] | None]) -> Iterator[Entry]:
        """The papers of these papers tables with these ids, None for all, as `everything`."""
        return self._scan(tables)

    def entries_within(self, span: Span) -> Iterator[Entry]:
        """The whole papers listed within a span, and those never listed that were first seen in
        it, each once, without the observations of its listings.
        """
        days = [day for day in self.listing_days() if span.first <= day <= span.last]
        wanted = {
            key for day in days for key, _ in self.database.rows(table_names.listings_table(day))
        }
        tables = self.locate(wanted)
        homes = [
            name
            for name in self.tables_of_kind(table_names.PAPERS)
            if name in tables or span.first <= table_names.day_of(name) <= span.last
        ]
        for entry in self._scan(dict.fromkeys(homes)):
            unlisted = not entry.listings and span.first <= entry.first_seen.date() <= span.last
            if unlisted or entry.paper.id in wanted:
                yield entry

    def records(self, table: str, only: Iterable[str] | None = None) -> Iterator[Entry]:
        """The papers of one papers table, or of them those with these ids, without state and the
        observations of listings.
        """
        with rejecting_foreign_rows(table):
            for paper_id, record in self.database.rows(table, only):
                yield entry_rows.from_record(paper_id, record)

    def fingerprints(self, kind: str = table_names.PAPERS) -> dict[str, str]:
        """The tables of one kind, each with what changes whenever it does."""
        names = self.tables_of_kind(kind)
        return {name: self.database.fingerprint(name) for name in names}

    def locate(self, paper_ids: Iterable[str]) -> dict[str, set[str]]:
        """Which papers tables hold which of these ids."""
        tables: dict[str, set[str]] = {}
        for shard, wanted in _by_shard(paper_ids).items():
            for table, ids in self._index(f"{table_names.INDEX}.{shard}"):
                if here := wanted.intersection(ids):
                    tables.setdefault(table, set()).update(here)
        return tables

    def size(self) -> int:
        """How many papers are stored."""
        indexes = self.tables_of_kind(table_names.INDEX)
        return sum(len(ids) for index in indexes for _, ids in self._index(index))

    def states(self) -> dict[str, State]:
        """Everything the reader marked."""
        found: dict[str, State] = {}
        for table in self.tables_of_kind(table_names.STATE):
            found |= self._states_in(table)
        return found

    def with_state(self, entries: Iterable[Entry]) -> list[Entry]:
        """These entries with what the reader marked on them."""
        marked: dict[str, dict[str, State]] = {}
        result = []
        for entry in entries:
            shard = table_names.shard(entry.paper.id)
            if shard not in marked:
                marked[shard] = self._states_in(f"{table_names.STATE}.{shard}")
            state = marked[shard].get(entry.paper.id)
            result.append(entry._replace(state=state) if state else entry)
        return result

    def change_states(self, paper_ids: Iterable[str], change: Callable[[str, State], State]) -> int:
        """Apply a change of id and state to these papers in one write; how many it altered."""
        altered = 0
        with self.transaction():
            for shard, wanted in _by_shard(paper_ids).items():
                table = f"{table_names.STATE}.{shard}"
                known = self._states_in(table)
                changed = {}
                for key in sorted(wanted):
                    state = known.get(key, State())
                    if (after := change(key, state)) != state:
                        changed[key] = entry_rows.to_state_row(after)
                self.database.put(table, {key: row for key, row in changed.items() if row})
                self.database.remove(table, (key for key, row in changed.items() if not row))
                altered += len(changed)
        return altered

    def coverage(self, span: Span) -> dict[CoverageKey, Coverage]:
        """What was asked for the days of a span, by source, category and day."""
        found: dict[CoverageKey, Coverage] = {}
        years = range(span.first.year, span.last.year + 1)
        for table in (table_names.coverage_table(date(year, 1, 1)) for year in years):
            with rejecting_foreign_rows(table):
                for _, row in self.database.rows(table):
                    one = to_coverage(row)
                    if span.first <= one.day <= span.last:
                        found[one.key] = one
        return found

    def save_coverage(self, asked: Iterable[Coverage]) -> None:
        """Remember what came of asking; within a transaction."""
        by_table: dict[str, dict[str, entry_rows.Row]] = {}
        for one in asked:
            row = one._asdict() | {"day": one.day.isoformat(), "asked": format_moment(one.asked)}
            said = {key: value for key, value in row.items() if value not in ("", None)}
            key = " ".join(filter(None, (one.source, one.category, str(one.day))))
            by_table.setdefault(table_names.coverage_table(one.day), {})[key] = said
        for table, rows in by_table.items():
            self.database.put(table, rows)

    def _states_in(self, table: str) -> dict[str, State]:
        with rejecting_foreign_rows(table):
            return {key: entry_rows.from_state_row(row) for key, row in self.database.rows(table)}

    def _index(self, table: str) -> Iterator[tuple[str, list[str]]]:
        with rejecting_foreign_rows(table):
            for papers, row in self.database.rows(table):
                yield papers, row["ids"]

    def _indexed(self, table: str, paper_ids: Iterable[str]) -> set[str]:
        """The ids that the index has in a papers table, of the months and namespaces of these."""
        found: set[str] = set()
        for index in {
            f"{table_names.INDEX}.{table_names.shard(paper_id)}" for paper_id in paper_ids
        }:
            with rejecting_foreign_rows(index):
                if row := self.database.row(index, table):
                    found.update(row["ids"])
        return found

    def _scan(self, tables: Mapping[str, Iterable[str] | None]) -> Iterator[Entry]:
        states = self.states()
        for table in sorted(tables, reverse=True):
            entries = list(self.records(table, tables[table]))
            # What a crash left without an index was never stored.
            stored = self._indexed(table, (entry.paper.id for entry in entries))
            for entry in entries:
                if entry.paper.id in stored:
                    state = states.get(entry.paper.id)
                    yield entry._replace(state=state) if state else entry

    def with_listings(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Entries of a scan with what the tables of their listing days know: ranks and counts."""
        named: dict[date, set[str]] = {}
        for entry in entries:
            for listed in entry.listings:
                named.setdefault(listed.day, set()).add(entry.paper.id)
        ranks: dict[str, tuple[Listed, ...]] = {}
        counts: dict[str, tuple[Observation, ...]] = {}
        for day, keys in named.items():
            with rejecting_foreign_rows(table := table_names.counts_table(day)):
                for key, row in self.database.rows(table, keys):
                    counts[key] = counts.get(key, ()) + entry_rows.from_counts(row)
            with rejecting_foreign_rows(table := table_names.listings_table(day)):
                for key, row in self.database.rows(table, keys):
                    ranks[key] = ranks.get(key, ()) + entry_rows.from_ranks(day, row)
        for entry in entries:
            key = entry.paper.id
            yield entry._replace(
                observations=merge_observations(entry.observations + counts.get(key, ())),
                listings=merge_listings(entry.listings + ranks.get(key, ())),
            )


def _by_shard(paper_ids: Iterable[str]) -> dict[str, set[str]]:
    shards: dict[str, set[str]] = {}
    for paper_id in paper_ids:
        shards.setdefault(table_names.shard(paper_id), set()).add(paper_id)
    return shards


def to_coverage(row: Mapping[str, Any]) -> Coverage:
    """The coverage of a row. Raises KeyError, TypeError, ValueError for what is none."""
    return Coverage(
        source=row["source"],
        day=date.fromisoformat(row["day"]),
        state=row["state"],
        asked=parse_moment(row["asked"]),
        papers=row["papers"],
        skipped=row["skipped"],
        category=row.get("category", ""),
        problem=row.get("problem"),
        validator=row.get("validator"),
    )


@contextmanager
def rejecting_foreign_rows(table: str) -> Iterator[None]:
    """Say which table holds rows that papertrack never wrote."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise LibraryDamaged(
            f"the library's table {table} is damaged",
            f"a row in it is not what papertrack wrote ({type(error).__name__}: {error})",
            "`papertrack library verify --repair` takes it out, and keeps the file",
        ) from error

"""Giving a stored paper another id, with everything that belongs to it."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from papertrack.library import entry_rows, table_names
from papertrack.library.aliases import rename_in_aliases
from papertrack.library.library import Library, rejecting_foreign_rows
from papertrack.library.outbox import Outbox
from papertrack.library.paper_events import rename_in_events
from papertrack.library.undo import rename_in_changes
from papertrack.merge import merge_states
from papertrack.models import Claim, Entry, Observation, PaperListing, State

CountsByListing = Mapping[tuple[date, str], tuple[Observation, ...]]


class TakenOut(NamedTuple):
    """A paper that is no longer stored: with its new id, and its counts by listing day and id."""

    entry: Entry
    counts: CountsByListing


def take_out(library: Library, old: str, new: str) -> TakenOut:
    """Remove a paper, for the caller to store it with its new id; within a transaction.

    Its state, its deliveries, its events and its aliases get the new id here.
    """
    (table,) = library.locate([old])
    (entry,) = library.records(table, [old])
    listings: list[PaperListing] = []
    counts: dict[tuple[date, str], tuple[Observation, ...]] = {}
    for day in {listed.day for listed in entry.listings}:
        listings += _listings(library, old, day)
        if observations := _counts(library, old, day):
            counts[day, new] = observations
        _remove_from_day(library, old, day)
    library.database.remove(table, [old])
    _remove_from_index(library, old, table)
    _rename_state(library, old, new)
    rename_in_changes(library, old, new)
    Outbox(library).rename(old, new)
    rename_in_aliases(library, old, new)
    rename_in_events(library, old, new)
    # The listings of tables have ranks, those of the record do not.
    return TakenOut(_with_id(entry._replace(listings=(*listings, *entry.listings)), new), counts)


def _with_id(entry: Entry, paper_id: str) -> Entry:
    claims = (Claim(source, at, paper._replace(id=paper_id)) for source, at, paper in entry.claims)
    return entry._replace(paper=entry.paper._replace(id=paper_id), claims=tuple(claims))


def _listings(library: Library, paper_id: str, day: date) -> tuple[PaperListing, ...]:
    table = table_names.listings_table(day)
    with rejecting_foreign_rows(table):
        rows = library.database.rows(table, [paper_id])
        return next((entry_rows.from_ranks(day, row) for _, row in rows), ())


def _counts(library: Library, paper_id: str, day: date) -> tuple[Observation, ...]:
    table = table_names.counts_table(day)
    with rejecting_foreign_rows(table):
        rows = library.database.rows(table, [paper_id])
        return next((entry_rows.from_counts(row) for _, row in rows), ())


def _remove_from_day(library: Library, paper_id: str, day: date) -> None:
    for table_of in (
        table_names.listings_table,
        table_names.counts_table,
        table_names.matches_table,
    ):
        library.database.remove(table_of(day), [paper_id])


def _remove_from_index(library: Library, paper_id: str, table: str) -> None:
    index = f"{table_names.INDEX}.{table_names.shard(paper_id)}"
    row = library.database.row(index, table) or {"ids": []}
    ids = [key for key in row["ids"] if key != paper_id]
    if ids:
        library.database.put(index, {table: {"ids": ids}})
    else:
        library.database.remove(index, [table])


def _rename_state(library: Library, old: str, new: str) -> None:
    former, present = library.state(old), library.state(new)
    if former != State():
        notes = dict.fromkeys(filter(None, (present.note, former.note)))
        state = merge_states(present, former)._replace(note="\n".join(notes) or None)
        library.change_states([old, new], lambda key, _: state if key == new else State())

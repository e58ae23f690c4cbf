"""Storing the papers that sources return, each merged with its stored version."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from papertrack.library import entry_rows, table_names
from papertrack.library.library import Library
from papertrack.library.paper_events import record_events, starred_entries
from papertrack.library.title_ids import title_ids
from papertrack.library.unifying import OtherIds, unify
from papertrack.merge import (
    from_sighting,
    has_same_content,
    merge,
    merge_listings,
    merge_observations,
)
from papertrack.models import Entry, Observation, Paper, PaperListing, Sighting

if TYPE_CHECKING:
    from papertrack.library.renaming import TakenOut

_Counts = tuple[Observation, ...]
_NO_IDS: OtherIds = {}


class StoreResult(NamedTuple):
    """The ids of the papers that are new, and of stored ones whose content changed.

    `ids` has the stored id of each paper that came with another one.
    """

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    ids: Mapping[str, str] = {}


def store(
    library: Library, sightings: Iterable[Sighting], other_ids: OtherIds = _NO_IDS
) -> StoreResult:
    """Merge sightings into the library; within a transaction.

    `other_ids` are further ids of their papers, by id; see papertrack.library.unifying. A paper
    known only from a listing of its revision is not stored, since it would look new. What happens
    to starred papers is stored, too.

    Papers are written before the index that locates them, and the index before the listings that
    name them, so that a crash between two files leaves no reference to a missing paper.
    """
    sightings = list(sightings)
    papers = [sighting.paper for sighting in sightings]
    titles = title_ids(library, papers)
    if titles:
        other_ids = {
            paper_id: (*other_ids.get(paper_id, ()), *titles.get(paper_id, ()))
            for paper_id in (*other_ids, *titles)
        }
    unified = unify(library, papers, other_ids)
    if unified.ids:
        sightings = [_with_stored_id(sighting, unified.ids) for sighting in sightings]
    fetched, counts = _by_paper(sightings), _counts_by_listing(sightings)
    renamed = set(unified.renamed.values())
    for taken in _take_out(library, unified.renamed):
        key = taken.entry.paper.id
        fetched[key] = merge(fetched[key], taken.entry)
        for listing, counted in taken.counts.items():
            counts[listing] = merge_observations(counts.get(listing, ()) + counted)
    starred = starred_entries(library, fetched)
    stored, changed = _merge_stored(library, fetched)
    new = {
        key: entry
        for key, entry in fetched.items()
        if key not in stored and not (_is_only_revised(entry) and key not in renamed)
    }
    _store_index(library, _store_new(library, new))
    briefs = (_brief(entry, *stored[key]) for key, entry in fetched.items() if key in stored)
    _store_briefs(library, [*briefs, *new.values()], counts)
    if starred:
        record_events(library, starred, max(sighting.seen for sighting in sightings))
    changed = list(dict.fromkeys((*changed, *renamed)))
    return StoreResult(tuple(key for key in new if key not in renamed), tuple(changed), unified.ids)


def rename(library: Library, new_ids: Mapping[str, str]) -> None:
    """Give stored papers other ids, which no paper has; within a transaction."""
    entries: dict[str, Entry] = {}
    counts: dict[tuple[date, str], _Counts] = {}
    for taken in _take_out(library, new_ids):
        entry = taken.entry._replace(listings=merge_listings(taken.entry.listings))
        entries[entry.paper.id] = entry
        counts |= taken.counts
    _store_index(library, _store_new(library, entries))
    _store_briefs(library, entries.values(), counts)


def _take_out(library: Library, renamed: Mapping[str, str]) -> "Iterator[TakenOut]":
    """The stored papers that get another id."""
    if not renamed:  # Nearly always so.
        return
    from papertrack.library.renaming import take_out

    for old, new in renamed.items():
        yield take_out(library, old, new)


def _with_stored_id(sighting: Sighting, ids: Mapping[str, str]) -> Sighting:
    stored_id = ids.get(sighting.paper.id)
    return sighting._replace(paper=sighting.paper._replace(id=stored_id)) if stored_id else sighting


def observe_again(library: Library, source: str, day: date, at: datetime) -> None:
    """Record that the counts of a source's listing are unchanged at the time `at`.

    Otherwise a paper without new upvotes would keep the growth rate of its last change. Must be
    called within a transaction.
    """
    entries = [
        entry
        for entry in library.briefs(day, counted=True)
        if any(listed.source == source for listed in entry.listings)
    ]
    rows = {
        entry.paper.id: entry_rows.to_counts(
            merge_observations((*entry.observations, entry.latest._replace(at=at)))
        )
        for entry in entries
        if entry.latest
    }
    _put_changed(library, table_names.counts_table(day), rows)


def _is_only_revised(entry: Entry) -> bool:
    return bool(entry.listings) and all(listed.kind == "revised" for listed in entry.listings)


def _by_paper(sightings: Iterable[Sighting]) -> dict[str, Entry]:
    """One entry per paper, without the counts of listings, which have tables of their own."""
    entries: dict[str, Entry] = {}
    for sighting in sightings:
        counts = () if sighting.listed else sighting.observations
        paper = _with_venue(sighting.paper)
        entry = from_sighting(sighting._replace(paper=paper, observations=counts))
        earlier = entries.get(entry.paper.id)
        entries[entry.paper.id] = merge(earlier, entry) if earlier else entry
    return entries


def _with_venue(paper: Paper) -> Paper:
    """The paper with the venue that its authors state, unless its source names one.

    Extracted before storing, as it takes 0.2 ms and would slow down each command.
    """
    if paper.venue or not (paper.journal_ref or paper.comment):
        return paper
    from papertrack.venues import venue_of_comment, venue_of_journal_ref

    venue = venue_of_journal_ref(paper.journal_ref) if paper.journal_ref else None
    if venue is None and paper.comment:
        venue = venue_of_comment(paper.comment)
    return paper._replace(venue=venue) if venue else paper


def _counts_by_listing(sightings: Iterable[Sighting]) -> dict[tuple[date, str], _Counts]:
    """The observations of each paper by listing day and id."""
    counts: dict[tuple[date, str], _Counts] = {}
    for sighting in sightings:
        if sighting.listed and sighting.observations:
            key = (sighting.listed.day, sighting.paper.id)
            counts[key] = merge_observations(counts.get(key, ()) + sighting.observations)
    return counts


def _brief(entry: Entry, before: Entry, after: Entry) -> Entry:
    """A fetched entry as its briefs show it, given the stored paper before and after the merge.

    The text is that of all sources together. Includes earlier listings whose kind changed: a day on
    which the paper seemed new may turn out to be a later one.
    """
    kinds = {(listed.source, listed.day): listed.kind for listed in before.listings}
    merged = {(listed.source, listed.day): listed for listed in after.listings}
    fetched = [
        listed._replace(kind=merged[listed.source, listed.day].kind) for listed in entry.listings
    ]
    changed = [
        listed for key, listed in merged.items() if kinds.get(key, listed.kind) != listed.kind
    ]
    return entry._replace(
        paper=after.paper,
        first_seen=after.first_seen,
        listings=_without_duplicates(fetched + changed),
    )


def _without_duplicates(listings: Iterable[PaperListing]) -> tuple[PaperListing, ...]:
    """The first listing of each source and day, which has the fetched rank."""
    first: dict[tuple[str, date], PaperListing] = {}
    for listed in listings:
        first.setdefault((listed.source, listed.day), listed)
    return tuple(first.values())


def _merge_stored(
    library: Library, fetched: Mapping[str, Entry]
) -> tuple[dict[str, tuple[Entry, Entry]], list[str]]:
    """Merge the fetched entries into their stored ones.

    Returns each stored entry before and after by id, and the ids of those that changed.
    """
    merges: dict[str, tuple[Entry, Entry]] = {}
    changed: dict[str, dict[str, Entry]] = {}
    for table, ids in library.locate(fetched).items():
        for before in library.records(table, ids):
            paper_id = before.paper.id
            after = merge(before, fetched[paper_id])
            merges[paper_id] = (before, after)
            if not has_same_content(before, after):
                changed.setdefault(table, {})[paper_id] = after
    # The matches cached for these papers are of their earlier text.
    _remove_cached_matches(
        library, (entry for entries in changed.values() for entry in entries.values())
    )
    for table, entries in changed.items():
        rows = {key: entry_rows.to_record(entry) for key, entry in entries.items()}
        library.database.put(table, rows)
    return merges, [key for entries in changed.values() for key in entries]


def _remove_cached_matches(library: Library, changed: Iterable[Entry]) -> None:
    ids_by_day: dict[date, set[str]] = {}
    for entry in changed:
        for listed in entry.listings:
            ids_by_day.setdefault(listed.day, set()).add(entry.paper.id)
    for day, paper_ids in ids_by_day.items():
        library.database.remove(table_names.matches_table(day), paper_ids)


def _store_new(library: Library, new: Mapping[str, Entry]) -> dict[str, list[str]]:
    """Store each new paper in a table of its first day that has room; returns the ids by table.

    A paper that a crash left in a table without indexing it is replaced there.
    """
    by_day: dict[date, list[Entry]] = {}
    for entry in new.values():
        day = min((listed.day for listed in entry.listings), default=entry.first_seen.date())
        by_day.setdefault(day, []).append(entry)
    ids_by_table: dict[str, list[str]] = {}
    for day, entries in by_day.items():
        number, remaining = 0, entries
        while remaining:
            table = table_names.papers_table(day, number)
            stored = {key for key, _ in library.database.rows(table)}
            room = max(0, table_names.TABLE_SIZE - len(stored))
            not_stored = [entry for entry in remaining if entry.paper.id not in stored]
            batch = [entry for entry in remaining if entry.paper.id in stored] + not_stored[:room]
            rows = {entry.paper.id: entry_rows.to_record(entry) for entry in batch}
            library.database.put(table, rows)
            ids_by_table[table] = list(rows)
            number, remaining = number + 1, not_stored[room:]
    return ids_by_table


def _store_briefs(
    library: Library, fetched: Iterable[Entry], counts: Mapping[tuple[date, str], _Counts]
) -> None:
    by_day: dict[date, list[Entry]] = {}
    for entry in fetched:
        for day in {listed.day for listed in entry.listings}:
            observations = counts.get((day, entry.paper.id), ())
            by_day.setdefault(day, []).append(entry._replace(observations=observations))
    for day, entries in by_day.items():
        stored = {brief.paper.id: brief for brief in library.briefs(day)}
        merged = [_merge_brief(stored.get(entry.paper.id), entry) for entry in entries]
        _put_changed(
            library,
            table_names.listings_table(day),
            {entry.paper.id: entry_rows.to_brief(entry, day) for entry in merged},
        )
        _put_changed(
            library,
            table_names.counts_table(day),
            {entry.paper.id: entry_rows.to_counts(entry.observations) for entry in merged},
        )


def _merge_brief(stored: Entry | None, fetched: Entry) -> Entry:
    return entry_rows.merge_briefs(stored, fetched) if stored else fetched


def _put_changed(library: Library, table: str, rows: Mapping[str, entry_rows.Row]) -> None:
    stored = dict(library.database.rows(table))
    changed = {key: row for key, row in rows.items() if row and row != stored.get(key)}
    library.database.put(table, changed)


def _store_index(library: Library, ids_by_table: Mapping[str, Iterable[str]]) -> None:
    """Add papers to the index, given the ids that were added to each papers table."""
    by_index: dict[str, dict[str, set[str]]] = {}
    for table, paper_ids in ids_by_table.items():
        for paper_id in paper_ids:
            index = f"{table_names.INDEX}.{table_names.shard(paper_id)}"
            by_index.setdefault(index, {}).setdefault(table, set()).add(paper_id)
    for index, tables in by_index.items():
        stored = dict(library.database.rows(index))
        library.database.put(
            index,
            {
                table: {"ids": sorted(ids.union(stored[table]["ids"] if table in stored else ()))}
                for table, ids in tables.items()
            },
        )

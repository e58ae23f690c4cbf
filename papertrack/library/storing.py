"""Storing what sources showed: each paper merged with what is known of it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from papertrack.library import entry_rows, table_names
from papertrack.library.library import Library
from papertrack.merge import from_sighting, has_same_content, merge, merge_observations
from papertrack.models import Entry, Listed, Observation, Sighting

_Counts = tuple[Observation, ...]


class StoreResult(NamedTuple):
    """What storing changed: ids that are new, and known ones of which something new was said."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def store(library: Library, sightings: Iterable[Sighting]) -> StoreResult:
    """Merge sightings into the library; within a transaction. A paper that is only known by its
    revision is not stored: it would look like a new one.

    Papers are written before the index that says where they are, and that before the listings
    that name them, so that a crash between two files leaves nothing that points to nowhere.
    """
    sightings = list(sightings)
    seen = _by_paper(sightings)
    known, changed = _merge_known(library, seen)
    unknown = {key: entry for key, entry in seen.items() if key not in known}
    new = {key: entry for key, entry in unknown.items() if not _is_only_revised(entry)}
    _store_index(library, _place_new(library, new))
    told = (_as_known(entry, *known[key]) for key, entry in seen.items() if key in known)
    _store_briefs(library, [*told, *new.values()], _by_listing(sightings))
    return StoreResult(tuple(new), tuple(changed))


def observe_again(library: Library, source: str, day: date, at: datetime) -> None:
    """Note that the counts of a source's listing are at `at` what they were; within a transaction.
    Without it a paper that gains nothing would keep the gain of its last change.
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
    return bool(entry.listings) and all(one.kind == "revised" for one in entry.listings)


def _by_paper(sightings: Iterable[Sighting]) -> dict[str, Entry]:
    """What was seen of each paper; the counts of listings have tables of their own."""
    seen: dict[str, Entry] = {}
    for sighting in sightings:
        entry = from_sighting(sighting._replace(observations=()) if sighting.listed else sighting)
        known = seen.get(entry.paper.id)
        seen[entry.paper.id] = merge(known, entry) if known else entry
    return seen


def _by_listing(sightings: Iterable[Sighting]) -> dict[tuple[date, str], _Counts]:
    """What was observed of each paper in the listing of each day."""
    observed: dict[tuple[date, str], _Counts] = {}
    for one in sightings:
        if one.listed and one.observations:
            key = (one.listed.day, one.paper.id)
            observed[key] = merge_observations(observed.get(key, ()) + one.observations)
    return observed


def _as_known(entry: Entry, before: Entry, after: Entry) -> Entry:
    """What was seen in the words that all sources together have for it, and what it makes of the
    listings that were known: a day on which the paper seemed new may turn out to be a later one.
    """
    kinds = {(one.source, one.day): one.kind for one in before.listings}
    told = {(one.source, one.day): one for one in after.listings}
    seen = [one._replace(kind=told[one.source, one.day].kind) for one in entry.listings]
    turned = [one for key, one in told.items() if kinds.get(key, one.kind) != one.kind]
    return entry._replace(
        paper=after.paper, first_seen=after.first_seen, listings=_without_repetition(seen + turned)
    )


def _without_repetition(listings: Iterable[Listed]) -> tuple[Listed, ...]:
    """Each source's day once, with the rank that was seen."""
    first: dict[tuple[str, date], Listed] = {}
    for one in listings:
        first.setdefault((one.source, one.day), one)
    return tuple(first.values())


def _merge_known(
    library: Library, seen: Mapping[str, Entry]
) -> tuple[dict[str, tuple[Entry, Entry]], list[str]]:
    """Merge what was seen of stored papers: all of these before and after, and which changed."""
    known: dict[str, tuple[Entry, Entry]] = {}
    changed: dict[str, dict[str, Entry]] = {}
    for table, here in library.locate(seen).items():
        for stored in library.records(table, here):
            paper_id = stored.paper.id
            merged = merge(stored, seen[paper_id])
            known[paper_id] = (stored, merged)
            if not has_same_content(stored, merged):
                changed.setdefault(table, {})[paper_id] = merged
    # What they matched, they matched as they were.
    _forget_matches(library, (one for entries in changed.values() for one in entries.values()))
    for table, entries in changed.items():
        rows = {key: entry_rows.to_record(entry) for key, entry in entries.items()}
        library.database.put(table, rows)
    return known, [key for entries in changed.values() for key in entries]


def _forget_matches(library: Library, changed: Iterable[Entry]) -> None:
    by_day: dict[date, set[str]] = {}
    for entry in changed:
        for listed in entry.listings:
            by_day.setdefault(listed.day, set()).add(entry.paper.id)
    for day, paper_ids in by_day.items():
        library.database.remove(table_names.matches_table(day), paper_ids)


def _place_new(library: Library, new: Mapping[str, Entry]) -> dict[str, list[str]]:
    """Put each new paper into a table of its home day that has room; which ids went where.

    One that a crash left there without an index takes its own place.
    """
    by_day: dict[date, list[Entry]] = {}
    for entry in new.values():
        home = min((one.day for one in entry.listings), default=entry.first_seen.date())
        by_day.setdefault(home, []).append(entry)
    added: dict[str, list[str]] = {}
    for day, entries in by_day.items():
        number, waiting = 0, entries
        while waiting:
            table = table_names.papers_table(day, number)
            stored = {key for key, _ in library.database.rows(table)}
            room = max(0, table_names.TABLE_SIZE - len(stored))
            strangers = [entry for entry in waiting if entry.paper.id not in stored]
            here = [entry for entry in waiting if entry.paper.id in stored] + strangers[:room]
            library.database.put(table, {one.paper.id: entry_rows.to_record(one) for one in here})
            added[table] = [one.paper.id for one in here]
            number, waiting = number + 1, strangers[room:]
    return added


def _store_briefs(
    library: Library, seen: Iterable[Entry], observed: Mapping[tuple[date, str], _Counts]
) -> None:
    by_day: dict[date, list[Entry]] = {}
    for entry in seen:
        for day in {listed.day for listed in entry.listings}:
            counts = observed.get((day, entry.paper.id), ())
            by_day.setdefault(day, []).append(entry._replace(observations=counts))
    for day, entries in by_day.items():
        known = {brief.paper.id: brief for brief in library.briefs(day)}
        merged = [_merge_brief(known.get(entry.paper.id), entry) for entry in entries]
        _put_changed(
            library,
            table_names.listings_table(day),
            {entry.paper.id: entry_rows.to_brief(entry, day) for entry in merged},
        )
        _put_changed(
            library,
            table_names.counts_table(day),
            {one.paper.id: entry_rows.to_counts(one.observations) for one in merged},
        )


def _merge_brief(known: Entry | None, entry: Entry) -> Entry:
    return entry_rows.merge_briefs(known, entry) if known else entry


def _put_changed(library: Library, table: str, rows: Mapping[str, entry_rows.Row]) -> None:
    known = dict(library.database.rows(table))
    changed = {key: row for key, row in rows.items() if row and row != known.get(key)}
    library.database.put(table, changed)


def _store_index(library: Library, added: Mapping[str, Iterable[str]]) -> None:
    by_index: dict[str, dict[str, set[str]]] = {}
    for table, paper_ids in added.items():
        for paper_id in paper_ids:
            index = f"{table_names.INDEX}.{table_names.shard(paper_id)}"
            by_index.setdefault(index, {}).setdefault(table, set()).add(paper_id)
    for index, tables in by_index.items():
        known = dict(library.database.rows(index))
        library.database.put(
            index,
            {
                table: {"ids": sorted(ids.union(known[table]["ids"] if table in known else ()))}
                for table, ids in tables.items()
            },
        )

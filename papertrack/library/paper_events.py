"""What happened to starred papers, and what was known of them: `events.…` and `reading.starred`.

Events are stored in the transaction that stores the papers, so that a killed run neither loses nor
repeats any.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Literal

from papertrack.calendar import format_moment, json_value, parse_moment
from papertrack.errors import LibraryBusy, LibraryError
from papertrack.following import Followed, events_between, follow, updated
from papertrack.library import table_names
from papertrack.library.library import Library, rejecting_foreign_rows
from papertrack.library.row_values import lines, optional_count, text, texts
from papertrack.library.row_values import paper_id as row_id
from papertrack.models import Entry, PaperEvent, TextChange

_FIRST_DAYS = timedelta(days=7)  # whose events are shown to a reader who never looked
_LOOK = "look"
# The fields whose changes are stored; any other value is damage.
_CHANGED_FIELDS: Mapping[str, Literal["title", "abstract"]] = {
    "title": "title",
    "abstract": "abstract",
}


def starred_entries(library: Library, paper_ids: Iterable[str]) -> dict[str, Entry]:
    """The entries of those of these papers that are starred."""
    starred = library.starred(paper_ids)
    return library.entries(starred) if starred else {}


def follow_starred(
    library: Library, paper_ids: Iterable[str], before: Iterable[str], at: datetime
) -> None:
    """Store what is known of those of these papers that are starred and were not `before`.

    Must be called within a transaction.
    """
    # Sorted, so that the order of rows does not depend on that of a set, which varies by process.
    starred = sorted(set(library.starred(paper_ids)).difference(before))
    if not starred:
        return
    known = load_followed(library)
    followed = {key: follow(entry, at) for key, entry in library.entries(starred).items()}
    for key in followed.keys() & known.keys():
        followed[key] = followed[key]._replace(checked=known[key].checked)
    _put_followed(library, followed)


def record_events(library: Library, before: Mapping[str, Entry], at: datetime) -> None:
    """Store what happened to starred papers since they were as in `before`; in a transaction."""
    known, changed = load_followed(library), {}
    events: list[PaperEvent] = []
    for key, after in library.entries(before).items():
        followed = known.get(key) or Followed(at, upvotes=follow(before[key], at).upvotes)
        of_paper = tuple(events_between(before[key], after, followed, at))
        new = updated(after, followed, of_paper)
        if new != known.get(key):
            changed[key] = new
        events += of_paper
    _put_followed(library, changed)
    rows = {f"{format_moment(at)}\t{e.paper_id}\t{e.event}": _from_event(e) for e in events}
    library.database.put(f"{table_names.EVENTS}.{at:%Y-%m}", rows)


def load_events(library: Library, since: datetime | None = None) -> list[PaperEvent]:
    """The stored events, oldest first; with `since`, those after that time."""
    events = []
    for table in library.tables_of_kind(table_names.EVENTS):
        if since and table < f"{table_names.EVENTS}.{since:%Y-%m}":
            continue
        with rejecting_foreign_rows(table):
            events += [parse_event_row(key, row) for key, row in library.database.rows(table)]
    recent = [event for event in events if since is None or event.at > since]
    return sorted(recent, key=lambda event: event.at)


def load_unseen_events(library: Library, now: datetime) -> list[PaperEvent]:
    """The events since the reader last looked on an earlier day, so that a day shows the same."""
    if not library.tables_of_kind(table_names.EVENTS):
        return []
    last = _last_looks(library)
    return load_events(library, _before_today(last, now) or now - _FIRST_DAYS)


def save_look(library: Library, now: datetime) -> None:
    """Store that the reader has seen all events until now.

    Does nothing without events, while another process writes, or if the library cannot be written.
    """
    if not library.tables_of_kind(table_names.EVENTS):
        return
    with suppress(LibraryBusy, LibraryError), library.transaction(timeout=0):
        before = _before_today(_last_looks(library), now)
        row = {"at": format_moment(now), "before": json_value(before)}
        library.database.put(table_names.LOOKED, {_LOOK: row})


def load_followed(library: Library) -> dict[str, Followed]:
    """What is known of each starred paper, by id."""
    table = table_names.FOLLOWED
    with rejecting_foreign_rows(table):
        return {key: parse_followed(row) for key, row in library.database.rows(table)}


def save_checked(library: Library, paper_ids: Iterable[str], source: str, at: datetime) -> None:
    """Store that a source was asked for these papers."""
    with library.transaction():
        known, changed = load_followed(library), {}
        for key in paper_ids:
            followed = known.get(key) or Followed(at)
            checked = dict(followed.checked) | {source: at}
            changed[key] = followed._replace(checked=tuple(sorted(checked.items())))
        _put_followed(library, changed)


def rename_in_events(library: Library, old: str, new: str) -> None:
    """Give the events of a paper, and what is known of it, its new id; within a transaction."""
    database = library.database
    for table in library.tables_of_kind(table_names.EVENTS):
        rows = {}
        with rejecting_foreign_rows(table):
            for key, row in database.rows(table):
                at, paper_id, event = key.split("\t")
                if paper_id == old:
                    rows[f"{at}\t{new}\t{event}"] = dict(row)
        database.remove(table, [key.replace(f"\t{new}\t", f"\t{old}\t") for key in rows])
        database.put(table, rows)
    if known := database.row(table_names.FOLLOWED, old):
        database.put(table_names.FOLLOWED, {new: dict(known)})
        database.remove(table_names.FOLLOWED, [old])


def parse_event_row(key: str, row: Mapping[str, Any]) -> PaperEvent:
    """Return the event of a row. Raises KeyError, TypeError, ValueError."""
    at, paper_id, event = key.split("\t")
    values = (text(row.get("value", "")), text(row.get("previous", "")))
    changes = tuple(_to_change(*change) for change in row.get("changes", ()))
    return PaperEvent(row_id(paper_id), parse_moment(at), text(event), *values, changes)


def _to_change(field: str, before: Any, after: Any) -> TextChange:
    return TextChange(_CHANGED_FIELDS[field], lines(before) or "", lines(after) or "")


def parse_followed(row: Mapping[str, Any]) -> Followed:
    """Return what is known of a paper by its row. Raises KeyError, TypeError, ValueError."""
    revised = row.get("revised")
    return Followed(
        since=parse_moment(row["since"]),
        sources=texts(row.get("sources", ())),
        upvotes=optional_count(row.get("upvotes")),
        revised=parse_moment(revised) if revised else None,
        checked=tuple(
            (text(name), parse_moment(at)) for name, at in row.get("checked", {}).items()
        ),
    )


def parse_look(row: Mapping[str, Any]) -> tuple[datetime, datetime | None]:
    """Return when the reader last looked, and when last before that day.

    Raises KeyError, TypeError, ValueError.
    """
    return parse_moment(row["at"]), parse_moment(row["before"]) if row["before"] else None


def _last_looks(library: Library) -> tuple[datetime, datetime | None] | None:
    with rejecting_foreign_rows(table_names.LOOKED):
        row = library.database.row(table_names.LOOKED, _LOOK)
        return parse_look(row) if row else None


def _before_today(looks: tuple[datetime, datetime | None] | None, now: datetime) -> datetime | None:
    """When the reader last looked on an earlier day than today, in the reader's own time zone."""
    if looks is None:
        return None
    last, before = looks
    return last if last.astimezone().date() < now.astimezone().date() else before


def _put_followed(library: Library, followed: Mapping[str, Followed]) -> None:
    rows = {
        key: {
            name: value
            for name, value in {
                "since": format_moment(known.since),
                "sources": list(known.sources),
                "upvotes": known.upvotes,
                "revised": json_value(known.revised),
                "checked": {name: format_moment(at) for name, at in known.checked},
            }.items()
            if value not in (None, [], {})
        }
        for key, known in followed.items()
    }
    library.database.put(table_names.FOLLOWED, rows)


def _from_event(event: PaperEvent) -> dict[str, Any]:
    row = {
        "value": event.value,
        "previous": event.previous,
        "changes": [list(change) for change in event.changes],
    }
    return {key: value for key, value in row.items() if value}

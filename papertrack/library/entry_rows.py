"""How entries stand in the library's files: JSON rows, without what is unknown or empty.

Two kinds of row hold papers. A *record* has everything that sources said of a paper. A *brief* is
what one day's listing shows of it. A day's briefs and its *counts*, what was observed of upvotes,
comments and stars over time, answer `today` alone; counts change with every look, briefs hardly.

What is usual is not written: a source that said all of its words at once has one row for them, and
a listing day on which a paper was new has no kind. So rows from before there was either are read.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from papertrack.calendar import format_moment, json_value, parse_moment
from papertrack.merge import merge_listings, merge_observations, view
from papertrack.models import Claim, Entry, Listed, ListingKind, Observation, Paper, State

Row = dict[str, Any]
BRIEF_AUTHORS = 3  # enough to tell one author from two from many
_TOLD = Paper._fields[1:]  # without the id, which is the row's
# Kinds as they are written; another is damage.
_KINDS: Mapping[str | None, ListingKind] = {None: "new", "cross": "cross", "revised": "revised"}


def to_record(entry: Entry) -> Row:
    """The record of an entry. Its observations are those of no listing: what a listing showed
    stands in that day's brief.
    """
    record: Row = {
        "first_seen": format_moment(entry.first_seen),
        "said": _from_tellings(entry.claims),
        "listed": [_from_listed(one) for one in entry.listings],
    }
    if entry.observations:
        record["seen"] = _from_observations(entry.observations)
    return record


def from_record(paper_id: str, record: Mapping[str, Any]) -> Entry:
    """The entry of a record, without the observations that its listing days' briefs hold."""
    tellings = tuple(
        _to_telling(paper_id, source, row)
        for source, said in record["said"].items()
        for row in (said if isinstance(said, list) else (said,))
    )
    return Entry(
        paper=view(tellings),
        first_seen=parse_moment(record["first_seen"]),
        claims=tellings,
        listings=tuple(_to_listed(*row) for row in record["listed"]),
        observations=_to_observations(record.get("seen", ())),
    )


def to_brief(entry: Entry, day: date) -> Row:
    """What the listing of `day` keeps of an entry."""
    paper = entry.paper
    listings = [one for one in entry.listings if one.day == day]
    brief: Row = {
        "title": paper.title,
        "ranks": {one.source: one.rank for one in listings},
        "kinds": {one.source: one.kind for one in listings if one.kind != "new"},
        "first_seen": format_moment(entry.first_seen),
        "authors": list(paper.authors[:BRIEF_AUTHORS]),
        "code": paper.code_url,
        "organization": paper.organization,
        "categories": list(paper.categories),
    }
    return {key: value for key, value in brief.items() if value}


def from_brief(
    paper_id: str, day: date, brief: Mapping[str, Any], seen: tuple[Observation, ...]
) -> Entry:
    """The entry as its listing day alone knows it: a brief paper and no tellings."""
    return Entry(
        paper=Paper(
            id=paper_id,
            title=brief["title"],
            authors=tuple(brief.get("authors", ())),
            categories=tuple(brief.get("categories", ())),
            code_url=brief.get("code"),
            organization=brief.get("organization"),
        ),
        first_seen=parse_moment(brief["first_seen"]),
        listings=from_ranks(day, brief),
        observations=seen,
    )


def from_ranks(day: date, brief: Mapping[str, Any]) -> tuple[Listed, ...]:
    """Which sources listed a brief's paper on its day, at which rank and as what."""
    ranks, kinds = brief.get("ranks", {}), brief.get("kinds", {})
    return tuple(Listed(name, day, ranks[name], _KINDS[kinds.get(name)]) for name in ranks)


def to_counts(observations: tuple[Observation, ...]) -> Row:
    """The row of what was observed of a paper."""
    return {"seen": _from_observations(observations)} if observations else {}


def from_counts(counts: Mapping[str, Any]) -> tuple[Observation, ...]:
    """What was observed of a paper, in time order."""
    return _to_observations(counts.get("seen", ()))


def merge_briefs(known: Entry, seen: Entry) -> Entry:
    """A day's brief after one more look at the listing: the newer text, all ranks and counts. What
    a paper was listed as is taken from the look, which knows of its other days.
    """
    kinds = {(one.source, one.day): one.kind for one in seen.listings}
    listings = merge_listings(known.listings + seen.listings)
    return seen._replace(
        first_seen=min(known.first_seen, seen.first_seen),
        listings=tuple(
            one._replace(kind=kinds.get((one.source, one.day), one.kind)) for one in listings
        ),
        observations=merge_observations(known.observations + seen.observations),
    )


def to_state_row(state: State) -> Row:
    """The row of a reader's state: only what is set."""
    row = state._asdict() | {"tags": list(state.tags)}
    return {key: value for key, value in row.items() if value}


def from_state_row(row: Mapping[str, Any]) -> State:
    """The reader's state of a row."""
    return State(
        starred=bool(row.get("starred")),
        read=bool(row.get("read")),
        hidden=bool(row.get("hidden")),
        tags=tuple(row.get("tags", ())),
        note=row.get("note"),
    )


def _from_listed(listed: Listed) -> list[str]:
    row = [listed.source, listed.day.isoformat()]
    return row if listed.kind == "new" else [*row, listed.kind]


def _to_listed(source: str, day: str, kind: str | None = None) -> Listed:
    return Listed(source, date.fromisoformat(day), None, _KINDS[kind])


def _from_tellings(tellings: tuple[Claim, ...]) -> dict[str, Row | list[Row]]:
    rows: dict[str, list[Row]] = {}
    for telling in tellings:
        rows.setdefault(telling.source, []).append(_from_telling(telling))
    return {source: said if len(said) > 1 else said[0] for source, said in rows.items()}


def _from_telling(telling: Claim) -> Row:
    told = zip(_TOLD, telling.paper[1:], strict=True)
    said = {field: json_value(value) for field, value in told if value}
    return said | {"at": format_moment(telling.at)}


def _to_telling(paper_id: str, source: str, said: Mapping[str, Any]) -> Claim:
    paper = Paper(
        id=paper_id,
        title=said.get("title", ""),  # which another row of the source may have
        version=said.get("version"),
        abstract=said.get("abstract"),
        authors=tuple(said.get("authors", ())),
        categories=tuple(said.get("categories", ())),
        keywords=tuple(said.get("keywords", ())),
        submitted=_moment(said.get("submitted")),
        announced=date.fromisoformat(said["announced"]) if "announced" in said else None,
        updated=_moment(said.get("updated")),
        code_url=said.get("code_url"),
        project_url=said.get("project_url"),
        organization=said.get("organization"),
        withdrawn=said.get("withdrawn", False),
    )
    return Claim(source, parse_moment(said["at"]), paper)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_moment(text)


def _from_observations(observations: tuple[Observation, ...]) -> list[list[Any]]:
    return [[format_moment(one.at), *one[1:]] for one in observations]


def _to_observations(rows: Any) -> tuple[Observation, ...]:
    return tuple(Observation(parse_moment(at), *counts) for at, *counts in rows)

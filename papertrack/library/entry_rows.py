"""The rows of entries: JSON without unknown or empty values.

Two kinds of row hold papers. A *record* has everything that sources claim about a paper. A *brief*
has what a day's listing shows of it. `today` reads only a day's briefs and its *counts*, the
observed upvotes, comments and stars over time. Counts change with each fetch, briefs rarely.

Usual values are not written: a source with a single claim has one row instead of a list, and a
listing on which a paper was new has no kind. Rows of older versions, without kinds, read the same.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from papertrack import facts
from papertrack.calendar import format_moment, json_value, parse_moment
from papertrack.library.row_values import (
    count,
    flag,
    lines,
    link,
    optional_count,
    optional_moment,
    optional_text,
    paper_id,
    text,
    texts,
)
from papertrack.merge import merge_listings, merge_observations, view
from papertrack.models import Claim, Entry, ListingKind, Observation, Paper, PaperListing, State

Row = dict[str, Any]
BRIEF_AUTHORS = 3  # enough to distinguish one, two and more authors
_CLAIM_FIELDS = Paper._fields[1:]  # without the id, which is the row's key
_FROM_ROW: Mapping[str, Callable[[Any], Any]] = {
    "title": text,
    "version": optional_count,
    "abstract": lines,
    "authors": texts,
    "categories": texts,
    "keywords": texts,
    "submitted": optional_moment,
    "announced": date.fromisoformat,
    "updated": optional_moment,
    "code_url": link,
    "project_url": link,
    "organization": optional_text,
    "withdrawn": flag,
    "comment": optional_text,
    "journal_ref": optional_text,
    "doi": optional_text,
    "venue": optional_text,
    "tldr": optional_text,
}
_CACHED_LISTINGS = 4096
# The kinds as they are stored; any other value is damage.
_KINDS: Mapping[str | None, ListingKind] = {None: "new", "cross": "cross", "revised": "revised"}


def to_record(entry: Entry) -> Row:
    """Return the record of an entry, without the ranks and counts of listings.

    Those are stored in the brief and the counts of each listing day.
    """
    record: Row = {
        "first_seen": format_moment(entry.first_seen),
        "said": _from_claims(entry.claims),
        "listed": [_from_listed(listed) for listed in entry.listings],
    }
    if entry.observations:
        record["seen"] = _from_observations(entry.observations)
    return record


def from_record(key: str, record: Mapping[str, Any]) -> Entry:
    """Return the entry of a record, without the ranks and counts of listings.

    Raises LookupError, TypeError, ValueError or AttributeError if papertrack did not write it, as
    all functions that read rows.
    """
    paper_id(key)
    claims = tuple(
        to_claim(key, text(source), row)
        for source, rows in record["said"].items()
        for row in (rows if isinstance(rows, list) else (rows,))
    )
    return Entry(
        paper=view(claims),
        first_seen=parse_moment(record["first_seen"]),
        claims=claims,
        listings=tuple(to_listing(*row) for row in record["listed"]),
        observations=to_observations(record.get("seen", ())),
    )


def to_brief(entry: Entry, day: date) -> Row:
    """Return the brief of an entry for its listing on `day`."""
    paper = entry.paper
    listings = [listed for listed in entry.listings if listed.day == day]
    brief: Row = {
        "title": paper.title,
        "ranks": {listed.source: listed.rank for listed in listings},
        "kinds": {listed.source: listed.kind for listed in listings if listed.kind != "new"},
        "first_seen": format_moment(entry.first_seen),
        "authors": list(paper.authors[:BRIEF_AUTHORS]),
        "code": facts.code(paper).url,
        "organization": paper.organization,
        "categories": list(paper.categories),
    }
    return {key: value for key, value in brief.items() if value}


def from_brief(
    key: str, day: date, brief: Mapping[str, Any], observations: tuple[Observation, ...]
) -> Entry:
    """Return the entry of a brief: the paper has only the brief's fields, and no claims."""
    return Entry(
        paper=Paper(
            id=paper_id(key),
            title=text(brief["title"]),
            authors=texts(brief.get("authors", ())),
            categories=texts(brief.get("categories", ())),
            code_url=link(brief.get("code")),
            organization=optional_text(brief.get("organization")),
        ),
        first_seen=parse_moment(brief["first_seen"]),
        listings=from_ranks(day, brief),
        observations=observations,
    )


def from_ranks(day: date, brief: Mapping[str, Any]) -> tuple[PaperListing, ...]:
    """Return the listings of a brief: the source, rank and kind of each."""
    ranks, kinds = brief.get("ranks", {}), brief.get("kinds", {})
    return to_ranks(day, {name: optional_count(ranks[name]) for name in ranks}, kinds)


def to_ranks(
    day: date, ranks: Mapping[str, int | None], kinds: Mapping[str, str]
) -> tuple[PaperListing, ...]:
    """Return the listings of the ranks of sources, with kinds where these are not "new"."""
    return tuple([_ranked(name, day, rank, kinds.get(name)) for name, rank in ranks.items()])


def to_counts(observations: tuple[Observation, ...]) -> Row:
    """Return the row of a paper's observations, empty if there are none."""
    return {"seen": _from_observations(observations)} if observations else {}


def from_counts(counts: Mapping[str, Any]) -> tuple[Observation, ...]:
    """Return the observations of a row, in time order."""
    return to_observations(counts.get("seen", ()))


def latest_upvotes(counts: Mapping[str, Any]) -> tuple[datetime, int] | None:
    """Return the last known upvotes of a row of counts, and when they were observed."""
    for at, upvotes, *_ in reversed(counts.get("seen", ())):
        if upvotes is not None:
            return parse_moment(at), count(upvotes)
    return None


def merge_briefs(stored: Entry, fetched: Entry) -> Entry:
    """Merge a newly fetched brief of a listing into the stored one of the same day.

    The text is that of the newer one, ranks and counts are joined. Listing kinds are those of the
    newer one, since they were computed with the paper's other listing days.
    """
    kinds = {(listed.source, listed.day): listed.kind for listed in fetched.listings}
    listings = merge_listings(stored.listings + fetched.listings)
    return fetched._replace(
        first_seen=min(stored.first_seen, fetched.first_seen),
        listings=tuple(
            listed._replace(kind=kinds.get((listed.source, listed.day), listed.kind))
            for listed in listings
        ),
        observations=merge_observations(stored.observations + fetched.observations),
    )


def to_state_row(state: State) -> Row:
    """Return the row of a reader's state, empty if nothing is set."""
    row = state._asdict() | {"tags": list(state.tags)}
    return {key: value for key, value in row.items() if value}


def from_state_row(row: Mapping[str, Any]) -> State:
    """Return the reader's state of a row."""
    return State(
        starred=flag(row.get("starred", False)),
        read=flag(row.get("read", False)),
        hidden=flag(row.get("hidden", False)),
        tags=texts(row.get("tags", ())),
        note=lines(row.get("note")),
    )


def _from_listed(listed: PaperListing) -> list[str]:
    row = [listed.source, listed.day.isoformat()]
    return row if listed.kind == "new" else [*row, listed.kind]


# A library repeats few listings many times: each day's has many papers, most without a rank.
@lru_cache(_CACHED_LISTINGS)
def to_listing(source: str, day: str, kind: str | None = None) -> PaperListing:
    """Return the listing of a record, without its rank."""
    return _ranked(source, date.fromisoformat(day), None, kind)


@lru_cache(_CACHED_LISTINGS)
def _ranked(source: str, day: date, rank: int | None, kind: str | None) -> PaperListing:
    return PaperListing(text(source), day, rank, _KINDS[kind])


def _from_claims(claims: tuple[Claim, ...]) -> dict[str, Row | list[Row]]:
    by_source: dict[str, list[Row]] = {}
    for claim in claims:
        by_source.setdefault(claim.source, []).append(_from_claim(claim))
    return {source: rows if len(rows) > 1 else rows[0] for source, rows in by_source.items()}


def _from_claim(claim: Claim) -> Row:
    fields = zip(_CLAIM_FIELDS, claim.paper[1:], strict=True)
    row = {field: json_value(value) for field, value in fields if value}
    return row | {"at": format_moment(claim.at)}


def to_claim(key: str, source: str, row: Mapping[str, Any]) -> Claim:
    """Return the claim of a source from its row in a record."""
    # The title may be in another row of the same source.
    fields = {"title": ""} | {
        name: _FROM_ROW[name](value) for name, value in row.items() if name in _FROM_ROW
    }
    return Claim(source, parse_moment(row["at"]), Paper(id=key, **fields))


def _from_observations(observations: tuple[Observation, ...]) -> list[list[Any]]:
    return [[format_moment(observation.at), *observation[1:]] for observation in observations]


def to_observations(rows: Any) -> tuple[Observation, ...]:
    """Return the observations of a list of lists, in the same order."""
    return tuple(
        Observation(parse_moment(at), *map(optional_count, counts)) for at, *counts in rows
    )

"""The JSON fields of a paper, for output, templates and channels."""

from datetime import datetime
from typing import Any

from papertrack import facts
from papertrack.calendar import format_day, format_moment
from papertrack.identifiers import pdf_url
from papertrack.merge import provenance
from papertrack.models import (
    Entry,
    Match,
    Observation,
    PaperEvent,
    PaperListing,
    Reasons,
    Related,
    State,
)

_NOT_COUNTED = (None, None, None)  # upvotes, comments and stars


def paper(entry: Entry) -> dict[str, Any]:
    """The fields of an entry, ready for JSON: all keys are present, unknown values are None."""
    paper, latest = entry.paper, entry.latest
    upvotes, comments, stars = latest[1:] if latest else _NOT_COUNTED
    sources, code = provenance(entry.claims), facts.code(paper)
    listed = {source: format_day(day) for source, day in entry.first_days.items()}
    result: dict[str, Any] = {
        "id": paper.id,
        "version": paper.version,
        "title": paper.title,
        "authors": list(paper.authors),
        "abstract": paper.abstract,
        "categories": list(paper.categories),
        "keywords": list(paper.keywords),
        "submitted": _moment(paper.submitted),
        "announced": format_day(paper.announced) if paper.announced else listed.get("arxiv"),
        "listed": listed,
        "updated": _moment(paper.updated),
        "first_seen": _moment(entry.first_seen),
        "upvotes": upvotes,
        "upvotes_gained": entry.gained,
        "comments": comments,
        "code_url": code.url,
        "code_source": sources.get("code_url") or code.named_in,
        "code_stars": stars,
        "project_url": paper.project_url,
        "url": facts.page_url(entry),
        "pdf_url": pdf_url(paper.id),
        "organization": paper.organization,
        "comment": paper.comment,
        "journal_ref": paper.journal_ref,
        "doi": facts.doi(paper),
        "venue": paper.venue,
        "tldr": paper.tldr and {"text": paper.tldr, "source": sources.get("tldr")},
        "sources": list(entry.sources),
        "topics": [_topic(match) for match in entry.matches],
        "score": entry.score,
        "state": _state(entry.state),
        "section": entry.section,
        "context": entry.context,
        "related": [_topic(related) for related in entry.related],
        "reasons": entry.reasons and reasons(entry.reasons),
        "withdrawn": paper.withdrawn,
        "revised": _revised(entry),
        "provenance": sources,
        "listings": list(map(_listing, entry.listings)),
        "observations": list(map(_observation, entry.observations)),
    }
    _add_exceptional(entry, result)
    return result


def _add_exceptional(entry: Entry, result: dict[str, Any]) -> None:
    """Add the fields that few papers have."""
    if entry.rank_before:
        result["rank_before"] = entry.rank_before
    if entry.events:
        result["events"] = [event_fields(event) for event in entry.events]
    if entry.sample:
        result["sample"] = entry.sample
    if entry.ranks:
        result["ranks"] = [rank._asdict() | {"at": _moment(rank.at)} for rank in entry.ranks]


def event_fields(event: PaperEvent) -> dict[str, Any]:
    """The fields of an event of a starred paper, ready for JSON; `id` is that of the paper."""
    return {
        "id": event.paper_id,
        "at": _moment(event.at),
        "event": event.event,
        "value": event.value or None,
        "previous": event.previous or None,
        "changes": [change._asdict() for change in event.changes],
    }


def _revised(entry: Entry) -> str | None:
    days = [listed.day for listed in entry.listings if listed.kind == "revised"]
    return format_day(max(days)) if days else None


# Written out for speed: a library has many of them.
def _listing(listed: PaperListing) -> dict[str, Any]:
    source, day, rank, kind = listed
    return {"source": source, "day": format_day(day), "rank": rank, "kind": kind}


def _observation(observation: Observation) -> dict[str, Any]:
    at, upvotes, comments, stars = observation
    return {"at": format_moment(at), "upvotes": upvotes, "comments": comments, "stars": stars}


def _state(state: State) -> dict[str, Any]:
    starred, read, hidden, tags, note = state
    return {"starred": starred, "read": read, "hidden": hidden, "tags": list(tags), "note": note}


def _topic(match: Match | Related) -> dict[str, Any]:
    fields: dict[str, Any] = match._asdict()
    return {"name": fields.pop("topic"), **fields}


def reasons(value: Reasons) -> dict[str, list[str]]:
    """The fields of the reasons of a recommendation."""
    return {name: list(values) for name, values in value._asdict().items()}


def _moment(value: datetime | None) -> str | None:
    return None if value is None else format_moment(value)

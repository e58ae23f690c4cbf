"""The JSON fields of a paper, for output, templates and channels."""

from datetime import date, datetime
from typing import Any

from papertrack import facts
from papertrack.calendar import format_moment
from papertrack.identifiers import abstract_url, pdf_url
from papertrack.merge import provenance
from papertrack.models import Entry, Match, PaperEvent, Reasons, Related


def paper(entry: Entry) -> dict[str, Any]:
    """The fields of an entry, ready for JSON: all keys are present, unknown values are None."""
    paper, latest, state = entry.paper, entry.latest, entry.state
    sources, code = provenance(entry.claims), facts.code(paper)
    result: dict[str, Any] = {
        "id": paper.id,
        "version": paper.version,
        "title": paper.title,
        "authors": list(paper.authors),
        "abstract": paper.abstract,
        "categories": list(paper.categories),
        "keywords": list(paper.keywords),
        "submitted": _moment(paper.submitted),
        "announced": _day(paper.announced or entry.first_listed_by("arxiv")),
        "listed": _first_days(entry),
        "updated": _moment(paper.updated),
        "first_seen": _moment(entry.first_seen),
        "upvotes": latest and latest.upvotes,
        "upvotes_gained": entry.gained,
        "comments": latest and latest.comments,
        "code_url": code.url,
        "code_source": sources.get("code_url") or code.named_in,
        "code_stars": latest and latest.stars,
        "project_url": paper.project_url,
        "url": facts.page_url(entry) or abstract_url(paper.id),
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
        "state": state._asdict() | {"tags": list(state.tags)},
        "section": entry.section,
        "context": entry.context,
        "related": [_topic(related) for related in entry.related],
        "reasons": entry.reasons and reasons(entry.reasons),
        "withdrawn": paper.withdrawn,
        "revised": _day(_revised(entry)),
        "provenance": sources,
        "listings": [listed._asdict() | {"day": _day(listed.day)} for listed in entry.listings],
        "observations": [
            observation._asdict() | {"at": _moment(observation.at)}
            for observation in entry.observations
        ],
    }
    return result | _exceptional(entry)


def _exceptional(entry: Entry) -> dict[str, Any]:
    """The fields that few papers have."""
    fields = {
        "rank_before": entry.rank_before,
        "events": [event_fields(event) for event in entry.events],
        "sample": entry.sample,
        "ranks": [rank._asdict() | {"at": _moment(rank.at)} for rank in entry.ranks],
    }
    return {name: value for name, value in fields.items() if value}


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


def _first_days(entry: Entry) -> dict[str, str | None]:
    """The first listing day of each source that listed the paper, without revisions."""
    sources = (listed.source for listed in entry.listings if listed.kind != "revised")
    return {source: _day(entry.first_listed_by(source)) for source in sources}


def _revised(entry: Entry) -> date | None:
    days = (listed.day for listed in entry.listings if listed.kind == "revised")
    return max(days, default=None)


def _topic(match: Match | Related) -> dict[str, Any]:
    fields: dict[str, Any] = match._asdict()
    return {"name": fields.pop("topic"), **fields}


def reasons(value: Reasons) -> dict[str, list[str]]:
    """The fields of the reasons of a recommendation."""
    return {name: list(values) for name, values in value._asdict().items()}


def _moment(value: datetime | None) -> str | None:
    return None if value is None else format_moment(value)


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()

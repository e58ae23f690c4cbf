"""A paper as scripts, templates and channels see it: the fields of a PAPER in the contract."""

from datetime import date, datetime
from typing import Any

from papertrack import facts
from papertrack.calendar import format_moment
from papertrack.identifiers import abstract_url, pdf_url
from papertrack.merge import provenance
from papertrack.models import Entry


def paper(entry: Entry) -> dict[str, Any]:
    """A PAPER as scripts rely on it: every key is there, null where nothing is known."""
    known, latest, state = entry.paper, entry.latest, entry.state
    result: dict[str, Any] = {
        "id": known.id,
        "version": known.version,
        "title": known.title,
        "authors": list(known.authors),
        "abstract": known.abstract,
        "categories": list(known.categories),
        "keywords": list(known.keywords),
        "submitted": _moment(known.submitted),
        "announced": _day(known.announced or entry.listed("arxiv")),
        "listed": {source: _day(entry.listed(source)) for source in _listing_sources(entry)},
        "updated": _moment(known.updated),
        "first_seen": _moment(entry.first_seen),
        "upvotes": latest and latest.upvotes,
        "upvotes_gained": entry.gained,
        "comments": latest and latest.comments,
        "code_url": known.code_url,
        "code_stars": latest and latest.stars,
        "project_url": known.project_url,
        "url": facts.page(entry) or abstract_url(known.id),
        "pdf_url": pdf_url(known.id),
        "organization": known.organization,
        "sources": list(entry.sources),
        "topics": [_match(one) for one in entry.matches],
        "score": entry.score,
        "state": state._asdict() | {"tags": list(state.tags)},
        "section": entry.section,
        "context": entry.context,
        "related": [_match(one) for one in entry.related],
        "withdrawn": known.withdrawn,
        "revised": _day(_revised(entry)),
        "provenance": provenance(entry.claims),
        "listings": [one._asdict() | {"day": _day(one.day)} for one in entry.listings],
        "observations": [one._asdict() | {"at": _moment(one.at)} for one in entry.observations],
    }
    return result | ({"sample": True} if entry.sample else {})


def _listing_sources(entry: Entry) -> list[str]:
    listed = (one.source for one in entry.listings if one.kind != "revised")
    return list(dict.fromkeys(listed))


def _revised(entry: Entry) -> date | None:
    return max((one.day for one in entry.listings if one.kind == "revised"), default=None)


def _match(match: Any) -> dict[str, Any]:
    fields: dict[str, Any] = match._asdict()
    return {"name": fields.pop("topic"), **fields}


def _moment(value: datetime | None) -> str | None:
    return None if value is None else format_moment(value)


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()

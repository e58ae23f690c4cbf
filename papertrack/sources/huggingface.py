"""Hugging Face Daily Papers: https://huggingface.co/papers and its API, which needs no key.

Shapes and meanings are those of 10,104 recorded entries of 2024-05 to 2026-08 and of Hugging Face's
own OpenAPI document. A key that is absent, null or of another type than expected counts as
unknown; an entry counts only with an arXiv id and a title.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from papertrack.calendar import parse_moment, utc_day
from papertrack.errors import SourceError
from papertrack.identifiers import parse_arxiv
from papertrack.models import Listed, Listing, ListingState, Observation, Paper, Sighting, Skipped
from papertrack.sources import Client, StatusError
from papertrack.sources.links import code_url, web_url
from papertrack.text import clean, shorten

_NAME = "huggingface"
_PAGE_SIZE = 100  # the most the API gives; its own default of 50 cuts long days off
_MOST_PAGES = 20
_MOST_ENTRIES = 10_000  # a page of "1,1,1,…" within the size limit would take gigabytes
_MOST_COUNTED = 10**9
_BAD_REQUEST = 400


class Page(NamedTuple):
    """One page of entries: those that could be used, and those that could not."""

    sightings: tuple[Sighting, ...]
    skipped: tuple[Skipped, ...]

    @property
    def size(self) -> int:
        """How many entries the page had."""
        return len(self.sightings) + len(self.skipped)


class HuggingFace:
    """Daily Papers as listed at `base_url`, by UTC day, most upvoted first."""

    name = _NAME
    title = "Hugging Face Daily Papers"

    def __init__(self, base_url: str) -> None:
        self._url = f"{base_url.rstrip('/')}/api/daily_papers"

    def listing(self, client: Client, day: date, now: datetime) -> Listing:
        """All pages of `day`; "partial" where an entry or a later page is missing.

        Raises SourceError: as Client.get and parse_page for the first page, and of kind "not-yet"
        where the day has not begun for the server.
        """
        pages = [self._page(client, day, now, 0)]
        missing: tuple[Skipped, ...] = ()
        try:
            while pages[-1].size >= _PAGE_SIZE:
                page = self._page(client, day, now, len(pages))
                if _ids(page) <= _ids(*pages):
                    break
                pages.append(page)
        except SourceError as error:
            missing = (Skipped(f"page {len(pages) + 1}", str(error)),)
        sightings = _first_of_each(one for page in pages for one in page.sightings)
        skipped = (*(one for page in pages for one in page.skipped), *missing)
        state: ListingState = "partial" if skipped else "complete" if sightings else "quiet"
        return Listing(self.name, day, state, sightings, skipped)

    def _page(self, client: Client, day: date, now: datetime, number: int) -> Page:
        if number >= _MOST_PAGES:
            raise _error("not-a-listing", f"Hugging Face lists more than {_MOST_PAGES} pages")
        params: dict[str, str | int] = {"date": day.isoformat(), "limit": _PAGE_SIZE, "p": number}
        try:
            body = client.get(self.name, self._url, params)
        except StatusError as error:
            # The server refuses days that its clock has not reached.
            if error.status == _BAD_REQUEST and day >= utc_day(now):
                raise _error("not-yet", f"Hugging Face has not begun {day} yet") from error
            raise
        return parse_page(body, day, now, first_rank=number * _PAGE_SIZE + 1)


def parse_page(body: bytes, day: date | None, now: datetime, first_rank: int = 1) -> Page:
    """The entries of one answer of the API, seen at `now`, ranked by their place from `first_rank`.

    `day` is the day that was asked for; None for a saved page, whose entries are then dated by
    what they say themselves. Raises SourceError of kind "not-json" or "not-a-listing", the latter
    also where half of the entries or more cannot be used.
    """
    entries = [
        _sighting(entry, rank, day, now) for rank, entry in enumerate(_entries(body), first_rank)
    ]
    bad = [one for one in entries if isinstance(one, Skipped)]
    if bad and 2 * len(bad) >= len(entries):
        count = f"{len(bad)} of {len(entries)} entries"
        raise _error("not-a-listing", f"Hugging Face sent {count} without use: {': '.join(bad[0])}")
    seen: set[str] = set()
    once = [_once(one, rank, seen) for rank, one in enumerate(entries, first_rank)]
    return Page(
        tuple(one for one in once if isinstance(one, Sighting)),
        tuple(one for one in once if isinstance(one, Skipped)),
    )


def _entries(body: bytes) -> list[Any]:
    opening = shorten(clean(body[:200].decode(errors="replace")), 60)
    try:
        listing = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _error("not-json", f"Hugging Face sent no JSON but {opening!r}") from error
    if not isinstance(listing, list):
        raise _error("not-a-listing", f"Hugging Face sent no list of papers but {opening!r}")
    if len(listing) > _MOST_ENTRIES:
        raise _error("not-a-listing", f"Hugging Face sent a page of {len(listing):,} entries")
    return listing


def _sighting(entry: Any, rank: int, day: date | None, now: datetime) -> Sighting | Skipped:
    outer = _mapping(entry)
    inner = _mapping(outer.get("paper"))
    named = _text(inner, "id")
    where = f"entry {rank} ({shorten(named, 40)})" if named else f"entry {rank}"
    identifier = parse_arxiv(named)
    if identifier is None:
        return Skipped(where, "no arXiv id")
    title = _text(inner, "title") or _text(outer, "title")
    if not title:
        return Skipped(where, "no title")
    listed = day or _listing_day(inner, outer)
    return Sighting(
        _paper(identifier.id, identifier.version, title, inner, outer),
        _NAME,
        now,
        Listed(_NAME, listed, rank) if listed else None,
        _observations(now, inner, outer),
    )


def _paper(
    paper_id: str, version: int | None, title: str, inner: dict[str, Any], outer: dict[str, Any]
) -> Paper:
    organization = _mapping(inner.get("organization")) or _mapping(outer.get("organization"))
    # Not ai_summary, which is no abstract, nor the outer publishedAt, which is the inner one
    # moved by 4 or 5 hours since March 2025.
    return Paper(
        paper_id,
        title,
        version,
        abstract=_text(inner, "summary") or _text(outer, "summary") or None,
        authors=_authors(inner.get("authors")),
        keywords=_cleaned(inner.get("ai_keywords")),
        submitted=_moment(inner.get("publishedAt")),
        code_url=code_url(inner.get("githubRepo")),
        project_url=web_url(inner.get("projectPage")),
        organization=_text(organization, "fullname") or _text(organization, "name") or None,
    )


def _observations(
    now: datetime, inner: dict[str, Any], outer: dict[str, Any]
) -> tuple[Observation, ...]:
    """The three counts, or nothing where not one is known: that would hide older ones."""
    counts = (inner.get("upvotes"), outer.get("numComments"), inner.get("githubStars"))
    seen = Observation(now, *map(_count, counts))
    return () if seen == Observation(now) else (seen,)


def _listing_day(inner: dict[str, Any], outer: dict[str, Any]) -> date | None:
    """The day that an entry itself says it was listed on, None where it does not.

    Since 2025-03-17 that is submittedOnDailyAt. Before 2025-03-11 the outer publishedAt was the
    moment of submission to Daily Papers, and from 21:00 UTC on counted for the next day: so in
    2,931 of 2,942 recorded entries. In between it lies before the paper's own and says nothing.
    """
    if listed := _moment(inner.get("submittedOnDailyAt")):
        return utc_day(listed)
    sent, submitted = _moment(outer.get("publishedAt")), _moment(inner.get("publishedAt"))
    if sent and submitted and sent > submitted:
        return utc_day(sent + timedelta(hours=3))
    return None


def _once(one: Sighting | Skipped, rank: int, seen: set[str]) -> Sighting | Skipped:
    if isinstance(one, Skipped):
        return one
    if one.paper.id in seen:
        return Skipped(f"entry {rank} ({one.paper.id})", "listed twice")
    seen.add(one.paper.id)
    return one


def _first_of_each(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Without the papers that slid from one page to the next while they were asked for."""
    first: dict[str, Sighting] = {}
    for one in sightings:
        first.setdefault(one.paper.id, one)
    return tuple(first.values())


def _ids(*pages: Page) -> set[str]:
    return {one.paper.id for page in pages for one in page.sightings}


def _authors(value: Any) -> tuple[str, ...]:
    """Names as the site shows them: those it hides are left out."""
    people = [_mapping(one) for one in value] if isinstance(value, list) else []
    return _cleaned([one.get("name") for one in people if one.get("hidden") is not True])


def _cleaned(value: Any) -> tuple[str, ...]:
    """The texts of a list, each once."""
    texts = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    return tuple(dict.fromkeys(filter(None, map(clean, texts))))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(mapping: dict[str, Any], key: str) -> str:
    value = mapping.get(key)
    return clean(value) if isinstance(value, str) else ""


def _count(value: Any) -> int | None:
    # Not isinstance: to that, true is an int.
    return value if type(value) is int and 0 <= value <= _MOST_COUNTED else None


def _moment(value: Any) -> datetime | None:
    try:
        return parse_moment(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _error(kind: str, message: str) -> SourceError:
    return SourceError(_NAME, kind, message)

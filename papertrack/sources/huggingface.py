"""Hugging Face Daily Papers: https://huggingface.co/papers and its API, which needs no key.

The format is that of 10,104 recorded entries of 2024-05 to 2026-08 and of Hugging Face's own
OpenAPI document. A key that is absent, null or of an unexpected type counts as unknown; an entry
without an arXiv id or a title is skipped.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from papertrack.calendar import utc_day
from papertrack.identifiers import is_arxiv, parse_arxiv
from papertrack.models import Listing, Observation, Paper, PaperListing, Sighting, Skipped
from papertrack.people import author_names
from papertrack.source_registry import short_title
from papertrack.sources import Client, HttpResponse, ListingRequest, Source, StatusError
from papertrack.sources.links import code_url, web_url
from papertrack.sources.pages import (
    JsonService,
    Page,
    fetch_pages,
    listing_of,
    mapping,
    page_of,
    paper_ids,
    text_of,
)
from papertrack.text import clean, shorten

if TYPE_CHECKING:
    from papertrack.config.location import ValueType

_NAME = "huggingface"
_SERVICE = JsonService(_NAME, short_title(_NAME))
_PAGE_SIZE = 100  # the maximum of the API
_MAX_PAGES = 20
_MAX_QUERY_LENGTH = 250
_MAX_COUNT = 10**9
_BAD_REQUEST, _NOT_FOUND = 400, 404


class HuggingFaceSettings(NamedTuple):
    """The settings of Daily Papers; `base_url` has no trailing slash."""

    base_url: str = "https://huggingface.co"


class HuggingFace(Source):
    """Daily Papers, listed by UTC day, most upvoted first."""

    name = _NAME
    settings_type = HuggingFaceSettings
    max_concurrent = 8
    counted = True
    first_day = date(2023, 5, 1)  # Daily Papers began in that month.

    def __init__(self, settings: HuggingFaceSettings) -> None:
        self._url = f"{settings.base_url.rstrip('/')}/api"
        self._longest_page = 0

    @staticmethod
    def schema() -> "Mapping[str, ValueType]":
        """Return the value type of each setting."""
        from papertrack.config.shared_types import URL

        return {"base_url": URL}

    def final_after(self, day: date) -> datetime:
        """Return the end of the week in which a day's papers still gain upvotes."""
        return self.available_from(day) + timedelta(days=8)

    def listings(self, client: Client, request: ListingRequest, now: datetime) -> Sequence[Listing]:
        """Fetch all pages of the day; "partial" if an entry or a later page is missing.

        A server may send fewer entries at once than requested, so a page ends the day only if it is
        empty or shorter than another page of this server.

        Raises SourceError as Client.get and parse_page for the first page, and of kind "not-yet"
        if the server's clock has not reached the day.
        """
        (day,) = request.days
        response = self._get(client, day, now, 0, request.validator)
        if response.body is None:
            return (Listing(self.name, day, "unchanged", validator=response.validator),)
        body = response.body

        def next_page(pages: Sequence[Page]) -> Page | None:
            if not pages:
                return parse_page(body, day, now)
            return self._next_page(client, day, now, pages)

        pages, failure = fetch_pages(day, next_page)
        listing = listing_of(self.name, day, pages, failure)
        # Entries without a date are of this day only if no other day lists them.
        undated = bool(listing.sightings) and not any(page.dated for page in pages)
        listing = listing._replace(once=undated)
        # The validator of the first page does not change with the pages after it.
        only_page = len(pages) == 1 and pages[0].size < _PAGE_SIZE and not failure
        return (listing._replace(validator=response.validator if only_page else None),)

    def papers(self, client: Client, ids: Sequence[str], now: datetime) -> Sequence[Sighting]:
        """Fetch papers with their counts; ids that have no page at the service are left out."""
        sightings = []
        for paper_id in filter(is_arxiv, ids):
            try:
                response = client.get(self.name, f"{self._url}/papers/{paper_id}", {})
            except StatusError as error:
                if error.status != _NOT_FOUND:
                    raise
            else:
                sighting = parse_paper(response.body or b"", now)
                if sighting.paper.id != paper_id:
                    message = f"sent {sighting.paper.id} instead of {paper_id}"
                    raise _SERVICE.error("not-a-listing", message)
                sightings.append(sighting)
        return sightings

    def search(self, client: Client, text: str, now: datetime) -> Sequence[Sighting]:
        """Return at most 100 papers that the service finds for a text, with their counts.

        The last words of a long text are left out. Raises SourceError.
        """
        short_text = text[:_MAX_QUERY_LENGTH]
        query = short_text if short_text == text else short_text.rpartition(" ")[0]
        params: dict[str, str | int] = {"q": query or short_text, "limit": _PAGE_SIZE}
        response = client.get(self.name, f"{self._url}/papers/search", params)
        hits = parse_page(response.body or b"", None, now).sightings
        # The rank in the response is that of the search, not of a listing.
        return [_without_rank(hit) for hit in hits]

    def _next_page(
        self, client: Client, day: date, now: datetime, pages: Sequence[Page]
    ) -> Page | None:
        """Fetch the page after these, or return None if there can be none."""
        self._longest_page = max(self._longest_page, pages[-1].size)
        if not pages[-1].size or pages[-1].size < self._longest_page:
            return None
        number = len(pages)
        if number >= _MAX_PAGES:
            raise _SERVICE.error("not-a-listing", f"lists more than {_MAX_PAGES} pages")
        body = self._get(client, day, now, number).body or b""
        page = parse_page(body, day, now, sum(earlier.size for earlier in pages) + 1)
        if paper_ids(page) <= paper_ids(*pages):
            # Papers that gain upvotes move between pages, but never all papers of a full page. A
            # shorter page has the rest of the day or, from a server without pages, all of it.
            if page.size >= _PAGE_SIZE:
                raise _SERVICE.error("not-a-listing", "sent the same page twice")
            return None
        return page

    def _get(
        self, client: Client, day: date, now: datetime, page: int, validator: str | None = None
    ) -> HttpResponse:
        params: dict[str, str | int] = {"date": day.isoformat(), "limit": _PAGE_SIZE, "p": page}
        url = f"{self._url}/daily_papers"
        try:
            return client.get(self.name, url, params, validator=validator)
        except StatusError as error:
            # The server responds with 400 for days that its clock has not reached.
            if error.status == _BAD_REQUEST and day >= utc_day(now) and not page:
                raise _SERVICE.error("not-yet", f"does not list {day} yet") from error
            raise


def parse_paper(body: bytes, now: datetime) -> Sighting:
    """Return the paper of a response about a single paper, as observed at `now`.

    Its listing day is taken from the response. Raises SourceError of kind "not-json" or
    "not-a-listing".
    """
    sighting = _sighting({"paper": _SERVICE.decode(body)}, 1, None, now)
    if isinstance(sighting, Skipped):
        raise _SERVICE.error("not-a-listing", f"sent no paper: {sighting.reason}")
    return _without_rank(sighting)


def parse_entry(entry: dict[str, Any], rank: int, now: datetime) -> Sighting | Skipped:
    """Return the paper of an entry of a saved page, or of a saved response about a single paper.

    Its listing day is taken from the entry; a single paper has no rank.
    """
    if "paper" in entry:
        return _sighting(entry, rank, None, now)
    parsed = _sighting({"paper": entry}, rank, None, now)
    return parsed if isinstance(parsed, Skipped) else _without_rank(parsed)


def parse_page(body: bytes, day: date | None, now: datetime, first_rank: int = 1) -> Page:
    """Return the entries of a response, as observed at `now`, ranked in order from `first_rank`.

    `day` is the requested day, or None for a saved page, whose entries are dated by their own
    fields. Raises SourceError of kind "not-json"; "not-a-listing", also if half of the entries or
    more are unusable; or "stale" if most of them are dated on another day.
    """
    entries = _SERVICE.entries(_SERVICE.decode(body), body)
    parsed = [_sighting(entry, rank, day, now) for rank, entry in enumerate(entries, first_rank)]
    _SERVICE.check_usable(parsed)
    dated = _check_day(entries, day) if day else False
    return page_of(parsed)._replace(dated=dated)


def _check_day(entries: Sequence[Any], day: date) -> bool:
    """Return whether entries are dated, and raise SourceError of kind "stale" if on another day.

    In 7,077 recorded entries with a date it was always the requested day.
    """
    dates = (
        _moment(mapping(mapping(entry).get("paper")).get("submittedOnDailyAt")) for entry in entries
    )
    days = Counter(utc_day(moment) for moment in dates if moment)
    if days and 2 * days[day] < days.total():
        other = max(days.keys() - {day}, key=lambda candidate: (days[candidate], candidate))
        raise _SERVICE.error("stale", f"sent the papers of {other} instead of {day}")
    return bool(days)


def _without_rank(sighting: Sighting) -> Sighting:
    return sighting._replace(listed=sighting.listed and sighting.listed._replace(rank=None))


def _sighting(entry: Any, rank: int, day: date | None, now: datetime) -> Sighting | Skipped:
    outer = mapping(entry)
    inner = mapping(outer.get("paper"))
    id_text = text_of(inner, "id")
    where = f"entry {rank} ({shorten(id_text, 40)})" if id_text else f"entry {rank}"
    identifier = parse_arxiv(id_text)
    if identifier is None:
        return Skipped(where, "no arXiv id")
    title = text_of(inner, "title") or text_of(outer, "title")
    if not title:
        return Skipped(where, "no title")
    listed = day or _listing_day(inner, outer)
    return Sighting(
        _paper(identifier.id, identifier.version, title, inner, outer),
        _NAME,
        now,
        PaperListing(_NAME, listed, rank) if listed else None,
        _observations(now, inner, outer),
    )


def _paper(
    paper_id: str, version: int | None, title: str, inner: dict[str, Any], outer: dict[str, Any]
) -> Paper:
    organization = (
        mapping(inner.get("organization"))
        or mapping(outer.get("organization"))
        or mapping(outer.get("submitterOrganization"))  # its former name
    )
    # Not the outer publishedAt, which since March 2025 is the inner one shifted by 4 or 5 hours.
    return Paper(
        paper_id,
        title,
        version,
        abstract=text_of(inner, "summary") or text_of(outer, "summary") or None,
        authors=_authors(inner.get("authors")),
        keywords=_unique_texts(inner.get("ai_keywords")),
        submitted=_moment(inner.get("publishedAt")),
        code_url=code_url(inner.get("githubRepo")),
        project_url=web_url(inner.get("projectPage")),
        organization=text_of(organization, "fullname") or text_of(organization, "name") or None,
        withdrawn=bool(text_of(inner, "withdrawnAt")),
        tldr=text_of(inner, "ai_summary") or None,
    )


def _observations(
    now: datetime, inner: dict[str, Any], outer: dict[str, Any]
) -> tuple[Observation, ...]:
    """Return an observation of the three counts.

    Returns none if all three are unknown, as it would hide older observations.
    """
    counts = (inner.get("upvotes"), outer.get("numComments"), inner.get("githubStars"))
    observation = Observation(now, *map(_count, counts))
    return () if observation == Observation(now) else (observation,)


def _listing_day(inner: dict[str, Any], outer: dict[str, Any]) -> date | None:
    """Return the listing day in the fields of an entry, None if they have none.

    Since 2025-03-17 that is submittedOnDailyAt. Before 2025-03-11 the outer publishedAt was the
    time of submission to Daily Papers, and from 21:00 UTC on it counted for the next day: so in
    2,931 of 2,942 recorded entries. In between it is earlier than the paper's own publishedAt
    and has no meaning.
    """
    if listed := _moment(inner.get("submittedOnDailyAt")):
        return utc_day(listed)
    added, submitted = _moment(outer.get("publishedAt")), _moment(inner.get("publishedAt"))
    if added and submitted and added > submitted:
        return utc_day(added + timedelta(hours=3))
    return None


def _authors(value: Any) -> tuple[str, ...]:
    """Return the names that the site shows; those it hides are left out."""
    people = [mapping(person) for person in value] if isinstance(value, list) else []
    return author_names(
        _unique_texts([person.get("name") for person in people if person.get("hidden") is not True])
    )


def _unique_texts(value: Any) -> tuple[str, ...]:
    """Return the texts of a list, cleaned and without duplicates."""
    items = value if isinstance(value, list) else []
    texts = [item for item in items if isinstance(item, str)]
    return tuple(dict.fromkeys(filter(None, map(clean, texts))))


def _count(value: Any) -> int | None:
    # Not isinstance, which accepts true as an int.
    return value if type(value) is int and 0 <= value <= _MAX_COUNT else None


def _moment(value: Any) -> datetime | None:
    from papertrack.timestamps import read_moment  # only where a page is parsed

    return read_moment(value)

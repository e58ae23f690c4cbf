"""Hugging Face Daily Papers: https://huggingface.co/papers and its API, which needs no key.

Shapes and meanings are those of 10,104 recorded entries of 2024-05 to 2026-08 and of Hugging Face's
own OpenAPI document. A key that is absent, null or of another type than expected counts as
unknown; an entry counts only with an arXiv id and a title.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from papertrack.calendar import parse_moment, utc_day
from papertrack.identifiers import is_arxiv, parse_arxiv
from papertrack.models import Listed, Listing, Observation, Paper, Sighting, Skipped
from papertrack.source_registry import short_title
from papertrack.sources import Client, HttpResponse, ListingRequest, Source, StatusError
from papertrack.sources.links import code_url, web_url
from papertrack.sources.pages import (
    JsonService,
    Page,
    ids,
    listing_of,
    mapping,
    page_of,
    text_of,
    walk,
)
from papertrack.text import clean, shorten

if TYPE_CHECKING:
    from papertrack.config.location import ValueType

_NAME = "huggingface"
_SERVICE = JsonService(_NAME, short_title(_NAME))
_PAGE_SIZE = 100  # the most the API gives; its own default of 50 cuts long days off
_MOST_PAGES = 20
_LONGEST_QUERY = 250  # letters
_MOST_COUNTED = 10**9
_BAD_REQUEST, _NOT_FOUND = 400, 404


class HuggingFaceSettings(NamedTuple):
    """Where Daily Papers are served; `base_url` has no slash at its end."""

    base_url: str = "https://huggingface.co"


class HuggingFace(Source):
    """Daily Papers as listed at `base_url`, by UTC day, most upvoted first."""

    name = _NAME
    settings_type = HuggingFaceSettings
    at_once = 8
    counted = True

    def __init__(self, settings: HuggingFaceSettings) -> None:
        self._url = f"{settings.base_url.rstrip('/')}/api"

    @staticmethod
    def schema() -> "Mapping[str, ValueType]":
        """Return the kind of each setting."""
        from papertrack.config.kinds import URL

        return {"base_url": URL}

    def final_after(self, day: date) -> datetime:
        """After the week in which a day's papers still gain upvotes."""
        return self.available_from(day) + timedelta(days=8)

    def listings(self, client: Client, ask: ListingRequest, now: datetime) -> Sequence[Listing]:
        """All pages of the day asked for; "partial" where an entry or a later page is missing.

        Raises SourceError: as Client.get and parse_page for the first page, and of kind "not-yet"
        where the day has not begun for the server.
        """
        (day,) = ask.days
        first = self._answer(client, day, now, 0, ask.validator)
        if first.body is None:
            return (Listing(self.name, day, "unchanged", validator=first.validator),)
        body = first.body

        def following(pages: Sequence[Page]) -> Page | None:
            if not pages:
                return parse_page(body, day, now)
            return self._next(client, day, now, pages)

        pages, failure = walk(day, following)
        listing = listing_of(self.name, day, pages, failure)
        # What the server calls a first page says nothing of what follows it.
        whole = pages[0].size < _PAGE_SIZE
        return (listing._replace(validator=first.validator if whole else None),)

    def papers(self, client: Client, ids: Sequence[str], now: datetime) -> Sequence[Sighting]:
        """Those of these papers that the service has a page for, with their counts."""
        found = []
        for paper_id in filter(is_arxiv, ids):
            try:
                answer = client.get(self.name, f"{self._url}/papers/{paper_id}", {})
            except StatusError as error:
                if error.status != _NOT_FOUND:
                    raise
            else:
                one = parse_paper(answer.body or b"", now)
                if one.paper.id != paper_id:
                    raise _SERVICE.error("not-a-listing", f"sent {one.paper.id} for {paper_id}")
                found.append(one)
        return found

    def search(self, client: Client, text: str, now: datetime) -> Sequence[Sighting]:
        """What the service finds for a text, at most 100 papers, with their counts. Of a long text
        the last words are left out. Raises SourceError.
        """
        query = text if len(text) <= _LONGEST_QUERY else text[:_LONGEST_QUERY].rpartition(" ")[0]
        params: dict[str, str | int] = {"q": query or text[:_LONGEST_QUERY], "limit": _PAGE_SIZE}
        answer = client.get(self.name, f"{self._url}/papers/search", params)
        found = parse_page(answer.body or b"", None, now).sightings
        # Its rank is that of the search, and not of the day on which it was listed.
        return [one._replace(listed=one.listed and one.listed._replace(rank=None)) for one in found]

    def _next(self, client: Client, day: date, now: datetime, pages: Sequence[Page]) -> Page | None:
        """The page after these, or None where the last was not full."""
        if pages[-1].size < _PAGE_SIZE:
            return None
        number = len(pages)
        if number >= _MOST_PAGES:
            raise _SERVICE.error("not-a-listing", f"lists more than {_MOST_PAGES} pages")
        body = self._answer(client, day, now, number).body or b""
        page = parse_page(body, day, now, number * _PAGE_SIZE + 1)
        # Papers slide from page to page while they gain upvotes; but not all of a page.
        if page.size >= _PAGE_SIZE and ids(page) <= ids(*pages):
            raise _SERVICE.error("not-a-listing", "sent the same page twice")
        return page

    def _answer(
        self, client: Client, day: date, now: datetime, number: int, validator: str | None = None
    ) -> HttpResponse:
        params: dict[str, str | int] = {"date": day.isoformat(), "limit": _PAGE_SIZE, "p": number}
        url = f"{self._url}/daily_papers"
        try:
            return client.get(self.name, url, params, validator=validator)
        except StatusError as error:
            # The server refuses days that its clock has not reached.
            if error.status == _BAD_REQUEST and day >= utc_day(now) and not number:
                raise _SERVICE.error("not-yet", f"has not begun {day} yet") from error
            raise


def parse_paper(body: bytes, now: datetime) -> Sighting:
    """The paper of one answer about it alone, seen at `now`, listed where it says it was.

    Raises SourceError of kind "not-json" or "not-a-listing".
    """
    found = _sighting({"paper": _SERVICE.decoded(body)}, 1, None, now)
    if isinstance(found, Skipped):
        raise _SERVICE.error("not-a-listing", f"sent no paper: {found.reason}")
    return found._replace(listed=found.listed and found.listed._replace(rank=None))


def parse_page(body: bytes, day: date | None, now: datetime, first_rank: int = 1) -> Page:
    """The entries of one answer of the API, seen at `now`, ranked by their place from `first_rank`.

    `day` is the day that was asked for; None for a saved page, whose entries are then dated by
    what they say themselves. Raises SourceError of kind "not-json", "not-a-listing", also where
    half of the entries or more cannot be used, or "stale" where most of them say another day.
    """
    entries = _SERVICE.entries(_SERVICE.decoded(body), body)
    found = [_sighting(entry, rank, day, now) for rank, entry in enumerate(entries, first_rank)]
    _SERVICE.usable(found)
    if day:
        _check_day(entries, day)
    seen: set[str] = set()
    return page_of(_once(one, rank, seen) for rank, one in enumerate(found, first_rank))


def _check_day(entries: Sequence[Any], day: date) -> None:
    """Refuse the listing of another day: in 7,077 recorded entries that say their day it was the
    one asked for.
    """
    said = (
        _moment(mapping(mapping(one).get("paper")).get("submittedOnDailyAt")) for one in entries
    )
    days = Counter(utc_day(moment) for moment in said if moment)
    if days and 2 * days[day] < days.total():
        other = max(days.keys() - {day}, key=lambda one: (days[one], one))
        raise _SERVICE.error("stale", f"sent the papers of {other} for {day}")


def _sighting(entry: Any, rank: int, day: date | None, now: datetime) -> Sighting | Skipped:
    outer = mapping(entry)
    inner = mapping(outer.get("paper"))
    named = text_of(inner, "id")
    where = f"entry {rank} ({shorten(named, 40)})" if named else f"entry {rank}"
    identifier = parse_arxiv(named)
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
        Listed(_NAME, listed, rank) if listed else None,
        _observations(now, inner, outer),
    )


def _paper(
    paper_id: str, version: int | None, title: str, inner: dict[str, Any], outer: dict[str, Any]
) -> Paper:
    organization = mapping(inner.get("organization")) or mapping(outer.get("organization"))
    # Not ai_summary, which is no abstract, nor the outer publishedAt, which is the inner one
    # moved by 4 or 5 hours since March 2025.
    return Paper(
        paper_id,
        title,
        version,
        abstract=text_of(inner, "summary") or text_of(outer, "summary") or None,
        authors=_authors(inner.get("authors")),
        keywords=_cleaned(inner.get("ai_keywords")),
        submitted=_moment(inner.get("publishedAt")),
        code_url=code_url(inner.get("githubRepo")),
        project_url=web_url(inner.get("projectPage")),
        organization=text_of(organization, "fullname") or text_of(organization, "name") or None,
        withdrawn=bool(text_of(inner, "withdrawnAt")),
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


def _authors(value: Any) -> tuple[str, ...]:
    """Names as the site shows them: those it hides are left out."""
    people = [mapping(one) for one in value] if isinstance(value, list) else []
    return _cleaned([one.get("name") for one in people if one.get("hidden") is not True])


def _cleaned(value: Any) -> tuple[str, ...]:
    """The texts of a list, each once."""
    texts = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    return tuple(dict.fromkeys(filter(None, map(clean, texts))))


def _count(value: Any) -> int | None:
    # Not isinstance: to that, true is an int.
    return value if type(value) is int and 0 <= value <= _MOST_COUNTED else None


def _moment(value: Any) -> datetime | None:
    try:
        return parse_moment(value) if isinstance(value, str) else None
    except ValueError:
        return None

"""bioRxiv and medRxiv: the `details` of a day, from their common API, which needs no key.

The format is the one documented at https://api.biorxiv.org, not that of recorded responses. It
promises 100 entries a page, but clients of 2026 received 30, so the cursor advances by the number
received. A quiet day has the status "no posts found"; counts and versions are numbers or texts.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from papertrack.models import Listing, ListingKind, Paper, PaperListing, Sighting, Skipped
from papertrack.people import tidy_name
from papertrack.source_registry import short_title
from papertrack.sources import Client, ListingRequest, Source
from papertrack.sources.links import find_doi
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

_MAX_PAGES = 100
_NO_POSTS = "no posts found"
# The characters that Crossref allows in a DOI, which need no quoting. In lower case, as the case of
# a DOI has no meaning.
_DOI = re.compile(r"10\.\d{4,9}/[-._;()/:a-z0-9]+", re.ASCII)
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_CATEGORY = r"[a-z][a-z0-9 ,/&()'-]*"


class PreprintSettings(NamedTuple):
    """The settings of a preprint server.

    `categories` are in lower case; without any, all are listed. `base_url` has no trailing slash.
    """

    categories: tuple[str, ...] = ()
    base_url: str = "https://api.biorxiv.org"


class PageContext(NamedTuple):
    """The request that a page belongs to; if it is `divided` by category, entries need one."""

    day: date
    now: datetime
    divided: bool


class Preprints(Source):
    """The posts of a server by day: first versions as new, later versions as revised."""

    settings_type = PreprintSettings

    def __init__(self, settings: PreprintSettings) -> None:
        self.categories = tuple(dict.fromkeys(settings.categories)) or ("",)
        self._url = f"{settings.base_url.rstrip('/')}/details/{self.name}"
        self._service = JsonService(self.name, short_title(self.name))

    @staticmethod
    def schema() -> "Mapping[str, ValueType]":
        """Return the value type of each setting."""
        from papertrack.config.groups import TextListType
        from papertrack.config.scalars import TextType
        from papertrack.config.shared_types import URL

        example = "neuroscience or cell biology"
        category = TextType("a category in words", _CATEGORY, example, _category_name)
        return {"categories": TextListType(category), "base_url": URL}

    def final_after(self, day: date) -> datetime:
        """Return the time two days after the end of `day`.

        The servers count days in New York, and it is not documented how soon the API has a post.
        """
        return self.available_from(day) + timedelta(days=3)

    def listings(self, client: Client, request: ListingRequest, now: datetime) -> Sequence[Listing]:
        """Fetch all pages of each day; "partial" if an entry or a later page is missing.

        Categories are separated here, as all of them take as many requests as a single category.
        Raises SourceError as Client.get and parse_page for the first page.
        """
        return [
            listing
            for day in request.days
            for listing in self._fetch_day(client, day, request, now)
        ]

    def _fetch_day(
        self, client: Client, day: date, request: ListingRequest, now: datetime
    ) -> list[Listing]:
        context = PageContext(day, now, divided="" not in request.categories)
        pages, failure = fetch_pages(day, lambda pages: self._next_page(client, context, pages))
        listing = listing_of(self.name, day, pages, failure)
        return [_restrict(listing, category) for category in request.categories]

    def _next_page(
        self, client: Client, context: PageContext, pages: Sequence[Page]
    ) -> Page | None:
        """Fetch the page after these, or return None if all entries were received."""
        received = sum(page.size for page in pages)
        total = next((page.total for page in reversed(pages) if page.total is not None), None)
        if pages and (received == total or not pages[-1].size):
            return None
        if len(pages) >= _MAX_PAGES:
            raise self._service.error("not-a-listing", f"lists more than {_MAX_PAGES} pages")
        url = f"{self._url}/{context.day}/{context.day}/{received}/json"
        response = client.get(self.name, url, {})
        page = parse_page(self._service, response.body or b"", context, received + 1)
        if pages and page.size and paper_ids(page) <= paper_ids(*pages):
            raise self._service.error("not-a-listing", "sent the same page twice")
        if not page.size and total is not None and received < total:
            message = f"lists {total} entries but sent {received}"
            raise self._service.error("not-a-listing", message)
        return page


class BioRxiv(Preprints):
    """bioRxiv, the preprint server for biology."""

    name = "biorxiv"


class MedRxiv(Preprints):
    """medRxiv, the preprint server for the health sciences."""

    name = "medrxiv"


def _category_name(category: str) -> str:
    """Return a category in lower case and with spaces: "cell biology" for "Cell_Biology"."""
    return clean(category.replace("_", " ")).lower()


def parse_page(
    service: JsonService, body: bytes, context: PageContext, first_rank: int = 1
) -> Page:
    """Return the entries of a response, ranked in order from `first_rank`.

    Raises SourceError of kind "not-json" or "not-a-listing", the latter also if half of the entries
    or more are unusable, or if there are no entries and the status is not that of a quiet day.
    """
    entries, total = _entries(service, body)
    parsed = [
        _sighting(service.name, mapping(entry), rank, context)
        for rank, entry in enumerate(entries, first_rank)
    ]
    service.check_usable(parsed)
    return page_of(parsed, total)


def _entries(service: JsonService, body: bytes) -> tuple[list[Any], int | None]:
    """Return the entries of a response, and the total on all pages according to the server."""
    response = mapping(service.decode(body))
    messages = response.get("messages")
    message = mapping(messages[0]) if isinstance(messages, list) and messages else {}
    entries = service.entries(response.get("collection"), body)
    status, total = text_of(message, "status"), _number(message.get("total"))
    if not entries and status.lower() != _NO_POSTS and (status.lower() != "ok" or total):
        reason = f"sent no papers but the status {shorten(status, 60)!r} and a total of {total}"
        raise service.error("not-a-listing", reason)
    return entries, total


def _sighting(
    source: str, entry: dict[str, Any], rank: int, context: PageContext
) -> Sighting | Skipped:
    doi = text_of(entry, "doi").lower()
    where = f"entry {rank} ({shorten(doi, 40)})" if doi else f"entry {rank}"
    if not _DOI.fullmatch(doi):
        return Skipped(where, "no DOI")
    if not text_of(entry, "title"):
        return Skipped(where, "no title")
    if context.divided and not text_of(entry, "category"):
        return Skipped(where, "no category")
    paper = _paper(doi, entry)
    # A paper of unknown version counts as new, so that no new paper is missed.
    kind: ListingKind = "revised" if (paper.version or 1) > 1 else "new"
    return Sighting(paper, source, context.now, PaperListing(source, context.day, rank, kind))


def _paper(doi: str, entry: dict[str, Any]) -> Paper:
    from papertrack.timestamps import read_moment  # only where a page is parsed

    version, posted = _number(entry.get("version")) or None, read_moment(entry.get("date"))
    category = text_of(entry, "category")
    return Paper(
        f"doi:{doi}",
        text_of(entry, "title"),
        version,
        abstract=text_of(entry, "abstract") or None,
        authors=_authors(text_of(entry, "authors")),
        categories=(category,) if category else (),
        submitted=posted if version == 1 else None,
        updated=posted if (version or 1) > 1 else None,
        organization=text_of(entry, "author_corresponding_institution") or None,
        doi=find_doi(text_of(entry, "published")),  # of the journal article; "NA" without one
    )


def _restrict(listing: Listing, category: str) -> Listing:
    """Return the listing with the papers of a category only, or all of it for ""."""
    if not category:
        return listing
    # The servers write "cell biology", "Cell Biology" and, in URLs, "cell_biology".
    sightings = tuple(
        sighting for sighting in listing.sightings if _is_in(sighting.paper, category)
    )
    quiet = listing.state == "complete" and not sightings
    state = "quiet" if quiet else listing.state
    return listing._replace(category=category, sightings=sightings, state=state)


def _is_in(paper: Paper, category: str) -> bool:
    return category in [name.lower().replace("_", " ") for name in paper.categories]


def _authors(text: str) -> tuple[str, ...]:
    """Return names with the family name last: G. Family and A Group for "Family, G.; A Group".

    Equal names are kept, as they may be different people.
    """
    names = [[part.strip() for part in name.split(",")] for name in text.split(";")]
    ordered = (" ".join((*rest[:1], family, *rest[1:])) for family, *rest in names)
    return tuple(filter(None, (tidy_name(clean(name)) for name in ordered)))


def _number(value: Any) -> int | None:
    # Not isinstance, which accepts true as an int.
    text = str(value) if type(value) is int else value
    return int(text) if isinstance(text, str) and _NUMBER.fullmatch(text) else None

"""bioRxiv and medRxiv: the `details` of one day, from their common API, which needs no key.

Shapes are those that https://api.biorxiv.org documents, and not of recorded answers. It says 100
entries a page, clients of 2026 found 30; so the cursor advances by what came. A quiet day has the
status "no posts found"; counts and versions come as numbers or as texts.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from papertrack.models import Listed, Listing, ListingKind, Paper, Sighting, Skipped
from papertrack.source_registry import short_title
from papertrack.sources import Client, ListingRequest, Source
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

_MOST_PAGES = 100
_NOTHING = "no posts found"
# What Crossref allows in a DOI, in lower case, as any case means the same; so it needs no quoting.
_DOI = re.compile(r"10\.\d{4,9}/[-._;()/:a-z0-9]+", re.ASCII)
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_CATEGORY = r"[a-z][a-z0-9 ,/&()'-]*"


class PreprintSettings(NamedTuple):
    """Which `categories` to list, in lower case, all if there are none; `base_url` has no slash at
    its end.
    """

    categories: tuple[str, ...] = ()
    base_url: str = "https://api.biorxiv.org"


class PageContext(NamedTuple):
    """One look at a day's listing. Where it is `divided` into categories, an entry needs one."""

    day: date
    now: datetime
    divided: bool


class Preprints(Source):
    """What one server posted by day: first versions as new, later ones as revised."""

    settings_type = PreprintSettings

    def __init__(self, settings: PreprintSettings) -> None:
        self.categories = tuple(dict.fromkeys(settings.categories)) or ("",)
        self._url = f"{settings.base_url.rstrip('/')}/details/{self.name}"
        self._service = JsonService(self.name, short_title(self.name))

    @staticmethod
    def schema() -> "Mapping[str, ValueType]":
        """Return the kind of each setting."""
        from papertrack.config.groups import TextListType
        from papertrack.config.kinds import URL
        from papertrack.config.scalars import TextType

        example = "neuroscience or cell biology"
        category = TextType("a category in words", _CATEGORY, example, _in_words)
        return {"categories": TextListType(category), "base_url": URL}

    def final_after(self, day: date) -> datetime:
        """Two days after the day ended: servers reckon it in New York, and nothing documents how
        soon the API knows what they posted.
        """
        return self.available_from(day) + timedelta(days=3)

    def listings(self, client: Client, ask: ListingRequest, now: datetime) -> Sequence[Listing]:
        """All pages of each day; "partial" where an entry or a later page is missing.

        Categories are told apart here: all of them cost as many requests as one. Raises SourceError
        as Client.get and parse_page for the first page.
        """
        return [listing for day in ask.days for listing in self._day(client, day, ask, now)]

    def _day(self, client: Client, day: date, ask: ListingRequest, now: datetime) -> list[Listing]:
        look = PageContext(day, now, "" not in ask.categories)
        pages, failure = walk(day, lambda so_far: self._next(client, look, so_far))
        whole = listing_of(self.name, day, pages, failure)
        return [_of_category(whole, category) for category in ask.categories]

    def _next(self, client: Client, look: PageContext, pages: Sequence[Page]) -> Page | None:
        """The page after these, or None where as many entries came as there are."""
        came = sum(page.size for page in pages)
        total = next((one.total for one in reversed(pages) if one.total is not None), None)
        if pages and (came == total or not pages[-1].size):
            return None
        if len(pages) >= _MOST_PAGES:
            raise self._service.error("not-a-listing", f"lists over {_MOST_PAGES} pages")
        answer = client.get(self.name, f"{self._url}/{look.day}/{look.day}/{came}/json", {})
        page = parse_page(self._service, answer.body or b"", look, came + 1)
        if pages and page.size and ids(page) <= ids(*pages):
            raise self._service.error("not-a-listing", "sent the same page twice")
        if not page.size and total is not None and came < total:
            raise self._service.error("not-a-listing", f"lists {total} entries, but sent {came}")
        return page


class BioRxiv(Preprints):
    """bioRxiv, the preprint server for biology."""

    name = "biorxiv"


class MedRxiv(Preprints):
    """medRxiv, the preprint server for the health sciences."""

    name = "medrxiv"


def _in_words(category: str) -> str:
    """A category in lower case and with spaces: "Cell_Biology" is "cell biology"."""
    return clean(category.replace("_", " ")).lower()


def parse_page(service: JsonService, body: bytes, look: PageContext, first_rank: int = 1) -> Page:
    """The entries of one answer, ranked by their place from `first_rank`.

    Raises SourceError of kind "not-json" or "not-a-listing", the latter also where half of the
    entries or more cannot be used, or there are none and the server does not say so.
    """
    entries, total = _entries(service, body)
    found = [
        _sighting(service.name, mapping(entry), rank, look)
        for rank, entry in enumerate(entries, first_rank)
    ]
    service.usable(found)
    return page_of(found, total)


def _entries(service: JsonService, body: bytes) -> tuple[list[Any], int | None]:
    """The entries, and how many the server says there are on all pages."""
    answer = mapping(service.decoded(body))
    messages = answer.get("messages")
    message = mapping(messages[0]) if isinstance(messages, list) and messages else {}
    entries = service.entries(answer.get("collection"), body)
    status, total = text_of(message, "status"), _number(message.get("total"))
    if not entries and status.lower() != _NOTHING and (status.lower() != "ok" or total):
        said = shorten(status, 60)
        raise service.error("not-a-listing", f"sent no papers, but {said!r} and a total of {total}")
    return entries, total


def _sighting(
    source: str, entry: dict[str, Any], rank: int, look: PageContext
) -> Sighting | Skipped:
    doi = text_of(entry, "doi").lower()
    where = f"entry {rank} ({shorten(doi, 40)})" if doi else f"entry {rank}"
    if not _DOI.fullmatch(doi):
        return Skipped(where, "no DOI")
    if not text_of(entry, "title"):
        return Skipped(where, "no title")
    if look.divided and not text_of(entry, "category"):
        return Skipped(where, "no category")
    paper = _paper(doi, entry)
    # Of an unknown version: better one paper too many among the new ones than one too few.
    kind: ListingKind = "revised" if (paper.version or 1) > 1 else "new"
    return Sighting(paper, source, look.now, Listed(source, look.day, rank, kind))


def _paper(doi: str, entry: dict[str, Any]) -> Paper:
    version, posted = _number(entry.get("version")) or None, _midnight(entry.get("date"))
    category = text_of(entry, "category")
    # No project: "published" names the paper in a journal, and is "NA" as long as there is none.
    return Paper(
        f"doi:{doi}",
        text_of(entry, "title"),
        version,
        abstract=text_of(entry, "abstract") or None,
        authors=_authors(text_of(entry, "authors")),
        categories=(category,) if category else (),
        submitted=posted if version == 1 else None,
        updated=posted if (version or 1) > 1 else None,
    )


def _of_category(whole: Listing, category: str) -> Listing:
    """What of a day's listing belongs to a category; all of it to "", which is none."""
    if not category:
        return whole
    # The servers write "cell biology", "Cell Biology" and, in addresses, "cell_biology".
    mine = tuple(one for one in whole.sightings if _is_of(one.paper, category))
    quiet = whole.state == "complete" and not mine
    return whole._replace(
        category=category, sightings=mine, state="quiet" if quiet else whole.state
    )


def _is_of(paper: Paper, category: str) -> bool:
    return category in [one.lower().replace("_", " ") for one in paper.categories]


def _authors(text: str) -> tuple[str, ...]:
    """People as other sources write them: of "Family, G.; A Group" G. Family and A Group. Two of
    one name may be two people.
    """
    names = [[part.strip() for part in name.split(",")] for name in text.split(";")]
    written = (" ".join((*given[:1], family, *given[1:])) for family, *given in names)
    return tuple(filter(None, map(clean, written)))


def _number(value: Any) -> int | None:
    # Not isinstance: to that, true is an int.
    text = str(value) if type(value) is int else value
    return int(text) if isinstance(text, str) and _NUMBER.fullmatch(text) else None


def _midnight(value: Any) -> datetime | None:
    """The beginning of a day in UTC: the server tells no time of day."""
    try:
        return datetime.combine(date.fromisoformat(value), time(), UTC)
    except (TypeError, ValueError):
        return None

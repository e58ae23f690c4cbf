"""Helpers for sources with JSON pages: decoding, validation, and fetching page by page.

A key that is absent, null or of an unexpected type counts as unknown.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from papertrack.errors import SourceError
from papertrack.models import Failure, Listing, ListingState, Sighting, Skipped
from papertrack.text import clean, shorten

_MAX_ENTRIES = 10_000
# The largest of 495 recorded pages has 6,954 separators. Each may become an object of 100 bytes or
# more, so that "[{},{},…" within the size limit would take gigabytes.
_MAX_SEPARATORS = 200_000


class Page(NamedTuple):
    """A page of entries, usable and skipped ones.

    `total` is the number of entries on all pages according to the service, None if it sends none.
    `dated`: entries have a date, which was checked.
    """

    sightings: tuple[Sighting, ...]
    skipped: tuple[Skipped, ...]
    total: int | None = None
    dated: bool = False

    @property
    def size(self) -> int:
        """The number of entries on the page, including skipped ones."""
        return len(self.sightings) + len(self.skipped)


class JsonService(NamedTuple):
    """A service with a JSON API: the `name` of its source and the `title` for messages."""

    name: str
    title: str

    def error(self, kind: str, message: str) -> SourceError:
        """Return an error whose message is the title of the service followed by `message`."""
        return SourceError(self.name, kind, f"{self.title} {message}")

    def decode(self, body: bytes) -> Any:
        """Return the JSON value of a response.

        Raises SourceError of kind "not-json", or "not-a-listing" if it has more values than any
        real page.
        """
        if len(body) > _MAX_SEPARATORS < sum(map(body.count, (b",", b"[", b"{"))):
            raise self.error("not-a-listing", f"sent a page of over {_MAX_SEPARATORS:,} values")
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise self.error("not-json", f"sent invalid JSON: {excerpt(body)!r}") from error

    def entries(self, value: Any, body: bytes) -> list[Any]:
        """Return `value`, which was decoded from `body`, as a list of entries.

        Raises SourceError of kind "not-a-listing" if it is not a list, or an absurdly long one.
        """
        if not isinstance(value, list):
            raise self.error("not-a-listing", f"sent no list of papers: {excerpt(body)!r}")
        if len(value) > _MAX_ENTRIES:
            raise self.error("not-a-listing", f"sent a page of {len(value):,} entries")
        return value

    def check_usable(self, entries: Sequence[Sighting | Skipped]) -> None:
        """Check that more than half of the entries of a page are usable.

        If not, the page has changed its format: raises SourceError of kind "not-a-listing" with
        the first reason.
        """
        skipped = [entry for entry in entries if isinstance(entry, Skipped)]
        if skipped and 2 * len(skipped) >= len(entries):
            count, reason = f"{len(skipped)} of {len(entries)}", ": ".join(skipped[0])
            raise self.error("not-a-listing", f"sent unusable entries ({count}): {reason}")


def excerpt(body: bytes) -> str:
    """Return the beginning of a response, cleaned and shortened for a message."""
    return shorten(clean(body[:200].decode(errors="replace")), 60)


def mapping(value: Any) -> dict[str, Any]:
    """Return `value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text_of(fields: dict[str, Any], key: str) -> str:
    """Return the cleaned text under `key`, "" if there is none."""
    value = fields.get(key)
    return clean(value) if isinstance(value, str) else ""


def page_of(entries: Iterable[Sighting | Skipped], total: int | None = None) -> Page:
    """Return the page with these entries, in their order."""
    entries = tuple(entries)
    sightings = tuple(entry for entry in entries if isinstance(entry, Sighting))
    skipped = tuple(entry for entry in entries if isinstance(entry, Skipped))
    return Page(sightings, skipped, total)


def paper_ids(*pages: Page) -> set[str]:
    """Return the ids of the papers on some pages."""
    return {sighting.paper.id for page in pages for sighting in page.sightings}


def fetch_pages(
    day: date, next_page: Callable[[Sequence[Page]], Page | None]
) -> tuple[list[Page], Failure | None]:
    """Return all pages of `day`, and the failure of a later page, if one failed.

    `next_page` is called with the pages so far, until it returns None. Raises SourceError if the
    first page failed.
    """
    pages: list[Page] = []
    try:
        while (page := next_page(pages)) is not None:
            pages.append(page)
    except SourceError as error:
        if not pages:
            raise
        message = f"page {len(pages) + 1} of {day}: {error.what}"
        return pages, Failure(error.source, error.kind, message)
    return pages, None


def listing_of(
    source: str, day: date, pages: Iterable[Page], failure: Failure | None = None
) -> Listing:
    """Return the listing of `day` from its pages; "partial" if an entry or a page is missing."""
    pages = tuple(pages)
    sightings = _without_duplicates(sighting for page in pages for sighting in page.sightings)
    skipped = tuple(entry for page in pages for entry in page.skipped)
    incomplete = skipped or failure
    state: ListingState = "partial" if incomplete else "complete" if sightings else "quiet"
    return Listing(source, day, state, sightings, skipped, failure=failure)


def _without_duplicates(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Return each paper once: some move to the next page between two requests.

    A paper that is listed both as new and as revised on the same day is new.
    """
    by_id: dict[str, Sighting] = {}
    for sighting in sightings:
        first = by_id.setdefault(sighting.paper.id, sighting)
        if _is_new(sighting) and not _is_new(first):
            by_id[sighting.paper.id] = sighting
    return tuple(by_id.values())


def _is_new(sighting: Sighting) -> bool:
    return sighting.listed is not None and sighting.listed.kind == "new"

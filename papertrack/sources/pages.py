"""What sources that answer in pages of JSON share: reading an answer, refusing it, and asking on.

A key that is absent, null or of another type than expected counts as unknown.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from papertrack.errors import SourceError
from papertrack.models import Failure, Listing, ListingState, Sighting, Skipped
from papertrack.text import clean, shorten

_MOST_ENTRIES = 10_000
# The largest of 495 recorded pages has 6,954. Each may become 100 bytes and more, so that
# "[{},{},…" within the size limit would take gigabytes.
_MOST_PIECES = 200_000


class Page(NamedTuple):
    """One page of entries: those that could be used, and those that could not.

    `total` is how many the service says there are on all pages, where it says so.
    """

    sightings: tuple[Sighting, ...]
    skipped: tuple[Skipped, ...]
    total: int | None = None

    @property
    def size(self) -> int:
        """How many entries the page had."""
        return len(self.sightings) + len(self.skipped)


class JsonService(NamedTuple):
    """Who answered: the `name` of the source and the `title` that its messages begin with."""

    name: str
    title: str

    def error(self, kind: str, message: str) -> SourceError:
        """The error, for raising, that `message` tells of this service."""
        return SourceError(self.name, kind, f"{self.title} {message}")

    def decoded(self, body: bytes) -> Any:
        """The JSON of an answer. Raises SourceError of kind "not-json", or "not-a-listing" where it
        is made of more pieces than any page has.
        """
        if len(body) > _MOST_PIECES < sum(map(body.count, (b",", b"[", b"{"))):
            raise self.error("not-a-listing", f"sent a page of over {_MOST_PIECES:,} pieces")
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise self.error("not-json", f"sent no JSON but {opening(body)!r}") from error

    def entries(self, value: Any, body: bytes) -> list[Any]:
        """`value`, which came in `body`, as a list of entries. Raises SourceError of kind
        "not-a-listing" where it is none, or one of absurd length.
        """
        if not isinstance(value, list):
            raise self.error("not-a-listing", f"sent no list of papers but {opening(body)!r}")
        if len(value) > _MOST_ENTRIES:
            raise self.error("not-a-listing", f"sent a page of {len(value):,} entries")
        return value

    def usable(self, found: Sequence[Sighting | Skipped]) -> None:
        """Raises SourceError of kind "not-a-listing", with the first reason, where half of the
        entries of a page or more are skipped: then it is the page that is not understood.
        """
        bad = [one for one in found if isinstance(one, Skipped)]
        if bad and 2 * len(bad) >= len(found):
            count = f"{len(bad)} of {len(found)} entries"
            raise self.error("not-a-listing", f"sent {count} without use: {': '.join(bad[0])}")


def opening(body: bytes) -> str:
    """How an answer begins, as it may stand in a message."""
    return shorten(clean(body[:200].decode(errors="replace")), 60)


def mapping(value: Any) -> dict[str, Any]:
    """`value` where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text_of(fields: dict[str, Any], key: str) -> str:
    """The cleaned text under `key`, "" where there is none."""
    value = fields.get(key)
    return clean(value) if isinstance(value, str) else ""


def page_of(found: Iterable[Sighting | Skipped], total: int | None = None) -> Page:
    """The page with these entries in their order."""
    found = tuple(found)
    sightings = tuple(one for one in found if isinstance(one, Sighting))
    return Page(sightings, tuple(one for one in found if isinstance(one, Skipped)), total)


def ids(*pages: Page) -> set[str]:
    """The papers of some pages."""
    return {one.paper.id for page in pages for one in page.sightings}


def walk(
    day: date, following: Callable[[Sequence[Page]], Page | None]
) -> tuple[list[Page], Failure | None]:
    """All pages of `day`, asked for until the page `following` those so far is None, and what kept
    a later page away. Raises SourceError where it was the first that could not be had.
    """
    pages: list[Page] = []
    try:
        while (page := following(pages)) is not None:
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
    """What a source listed on `day`, of the pages that came and of what kept others away."""
    pages = tuple(pages)
    sightings = _once(one for page in pages for one in page.sightings)
    skipped = tuple(one for page in pages for one in page.skipped)
    missing = skipped or failure
    state: ListingState = "partial" if missing else "complete" if sightings else "quiet"
    return Listing(source, day, state, sightings, skipped, failure=failure)


def _once(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Each paper once: some slide from one page to the next while they are asked for. One that came
    as new and, revised the same day, once more is new.
    """
    first: dict[str, Sighting] = {}
    for one in sightings:
        known = first.setdefault(one.paper.id, one)
        if _is_new(one) and not _is_new(known):
            first[one.paper.id] = one
    return tuple(first.values())


def _is_new(sighting: Sighting) -> bool:
    return sighting.listed is not None and sighting.listed.kind == "new"

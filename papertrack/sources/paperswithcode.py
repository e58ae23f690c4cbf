"""Papers with Code: the ranking of https://paperswithcode.co, through its API, which needs no key.

The service came back in May 2026. The format is the one that its public client reads
(https://github.com/huggingface/pwc-cli), not that of recorded responses: a list of papers, or an
object with the list under `results` or `items`, whose order is the ranking.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from papertrack.identifiers import parse_arxiv
from papertrack.models import Listing, Paper, PaperListing, Sighting, Skipped
from papertrack.source_registry import short_title
from papertrack.sources import Client, ListingRequest, Source
from papertrack.sources.pages import JsonService, Page, listing_of, mapping, page_of, text_of
from papertrack.text import shorten

if TYPE_CHECKING:
    from papertrack.config.location import ValueType

_NAME = "paperswithcode"
_SERVICE = JsonService(_NAME, short_title(_NAME))
_PAPERS = 100  # the maximum of the API
_LONGEST_AGE = 365  # days
_LONGEST_NUMBER = 12  # digits


class PapersWithCodeSettings(NamedTuple):
    """The settings of the ranking.

    `base_url` has no trailing slash. Papers published more than `max_age_days` ago are not ranked.
    """

    base_url: str = "https://paperswithcode.co/api/v1"
    max_age_days: int = 30


class PapersWithCode(Source):
    """The ranking by recent activity in the repositories of papers, first place first."""

    name = _NAME
    settings_type = PapersWithCodeSettings
    ranking = True

    def __init__(self, settings: PapersWithCodeSettings) -> None:
        self._url = f"{settings.base_url.rstrip('/')}/papers/trending"
        self._max_age_days = settings.max_age_days

    @staticmethod
    def schema() -> "Mapping[str, ValueType]":
        """Return the value type of each setting."""
        from papertrack.config.scalars import NumberType
        from papertrack.config.shared_types import URL

        return {"base_url": URL, "max_age_days": NumberType(1, _LONGEST_AGE, whole=True)}

    def listings(self, client: Client, request: ListingRequest, now: datetime) -> Sequence[Listing]:
        """Fetch the ranking at `now`. Raises SourceError as Client.get and parse_page."""
        (day,) = request.days
        params = {"limit": _PAPERS, "max_age_days": self._max_age_days}
        response = client.get(self.name, self._url, params, validator=request.validator)
        if response.body is None:
            return (Listing(self.name, day, "unchanged", validator=response.validator),)
        listing = listing_of(self.name, day, [parse_page(response.body, now)])
        return (listing._replace(validator=response.validator),)


def parse_page(body: bytes, now: datetime) -> Page:
    """Return the papers of a response, the rank of each in its listing.

    Entries without an id or a title are skipped, and keep their place. Raises SourceError of kind
    "not-json"; or "not-a-listing", also if half of the entries or more are unusable.
    """
    value = _SERVICE.decode(body)
    if isinstance(value, dict):
        value = value.get("results") if value.get("results") is not None else value.get("items")
    entries = _SERVICE.entries(value, body)[:_PAPERS]
    parsed = [_sighting(mapping(entry), rank, now) for rank, entry in enumerate(entries, 1)]
    _SERVICE.check_usable(parsed)
    return page_of(parsed)


def _sighting(entry: dict[str, Any], rank: int, now: datetime) -> Sighting | Skipped:
    paper_id, title = _paper_id(entry), text_of(entry, "title")
    where = f"{_SERVICE.title} rank {rank}"
    if paper_id is None:
        return Skipped(where, "no id")
    if not title:
        return Skipped(f"{where} ({shorten(paper_id, 40)})", "no title")
    return Sighting(Paper(paper_id, title), _NAME, now, PaperListing(_NAME, now.date(), rank))


def _paper_id(entry: dict[str, Any]) -> str | None:
    """The arXiv id of an entry, else its number at the service, as "paperswithcode:12".

    The service also has papers that are not on arXiv.
    """
    number = entry.get("id")
    for text in (text_of(entry, "arxiv_id"), text_of(entry, "id")):
        if identifier := parse_arxiv(text):
            return identifier.id
    # Not isinstance, which accepts true as an int.
    digits = str(number) if type(number) is int else text_of(entry, "id")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER
    return f"{_NAME}:{int(digits)}" if is_number else None

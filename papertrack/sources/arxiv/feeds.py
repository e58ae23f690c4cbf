"""arXiv's daily feeds, RSS 2.0 and Atom, https://rss.arxiv.org: what one day announces.

The shapes are those of https://info.arxiv.org/help/rss_specifications.html and of the service's own
code (https://github.com/arXiv/arxiv-feed, 110b5ab4). A feed is always that of the present day in
US Eastern time, and has no papers on Saturdays, Sundays and arXiv's holidays.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from papertrack.announcements import eastern
from papertrack.models import Paper, Skipped
from papertrack.sources.arxiv.categories import categories_of
from papertrack.sources.arxiv.xml import (
    AnnouncementKind,
    ArxivRecord,
    attributes,
    element_name,
    entries_in,
    error,
    identifier_of,
    root_of,
    separate_skipped,
    text,
    texts,
    unexpected_in,
)
from papertrack.text import shorten

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_KINDS: tuple[AnnouncementKind, ...] = ("new", "cross", "replace", "replace-cross")
_HEAD = re.compile(
    r"arXiv:(?P<id>\S+) Announce Type: (?P<kind>\S+) ?(?:Abstract: ?)?", re.IGNORECASE
)
_AFFILIATION = re.compile(r"\([^()]*\)")
_DEEPEST_AFFILIATION = 3
_EASTERN = (timedelta(hours=-5), timedelta(hours=-4))


class Feed(NamedTuple):
    """What arXiv announced on `day`, a date of US Eastern time, in the feed's order."""

    day: date
    announced: tuple[ArxivRecord, ...]
    skipped: tuple[Skipped, ...]

    @property
    def size(self) -> int:
        """How many entries the feed had."""
        return len(self.announced) + len(self.skipped)


def parse_feed(body: bytes) -> Feed:
    """The papers of one feed, RSS or Atom; none where it is that of a day without announcements.

    Raises SourceError of kind "refused" with arXiv's reason where the feed that was asked for does
    not exist; "not-xml"; or "not-a-listing", also where the feed does not tell its day or half of
    the entries or more are of no use.
    """
    channel, name = _channel(root_of(body))
    if text(channel, "title").startswith("Feed error for query"):
        reason = text(channel, "description") or text(channel, "subtitle")
        raise error("refused", f"arXiv refused the feed: {shorten(reason, 120)}")
    entries = entries_in(channel, name)
    day = _day(channel, entries)
    announced = [_announced(number, entry, day) for number, entry in enumerate(entries, 1)]
    papers, skipped = separate_skipped(announced)
    return Feed(day, papers, (*skipped, *unexpected_in(channel, name)))


def _channel(root: "Element") -> tuple["Element", str]:
    """The element that has the entries, and their name."""
    if root.tag == "feed":
        return root, "entry"
    channel = root.find("channel")
    if root.tag != "rss" or channel is None:
        raise error("not-a-listing", f"arXiv sent no feed but {element_name(root.tag)}")
    return channel, "item"


def _day(channel: "Element", entries: list["Element"]) -> date:
    """The day that the feed says it is of, else its entries, else that of its making."""
    said = chain(
        texts(channel, "pubDate"),
        chain.from_iterable(texts(one, "pubDate") + texts(one, "published") for one in entries),
        texts(channel, "lastBuildDate"),
        texts(channel, "updated"),
    )
    day = next(filter(None, map(_eastern_day, said)), None)
    if day is None:
        raise error("not-a-listing", "arXiv sent a feed that does not tell its day")
    return day


def _eastern_day(said: str) -> date | None:
    """The date at arXiv at a moment as RSS or Atom write it, None where it is none.

    What is written in Eastern time, or without an offset, is taken as it stands.
    """
    from email.utils import parsedate_to_datetime

    try:
        iso = said[:4].isdecimal()
        moment = datetime.fromisoformat(said) if iso else parsedate_to_datetime(said)
        if moment.utcoffset() in (None, *_EASTERN):
            return moment.date()
        return eastern(moment).date()
    except (ValueError, OverflowError):
        return None


def _announced(number: int, entry: "Element", day: date) -> ArxivRecord | Skipped:
    title = text(entry, "title")
    described = text(entry, "description") or text(entry, "summary")
    head = _HEAD.match(described)
    ids = [
        *(texts(entry, "guid") or texts(entry, "id")),
        *([head["id"]] if head else []),
        *(texts(entry, "link") or attributes(entry, "link", "href")),
    ]
    identifier = identifier_of(number, ids, title)
    if isinstance(identifier, Skipped):
        return identifier
    paper = Paper(
        identifier.id,
        title,
        identifier.version,
        abstract=described[head.end() if head else 0 :] or None,
        authors=_names(texts(entry, "creator")),
        categories=categories_of(texts(entry, "category") + attributes(entry, "category", "term")),
    )
    kind = text(entry, "announce_type") or (head["kind"] if head else "")
    return ArxivRecord(paper, next((one for one in _KINDS if one == kind.lower()), None), day)


def _names(creators: Iterable[str]) -> tuple[str, ...]:
    """The names of one or more lists joined by commas, each once, without the affiliations that may
    stand in parentheses.
    """
    return tuple(dict.fromkeys(name for one in creators for name in _listed(one)))


def _listed(creators: str) -> list[str]:
    for _ in range(_DEEPEST_AFFILIATION):
        creators = _AFFILIATION.sub(" ", creators)
    names = [" ".join(name.split()) for name in re.split(r"[,()]", creators)]
    return [name for name in names if name]

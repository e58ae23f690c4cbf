"""The parser of arXiv's daily feeds, RSS 2.0 and Atom, https://rss.arxiv.org.

The format is that of https://info.arxiv.org/help/rss_specifications.html and of the service's own
code (https://github.com/arXiv/arxiv-feed, 110b5ab4). A feed is always that of the current day in
US Eastern time, and has no papers on Saturdays, Sundays and arXiv's holidays.
"""

import re
from datetime import date, timedelta
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from papertrack.announcements import to_eastern
from papertrack.models import Paper, Skipped
from papertrack.people import author_names, split_names
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
from papertrack.sources.links import find_doi
from papertrack.text import shorten
from papertrack.timestamps import read_local

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_KINDS: tuple[AnnouncementKind, ...] = ("new", "cross", "replace", "replace-cross")
_HEAD = re.compile(
    r"arXiv:(?P<id>\S+) Announce Type: (?P<kind>\S+) ?(?:Abstract: ?)?", re.IGNORECASE
)
_EASTERN_OFFSETS = (timedelta(hours=-5), timedelta(hours=-4))


class Feed(NamedTuple):
    """The announcements of `day`, a date in US Eastern time, in the order of the feed.

    `size` is the number of its entries, including skipped and repeated ones.
    """

    day: date
    records: tuple[ArxivRecord, ...]
    skipped: tuple[Skipped, ...]
    size: int


def parse_feed(body: bytes) -> Feed:
    """Return the papers of an RSS or Atom feed; none on a day without announcements.

    Raises SourceError of kind "refused" with arXiv's reason if the requested feed does not exist;
    "not-xml"; or "not-a-listing", also if the feed has no date or if half of the entries or more
    are unusable.
    """
    channel, entry_tag = _channel(root_of(body))
    if text(channel, "title").startswith("Feed error for query"):
        reason = text(channel, "description") or text(channel, "subtitle")
        raise error("refused", f"arXiv refused the feed: {shorten(reason, 120)}")
    entries = entries_in(channel, entry_tag)
    day = _day(channel, entries)
    records = [_record(number, entry, day) for number, entry in enumerate(entries, 1)]
    usable, skipped = separate_skipped(records)
    unexpected = unexpected_in(channel, entry_tag)
    return Feed(day, usable, (*skipped, *unexpected), len(entries) + len(unexpected))


def _channel(root: "Element") -> tuple["Element", str]:
    """Return the element that contains the entries, and the tag of an entry."""
    if root.tag == "feed":
        return root, "entry"
    channel = root.find("channel")
    if root.tag != "rss" or channel is None:
        raise error("not-a-listing", f"arXiv sent {element_name(root.tag)} instead of a feed")
    return channel, "item"


def _day(channel: "Element", entries: list["Element"]) -> date:
    """Return the date of the feed, else that of its entries, else that on which it was made."""
    dates = chain(
        texts(channel, "pubDate"),
        chain.from_iterable(
            texts(entry, "pubDate") + texts(entry, "published") for entry in entries
        ),
        texts(channel, "lastBuildDate"),
        texts(channel, "updated"),
    )
    day = next(filter(None, map(_eastern_day, dates)), None)
    if day is None:
        raise error("not-a-listing", "arXiv sent a feed without a date")
    return day


def _eastern_day(value: str) -> date | None:
    """Return the Eastern date of an RSS or Atom date, None if it cannot be parsed.

    The date of a value in Eastern time, or without an offset, is used as it is written.
    """
    moment = read_local(value)
    if moment is None:
        return None
    if moment.utcoffset() in (None, *_EASTERN_OFFSETS):
        return moment.date()
    return to_eastern(moment).date()


def _record(number: int, entry: "Element", day: date) -> ArxivRecord | Skipped:
    title = text(entry, "title")
    description = text(entry, "description") or text(entry, "summary")
    head = _HEAD.match(description)
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
        abstract=description[head.end() if head else 0 :] or None,
        authors=author_names(chain.from_iterable(map(split_names, texts(entry, "creator")))),
        categories=categories_of(texts(entry, "category") + attributes(entry, "category", "term")),
        journal_ref=text(entry, "journal_reference") or None,
        doi=find_doi(text(entry, "DOI")),
    )
    announce_type = text(entry, "announce_type") or (head["kind"] if head else "")
    kind = next((kind for kind in _KINDS if kind == announce_type.lower()), None)
    return ArxivRecord(paper, kind, day)

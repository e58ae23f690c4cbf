"""The lists of papers that a site has pages for: today, days, months, topics, trending, starred."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from papertrack.exports.site_pages import Link
from papertrack.models import Entry
from papertrack.publishing.collection import Collection, listing_days
from papertrack.tracker.wording import count

_TRENDING_ON_INDEX = 10


class Group(NamedTuple):
    """Papers below a heading, in full or as `lines`; `url` is the page that it links to."""

    title: str
    entries: Sequence[Entry]
    lines: bool = False
    url: str = ""


class PaperList(NamedTuple):
    """Papers with pages of their own.

    `path` is that of the first page, without extension. With `has_feed` they have a feed of their
    own.
    """

    path: str
    title: str
    about: str
    groups: Sequence[Group]
    has_feed: bool = False
    previous: Link | None = None
    following: Link | None = None

    @property
    def feed(self) -> str:
        """The path of the feed for readers of this page; "" if there is none."""
        if self.has_feed:
            return f"{self.path}.atom"
        return "all.atom" if self.path == "index" else ""

    @property
    def entries(self) -> Sequence[Entry]:
        """The papers, each once."""
        entries = (entry for group in self.groups for entry in group.entries)
        return tuple({entry.paper.id: entry for entry in entries}.values())


def by_day(collection: Collection, since: date | None) -> dict[date, list[Entry]]:
    """The papers of each listing day from `since` on, oldest day first."""
    days: dict[date, list[Entry]] = defaultdict(list)
    for entry in collection.entries:
        for day in listing_days(entry):
            if since is None or day >= since:
                days[day].append(entry)
    return dict(sorted(days.items()))


def index_list(
    collection: Collection, days: Mapping[date, Sequence[Entry]], pages: Mapping[str, str]
) -> PaperList:
    """The newest listing day, and below it what is trending."""
    if not days:
        return PaperList("index", "No papers yet", "", ())
    day = max(days)
    rising = collection.trending[:_TRENDING_ON_INDEX] if collection.has_counts else ()
    more = [Group("Trending", rising, lines=True, url="trending.html")] if rising else []
    groups = [*_by_topic(days[day], collection.topics, pages), *more]
    return PaperList("index", _long(day), _about(days[day]), groups)


def day_lists(
    collection: Collection, days: Mapping[date, Sequence[Entry]], pages: Mapping[str, str]
) -> Iterator[PaperList]:
    """A list for each listing day, linked to the days before and after it."""
    links = [Link(day_page(day), str(day)) for day in days]
    for day, before, after in zip(days, [None, *links], [*links[1:], None], strict=False):
        yield PaperList(
            f"day/{day}",
            _long(day),
            _about(days[day]),
            _by_topic(days[day], collection.topics, pages),
            previous=before,
            following=after,
        )


def month_lists(days: Mapping[date, Sequence[Entry]]) -> Iterator[PaperList]:
    """A list for each month, in lines, newest day first."""
    for month, dates in months_of(days).items():
        groups = [
            Group(_long(day), days[day], lines=True, url=day_page(day)) for day in reversed(dates)
        ]
        about = f"{count(papers_in(dates, days), 'paper')} on {count(len(dates), 'day')}"
        yield PaperList(f"month/{month}", f"{dates[0]:%B %Y}", about, groups)


def months_of(days: Iterable[date]) -> dict[str, list[date]]:
    """The listing days of each month: {"2026-03": [...]}, oldest first."""
    months: dict[str, list[date]] = defaultdict(list)
    for day in days:
        months[f"{day:%Y-%m}"].append(day)
    return dict(months)


def papers_in(dates: Iterable[date], days: Mapping[date, Sequence[Entry]]) -> int:
    """The number of papers listed on some days."""
    return len({entry.paper.id for day in dates for entry in days[day]})


def topic_lists(collection: Collection, pages: Mapping[str, str]) -> Iterator[PaperList]:
    """A list for each topic, newest first; related papers follow."""
    for topic in collection.topics:
        matching = [e for e in collection.entries if topic in {match.topic for match in e.matches}]
        related = [e for e in collection.entries if topic in {item.topic for item in e.related}]
        groups = [Group("Papers", matching)]
        groups += [Group("Related papers", related)] if related else []
        about = count(len(matching), "paper") + (f", {len(related):,} related" if related else "")
        yield PaperList(pages[topic], topic, about, groups, has_feed=True)


def trending_list(collection: Collection) -> PaperList:
    """What is trending, best first."""
    about = "Papers of the last seven days that gain upvotes fastest for their age"
    groups = [Group("Papers", collection.trending)]
    return PaperList("trending", "Trending", about, groups, has_feed=True)


def starred_list(collection: Collection) -> PaperList:
    """The starred papers, newest first."""
    starred = [entry for entry in collection.entries if entry.state.starred]
    about = count(len(starred), "paper")
    return PaperList("starred", "Starred", about, [Group("Papers", starred)], has_feed=True)


def month_page(month: str) -> str:
    """The path of the page of a month."""
    return f"month/{month}.html"


def day_page(day: date) -> str:
    """The path of the page of a day."""
    return f"day/{day}.html"


def _long(day: date) -> str:
    return f"{day:%A} {day}"


def _about(entries: Sequence[Entry]) -> str:
    matched = sum(1 for entry in entries if entry.matches)
    verb = "matches" if matched == 1 else "match"
    return count(len(entries), "paper") + (
        f", {matched:,} of them {verb} a topic" if matched else ""
    )


def _by_topic(
    entries: Iterable[Entry], topics: Iterable[str], pages: Mapping[str, str]
) -> list[Group]:
    """The papers by the topic that they match best, in the order of the topics, then the others."""
    groups: dict[str, list[Entry]] = {topic: [] for topic in topics}
    others: list[Entry] = []
    for entry in entries:
        best = min(entry.matches, key=attrgetter("order")).topic if entry.matches else None
        (others if best is None else groups[best]).append(entry)
    for papers in groups.values():
        papers.sort(key=lambda entry: (entry.match_order, entry.paper.id))
    others.sort(key=_by_upvotes)
    with_papers = [
        Group(topic, papers, url=f"{pages[topic]}.html")
        for topic, papers in groups.items()
        if papers
    ]
    title = "Other papers" if with_papers else "Papers"
    return [*with_papers, *([Group(title, others)] if others else [])]


def _by_upvotes(entry: Entry) -> tuple[object, ...]:
    upvotes = entry.latest.upvotes if entry.latest else None
    return entry.match_order, -(upvotes or 0), entry.paper.id

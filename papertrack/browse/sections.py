"""The sections of the reader: which papers each lists, and how many.

The papers are those of the commands `today`, `catchup`, `list` and `search`.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple

from papertrack.calendar import EARLIEST_YEAR, Span, utc_day
from papertrack.library.seen import listing_days_since, unseen_days
from papertrack.models import Entry, Paper, Report, Section
from papertrack.searching.query import words_of
from papertrack.text import readable
from papertrack.tracker import Tracker
from papertrack.tracker.catchup import catch_up
from papertrack.tracker.editions import EditionRequest, is_shown, today
from papertrack.tracker.for_you import ForYou, for_you
from papertrack.tracker.papers import RECENT_DAYS, Selection, list_papers
from papertrack.tracker.search import matching_ids

SectionKind = Literal[
    "today", "catchup", "rising", "for_you", "starred", "unread", "all", "topic", "search"
]
_TITLES: dict[SectionKind, str] = {
    "today": "Today",
    "catchup": "Catch up",
    "rising": "Rising",
    "for_you": "For you",
    "starred": "Starred",
    "unread": "Unread",
    "all": "All",
}
MAX_FOUND = 1000  # papers that a search lists
_RELATED = 6


class SectionKey(NamedTuple):
    """A section: its kind, and the name of the topic or the query of the search."""

    kind: SectionKind
    value: str = ""

    @property
    def title(self) -> str:
        """The name to show."""
        return _TITLES.get(self.kind, self.value)


class Contents(NamedTuple):
    """The papers of a section by id, in order.

    `known` has the entries of papers that the section ranks, with their rank's values; the others
    are read when they are shown. `total` also counts papers beyond those listed. `words` are folded
    words to highlight, and `note` is a line for the reader, or "".
    """

    title: str
    ids: tuple[str, ...] = ()
    known: tuple[Entry, ...] = ()
    total: int = 0
    words: frozenset[str] = frozenset()
    note: str = ""


def section_keys(tracker: Tracker) -> list[SectionKey]:
    """The sections to choose from: those of all libraries, then the topics.

    *For you* is one with ten stars or more, unless the configuration turns it off.
    """
    topics = [SectionKey("topic", topic.name) for topic in tracker.topics]
    has_stars = for_you(tracker, ()) != ForYou()
    kinds = (kind for kind in _TITLES if kind != "for_you" or has_stars)
    return [*map(SectionKey, kinds), *topics]


def read_section(tracker: Tracker, key: SectionKey, since: date | None = None) -> Contents:
    """Read a section; with `since`, only papers listed on that day or later.

    Raises LibraryError, and UsageError for an unknown topic or an invalid query.
    """
    if key.kind in ("today", "rising"):
        return _of_edition(tracker, key, since)
    if key.kind == "catchup":
        return _missed(tracker, since)
    if key.kind == "for_you":
        return _recommended(tracker, since)
    if key.kind == "search":
        matching = matching_ids(tracker, key.value, since, MAX_FOUND)
        return Contents(key.value, matching.ids, (), matching.total, matching.words, matching.note)
    if key.kind == "all":
        first = since or date(EARLIEST_YEAR, 1, 1)
        matching = matching_ids(tracker, f"since:{first}")
        return Contents(key.title, matching.ids, (), matching.total)
    selection = Selection(since=since, only_ids=True)
    selection = {
        "starred": selection._replace(starred=True),
        "unread": selection._replace(unread=True),
        "topic": selection._replace(topic=key.value),
    }[key.kind]
    report = list_papers(tracker, selection)
    ids = tuple(entry.paper.id for section in report.sections for entry in section.entries)
    return Contents(key.title, ids, (), len(ids), note=" ".join(report.notes))


def last_day(tracker: Tracker) -> date:
    """The last listing day up to today; today if there is none."""
    current = utc_day(tracker.now)
    return max((day for day in tracker.library.listing_days() if day <= current), default=current)


def _of_edition(tracker: Tracker, key: SectionKey, since: date | None) -> Contents:
    """New papers of the last listing day, matches first, or those rising in the week to it."""
    last = last_day(tracker)
    report = today(tracker, EditionRequest(Span(min(since or last, last), last)))
    kind = "new" if key.kind == "today" else "trending"
    section = next((item for item in report.sections if item.kind == kind), Section("", (), 0))
    entries = tuple(section.entries)
    return _ranked(f"{key.title}: {section.title}" if section.title else key.title, entries, report)


def _missed(tracker: Tracker, since: date | None) -> Contents:
    days = (
        listing_days_since(tracker.library, since, tracker.now)
        if since
        else unseen_days(tracker.library, tracker.now)
    )
    report = catch_up(tracker, days, None, by_topic=False)
    (section,) = report.sections
    title = f"Catch up: {section.title}" if days else "Catch up"
    contents = _ranked(title, tuple(section.entries), report)
    return contents._replace(note=contents.note or ("" if days else section.empty_text))


def _recommended(tracker: Tracker, since: date | None) -> Contents:
    """The stored ranking of `recommend`, with the reasons."""
    recommended = for_you(tracker, [last_day(tracker)])
    entries = tracker.library.entries(paper.id for paper in recommended.best).values()
    listed = [entry for entry in entries if since is None or entry.last_listed >= since]
    section = recommended.section(tracker.match(listed), None)
    notes = (recommended.note,) if recommended.note else ()
    report = Report("recommend", tracker.now, "", (section,), notes)
    return _ranked("For you: the best of the last 30 days", tuple(section.entries), report)


def _ranked(title: str, entries: tuple[Entry, ...], report: Report) -> Contents:
    ids = tuple(entry.paper.id for entry in entries)
    return Contents(title, ids, entries, len(ids), note=" ".join(report.notes))


def count_papers(tracker: Tracker, since: date | None = None) -> Iterator[tuple[SectionKey, int]]:
    """The sections with their numbers of papers, the quickest first. Raises LibraryError."""
    states = tracker.library.states().values()
    yield SectionKey("starred"), sum(state.starred and not state.hidden for state in states)
    kinds = {key.kind for key in section_keys(tracker)}
    for kind in ("today", "rising", "for_you", "catchup"):
        key = SectionKey(kind)
        if kind in kinds:
            yield key, read_section(tracker, key, since).total
    yield SectionKey("all"), tracker.library.paper_count()
    counts = {topic.name: 0 for topic in tracker.topics}
    for name in _unread_topics(tracker, since):
        counts[name] += 1
    for name, number in counts.items():
        yield SectionKey("topic", name), number
    yield SectionKey("unread"), read_section(tracker, SectionKey("unread"), since).total


def _unread_topics(tracker: Tracker, since: date | None) -> Iterator[str]:
    """The topics of each recent paper that is neither read nor hidden, by the cached matches."""
    last = utc_day(tracker.now)
    first = since or last - timedelta(days=RECENT_DAYS)
    for day in Span(first, max(first, last)).days():
        entries = tracker.library.listed_entries(Span(day, day))
        unread: Iterable[Entry] = [
            entry
            for entry in entries
            if entry.last_listed == day
            and not (entry.state.read or entry.state.hidden)
            and is_shown(entry, cross_lists=False)
        ]
        for entry in tracker.with_matches(list(unread)):
            yield from dict.fromkeys(match.topic for match in entry.matches)
            yield from dict.fromkeys(related.topic for related in entry.related)


def read_papers(tracker: Tracker, ids: Iterable[str], known: Iterable[Entry]) -> list[Entry]:
    """The complete entries of these papers, with their topics and the values of `known` entries.

    A paper that has been removed is left out. Raises LibraryError.
    """
    by_id = {entry.paper.id: entry for entry in known}
    paper_ids = list(ids)
    ranked = [by_id[paper_id] for paper_id in paper_ids if paper_id in by_id]
    complete = {entry.paper.id: entry for entry in tracker.complete(ranked)}
    others = tracker.library.entries(key for key in paper_ids if key not in complete)
    complete |= {entry.paper.id: entry for entry in tracker.match(others.values())}
    return [complete[paper_id] for paper_id in paper_ids if paper_id in complete]


def related_papers(tracker: Tracker, paper: Paper) -> list[Entry]:
    """The stored papers most relevant to the title of a paper, by the model of `search`.

    A title of four words or more is expanded with words of the papers ranked first; see
    papertrack.searching. Raises LibraryError.
    """
    words = words_of(readable(paper.title))
    matching = matching_ids(tracker, " ".join(words), limit=_RELATED + 1) if words else None
    ids = [paper_id for paper_id in (matching.ids if matching else ()) if paper_id != paper.id]
    return list(tracker.library.entries(ids[:_RELATED]).values())

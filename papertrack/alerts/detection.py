"""Finding news: papers that match for the first time, and events of papers already stored.

For a topic with `breadth: related`, new papers that are related to it are news, too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain
from typing import NamedTuple

from papertrack import facts
from papertrack.alerts.skip_log import SkipLog
from papertrack.calendar import Span, utc_day
from papertrack.events import (
    CODE,
    DOUBLED,
    LEAST_DOUBLED,
    NEW,
    PUBLISHED,
    VERSION,
    WITHDRAWN,
    Event,
    parse_event,
)
from papertrack.library import table_names
from papertrack.library.deliveries import (
    FOR_YOU_RULE,
    LISTING_GROWS,
    STARRED_RULE,
    WatchedRule,
)
from papertrack.library.library import Library
from papertrack.library.paper_events import load_events
from papertrack.models import Entry, PaperEvent, Topic
from papertrack.tracker import Tracker
from papertrack.tracker.editions import is_profile, is_shown
from papertrack.tracker.rankings import trending_ids

Watches = Mapping[str, WatchedRule]  # by the names of the rules
_WITHOUT_PHRASES = (STARRED_RULE, FOR_YOU_RULE)
_AHEAD = timedelta(days=7)
_RELATED_WITHIN = timedelta(days=30)
_COUNT_EVENTS = ("count", "rising", DOUBLED)
_REPEATED = (VERSION, DOUBLED)  # of starred papers


class News(NamedTuple):
    """An event of a paper, and the names of the topics it concerns."""

    paper_id: str
    event: str
    topics: tuple[str, ...]


class NewsScan(NamedTuple):
    """The result of a scan: the news, the updated watches, and the cursor for the next scan."""

    news: tuple[News, ...]
    watches: tuple[WatchedRule, ...]
    cursor: Mapping[str, str]


def find_news(
    tracker: Tracker, watches: Watches, cursor: Mapping[str, str], *, cross_lists: bool
) -> NewsScan:
    """Scan the tables that changed since the cursor for news of the watched rules."""
    library = tracker.library
    fingerprints = table_fingerprints(library)
    changed = {table for table, value in fingerprints.items() if cursor.get(table) != value}
    events = _EventChecker(tracker, watches.values())
    rules = [watch.rule for name, watch in watches.items() if name not in _WITHOUT_PHRASES]
    entries = _changed_entries(library, changed, with_counts=events.need_counts)
    news_filter = _NewsFilter(events, utc_day(tracker.now), cross_lists=cross_lists)
    news = [
        item
        for entry in tracker.with_topics(rules).match(entries)
        for item in news_filter.news_of(entry, watches)
    ]
    news_filter.skip_log.write()
    updated = dict(watches)
    if starred := watches.get(STARRED_RULE):
        starred_news, updated[STARRED_RULE] = _scan_starred(library, starred, events)
        news += starred_news
    return NewsScan(_merge_topics(news), tuple(updated.values()), fingerprints)


def adopt_rules(
    tracker: Tracker, rules: Sequence[Topic], watches: Watches, scanned_until: date
) -> tuple[WatchedRule, ...]:
    """The watches for these rules; unchanged rules keep theirs.

    Papers that are already stored are not news for a new rule. A changed rule starts on the day up
    to which the library was scanned, so that papers since then which are fetched later are news.
    STARRED_RULE is the name of the rule for starred papers, FOR_YOU_RULE of that for recommended
    ones.
    """
    today = utc_day(tracker.now)
    new = {
        rule.name: WatchedRule(rule, min(today, scanned_until) if rule.name in watches else today)
        for rule in rules
        if rule.name not in watches or watches[rule.name].rule != rule
    }
    past_events = _past_events(
        tracker, [watch for name, watch in new.items() if name not in _WITHOUT_PHRASES]
    )
    return tuple(
        _with_past_events(
            tracker, new[rule.name], past_events.get(rule.name, {}), watches.get(rule.name)
        )
        if rule.name in new
        else watches[rule.name]
        for rule in rules
    )


def newest_day_seen(tables: Iterable[str]) -> date:
    """The newest day that these tables of papers belong to; date.max without any."""
    days = (table_names.day_of(table) for table in tables if table.startswith(table_names.PAPERS))
    return max(days, default=date.max)


def _with_past_events(
    tracker: Tracker,
    watch: WatchedRule,
    past_events: Mapping[str, set[str]],
    previous: WatchedRule | None,
) -> WatchedRule:
    if watch.rule.name == STARRED_RULE:
        return _scan_starred(tracker.library, watch, _EventChecker(tracker, [watch]))[1]
    happened = tuple((event, frozenset(ids)) for event, ids in past_events.items())
    return watch._replace(earlier_events=happened, muted=previous and previous.muted)


def news_since(
    tracker: Tracker, watches: Watches, first: date, *, cross_lists: bool
) -> tuple[News, ...]:
    """All matching and related papers listed from a day on, even if they were stored before."""
    today = utc_day(tracker.now)
    rules = [
        watch.rule
        for name, watch in watches.items()
        if name not in _WITHOUT_PHRASES and NEW in watch.rule.when and not is_muted(watch, today)
    ]
    matching = tracker.with_topics(rules)
    entries = chain(matching.matching(first) if rules else (), matching.related())
    return _merge_topics(
        News(entry.paper.id, NEW, tuple(hit.topic for hit in entry.matches or entry.related))
        for entry in entries
        if not entry.state.hidden and entry.last_listed >= first
        if is_shown(entry, cross_lists=cross_lists)
    )


def table_fingerprints(library: Library) -> dict[str, str]:
    """The fingerprints of the tables of papers and counts; they change with the tables."""
    return library.fingerprints() | library.fingerprints(table_names.COUNTS)


class _EventChecker:
    """Checks whether the events that rules wait for have happened to a paper."""

    def __init__(self, tracker: Tracker, watches: Iterable[WatchedRule]) -> None:
        texts = {text for watch in watches for text in watch.rule.when}
        self._events = {text: parse_event(text) for text in texts}
        events = self._events.values()
        self.need_counts = any(event.kind in _COUNT_EVENTS for event in events)
        limit = max((event.number for event in events if event.kind == "rising"), default=0)
        self._top = trending_ids(tracker, limit) if limit else []

    def has_happened(self, text: str, entry: Entry) -> bool:
        """Whether an event other than "new" has happened to a paper."""
        event = self._events[text]
        if event.kind == "rising":
            return entry.paper.id in self._top[: event.number]
        return _CHECKS[event.kind](entry, event)


def _reaches_count(entry: Entry, event: Event) -> bool:
    count = getattr(entry.latest, event.subject) if entry.latest else None
    return count is not None and count >= event.number


def _has_later_version(entry: Entry, _event: Event) -> bool:
    """Whether a version appeared after the paper was first seen."""
    paper, first = entry.paper, entry.first_seen
    updated = paper.updated is not None and paper.updated > first and (paper.version or 0) > 1
    return updated or any(
        listed.kind == "revised" and listed.day > utc_day(first) for listed in entry.listings
    )


def _has_doubled(entry: Entry) -> bool:
    """Whether the upvotes doubled since they were first observed."""
    counts = [item.upvotes for item in entry.observations if item.upvotes is not None]
    return bool(counts) and counts[-1] >= max(2 * counts[0], LEAST_DOUBLED)


_CHECKS: Mapping[str, Callable[[Entry, Event], bool]] = {
    "count": _reaches_count,
    "listed": lambda entry, event: entry.first_listed_by(event.subject) is not None,
    CODE: lambda entry, _: facts.code(entry.paper).url is not None,
    VERSION: _has_later_version,
    WITHDRAWN: lambda entry, _: bool(entry.paper.withdrawn),
    PUBLISHED: lambda entry, _: bool(facts.publication(entry.paper)),
    DOUBLED: lambda entry, _: _has_doubled(entry),
}


def _changed_entries(
    library: Library, changed: Iterable[str], *, with_counts: bool
) -> Iterator[Entry]:
    """The entries in these tables, each once; tables of counts are read only `with_counts`."""
    paper_tables = {table: None for table in changed if table.startswith(table_names.PAPERS)}
    counted_ids = {
        key
        for table in changed
        if with_counts and table.startswith(table_names.COUNTS)
        for key, _ in library.database.rows(table)
    }
    counted = {
        table: ids
        for table, ids in library.locate(counted_ids).items()
        if table not in paper_tables
    }
    entries = chain(library.entries_in(paper_tables), library.entries_in(counted))
    return library.with_listings(list(entries)) if with_counts else entries


class _NewsFilter:
    """Decides which events of matching papers are news, and logs why the others are not."""

    def __init__(self, events: _EventChecker, today: date, *, cross_lists: bool) -> None:
        self._events, self._today, self._cross_lists = events, today, cross_lists
        self.skip_log = SkipLog()

    def news_of(self, entry: Entry, watches: Watches) -> Iterator[News]:
        """Yield the news of a paper, one item for each topic and event."""
        for match in entry.matches:
            watch = watches[match.topic]
            for event in watch.rule.when:
                if reason := self._skip_reason(entry, watch, event):
                    self.skip_log.add(entry.paper.id, reason, topic=match.topic, event=event)
                else:
                    yield News(entry.paper.id, event, (match.topic,))
        for related in entry.related:
            watch = watches[related.topic]
            if NEW not in watch.rule.when:
                continue
            if reason := self._skip_reason_of_related(entry, watch):
                self.skip_log.add(entry.paper.id, reason, topic=related.topic, event=NEW)
            else:
                yield News(entry.paper.id, NEW, (related.topic,))

    def _skip_reason_of_related(self, entry: Entry, watch: WatchedRule) -> str:
        """As `_skip_reason`; a model that was trained again must not make old papers news."""
        if entry.last_listed < self._today - _RELATED_WITHIN:
            return "related, but listed long ago"
        return self._skip_reason(entry, watch, NEW)

    def _skip_reason(self, entry: Entry, watch: WatchedRule, event: str) -> str:
        """Return why an event is not news, or "" if it is."""
        if entry.state.hidden or is_profile(entry):
            return "hidden" if entry.state.hidden else "imported as starred"
        if is_muted(watch, self._today):
            return f"muted until {watch.muted}"
        if watch.had_happened(event, entry.paper.id):
            return "stored before the topic was watched"
        if event != NEW:
            return "" if self._events.has_happened(event, entry) else "has not happened"
        if not watch.covers(entry.last_listed):
            return "listed before the topic was watched"
        return "" if is_shown(entry, cross_lists=self._cross_lists) else "not listed as new"


def is_muted(watch: WatchedRule, today: date) -> bool:
    """Whether nothing is delivered for a rule on a day."""
    return watch.muted is not None and today <= watch.muted


def _scan_starred(
    library: Library, watch: WatchedRule, events: _EventChecker
) -> tuple[list[News], WatchedRule]:
    """The news of starred papers, and the updated watch.

    Events that happened before a paper was starred are not news.
    """
    ids = [key for key, state in library.states().items() if state.starred]
    entries = library.with_listings(list(library.entries_in(library.locate(ids))))
    stored_events = _events_by_paper(library)
    news, papers = [], set(watch.papers)
    past_events = {event: set(paper_ids) for event, paper_ids in watch.earlier_events}
    for entry in entries:
        for event in _happened_to_starred(watch, entry, events, stored_events):
            if entry.paper.id not in watch.papers:
                past_events.setdefault(event, set()).add(entry.paper.id)
            elif not watch.had_happened(event, entry.paper.id):
                news.append(News(entry.paper.id, event, (STARRED_RULE,)))
        papers.add(entry.paper.id)
    happened_before = tuple((event, frozenset(ids)) for event, ids in past_events.items())
    return news, watch._replace(earlier_events=happened_before, papers=frozenset(papers))


def _events_by_paper(library: Library) -> dict[str, list[PaperEvent]]:
    by_paper: dict[str, list[PaperEvent]] = {}
    for event in load_events(library):
        by_paper.setdefault(event.paper_id, []).append(event)
    return by_paper


def _happened_to_starred(
    watch: WatchedRule,
    entry: Entry,
    events: _EventChecker,
    stored_events: Mapping[str, Sequence[PaperEvent]],
) -> Iterator[str]:
    """Yield the events of a starred paper: each that the rule names, and later versions by number.

    The first stored event is the one without a number, unless that had happened before the star.
    """
    for text in watch.rule.when:
        stored = [item for item in stored_events.get(entry.paper.id, ()) if item.event == text]
        had_happened = watch.had_happened(text, entry.paper.id)
        if events.has_happened(text, entry) or (stored and not had_happened):
            yield text
        if text in _REPEATED:
            # Of a paper that was not examined before, everything happened in the past.
            past = had_happened or entry.paper.id not in watch.papers
            repeated = stored if past else stored[1:]
            yield from (f"{text} {item.value or item.at.date()}" for item in repeated)


def _past_events(
    tracker: Tracker, watches: Sequence[WatchedRule]
) -> dict[str, dict[str, set[str]]]:
    """The ids of the stored papers to which events have happened, by rule and event.

    For the event "new", only papers listed since shortly before a rule starts are looked up: the
    listing day alone shows that older ones are not news.
    """
    past: dict[str, dict[str, set[str]]] = {}
    if not watches:
        return past
    rules = [watch.rule for watch in watches]
    first = min(watch.since for watch in watches) - LISTING_GROWS
    span = Span(first, utc_day(tracker.now) + _AHEAD)
    matching = tracker.with_topics(rules)
    for entry in matching.match(tracker.library.entries_within(span)):
        matched = [match.topic for match in entry.matches]
        for name in (*matched, *(related.topic for related in entry.related)):
            past.setdefault(name, {}).setdefault(NEW, set()).add(entry.paper.id)
    other_events = {rule.name: [event for event in rule.when if event != NEW] for rule in rules}
    matching = tracker.with_phrases_only(rule for rule in rules if other_events[rule.name])
    if matching.topics:
        checker = _EventChecker(tracker, watches)
        for entry in tracker.library.with_listings(list(matching.matching())):
            for name in (match.topic for match in entry.matches):
                for event in other_events[name]:
                    if checker.has_happened(event, entry):
                        past.setdefault(name, {}).setdefault(event, set()).add(entry.paper.id)
    return past


def _merge_topics(news: Iterable[News]) -> tuple[News, ...]:
    """Each event of a paper once, with all its topics."""
    topics: dict[tuple[str, str], dict[str, None]] = {}
    for item in news:
        topics.setdefault((item.paper_id, item.event), {}).update(dict.fromkeys(item.topics))
    return tuple(News(*key, tuple(names)) for key, names in topics.items())

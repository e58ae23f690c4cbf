"""What is news: papers that match for the first time, and events of those that are known."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain
from typing import NamedTuple

from papertrack.alerts.skipping import Skipped
from papertrack.calendar import Span, utc_day
from papertrack.events import CODE, NEW, VERSION, WITHDRAWN, Event, parse_event
from papertrack.library import table_names
from papertrack.library.deliveries import STARRED, WatchedRule
from papertrack.library.library import Library
from papertrack.models import Entry, Topic
from papertrack.tracker import Tracker
from papertrack.tracker.editions import is_shown, trending_ids

Watches = Mapping[str, WatchedRule]
# A listing fills up for a day: what joins yesterday's is news, too.
_FILLING = timedelta(days=1)
_AHEAD = timedelta(days=7)
_COUNTED = ("count", "rising")


class News(NamedTuple):
    """An event of a paper, and the topics that it concerns."""

    paper_id: str
    event: str
    topics: tuple[str, ...]


class NewsScan(NamedTuple):
    """What a look at the library found, the watches after it, and the tables as they were."""

    news: tuple[News, ...]
    watches: tuple[WatchedRule, ...]
    cursor: Mapping[str, str]


def find_news(
    tracker: Tracker, watches: Watches, seen: Mapping[str, str], *, cross_lists: bool
) -> NewsScan:
    """What came into the library since its tables were `seen`, by the rules in force."""
    library = tracker.library
    signatures = table_fingerprints(library)
    changed = {table for table, one in signatures.items() if seen.get(table) != one}
    events = _Events(tracker, watches.values())
    rules = [one.rule for name, one in watches.items() if name != STARRED]
    entries = _changed(library, changed, counted=events.counted)
    judge = _Judge(events, utc_day(tracker.now), cross_lists=cross_lists)
    news = [
        one
        for entry in tracker.with_phrases_only(rules).match(entries)
        for one in judge.news(entry, watches)
    ]
    judge.skipped.report()
    after = dict(watches)
    if starred := watches.get(STARRED):
        found, after[STARRED] = _starred(library, starred, events)
        news += found
    return NewsScan(_united(news), tuple(after.values()), signatures)


def adopt_rules(
    tracker: Tracker, rules: Iterable[Topic], watches: Watches, looked: date
) -> tuple[WatchedRule, ...]:
    """Watches for these rules: those in force where the rule is the same; else new ones, for which
    nothing that the library holds is news. A rule named STARRED is that for starred papers.

    A changed rule begins on the day up to which the library was `looked` through: what came since
    then and is yet to be fetched is no older for the change.
    """
    rules, today = tuple(rules), utc_day(tracker.now)
    fresh = {
        one.name: WatchedRule(one, min(today, looked) if one.name in watches else today)
        for one in rules
        if one.name not in watches or watches[one.name].rule != one
    }
    known = _happened(tracker, [one for name, one in fresh.items() if name != STARRED])
    return tuple(
        _begun(tracker, fresh[one.name], known.get(one.name, {}), watches.get(one.name))
        if one.name in fresh
        else watches[one.name]
        for one in rules
    )


def newest_day_seen(seen: Iterable[str]) -> date:
    """The newest day of which papers were seen, by their tables; no day that there is where there
    are none.
    """
    days = (table_names.day_of(table) for table in seen if table.startswith(table_names.PAPERS))
    return max(days, default=date.max)


def _begun(
    tracker: Tracker, watch: WatchedRule, known: Mapping[str, set[str]], before: WatchedRule | None
) -> WatchedRule:
    if watch.rule.name == STARRED:
        return _starred(tracker.library, watch, _Events(tracker, [watch]))[1]
    happened = tuple((event, frozenset(ids)) for event, ids in known.items())
    return watch._replace(known=happened, muted=before and before.muted)


def news_since(
    tracker: Tracker, watches: Watches, first: date, *, cross_lists: bool
) -> tuple[News, ...]:
    """Everything listed from a day on that matches, whether it was known or not."""
    today = utc_day(tracker.now)
    rules = [
        one.rule
        for name, one in watches.items()
        if name != STARRED and NEW in one.rule.when and not _is_muted(one, today)
    ]
    asked = tracker.with_phrases_only(rules)
    found = asked.matching(first) if rules else ()
    return tuple(
        News(entry.paper.id, NEW, tuple(one.topic for one in entry.matches))
        for entry in found
        if not entry.state.hidden and entry.last_listed >= first
        if is_shown(entry, cross_lists=cross_lists)
    )


def table_fingerprints(library: Library) -> dict[str, str]:
    """The tables that news can be in, each with what changes whenever it does."""
    return library.fingerprints() | library.fingerprints(table_names.COUNTS)


class _Events:
    """The events that watches wait for, and whether they have happened to a paper."""

    def __init__(self, tracker: Tracker, watches: Iterable[WatchedRule]) -> None:
        texts = {text for one in watches for text in one.rule.when}
        self._known = {text: parse_event(text) for text in texts}
        self.counted = any(one.kind in _COUNTED for one in self._known.values())
        most = max((one.number for one in self._known.values() if one.kind == "rising"), default=0)
        self._top = trending_ids(tracker, most) if most else []

    def happened(self, text: str, entry: Entry) -> bool:
        """Whether that event, which is not "new", has happened to the paper."""
        event = self._known[text]
        if event.kind == "rising":
            return entry.paper.id in self._top[: event.number]
        return _HAPPENED[event.kind](entry, event)


def _counts(entry: Entry, event: Event) -> bool:
    count = getattr(entry.latest, event.subject) if entry.latest else None
    return count is not None and count >= event.number


def _is_later_version(entry: Entry, _event: Event) -> bool:
    """Whether a version came after the paper was first seen."""
    paper, first = entry.paper, entry.first_seen
    changed = paper.updated is not None and paper.updated > first and (paper.version or 0) > 1
    return changed or any(
        one.kind == "revised" and one.day > utc_day(first) for one in entry.listings
    )


_HAPPENED: Mapping[str, Callable[[Entry, Event], bool]] = {
    "count": _counts,
    "listed": lambda entry, event: entry.listed(event.subject) is not None,
    CODE: lambda entry, _: entry.paper.code_url is not None,
    VERSION: _is_later_version,
    WITHDRAWN: lambda entry, _: bool(entry.paper.withdrawn),
}


def _changed(library: Library, changed: Iterable[str], *, counted: bool) -> Iterator[Entry]:
    """The papers of these tables, each once; those of counts only where counts matter."""
    papers = {table: None for table in changed if table.startswith(table_names.PAPERS)}
    ids = {
        key
        for table in changed
        if counted and table.startswith(table_names.COUNTS)
        for key, _ in library.database.rows(table)
    }
    others = {table: here for table, here in library.locate(ids).items() if table not in papers}
    found = chain(library.entries_in(papers), library.entries_in(others))
    return library.with_listings(list(found)) if counted else found


class _Judge:
    """Decides which events of matching papers are news; `skipped` has the others."""

    def __init__(self, events: _Events, today: date, *, cross_lists: bool) -> None:
        self._events, self._today, self._cross_lists = events, today, cross_lists
        self.skipped = Skipped()

    def news(self, entry: Entry, watches: Watches) -> Iterator[News]:
        """Yield a paper's news for the topics that it matches."""
        for match in entry.matches:
            watch = watches[match.topic]
            for event in watch.rule.when:
                if reason := self._objection(entry, watch, event):
                    self.skipped.add(entry.paper.id, reason, topic=match.topic, event=event)
                else:
                    yield News(entry.paper.id, event, (match.topic,))

    def _objection(self, entry: Entry, watch: WatchedRule, event: str) -> str:
        """Why an event is not news for a watch; "" if it is."""
        if entry.state.hidden:
            return "hidden"
        if _is_muted(watch, self._today):
            return f"muted until {watch.muted}"
        if watch.knew(event, entry.paper.id):
            return "stored before the topic was watched"
        if event != NEW:
            return "" if self._events.happened(event, entry) else "has not happened"
        if entry.last_listed < watch.begun - _FILLING:
            return "listed before the topic was watched"
        return "" if is_shown(entry, cross_lists=self._cross_lists) else "not listed as new"


def _is_muted(watch: WatchedRule, today: date) -> bool:
    return watch.muted is not None and today <= watch.muted


def _starred(
    library: Library, watch: WatchedRule, events: _Events
) -> tuple[list[News], WatchedRule]:
    """The events of starred papers. What had happened to one before it was starred is no news."""
    ids = [key for key, state in library.states().items() if state.starred]
    entries = library.with_listings(list(library.entries_in(library.locate(ids))))
    news, papers = [], set(watch.papers)
    known = {event: set(before) for event, before in watch.known}
    for entry in entries:
        happened = [event for event in watch.rule.when if events.happened(event, entry)]
        for event in happened:
            if entry.paper.id not in watch.papers:
                known.setdefault(event, set()).add(entry.paper.id)
            elif not watch.knew(event, entry.paper.id):
                news.append(News(entry.paper.id, event, (STARRED,)))
        papers.add(entry.paper.id)
    after = tuple((event, frozenset(before)) for event, before in known.items())
    return news, watch._replace(known=after, papers=frozenset(papers))


def _happened(tracker: Tracker, fresh: Sequence[WatchedRule]) -> dict[str, dict[str, set[str]]]:
    """Of which stored papers the events of each rule have happened. Whether one from before the
    rule began is new is told by its day.
    """
    known: dict[str, dict[str, set[str]]] = {}
    if not fresh:
        return known
    rules = [one.rule for one in fresh]
    asked = tracker.with_phrases_only(rules)
    span = Span(min(one.begun for one in fresh) - _FILLING, utc_day(tracker.now) + _AHEAD)
    for entry in asked.match(tracker.library.entries_within(span)):
        for match in entry.matches:
            known.setdefault(match.topic, {}).setdefault(NEW, set()).add(entry.paper.id)
    later = {one.name: [event for event in one.when if event != NEW] for one in rules}
    asked = tracker.with_phrases_only(one for one in rules if later[one.name])
    if asked.topics:
        events = _Events(tracker, fresh)
        for entry in tracker.library.with_listings(list(asked.matching())):
            for name in (match.topic for match in entry.matches):
                for event in (one for one in later[name] if events.happened(one, entry)):
                    known.setdefault(name, {}).setdefault(event, set()).add(entry.paper.id)
    return known


def _united(news: Iterable[News]) -> tuple[News, ...]:
    """Each event of a paper once, with all its topics."""
    topics: dict[tuple[str, str], list[str]] = {}
    for one in news:
        names = topics.setdefault((one.paper_id, one.event), [])
        names += [name for name in one.topics if name not in names]
    return tuple(News(*key, tuple(names)) for key, names in topics.items())

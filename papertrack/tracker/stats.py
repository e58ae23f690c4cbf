"""What the library holds over a span: papers and matches a week, topics, reading, sources."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from papertrack.calendar import Span
from papertrack.models import Entry
from papertrack.results import LibraryStats, ReadingStats, SourceStatus, WeekStats
from papertrack.tracker import MANY_PAPERS, Tracker
from papertrack.tracker.coverage import source_statuses
from papertrack.tracker.rising_terms import rising_terms

_DAYS_OF_WEEK = 7


def library_stats(tracker: Tracker, sources: Sequence[SourceStatus], span: Span) -> LibraryStats:
    """The statistics of a span, which is extended to complete weeks at its start.

    A paper counts in the week of its first listing, and matches by phrases, not as related.
    `sources` are those to show the coverage of. Raises LibraryError.
    """
    span = Span(_monday(span.first), span.last)
    entries = [
        entry
        for entry in tracker.library.entries_within(span)
        if span.first <= entry.first_listed <= span.last
    ]
    phrases_only = tracker.with_phrases_only(tracker.topics)
    matched = list(phrases_only.match(entries, many=len(entries) > MANY_PAPERS))
    return LibraryStats(
        span=span,
        papers=tracker.library.paper_count(),
        weeks=tuple(_weeks(matched, [topic.name for topic in tracker.topics], span)),
        rising=rising_terms(tracker, span.last),
        reading=_reading(tracker, matched),
        sources=tuple(_sources(tracker, sources, span, entries)),
        note="" if entries else _note_on_no_papers(tracker, span),
    )


def _note_on_no_papers(tracker: Tracker, span: Span) -> str:
    """Why there are no papers in a span, and the command that fills the library or shows some."""
    from papertrack.tracker.edition_notes import notes_on_empty_library

    if notes := notes_on_empty_library(tracker):
        return notes[0]
    note = f"no stored paper was first listed from {span.first} to {span.last}"
    if days := tracker.library.listing_days():
        return f"{note}; the last listing is {max(days)}: papertrack stats --until {max(days)}"
    return note


def _sources(
    tracker: Tracker, sources: Sequence[SourceStatus], span: Span, entries: Iterable[Entry]
) -> Iterable[SourceStatus]:
    """The coverage of sources, with the papers of the span that each has listed."""
    papers = Counter(name for entry in entries for name in entry.sources)
    for status in source_statuses(tracker.library, sources, span):
        yield status._replace(papers=papers[status.name])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weeks(entries: Iterable[Entry], topics: Sequence[str], span: Span) -> Iterable[WeekStats]:
    papers: Counter[date] = Counter()
    matching: Counter[date] = Counter()
    of_topic: Counter[tuple[date, str]] = Counter()
    for entry in entries:
        monday = _monday(entry.first_listed)
        papers[monday] += 1
        matching[monday] += bool(entry.matches)
        of_topic.update((monday, name) for name in {match.topic for match in entry.matches})
    for number in range(span.first.toordinal(), span.last.toordinal() + 1, _DAYS_OF_WEEK):
        monday = date.fromordinal(number)
        by_topic = tuple((name, of_topic[monday, name]) for name in topics)
        yield WeekStats(monday, papers[monday], matching[monday], by_topic)


def _reading(tracker: Tracker, entries: Iterable[Entry]) -> ReadingStats:
    states = tracker.library.states().values()
    return ReadingStats(
        starred=sum(state.starred for state in states),
        read=sum(state.read for state in states),
        hidden=sum(state.hidden for state in states),
        tagged=sum(bool(state.tags) for state in states),
        unread_starred=sum(state.starred and not state.read for state in states),
        unread_matches=sum(
            bool(entry.matches) and not (entry.state.read or entry.state.hidden)
            for entry in entries
        ),
    )

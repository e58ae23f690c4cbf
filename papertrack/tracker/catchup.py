"""What the reader missed: the papers of unseen days, ranked, within a budget."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from shlex import join

from papertrack.calendar import Span
from papertrack.models import Entry, Report, Section
from papertrack.text import fold
from papertrack.tracker import Tracker
from papertrack.tracker.edition_notes import notes_on_empty_library
from papertrack.tracker.editions import is_shown
from papertrack.tracker.for_you import ForYou, for_you
from papertrack.tracker.topic_sections import Limits, arrange, in_full, match_order
from papertrack.tracker.wording import count
from papertrack.trending import rank_rising

SECONDS_A_PAPER = 40  # to read a title and a summary, and to decide
# Titles that share this part of their words are versions of one paper, or parts of a series.
_SIMILAR = 0.6
_WEEK = timedelta(days=7)
_SEEN = (
    "You have seen all stored listings: papertrack catchup --since 'last week' shows them again."
)


def catch_up(
    tracker: Tracker,
    days: Sequence[date],
    limit: int | None,
    *,
    by_topic: bool,
    command: Sequence[str] = ("papertrack", "catchup"),
) -> Report:
    """The unread papers of these days: matches first, then by trend within their own week.

    If the tracker is restricted to a topic, its papers only. Papers with similar titles are shown
    once. `command` is the one that catches up on the same topic. Nothing is stored: see
    papertrack.library.seen.
    """
    entries = tracker.with_matches(_unread(tracker, days))
    matched = [entry for entry in entries if entry.matches or entry.related]
    if tracker.only:
        entries = matched
    others = [entry for entry in entries if not (entry.matches or entry.related)]
    ranked = [*sorted(matched, key=match_order), *_by_trend(others, tracker.now)]
    papers = list(_without_similar(ranked))
    matches = sum(1 for entry in papers if entry.matches or entry.related)
    new = Section(_title(days), papers, len(papers), matches, kind="new")
    new = new if days else new._replace(empty_text=_SEEN)
    headline = _headline(days, len(entries), new, limit)
    sections: tuple[Section, ...] = (new._replace(entries=papers[:limit]),)
    recommended = for_you(tracker, days) if by_topic else ForYou()
    if by_topic:
        since = ("--since", str(days[0])) if days else ()
        room = None if limit is None else max(limit - matches, 0)
        limits = Limits(limit, room, per_topic=0, option="--papers", shared=True)
        command = (*command, *since)
        command_for_all = join([*command, "--papers", str(new.total)])
        sections = tuple(
            section if section.detailed else section._replace(more=command_for_all)
            for section in arrange(tracker, new, limits, command, recommended)
        )
    complete = (in_full(tracker, section) for section in sections)
    sections = tuple(
        section._replace(entries=entries)
        for section, entries in zip(sections, complete, strict=True)
    )
    marks_as_seen = by_topic and not tracker.only
    notes = _notes(days, new.total, limit) if marks_as_seen else ()
    notes = (*notes, *filter(None, [recommended.note]))
    notes = notes if papers else notes_on_empty_library(tracker)
    return Report("catchup", tracker.now, headline, sections, notes)


def _notes(days: Sequence[date], total: int, limit: int | None) -> tuple[str, ...]:
    if limit is None or total <= limit:
        return ()
    return (f"papers left out count as seen; to see them: papertrack catchup --since {days[0]}",)


def _headline(days: Sequence[date], unread: int, new: Section, limit: int | None) -> str:
    similar = unread - new.total
    left_out = 0 if limit is None else max(new.total - limit, 0)
    parts = (
        count(len(days), "day"),
        count(unread, "unread paper"),
        count(new.matched, "match", "matches"),
        f"{similar:,} left out as similar" if similar else "",
        f"{left_out:,} left out to stay within {limit:,}" if left_out else "",
    )
    return " · ".join(filter(None, parts))


def _unread(tracker: Tracker, days: Iterable[date]) -> list[Entry]:
    entries: dict[str, Entry] = {}
    for day in days:
        for entry in tracker.library.listed_entries(Span(day, day)):
            hidden = entry.state.read or entry.state.hidden
            if not hidden and is_shown(entry, cross_lists=False):
                entries.setdefault(entry.paper.id, entry)
    return list(entries.values())


def _by_trend(entries: Sequence[Entry], now: datetime) -> list[Entry]:
    """The entries by their relative rank in the trend of their week, so that old weeks compete."""
    by_week: dict[tuple[int, int], list[Entry]] = {}
    for entry in entries:
        by_week.setdefault(entry.first_listed.isocalendar()[:2], []).append(entry)
    relative_ranks: list[tuple[float, str, Entry]] = []
    for of_week in by_week.values():
        ranked = rank_rising(of_week, now, _WEEK)
        counted = {entry.paper.id for entry in ranked}
        order = [*ranked, *(entry for entry in of_week if entry.paper.id not in counted)]
        relative_ranks += [
            (rank / len(order), entry.paper.id, entry) for rank, entry in enumerate(order)
        ]
    return [entry for _, _, entry in sorted(relative_ranks, key=lambda row: row[:2])]


def _without_similar(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries whose title is not similar to that of an earlier entry (Jaccard index of words).

    https://en.wikipedia.org/wiki/Jaccard_index
    """
    kept: list[set[str]] = []
    by_word: dict[str, list[int]] = {}
    for entry in entries:
        words = {fold(word) for word in entry.paper.title.split()}
        candidates = {index for word in words for index in by_word.get(word, ())}
        similar = any(
            len(words & kept[index]) >= _SIMILAR * len(words | kept[index]) for index in candidates
        )
        if similar:
            continue
        for word in words:
            by_word.setdefault(word, []).append(len(kept))
        kept.append(words)
        yield entry


def _title(days: Sequence[date]) -> str:
    return f"Since {days[0]:%A} {days[0]}" if days else "Nothing unseen"

"""The daily editions: what is new on a day or in a range, and what is rising."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from papertrack.calendar import Span, is_listing_day, utc_day
from papertrack.library.library import Coverage, CoverageKey, Library
from papertrack.models import Entry, Report, Section, SectionKind
from papertrack.source_registry import short_title, title
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import NOT_REFRESHED, RefreshResult
from papertrack.tracker.wording import ago, check_source, count
from papertrack.trending import gained, rising

Measure = Literal["rising", "upvotes", "stars", "comments"]
TRENDING_DAYS = 7
# A day less the hours by which a morning may come early.
GAIN_WITHIN = timedelta(hours=20)


class EditionRequest(NamedTuple):
    """What an edition is asked for.

    Limits count per section, None for all; `whole` asks for abstracts and all authors, too,
    `cross_lists` for papers that a source lists from another category. `enabled` are the sources
    that are asked for listings.
    """

    span: Span
    topic: str | None = None
    source: str | None = None
    new_limit: int | None = None
    trending_limit: int | None = None
    full: bool = False
    cross_lists: bool = False
    enabled: tuple[str, ...] = ()


class SectionHeading(NamedTuple):
    """What a section is, and what stands above it."""

    kind: SectionKind
    title: str


def today(
    tracker: Tracker,
    asked: EditionRequest,
    refreshed: RefreshResult = NOT_REFRESHED,
) -> Report:
    """The edition of a span: *New*, matches first, and *Trending* in the week up to its end.

    Raises UsageError for an unknown topic, LibraryError.
    """
    check_source(asked.source)
    tracker = tracker.for_topic(asked.topic)
    coverage = tracker.library.coverage(asked.span)
    new = _new(tracker, asked)
    awaited = _awaited(tracker, asked, coverage)
    if awaited and not new.total:
        new = new._replace(empty_text=awaited)
    notes = _notes(tracker, asked, new, refreshed)
    return Report(
        command="today",
        generated_at=tracker.now,
        headline=_headline(asked, new, coverage, tracker.now, refreshed),
        sections=(new, _trending(tracker, asked)),
        notes=(awaited, *notes) if awaited else notes,
        failures=refreshed.failures,
        all_failed=refreshed.all_failed,
    )


def trending(
    tracker: Tracker,
    asked: EditionRequest,
    by: Measure = "rising",
) -> Report:
    """The papers listed within a span, ranked by a measure, with what they gained over it."""
    check_source(asked.source)
    tracker = tracker.for_topic(asked.topic)
    within = max(GAIN_WITHIN, timedelta(days=(asked.span.last - asked.span.first).days))
    listed = _listed(tracker.library, asked, asked.span, counted=True)
    if by == "rising":
        ranked = rising(listed, tracker.now, within)
    else:
        ranked = _by_count(listed, by, within)
    section = _section(tracker, asked, ranked, SectionHeading("trending", f"Trending {asked.span}"))
    days = (asked.span.last - asked.span.first).days + 1
    return Report(
        command="trending",
        generated_at=tracker.now,
        headline=f"{section.total} papers listed in {count(days, 'day')} to {asked.span.last}"
        f", ranked by {_RANKED_BY[by]}",
        sections=(section,),
    )


def trending_ids(tracker: Tracker, number: int) -> list[str]:
    """The ids of the papers at the top of Trending in the week up to today."""
    last = utc_day(tracker.now)
    week = Span(last - timedelta(days=TRENDING_DAYS - 1), last)
    listed = [one for one in tracker.library.listed(week, counted=True) if not one.state.hidden]
    return [one.paper.id for one in rising(listed, tracker.now, GAIN_WITHIN)[:number]]


_RANKED_BY = {
    "rising": "upvotes, gain a day and age",
    "upvotes": "upvotes",
    "stars": "stars of the code",
    "comments": "comments",
}


def _by_count(listed: Sequence[Entry], by: str, within: timedelta) -> list[Entry]:
    """The entries of which that count is known, the highest first."""
    counts = {one.paper.id: getattr(one.latest, by) for one in listed if one.latest}
    known = [one for one in listed if counts.get(one.paper.id) is not None]
    return [
        one._replace(score=float(counts[one.paper.id]), gained=gained(one.observations, within))
        for one in sorted(known, key=lambda one: (-counts[one.paper.id], one.paper.id))
    ]


def _listed(
    library: Library, asked: EditionRequest, span: Span, *, counted: bool = False
) -> list[Entry]:
    return [
        entry
        for entry in library.listed(span, counted=counted)
        if not entry.state.hidden
        and (asked.source is None or asked.source in entry.sources)
        and is_shown(entry, cross_lists=asked.cross_lists)
    ]


def is_shown(entry: Entry, *, cross_lists: bool) -> bool:
    """Whether a paper was listed as new, or as one from another category where those are asked for.
    A later version of a known paper is no new one.
    """
    kinds = {one.kind for one in entry.listings}
    return not kinds or "new" in kinds or (cross_lists and "cross" in kinds)


def _new(tracker: Tracker, asked: EditionRequest) -> Section:
    listed = tracker.with_matches(_listed(tracker.library, asked, asked.span))
    if asked.topic:
        listed = [entry for entry in listed if entry.matches or entry.related]
    ordered = [
        entry._replace(gained=gained(entry.observations, GAIN_WITHIN))
        for entry in sorted(listed, key=_new_order)
    ]
    preposition = "on " if asked.span.first == asked.span.last else ""
    heading = SectionHeading("new", f"New {preposition}{asked.span}")
    matched = sum(1 for entry in ordered if entry.matches)
    return _section(tracker, asked, ordered, heading)._replace(matched=matched)


def _new_order(entry: Entry) -> tuple[bool, bool, float, float, str]:
    upvotes = entry.latest.upvotes if entry.latest else None
    rank = min((one.rank for one in entry.listings if one.rank), default=0)
    return (not entry.matches, not entry.related, -(upvotes or 0), rank, entry.paper.id)


def _trending(tracker: Tracker, asked: EditionRequest) -> Section:
    last = asked.span.last
    week = Span(min(asked.span.first, last - timedelta(days=TRENDING_DAYS - 1)), last)
    ranked = rising(_listed(tracker.library, asked, week, counted=True), tracker.now, GAIN_WITHIN)
    return _section(
        tracker, asked, ranked, SectionHeading("trending", f"Trending in the week to {last}")
    )


def _section(
    tracker: Tracker, asked: EditionRequest, ordered: Sequence[Entry], heading: SectionHeading
) -> Section:
    """Cut to the limit and mark what is shown; all is marked where one topic's are asked for."""
    limit = asked.new_limit if heading.kind == "new" else asked.trending_limit
    marked = heading.kind == "new"
    if asked.topic and not marked:
        ordered = [one for one in tracker.with_matches(ordered) if one.matches or one.related]
        marked = True
    shown = list(ordered[:limit]) if marked else tracker.with_matches(ordered[:limit])
    if asked.full:
        shown = _whole(tracker.library, shown)
    entries = tuple(entry._replace(section=heading.kind) for entry in shown)
    return Section(heading.title, entries, len(ordered), kind=heading.kind)


def _whole(library: Library, shown: Sequence[Entry]) -> list[Entry]:
    whole = library.entries(entry.paper.id for entry in shown)
    return [
        whole[entry.paper.id]._replace(
            matches=entry.matches, related=entry.related, gained=entry.gained, score=entry.score
        )
        for entry in shown
        if entry.paper.id in whole
    ]


def _headline(
    asked: EditionRequest,
    new: Section,
    coverage: Mapping[CoverageKey, Coverage],
    now: datetime,
    refreshed: RefreshResult,
) -> str:
    """Which day, which source, how many, how fresh, what failed."""
    one_day = asked.span.first == asked.span.last
    told = {source for source, _, _ in coverage}.union(*(entry.sources for entry in new.entries))
    checked = [one.asked for one in coverage.values() if one.state != "failed"]
    parts = [
        f"{asked.span.last:%A} {asked.span}" if one_day else str(asked.span),
        " + ".join(short_title(source) for source in sorted(told)),
        count(new.total, "paper"),
        count(new.matched, "match", "matches") if new.matched else "",
        f"checked {ago(min(checked), now)}" if checked else "" if new.total else "never checked",
        *(f"{short_title(one.source)} failed" for one in refreshed.failures),
    ]
    return " · ".join(part for part in parts if part)


def _notes(
    tracker: Tracker, asked: EditionRequest, new: Section, refreshed: RefreshResult
) -> tuple[str, ...]:
    notes = [f"left out {one.where}: {one.reason}" for one in refreshed.skipped]
    if not new.total and not asked.topic:
        notes += _why_nothing(tracker, asked)
    return tuple(notes)


def _awaited(
    tracker: Tracker, asked: EditionRequest, coverage: Mapping[CoverageKey, Coverage]
) -> str | None:
    """When arXiv announces next, where today's edition is asked for and has nothing of it."""
    today = utc_day(tracker.now)
    wanted = "arxiv" in asked.enabled and asked.source in (None, "arxiv")
    if not wanted or asked.span.last != today:
        return None
    looks = [one for one in coverage.values() if one.source == "arxiv" and one.day == today]
    if any(one.papers or one.state == "failed" for one in looks):
        return None
    from papertrack.tracker.awaiting import announcement_sentence

    return announcement_sentence(tracker.now)


def _why_nothing(tracker: Tracker, asked: EditionRequest) -> list[str]:
    """Why there are no papers, and where the last ones are. That nothing was listed is said only
    where a source said so.
    """
    span = asked.span
    notes = _why_no_papers_on(tracker, asked, span.last) if span.first == span.last else []
    if earlier := [one for one in tracker.library.listing_days() if one < span.first]:
        last = max(earlier)
        notes.append(f"the last listing is {last:%A} {last}: papertrack today --date {last}")
    return notes


def _why_no_papers_on(tracker: Tracker, asked: EditionRequest, day: date) -> list[str]:
    now = utc_day(tracker.now)
    looked = tracker.library.coverage(Span(day, day)).values()
    if day > now:
        return [f"{day} has not begun: it is {now} in UTC, which listing days follow"]
    quiet = {one.source for one in looked if one.state == "quiet"}
    weekend = not is_listing_day(day)
    if weekend and "arxiv" in asked.enabled:
        quiet.add("arxiv")  # which is not even asked then
    if not quiet:
        return [f"nothing is stored for {day:%A} {day}: no source was asked, or none answered"]
    if weekend:
        names = [title(source) for source in sorted(quiet)]
        verb = "lists" if len(names) == 1 else "list"
        return [f"{' and '.join(names)} {verb} nothing on a {day:%A}"]
    return [f"nothing is listed {'yet ' if day == now else ''}for {day:%A} {day} (UTC)"]

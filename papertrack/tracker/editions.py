"""The daily report: new papers and those rising."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from papertrack.calendar import Span, utc_day
from papertrack.library.coverage_rows import Coverage, CoverageKey
from papertrack.library.library import Library
from papertrack.library.seen import load_seen, unseen_days
from papertrack.library.table_names import EVENTS, STATE
from papertrack.models import Entry, Recommendation, Report, Section
from papertrack.source_registry import PROFILE, feeds, is_counted, short_title
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import NOT_REFRESHED, RefreshResult
from papertrack.tracker.wording import (
    WITHOUT_TOPICS,
    ago,
    announcement_sentence,
    count,
    joined,
    require_source,
)
from papertrack.trending import GAIN_WITHIN, rank_rising, upvote_gain

if TYPE_CHECKING:  # Most libraries have no ranking.
    from papertrack.tracker.for_you import ForYou

TRENDING_DAYS = 7
_UNKNOWN = ("stale", "failed")  # states of days whose papers are not known


class EditionRequest(NamedTuple):
    """The options of an edition.

    Limits count per section; None shows all papers. `full` adds abstracts and all authors,
    `cross_lists` adds papers that a source lists from another category. `enabled` names the
    sources that listings are fetched from, and `rankings` the services whose ranks are shown. With
    `by_topic`, *New* is divided by topic for reading, and `command` is the one that shows this
    edition again.
    """

    span: Span
    topic: str | None = None
    source: str | None = None
    new_limit: int | None = None
    trending_limit: int | None = None
    full: bool = False
    cross_lists: bool = False
    enabled: tuple[str, ...] = ()
    rankings: tuple[str, ...] = ()
    by_topic: bool = False
    command: tuple[str, ...] = ("papertrack", "today")

    @property
    def shows_more(self) -> bool:
        """Whether the output has places for recommended papers and for events: not plain lines."""
        return self.by_topic or self.full


def today(
    tracker: Tracker,
    request: EditionRequest,
    refreshed: RefreshResult = NOT_REFRESHED,
) -> Report:
    """The edition of a span: *New*, with matches first, and what is rising in the week to its end.

    Raises UsageError for an unknown topic or source, and LibraryError.
    """
    require_source(request.source)
    tracker = tracker.for_topic(request.topic)
    week = Span(min(request.span.first, _days_before(request.span.last)), request.span.last)
    coverage_of_week = tracker.library.coverage(week)
    coverage = {key: row for key, row in coverage_of_week.items() if row.day >= request.span.first}
    new, rising = _new_section(tracker, request), _rising_section(tracker, request)
    announcement = _pending_announcement(tracker, request, coverage)
    if announcement and not new.total:
        new = new._replace(empty_text=announcement)
    has_trend = rising.total > 0 or _has_counted_source(request)
    notes = [
        *([announcement] if announcement else []),
        *(f"left out {skipped.where}: {skipped.reason}" for skipped in refreshed.skipped),
        *_notes_on_nothing(tracker, request, new, refreshed),
        *_notes_on_uncounted_sources(tracker, request, coverage_of_week, has_trend=has_trend),
        # The failures are more urgent than a hint about topics.
        *([] if tracker.topics or refreshed.failures else [WITHOUT_TOPICS]),
    ]
    headline = _headline(request, new, coverage, tracker.now, refreshed)
    shown = new if new.total or not request.by_topic else _last_matches(tracker, request) or new
    reminders = (shown.title if shown is not new else "", _unseen(tracker, request))
    recommended = _recommended(tracker, request)
    sections = _sections(tracker, request, shown, rising, recommended)
    if recommended and recommended.note and request.by_topic:
        notes.append(recommended.note)
    report = Report(
        command="today",
        generated_at=tracker.now,
        headline=" · ".join(filter(None, (headline, *reminders))),
        sections=sections if has_trend else sections[:-1],
        notes=tuple(notes),
        failures=refreshed.failures,
        all_failed=refreshed.all_failed,
        for_you=_among(recommended, new) if recommended and request.full else (),
    )
    return _with_starred_events(tracker, request, report)


def listed_entries(
    library: Library, request: EditionRequest, span: Span, *, counted: bool = False
) -> list[Entry]:
    """The papers listed within a span that the request asks for and that are not hidden."""
    return [
        entry
        for entry in library.listed_entries(span, counted=counted)
        if not entry.state.hidden
        and (request.source is None or request.source in entry.sources)
        and is_shown(entry, cross_lists=request.cross_lists)
    ]


def is_of_topic(entry: Entry) -> bool:
    """Whether a paper matches a topic or is related to one."""
    return bool(entry.matches or entry.related)


def is_shown(entry: Entry, *, cross_lists: bool) -> bool:
    """Whether a paper counts as new: not listed only as a revision or, by default, a cross-list."""
    kinds = {listed.kind for listed in entry.listings}
    if not kinds:
        return not is_profile(entry)
    return "new" in kinds or (cross_lists and "cross" in kinds)


def is_profile(entry: Entry) -> bool:
    """Whether a reader imported a paper as starred, and no source has listed it: it is no news."""
    return not entry.listings and PROFILE in entry.sources


def _new_section(tracker: Tracker, request: EditionRequest) -> Section:
    """All new papers of the span with their topics, the best matches first."""
    entries = tracker.with_matches(listed_entries(tracker.library, request, request.span))
    if request.topic:
        entries = [entry for entry in entries if is_of_topic(entry)]
    ordered = [
        entry._replace(gained=upvote_gain(entry.observations, GAIN_WITHIN))
        for entry in sorted(entries, key=_new_order)
    ]
    preposition = "on " if request.span.first == request.span.last else ""
    matched = sum(1 for entry in ordered if entry.matches)
    return Section(f"New {preposition}{request.span}", ordered, len(ordered), matched, kind="new")


def _new_order(entry: Entry) -> tuple[tuple[int, float, int], int, int, str]:
    upvotes = entry.latest.upvotes if entry.latest else None
    rank = min((listed.rank for listed in entry.listings if listed.rank), default=0)
    return entry.match_order, -(upvotes or 0), rank, entry.paper.id


def _days_before(last: date) -> date:
    """The first day of the week up to `last`."""
    return last - timedelta(days=TRENDING_DAYS - 1)


def _rising_section(tracker: Tracker, request: EditionRequest) -> Section:
    """The papers with counts of the week to the end of the span, ranked by `rank_rising`."""
    last = request.span.last
    week = Span(min(request.span.first, _days_before(last)), last)
    entries = listed_entries(tracker.library, request, week, counted=True)
    ranked = rank_rising(entries, tracker.now, GAIN_WITHIN)
    title = f"Trending in the week to {last}"
    return Section(title, ranked, len(ranked), kind="trending", measure="rising")


def _recommended(tracker: Tracker, request: EditionRequest) -> "ForYou | None":
    """The papers recommended to the reader; None if the output has no place for them."""
    if not request.shows_more or not tracker.library.tables_of_kind(STATE):
        return None
    from papertrack.tracker.for_you import for_you

    return for_you(tracker, list(request.span.days()))


def _among(recommended: "ForYou", new: Section) -> tuple[Recommendation, ...]:
    ids = {entry.paper.id for entry in new.entries}
    return tuple(paper for paper in recommended.best if paper.id in ids)


def _sections(
    tracker: Tracker,
    request: EditionRequest,
    new: Section,
    rising: Section,
    recommended: "ForYou | None",
) -> tuple[Section, ...]:
    """The two sections cut to their limits or, for reading, the new papers divided by topic."""
    if not request.by_topic:
        return cut(tracker, request, new), cut(tracker, request, rising)
    if request.topic:
        rising = _of_topic(tracker, rising)
    # Imported here, as plain lines and JSON do not need it.
    from papertrack.tracker.topic_sections import Limits, arrange, in_full, without_shown

    limits = Limits(request.new_limit, request.trending_limit)
    others = arrange(tracker, new, limits, request.command, recommended)
    rising = without_shown(rising, others, limits, request.command)
    rising = rising._replace(
        title=f"Rising in the week to {request.span.last}",
        entries=tracker.with_matches(tuple(rising.entries)),
    )
    return tuple(
        section._replace(entries=in_full(tracker, section)) for section in (*others, rising)
    )


def _with_starred_events(tracker: Tracker, request: EditionRequest, report: Report) -> Report:
    """Add what happened to starred papers to the whole edition of today, except plain lines."""
    is_part = request.topic or request.source or request.span.last < utc_day(tracker.now)
    if is_part or not request.shows_more:
        return report
    if not tracker.library.tables_of_kind(EVENTS):
        return report
    from papertrack.tracker.starred_events import with_starred_events

    return with_starred_events(tracker, request, report)


def _last_matches(tracker: Tracker, request: EditionRequest) -> Section | None:
    """The matches of the last listing day before an empty day, as on a weekend, if any."""
    span = request.span
    earlier = [day for day in tracker.library.listing_days() if day < span.first]
    if span.first != span.last or not earlier:
        return None
    last = max(earlier)
    section = _new_section(tracker, request._replace(span=Span(last, last)))
    matches = [entry for entry in section.entries if is_of_topic(entry)]
    title = f"below: matches of {last:%A} {last}"
    return section._replace(title=title, entries=matches, total=len(matches)) if matches else None


def _of_topic(tracker: Tracker, section: Section) -> Section:
    matched = tracker.with_matches(tuple(section.entries))
    entries = [entry for entry in matched if is_of_topic(entry)]
    return section._replace(entries=entries, total=len(entries))


def cut(tracker: Tracker, request: EditionRequest, section: Section) -> Section:
    """Cut a section to its limit and match the papers shown; all of them for a single topic."""
    is_new = section.kind == "new"  # the papers of this section have their topics already
    limit = request.new_limit if is_new else request.trending_limit
    if request.topic and not is_new:
        section = _of_topic(tracker, section)
    ordered = tuple(section.entries)
    shown = list(ordered[:limit])
    if not (is_new or request.topic):
        shown = tracker.with_matches(shown)
    if request.full:
        shown = tracker.complete(shown)
    entries = tuple(entry._replace(section=section.kind) for entry in shown)
    return section._replace(entries=entries, total=len(ordered))


def _headline(
    request: EditionRequest,
    new: Section,
    coverage: Mapping[CoverageKey, Coverage],
    now: datetime,
    refreshed: RefreshResult,
) -> str:
    """One line: the days, the sources, the number of papers, their age and any failures."""
    span = request.span
    one_day = span.first == span.last
    sources = {source for source, _, _ in coverage}.union(*(entry.sources for entry in new.entries))
    checked = [row.asked for row in coverage.values() if row.state not in _UNKNOWN]
    parts = [
        f"{span.last:%A} {span}{_zone(span.last, now)}" if one_day else str(span),
        " + ".join(short_title(source) for source in sorted(sources)),
        count(new.total, "paper"),
        count(new.matched, "match", "matches") if new.matched else "",
        f"checked {ago(min(checked), now)}"
        if checked
        else ""
        if new.total or coverage
        else "never checked",
        *(f"{short_title(failure.source)} failed" for failure in refreshed.failures),
    ]
    return " · ".join(part for part in parts if part)


def _zone(day: date, now: datetime) -> str:
    """The time zone, if today's listing day, which is in UTC, is not the reader's date."""
    return " UTC" if day == utc_day(now) != now.astimezone().date() else ""


def _unseen(tracker: Tracker, request: EditionRequest) -> str:
    """How many earlier days the reader has not seen, and the command that shows them."""
    if not (request.by_topic and load_seen(tracker.library)):
        return ""
    unseen = unseen_days(tracker.library, tracker.now)
    days = [day for day in unseen if day < request.span.first]
    return f"{count(len(days), 'day')} unseen: papertrack catchup" if days else ""


def _notes_on_nothing(
    tracker: Tracker, request: EditionRequest, new: Section, refreshed: RefreshResult
) -> list[str]:
    if new.matched or (new.total and not tracker.topics):
        return []
    # Imported here, as most editions have papers and matches.
    from papertrack.tracker.edition_notes import notes_on_no_matches, notes_on_no_papers

    if new.total:
        return notes_on_no_matches(tracker, new.total)
    listed = tracker.library.listed_entries(request.span)
    shown = [
        entry
        for entry in listed
        if not entry.state.hidden and is_shown(entry, cross_lists=request.cross_lists)
    ]
    if request.topic and shown:
        return notes_on_no_matches(tracker, len(shown))
    return notes_on_no_papers(tracker, request, listed, refreshed.failures)


def _has_counted_source(request: EditionRequest) -> bool:
    """Whether papers of the edition may have upvotes; a sample has no enabled sources."""
    names = _enabled_sources(request)
    return not names or any(map(is_counted, names))


def _enabled_sources(request: EditionRequest) -> list[str]:
    return [name for name in request.enabled if request.source in (None, name)]


def _notes_on_uncounted_sources(
    tracker: Tracker,
    request: EditionRequest,
    coverage: Mapping[CoverageKey, Coverage],
    *,
    has_trend: bool,
) -> list[str]:
    """Notes that sources have no upvotes, and that their earlier days have not been fetched.

    `coverage` is that of the week to the end of the edition.
    """
    names = [name for name in _enabled_sources(request) if not is_counted(name)]
    if not names:
        return []
    notes = []
    if not has_trend:
        verb = "counts" if len(names) == 1 else "count"
        notes.append(
            f"{joined(list(map(short_title, names)))} {verb} no upvotes, so there is no trend"
        )
    known = {
        row.source
        for row in coverage.values()
        if row.day < request.span.first or row.state in _UNKNOWN
    }
    # A feed has sent all that it has.
    new = [short_title(name) for name in names if name not in known and name not in feeds()]
    if new and request.span.last == utc_day(tracker.now):
        notes.append(f"the days before are not fetched from {joined(new)} yet: papertrack fetch")
    return notes


def _pending_announcement(
    tracker: Tracker, request: EditionRequest, coverage: Mapping[CoverageKey, Coverage]
) -> str | None:
    """When arXiv announces next, if today's edition includes arXiv and its listing is not there."""
    today = utc_day(tracker.now)
    includes_arxiv = "arxiv" in request.enabled and request.source in (None, "arxiv")
    if not includes_arxiv or request.span.last != today:
        return None
    rows = [row for row in coverage.values() if row.source == "arxiv" and row.day == today]
    if any(row.state != "quiet" for row in rows):
        return None
    return announcement_sentence(tracker.now)

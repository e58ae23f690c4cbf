"""The report `trending`: stored papers ranked by a measure, also beside the week before.

A measure says nothing of papers without its count: those of arXiv, which counts no upvotes, are
ranked by the stars of their code or not at all.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from papertrack.calendar import Span, utc_day
from papertrack.models import Entry, Measure, Report, Section
from papertrack.tracker import Tracker
from papertrack.tracker.editions import (
    TRENDING_DAYS,
    EditionRequest,
    cut,
    is_of_topic,
    listed_entries,
)
from papertrack.tracker.wording import count, require_source
from papertrack.trending import (
    GAIN_WITHIN,
    CountName,
    last_count,
    rank_rising,
    recent_gain,
    upvote_gain,
)

# A paper is late if it gains after its first days, in which every daily list shows it.
LATE_AFTER = timedelta(days=3)
_WEEK = timedelta(days=7)
_GAINS: tuple[Measure, ...] = ("late", "code")
_RANKED_BY: dict[Measure, str] = {
    "rising": "upvotes, gain per day and age",
    "upvotes": "upvotes",
    "stars": "stars of the code",
    "comments": "comments",
    "late": f"upvotes gained a day, at least {LATE_AFTER.days} days after the listing",
    "code": "stars of the code gained a day",
}


def trending(
    tracker: Tracker,
    request: EditionRequest,
    by: Measure = "rising",
    *,
    weekly: bool = False,
    others: bool = False,
) -> Report:
    """The papers listed within a span, ranked by a measure, with the upvotes gained over it.

    With `weekly`, each has its rank of a week before in the span of a week before, and the papers
    that were above the limit then and are not now follow. With `others`, so do the papers that only
    another service ranks, if all sources are ranked by rise. Raises UsageError for an unknown topic
    or source, and LibraryError.
    """
    require_source(request.source)
    tracker = tracker.for_topic(request.topic)
    span = request.span
    ranked = _ranked(tracker, request, by)
    section = Section(f"Trending {span}", ranked, len(ranked), kind="trending", measure=by)
    sections = _beside_last_week(tracker, request, section) if weekly else [section]
    shown = tuple(cut(tracker, request, each) for each in sections)
    total = shown[0].total
    if request.rankings:
        from papertrack.tracker.service_ranks import RanksRequest, with_newest_ranks

        ranks = RanksRequest(
            request.rankings,
            others=others and by == "rising" and request.source is None,
            limit=request.trending_limit,
            topic=request.topic is not None,
        )
        shown = with_newest_ranks(tracker, shown, ranks)
    days = count((span.last - span.first).days + 1, "day")
    return Report(
        command="trending",
        generated_at=tracker.now,
        headline=f"{total} papers listed in {days} to {span.last}, ranked by {_RANKED_BY[by]}",
        sections=shown,
        notes=() if total else tuple(_notes_on_no_papers(tracker, by)),
    )


def trending_ids(tracker: Tracker, number: int) -> list[str]:
    """The ids of the top papers of *Trending* in the week to today."""
    last = utc_day(tracker.now)
    week = Span(last - timedelta(days=TRENDING_DAYS - 1), last)
    entries = tracker.library.listed_entries(week, counted=True)
    visible = [entry for entry in entries if not entry.state.hidden]
    ranked = rank_rising(visible, tracker.now, GAIN_WITHIN, number)
    return [entry.paper.id for entry in ranked[:number]]


def _ranked(tracker: Tracker, request: EditionRequest, by: Measure) -> list[Entry]:
    span = request.span
    within = max(GAIN_WITHIN, span.last - span.first)
    entries = listed_entries(tracker.library, request, span, counted=True)
    if request.topic:
        entries = [entry for entry in tracker.with_matches(entries) if is_of_topic(entry)]
    if by == "rising":
        return rank_rising(entries, tracker.now, within, request.trending_limit)
    values = ((entry, _VALUES[by](entry, tracker.now)) for entry in entries)
    valued = [
        entry._replace(score=value, gained=upvote_gain(entry.observations, within))
        for entry, value in values
        if value is not None
    ]
    return sorted(valued, key=lambda entry: (-(entry.score or 0.0), entry.paper.id))


def _last(name: CountName) -> Callable[[Entry, datetime], float | None]:
    return lambda entry, now: last_count(entry.observations, name, now)


def _late(entry: Entry, now: datetime) -> float | None:
    """The upvotes gained a day, if the paper is past its first days and gained any."""
    if utc_day(now) - entry.first_listed < LATE_AFTER:
        return None
    return _gain_a_day(entry, "upvotes", now)


def _gain_a_day(entry: Entry, name: CountName, now: datetime) -> float | None:
    gain = recent_gain(entry.observations, name, now)
    return round(gain.a_day, 1) if gain and gain.gained > 0 else None


_VALUES: dict[Measure, Callable[[Entry, datetime], float | None]] = {
    "upvotes": _last("upvotes"),
    "stars": _last("stars"),
    "comments": _last("comments"),
    "late": _late,
    "code": lambda entry, now: _gain_a_day(entry, "stars", now),
}


def _beside_last_week(tracker: Tracker, request: EditionRequest, section: Section) -> list[Section]:
    """The section with each paper's rank of a week before, and the papers that fell out of it."""
    span = Span(request.span.first - _WEEK, request.span.last - _WEEK)
    then = tracker._replace(now=tracker.now - _WEEK)
    before = _ranked(then, request._replace(span=span), section.measure)
    ranks = {entry.paper.id: rank for rank, entry in enumerate(before, 1)}
    now = tuple(_with_rank(entry, ranks) for entry in section.entries)
    still_shown = {entry.paper.id for entry in now[: request.trending_limit]}
    gone = tuple(
        _with_rank(entry, ranks)
        for entry in before[: request.trending_limit]
        if entry.paper.id not in still_shown
    )
    first = f" from the first {request.trending_limit}" if request.trending_limit else ""
    title = f"Gone{first} since {utc_day(then.now)}"
    fallen = Section(title, gone, len(gone), measure=section.measure, empty_text="None.")
    return [each._replace(compared=True) for each in (section._replace(entries=now), fallen)]


def _with_rank(entry: Entry, ranks: Mapping[str, int]) -> Entry:
    return entry._replace(rank_before=ranks.get(entry.paper.id))


def _notes_on_no_papers(tracker: Tracker, by: Measure) -> Iterator[str]:
    # Not at the top: it is seldom needed.
    from papertrack.tracker.edition_notes import notes_on_empty_library

    empty = notes_on_empty_library(tracker)
    yield from empty
    if by in _GAINS and not empty:
        yield "a gain needs two observations of a paper, at least twelve hours apart"

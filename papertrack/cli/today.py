"""`papertrack today`: refresh what is stale, then print *New* and *Trending*.

It is the command of every morning and starts without typer, which costs five times a bare Python
(see `quick`). So what it can be asked is a record of its own here, and the command in `papers`
only fills it in.
"""

from datetime import date, timedelta
from typing import NamedTuple

from papertrack.calendar import Span, parse_day, parse_month, parse_week, utc_day
from papertrack.cli.session import Session, choose_format, limit_for
from papertrack.display import FOR_PEOPLE, Format
from papertrack.errors import UsageError
from papertrack.library.library import Library
from papertrack.models import Report
from papertrack.tracker import Tracker
from papertrack.tracker.editions import TRENDING_DAYS, EditionRequest, today
from papertrack.tracker.refresh import NOT_REFRESHED, RefreshResult, due

NEW_FOR_PEOPLE, TRENDING_FOR_PEOPLE = 20, 10
_LONGEST_RANGE = 3660


class TodayOptions(NamedTuple):
    """The options of `today`, as typed."""

    date: str | None = None
    days: int | None = None
    week: str | None = None
    month: str | None = None
    topic: str | None = None
    source: str | None = None
    limit: int | None = None
    offline: bool = False
    refresh: bool = False
    sample: bool = False
    cross_lists: bool = False
    deadline: float | None = None
    format: str = "auto"


def run(options: TodayOptions, session: Session) -> int:
    """Do it, and return the exit code."""
    form = choose_format(options.format)
    if options.sample:
        return _run_sample(options, session)
    tracker = session.tracker()
    sources = session.config.sources
    asked = _asked(options, form, utc_day(session.now))._replace(
        cross_lists=options.cross_lists or sources.cross_lists,
        enabled=sources.enabled,
    )
    refreshed = (
        NOT_REFRESHED if options.offline else _refresh(options, session, tracker, asked.span)
    )
    return session.show(today(tracker, asked, refreshed), form)


def _asked(options: TodayOptions, form: Format, now: date) -> EditionRequest:
    return EditionRequest(
        span=span_of(options, now),
        topic=options.topic,
        source=options.source,
        new_limit=limit_for(form, options.limit, NEW_FOR_PEOPLE),
        trending_limit=limit_for(form, options.limit, TRENDING_FOR_PEOPLE),
        full=form not in FOR_PEOPLE,
    )


def span_of(options: TodayOptions, now: date) -> Span:
    """The days asked for. Raises UsageError where two ways of naming them contradict."""
    ways = (options.date, options.days, options.week, options.month)
    if sum(one is not None for one in ways) > 1:
        raise UsageError("--date, --days, --week and --month exclude each other")
    if options.week is not None:
        return parse_week(options.week)
    if options.month is not None:
        return parse_month(options.month)
    if options.days is not None:
        if not 1 <= options.days <= _LONGEST_RANGE:
            raise UsageError(f"--days is a number from 1 to {_LONGEST_RANGE}")
        return Span(now - timedelta(days=options.days - 1), now)
    day = now if options.date is None else parse_day(options.date, now)
    return Span(day, day)


def _refresh(
    options: TodayOptions, session: Session, tracker: Tracker, span: Span
) -> RefreshResult:
    """Ask for the days asked for and those that Trending looks back on, where they are due, and for
    what is missing of the latter from sources without a trend since they were first asked.
    """
    from papertrack.cli.refresh import enabled_sources, refresh_with_progress

    before = span.last - timedelta(days=TRENDING_DAYS - 1)
    whole = Span(min(span.first, before), span.last)
    known = tracker.library.coverage(whole)
    wanted = [
        one
        for source in enabled_sources(session.config, options.source)
        for one in due(
            source,
            whole,
            known,
            session.now,
            anyway=options.refresh,
            begun=None if source.counted else span.first,
        )
    ]
    if not wanted:
        return NOT_REFRESHED
    return refresh_with_progress(session, tracker, wanted, deadline=options.deadline)


def _run_sample(options: TodayOptions, session: Session) -> int:
    """The sample edition in a library of its own, in memory, with the example's topics where the
    reader has none.
    """
    from papertrack.config import example
    from papertrack.library.storing import store
    from papertrack.sources.sample import edition

    now, listings = edition()
    library = Library(None)
    for listing in listings:
        store(library, listing.sightings)
    tracker = Tracker(library, session.config.topics or example().topics, now)
    form = choose_format(options.format)
    report = today(tracker, _asked(options, form, utc_day(now)))
    return session.show(_marked(report._replace(generated_at=session.now)), form)


def _marked(report: Report) -> Report:
    sections = tuple(
        section._replace(entries=tuple(one._replace(sample=True) for one in section.entries))
        for section in report.sections
    )
    return report._replace(sections=sections, sample=True)

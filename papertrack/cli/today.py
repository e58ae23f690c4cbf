"""The command `today`: update the library, then print new and trending papers.

This command must start fast, so this module does not import typer (see `fast_path`). The typer
command in `papers` only fills in `TodayOptions`.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from papertrack.calendar import Span, parse_days, parse_month, parse_week, utc_day
from papertrack.cli.fast_path import Grammar
from papertrack.cli.session import Session, choose_format, limit_for, shows_on_terminal
from papertrack.display import HUMAN_FORMATS, Format
from papertrack.errors import UsageError
from papertrack.library.library import Library
from papertrack.library.seen import save_seen
from papertrack.models import Report
from papertrack.tracker import QUICKLY_RANKED, Tracker
from papertrack.tracker.editions import TRENDING_DAYS, EditionRequest, today
from papertrack.tracker.refresh import NOT_REFRESHED, RefreshResult, requests_due
from papertrack.tracker.wording import ADD_TOPIC

NEW_LIMIT, TRENDING_LIMIT = 20, 10
_MAX_DAYS = 3660
if TYPE_CHECKING:
    from papertrack.cli.progress import ProgressCallback


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


GRAMMAR = Grammar(
    texts={
        "--date": "date",
        "--week": "week",
        "--month": "month",
        "--topic": "topic",
        "-t": "topic",
        "--source": "source",
        "--format": "format",
        "-f": "format",
    },
    numbers={"--days": "days", "--limit": "limit"},
    seconds={"--deadline": "deadline"},
    flags={
        "--offline": "offline",
        "--refresh": "refresh",
        "--sample": "sample",
        "--cross-lists": "cross_lists",
    },
)


def run(options: TodayOptions, session: Session) -> int:
    """Run the command and return its exit code. Raises UsageError, ConfigError, LibraryError.

    If the library cannot be written, the error is raised after what was fetched has been shown.
    """
    form = choose_format(options.format)
    if options.sample:
        return _run_sample(options, session)
    tracker = session.tracker()
    sources = session.config.sources
    program = session.options.program
    request = _edition_request(options, form, utc_day(session.now), program)._replace(
        cross_lists=options.cross_lists or sources.cross_lists,
        enabled=sources.enabled,
    )
    refreshed = (
        NOT_REFRESHED if options.offline else fetch_due(options, session, tracker, request.span)
    )
    if refreshed.new and request.shows_more:
        tracker.update_recommendations(QUICKLY_RANKED)
    report = today(tracker, request, refreshed)
    code = session.show(report, form)
    if refreshed.not_stored:
        raise refreshed.not_stored
    if shows_on_terminal(form) and not (options.topic or options.source):
        save_seen(tracker.library, _days_with_papers(tracker.library, request.span), session.now)
        if report.events:
            from papertrack.library.paper_events import save_look

            save_look(tracker.library, session.now)
    return code


def _days_with_papers(library: Library, span: Span) -> list[date]:
    return [day for day in library.listing_days() if span.first <= day <= span.last]


def _edition_request(
    options: TodayOptions, form: Format, current: date, program: Sequence[str]
) -> EditionRequest:
    return EditionRequest(
        span=span_of(options, current),
        topic=options.topic,
        source=options.source,
        new_limit=limit_for(form, options.limit, NEW_LIMIT),
        trending_limit=limit_for(form, options.limit, TRENDING_LIMIT),
        full=form not in HUMAN_FORMATS,
        by_topic=form == "table",
        command=(*program, "today", *_options(options)),
    )


def _options(options: TodayOptions) -> list[str]:
    """The options that select the same days, source and topic again."""
    words: list[str] = []
    for name in ("date", "days", "week", "month", "source", "topic"):
        value = getattr(options, name)
        words += [] if value is None else [f"--{name}", str(value)]
    words += ["--cross-lists"] if options.cross_lists else []
    return [*words, "--sample"] if options.sample else words


def span_of(options: TodayOptions, current: date) -> Span:
    """Return the listing days that the options select; `current` is today (UTC).

    Raises UsageError if more than one option selects days, or a value is not valid.
    """
    selections = (options.date, options.days, options.week, options.month)
    if sum(selection is not None for selection in selections) > 1:
        raise UsageError("--date, --days, --week and --month cannot be combined")
    if options.week is not None:
        return parse_week(options.week)
    if options.month is not None:
        return parse_month(options.month)
    if options.days is not None:
        if not 1 <= options.days <= _MAX_DAYS:
            raise UsageError(f"--days must be a number from 1 to {_MAX_DAYS}")
        return Span(current - timedelta(days=options.days - 1), current)
    return Span(current, current) if options.date is None else parse_days(options.date, current)


def fetch_due(
    options: TodayOptions,
    session: Session,
    tracker: Tracker,
    span: Span,
    on_progress: "ProgressCallback | None" = None,
) -> RefreshResult:
    """Fetch the due listings of the selected days and of the days that *Trending* covers.

    From sources without upvotes, which do not trend, earlier days are fetched only in a period that
    was fetched before: gaps are filled, but no backfill starts.
    """
    from papertrack.cli.refresh import (
        collect_ranking_requests,
        enabled_sources,
        refresh_with_progress,
    )

    fetched = Span(min(span.first, span.last - timedelta(days=TRENDING_DAYS - 1)), span.last)
    coverage = tracker.library.coverage(fetched)
    sources = enabled_sources(session.config, options.source)
    requests = [
        request
        for source in sources
        for request in requests_due(
            source,
            fetched,
            coverage,
            session.now,
            refetch=options.refresh,
            repair_before=None if source.counted else span.first,
        )
    ]
    if options.source is None:
        requests += collect_ranking_requests(session, tracker)
    if not requests:
        return NOT_REFRESHED
    refreshed = refresh_with_progress(
        session,
        tracker,
        requests,
        deadline=options.deadline,
        in_memory=True,
        starred=options.source is None,
        on_progress=on_progress,
    )
    # A source whose listings are fresh was not requested, and has not failed.
    requested = {request.source.name for request in requests}
    all_failed = refreshed.all_failed and requested >= {source.name for source in sources}
    return refreshed._replace(all_failed=all_failed)


def _run_sample(options: TodayOptions, session: Session) -> int:
    """Show the sample edition from a library in memory.

    Without configured topics, example topics are used.
    """
    from papertrack.library.storing import store
    from papertrack.sources.sample import EXAMPLE_TOPICS, edition

    now, listings = edition()
    library = Library(None)
    for listing in listings:
        store(library, listing.sightings)
    tracker = Tracker(library, session.config.topics or EXAMPLE_TOPICS, now)
    form = choose_format(options.format)
    program = session.options.program
    report = today(tracker, _edition_request(options, form, utc_day(now), program))
    if form == "table" and not session.config.topics:
        report = report._replace(notes=(*report.notes, f"the topics are examples; {ADD_TOPIC}"))
    return session.show(_marked_as_sample(report._replace(generated_at=session.now)), form)


def _marked_as_sample(report: Report) -> Report:
    sections = tuple(
        section._replace(entries=tuple(entry._replace(sample=True) for entry in section.entries))
        for section in report.sections
    )
    return report._replace(sections=sections, sample=True)

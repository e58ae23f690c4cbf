"""The commands `coverage` and `sources`."""

import sys
from datetime import date, timedelta
from typing import Annotated

import typer

from papertrack.calendar import Span, utc_day
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.date_ranges import span_between
from papertrack.cli.options import SinceOption, SourceOption, UntilOption, format_option
from papertrack.cli.refresh import check_enabled, enabled_sources
from papertrack.cli.session import Session, choose_format, start
from papertrack.display import DrawStyle
from papertrack.results import DayCoverage, SourceStatus
from papertrack.source_registry import names, short_title, title
from papertrack.tracker import Tracker
from papertrack.tracker.coverage import day_coverage, source_statuses
from papertrack.tracker.wording import ago, count, require_source

app = new_app()
_GAPS = ("partial", "stale", "failed", "missing")


@app.command("coverage")
def coverage_command(
    context: typer.Context,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    format: Annotated[
        str,
        format_option(
            "columns: source, category, day, state, papers, skipped, time, problem, repaired"
        ),
    ] = "auto",
) -> None:
    """Show which days are complete, partial, quiet, stale, failed or missing, by source.

    Without --since, the last five weeks. `papertrack fetch --since DAY` fetches missing days.

    \b
    papertrack coverage
    papertrack coverage --source huggingface --since 2026-01-01 -f json
    """

    def work() -> int:
        session, form = start(context.obj), choose_format(format)
        tracker, span = session.tracker(), span_between(session, since, until, _five_weeks)
        rows = _coverage_of(source, session, tracker, span)
        if form == "table":
            from papertrack.display.coverage import draw_calendar

            titles = {row.source: short_title(row.source) for row in rows}
            draw_calendar(rows, titles, sys.stdout, DrawStyle(session.options.color))
        else:
            from papertrack.display.tabular import row_lines

            dicts = (row._asdict() for row in rows)
            sys.stdout.writelines(row_lines("coverage", dicts, form, session.now))
        _report_repairs(session, rows)
        _report_gaps(session, rows)
        return 0

    run_and_exit(context, work)


@app.command("sources")
def sources_command(
    context: typer.Context,
    format: Annotated[
        str,
        format_option(
            "columns: name, title, enabled, categories, last request, last complete day, "
            "complete days, other days, papers, ranked papers"
        ),
    ] = "auto",
) -> None:
    """List sources: which are enabled, when they were last requested, how many days are complete.

    A source that ranks papers instead of listing them has no days.

    Enable sources in the configuration. Other packages can add sources through the entry point
    group papertrack.sources.

    \b
    papertrack sources
    """

    def work() -> int:
        session, form = start(context.obj), choose_format(format)
        today = utc_day(session.now)
        sources = known_sources(session)
        span = Span(today - timedelta(days=365), today)
        rows = source_statuses(session.library(), sources, span)
        if form == "table":
            from papertrack.display.coverage import draw_sources

            ages = [ago(row.last_asked, session.now) if row.last_asked else "" for row in rows]
            draw_sources(rows, ages, sys.stdout, DrawStyle(session.options.color))
        else:
            from papertrack.display.tabular import row_lines

            dicts = (row._asdict() for row in rows)
            sys.stdout.writelines(row_lines("sources", dicts, form, session.now))
        return 0

    run_and_exit(context, work)


def known_sources(session: Session) -> list[SourceStatus]:
    """All sources, without their coverage. Raises UsageError, ConfigError."""
    enabled = {source.name: source for source in enabled_sources(session.config)}
    rankings = session.config.sources.rankings
    return [
        SourceStatus(
            name,
            title(name),
            name in enabled or name in rankings,
            tuple(filter(None, enabled[name].categories)) if name in enabled else (),
        )
        for name in names()
    ]


def _coverage_of(
    source: str | None, session: Session, tracker: Tracker, span: Span
) -> list[DayCoverage]:
    """Return the coverage of all sources, or of a source with stored listings or enabled."""
    config = session.config
    is_fetched = source is None or source in config.sources.enabled
    fetched = enabled_sources(config, source) if is_fetched else []
    rows = [row for row in day_coverage(tracker, fetched, span) if source in (None, row.source)]
    if source is not None and not rows:
        check_enabled(config, source)
        require_source(source)
    return rows


def _five_weeks(last: date) -> date:
    """The Monday that starts the five weeks up to `last`."""
    return last - timedelta(days=last.weekday()) - timedelta(weeks=4)


def _report_repairs(session: Session, rows: list[DayCoverage]) -> None:
    """Print how many papers were added to which days that seemed complete."""
    for row in rows:
        if row.repaired:
            name = " ".join(filter(None, (short_title(row.source), row.category)))
            session.inform(f"{name} {row.day}: repaired, +{row.repaired}")


def _report_gaps(session: Session, rows: list[DayCoverage]) -> None:
    gaps = {row.day for row in rows if row.state in _GAPS}
    if gaps:
        session.inform(f"{count(len(gaps), 'day')} with gaps: papertrack fetch --since {min(gaps)}")

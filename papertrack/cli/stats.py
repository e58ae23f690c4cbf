"""The command `stats`."""

import sys
from datetime import date, timedelta
from typing import Annotated

import typer

from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.coverage import known_sources
from papertrack.cli.date_ranges import span_between
from papertrack.cli.options import (
    STRUCTURED_FORMATS,
    SinceOption,
    UntilOption,
    choose_structured_format,
    format_option,
    not_blank,
)
from papertrack.cli.session import Session, start
from papertrack.display import DrawStyle
from papertrack.errors import UsageError
from papertrack.results import LibraryStats
from papertrack.source_registry import is_ranking
from papertrack.tracker.stats import library_stats

app = new_app()
_WEEKS_BEFORE = 12
_HtmlOption = Annotated[
    bool, typer.Option("--html", help="write a self-contained page for a browser")
]
_OutputOption = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE", callback=not_blank, help="file for the page of --html"
    ),
]


@app.command("stats")
def stats_command(
    context: typer.Context,
    since: SinceOption = None,
    until: UntilOption = None,
    html: _HtmlOption = False,
    output: _OutputOption = None,
    format: Annotated[
        str, format_option("columns: figure, name, week, value", STRUCTURED_FORMATS)
    ] = "auto",
) -> None:
    """Show papers and matches a week, topics over time, rising terms, reading and sources.

    Without --since, this week and the twelve before. Rising terms are more frequent in the papers
    of the last seven days than in the 90 days before them, by the z-score of the log-odds ratio
    with an informative prior (Monroe et al. 2008).

    \b
    papertrack stats
    papertrack stats --since 2026-01-01 -f json
    papertrack stats --html -o stats.html
    """

    def work() -> int:
        form = choose_structured_format(format)
        if output and not html:
            raise UsageError("--output is for a page", next_step="add --html")
        session = start(context.obj)
        span = span_between(session, since, until, _three_months)
        known = [each for each in known_sources(session) if not is_ranking(each.name)]
        stats = library_stats(session.tracker(), known, span)
        shown = tuple(source for source in stats.sources if source.enabled or source.papers)
        stats = stats._replace(sources=shown)
        if html:
            _write_page(session, stats, output)
        elif form == "table":
            from papertrack.display.stats import draw_stats

            draw_stats(stats, sys.stdout, DrawStyle(session.options.color))
        else:
            from papertrack.display.stats import stats_lines

            sys.stdout.writelines(stats_lines(stats, form, session.now))
            if stats.note and form == "plain":
                session.inform(stats.note)
        return session.exit_code()

    run_and_exit(context, work)


def _three_months(last: date) -> date:
    """The Monday twelve weeks before the week of `last`."""
    return last - timedelta(days=last.weekday()) - timedelta(weeks=_WEEKS_BEFORE)


def _write_page(session: Session, stats: LibraryStats, output: str | None) -> None:
    from papertrack.cli.export_files import write_file
    from papertrack.exports.stats_page import render_stats

    page = render_stats(stats, session.now)
    if output is None:
        sys.stdout.writelines(page)
        return
    write_file(output, page)
    session.inform(f"the page of {stats.span} written to {output}")

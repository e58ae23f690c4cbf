"""The command `catchup`: what the reader missed, within a budget."""

from typing import Annotated, NamedTuple

import typer

from papertrack.calendar import Span, parse_day, utc_day
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.options import DeadlineOption, FormatOption, OfflineOption, TopicOption
from papertrack.cli.session import Session, choose_format, shows_on_terminal, start
from papertrack.cli.today import TodayOptions, fetch_due
from papertrack.display import HUMAN_FORMATS
from papertrack.errors import UsageError
from papertrack.library.seen import (
    first_missed_day,
    listing_days_since,
    save_seen,
    unseen_days,
)
from papertrack.tracker import QUICKLY_RANKED
from papertrack.tracker.catchup import SECONDS_A_PAPER, catch_up
from papertrack.tracker.refresh import NOT_REFRESHED

_PAPERS = 30
app = new_app()


class CatchupOptions(NamedTuple):
    """The options of `catchup`, as typed."""

    minutes: int | None
    papers: int | None
    since: str | None
    topic: str | None
    offline: bool
    deadline: float | None
    format: str


@app.command("catchup")
def catchup_command(
    context: typer.Context,
    minutes: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="show as many papers as fit into N minutes, at 40 s each"
        ),
    ] = None,
    papers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="show at most N papers; default: 30")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="all days from this day on, seen or not")
    ] = None,
    topic: TopicOption = None,
    offline: OfflineOption = False,
    deadline: DeadlineOption = None,
    format: FormatOption = "auto",
) -> None:
    """Show what you missed on the days that you have not seen.

    Matches of your topics come first, then other papers by their trend within their own week.
    Similar titles are shown once. A day counts as seen once `today` or `catchup` has printed its
    papers as a table on a terminal.

    \b
    papertrack catchup
    papertrack catchup --minutes 20
    papertrack catchup --since "last week" --papers 50
    """
    options = CatchupOptions(minutes, papers, since, topic, offline, deadline, format)
    run_and_exit(context, lambda: _run(options, start(context.obj)))


def _run(options: CatchupOptions, session: Session) -> int:
    form, tracker, today = choose_format(options.format), session.tracker(), utc_day(session.now)
    limit = _limit(options) if form in HUMAN_FORMATS or options.papers else None
    first = parse_day(options.since, today) if options.since else None
    refreshed = NOT_REFRESHED
    if not options.offline:
        span = Span(first or first_missed_day(tracker.library, session.now), today)
        refreshed = fetch_due(TodayOptions(deadline=options.deadline), session, tracker, span)
        if refreshed.new:
            tracker.update_recommendations(QUICKLY_RANKED)
    library = tracker.library
    days = (
        listing_days_since(library, first, session.now)
        if first
        else unseen_days(library, session.now)
    )
    topic = ("--topic", options.topic) if options.topic else ()
    report = catch_up(
        tracker.for_topic(options.topic),
        days,
        limit,
        by_topic=form == "table",
        command=(*session.options.program, "catchup", *topic),
    )
    code = session.show(
        report._replace(failures=refreshed.failures, all_failed=refreshed.all_failed), form
    )
    if refreshed.not_stored:
        raise refreshed.not_stored
    if shows_on_terminal(form) and not options.topic:
        save_seen(library, days, session.now)
    return code


def _limit(options: CatchupOptions) -> int:
    """How many papers to show. Raises UsageError if both budgets are given."""
    if options.minutes and options.papers:
        raise UsageError("--minutes and --papers cannot be combined")
    if options.minutes:
        return max(1, options.minutes * 60 // SECONDS_A_PAPER)
    return options.papers or _PAPERS

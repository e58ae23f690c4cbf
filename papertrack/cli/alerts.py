"""The command `alert`: deliver new matches once. Its subcommands are in `alert_upkeep`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.alert_session import (
    AlertOptions,
    delivery_context,
    refresher,
    start_with_alerts,
)
from papertrack.cli.alert_summary import (
    NOTHING,
    advice_without_topics,
    dry_run_notes,
    is_verbose,
    summarize,
    warn_of_exposed_secrets,
)
from papertrack.cli.alert_upkeep import upkeep_app
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.date_ranges import parse_range
from papertrack.cli.options import DeadlineOption, FormatOption, OfflineOption, SinceOption
from papertrack.cli.schedule import schedule_app
from papertrack.cli.session import Session, choose_format
from papertrack.models import Entry, Report, Section
from papertrack.tracker import Tracker
from papertrack.tracker.wording import count

if TYPE_CHECKING:
    from papertrack.alerts.delivery import ChannelResult

app = new_app()
alert_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
alert_app.add_typer(upkeep_app)
alert_app.add_typer(schedule_app)
app.add_typer(alert_app, name="alert")


@alert_app.callback()
def alert_command(
    context: typer.Context,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="show what would be delivered; fetch and change nothing"),
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="exit 1 if nothing was delivered, like grep")
    ] = False,
    since: SinceOption = None,
    offline: OfflineOption = False,
    deadline: DeadlineOption = None,
    format: FormatOption = "auto",
) -> None:
    """Update the library, then deliver new matches once through each channel.

    Meant for cron: prints nothing if nothing is new. The first run, and the first after a topic was
    added or changed, skip papers that are already stored, except those listed from --since on.
    Exit code 6: a delivery failed and will be retried.

    \b
    papertrack alert                     deliver new matches
    papertrack alert --since 7d          include undelivered matches of the last week
    papertrack alert --dry-run           show what would be delivered
    papertrack alert schedule            print a crontab line
    papertrack alert log                 show past deliveries
    """
    if context.invoked_subcommand is None:
        form = None if format == "auto" else format
        options = AlertOptions(dry_run, exit_code, since, offline, deadline, form)
        run_and_exit(context, lambda: _run(options, start_with_alerts(context)))


def _run(options: AlertOptions, session: Session) -> int:
    from papertrack.alerts.alert_run import run

    tracker = session.tracker()
    first, _ = parse_range(session, options.since, None)
    if options.dry_run:
        return _dry_run(options, session, tracker)
    context = delivery_context(session, tracker, options)
    result = run(context, session.config, refresher(session, tracker, options), first)
    if options.format:
        _show(session, tracker, options.format, result.delivered)
    if result.first or is_verbose(session):
        warn_of_exposed_secrets(session)
    return summarize(options, session, tracker, result)


def _show(
    session: Session, tracker: Tracker, form: str, results: "Sequence[ChannelResult]"
) -> None:
    """Print the papers that were delivered through any channel."""
    from papertrack.alerts.messages import read_entries

    ids = dict.fromkeys(paper_id for result in results for paper_id in result.papers)
    entries = tuple(read_entries(tracker, ids).values())
    headline = count(len(entries), "paper")
    report = Report("alert", session.now, headline, (_section("Delivered", entries),))
    session.show(report, choose_format(form))


def _dry_run(options: AlertOptions, session: Session, tracker: Tracker) -> int:
    from papertrack.alerts.alert_run import channels_of, dry_run
    from papertrack.alerts.messages import best_first, read_entries, without_duplicates

    first, _ = parse_range(session, options.since, None)
    result = dry_run(tracker, session.config, first)
    deliveries = result.deliveries
    entries = read_entries(tracker, {delivery.paper_id for delivery in deliveries})
    sections = []
    for channel in channels_of(session.config):
        by_channel = (delivery for delivery in deliveries if delivery.channel == channel.name)
        papers = tuple(
            entries[delivery.paper_id]
            for delivery in without_duplicates(best_first(by_channel, entries))
            if delivery.paper_id in entries
        )
        has_heartbeat = channel.when_empty == "say"
        empty_text = "Nothing (when_empty: say sends a message)." if has_heartbeat else "Nothing."
        sections.append(_section(f"{channel.name} ({channel.type})", papers, empty_text))
    total = count(len({delivery.paper_id for delivery in deliveries}), "paper")
    notes = (*dry_run_notes(session, tracker, result), *advice_without_topics(session))
    report = Report("alert", session.now, f"{total} would be delivered", tuple(sections), notes)
    session.show(report, choose_format(options.format or "auto"))
    return NOTHING if options.exit_code and not deliveries else 0


def _section(title: str, entries: Sequence[Entry], empty_text: str = "Nothing.") -> Section:
    shown = tuple(entry._replace(section="new") for entry in entries)
    return Section(title, shown, len(shown), kind="new", empty_text=empty_text)

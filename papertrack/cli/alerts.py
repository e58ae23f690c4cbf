"""The command alert: what is new for your topics, delivered once. Its upkeep is in `deliveries`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.alert_session import AlertOptions, delivery_context, refresher, with_alerts
from papertrack.cli.alert_summary import NOTHING, is_verbose, summarize, warn_of_exposed_secrets
from papertrack.cli.alert_upkeep import deliveries_app
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.date_ranges import ends
from papertrack.cli.options import DeadlineOption, FormatOption, SinceOption
from papertrack.cli.schedule import schedule_app
from papertrack.cli.session import Session, choose_format
from papertrack.models import Entry, Report, Section
from papertrack.tracker import Tracker
from papertrack.tracker.wording import count

if TYPE_CHECKING:
    from papertrack.alerts.delivery import ChannelResult

app = new_app()
alert_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
alert_app.add_typer(deliveries_app)
alert_app.add_typer(schedule_app)
app.add_typer(alert_app, name="alert")


@alert_app.callback()
def alert_command(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="show what would go where; change nothing")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="exit with 1 where nothing was delivered, as grep")
    ] = False,
    since: SinceOption = None,
    offline: Annotated[bool, typer.Option("--offline", help="ask no source")] = False,
    deadline: DeadlineOption = None,
    format: FormatOption = "auto",
) -> None:
    """Bring the library up to date, and deliver what is new for your topics, once, per channel.

    For cron: with nothing new it is silent. The first run, and that after a topic was added or
    changed, deliver nothing that is stored already, but with --since what was listed from that
    day on. Exit code 6: some delivery failed; it is kept and tried again.

    \b
    papertrack alert                     deliver what is new
    papertrack alert --since 7d          also what matched in the last week and was not delivered
    papertrack alert --dry-run           what would go where
    papertrack alert schedule            the line for cron
    papertrack alert test mail           send a test through the channel named mail
    """
    if context.invoked_subcommand is None:
        chosen = None if format == "auto" else format
        options = AlertOptions(dry_run, exit_code, since, offline, deadline, chosen)
        run_and_exit(context, lambda: _run(options, with_alerts(context)))


def _run(options: AlertOptions, session: Session) -> int:
    from papertrack.alerts.alert_run import run

    tracker = session.tracker()
    first, _ = ends(session, options.since, None)
    if options.dry_run:
        return _rehearse(options, session, tracker)
    context = delivery_context(session, tracker, options)
    ran = run(context, session.config, refresher(session, tracker, options), first)
    if options.format:
        _show(session, tracker, options.format, ran.delivered)
    if ran.first or is_verbose(session):
        warn_of_exposed_secrets(session)
    return summarize(options, session, ran)


def _show(
    session: Session, tracker: Tracker, asked: str, delivered: "Sequence[ChannelResult]"
) -> None:
    """What was delivered through any channel, as papers."""
    from papertrack.alerts.messages import read_entries

    ids = dict.fromkeys(key for one in delivered for key in one.papers)
    entries = tuple(read_entries(tracker, ids).values())
    report = Report(
        "alert", session.now, count(len(entries), "paper"), (_section("ChannelResult", entries),)
    )
    session.show(report, choose_format(asked))


def _rehearse(options: AlertOptions, session: Session, tracker: Tracker) -> int:
    from papertrack.alerts.alert_run import channels_of, dry_run
    from papertrack.alerts.messages import best_first, read_entries, without_duplicates

    first, _ = ends(session, options.since, None)
    deliveries = dry_run(tracker, session.config, first)
    entries = read_entries(tracker, {one.paper_id for one in deliveries})
    sections = []
    for channel in channels_of(session.config):
        mine = best_first((one for one in deliveries if one.channel == channel.name), entries)
        papers = tuple(
            entries[one.paper_id] for one in without_duplicates(mine) if one.paper_id in entries
        )
        sections.append(_section(f"{channel.name} ({channel.type})", papers))
    total = count(len({one.paper_id for one in deliveries}), "paper")
    report = Report("alert", session.now, f"{total} would be delivered", tuple(sections))
    session.show(report, choose_format(options.format or "auto"))
    return NOTHING if options.exit_code and not deliveries else 0


def _section(title: str, entries: Sequence[Entry]) -> Section:
    shown = tuple(one._replace(section="new") for one in entries)
    return Section(title, shown, len(shown), kind="new", empty_text="Nothing.")

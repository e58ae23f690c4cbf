"""The upkeep of alerts: alert log, retry, test, mute, unmute."""

import sys
from datetime import date
from typing import Annotated
from uuid import uuid4

import typer

from papertrack import log
from papertrack.calendar import parse_day, utc_day
from papertrack.cli.alert_session import (
    AlertOptions,
    channel_connector,
    delivery_context,
    with_alerts,
)
from papertrack.cli.alert_summary import summarize, warn_of_exposed_secrets
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.date_ranges import ends
from papertrack.cli.exit_handling import print_error
from papertrack.cli.options import FormatOption, SinceOption, complete_topics
from papertrack.cli.session import choose_format
from papertrack.errors import UsageError
from papertrack.library.deliveries import Batch
from papertrack.library.outbox import Outbox
from papertrack.models import Report
from papertrack.tracker import topic_named
from papertrack.tracker.wording import count

deliveries_app = new_app()
_SECONDS = 60.0
_TopicArgument = Annotated[
    str,
    typer.Argument(
        metavar="TOPIC", autocompletion=complete_topics, help="the beginning of its name is enough"
    ),
]


def _channels(context: typer.Context, beginning: str) -> list[str]:
    """The names of the configured channels, for tab completion."""
    from papertrack.cli.global_options import GlobalOptions
    from papertrack.errors import PapertrackError

    context.obj = GlobalOptions(config=context.find_root().params.get("_config"))
    try:
        channels = with_alerts(context).config.alerts.channels
    except PapertrackError:
        return []
    return [one.name for one in channels if one.name.casefold().startswith(beginning.casefold())]


@deliveries_app.command("log")
def log_command(
    context: typer.Context, since: SinceOption = None, format: FormatOption = "auto"
) -> None:
    """Show every delivery, attempt and error, and what waits.

    \b
    papertrack alert log
    papertrack alert log --since 7d -f jsonl
    """

    def work() -> int:
        from papertrack.display.tabular import row_lines

        session, form = with_alerts(context), choose_format(format)
        first, _ = ends(session, since, None)
        outbox = Outbox(session.library())
        rows = [
            one._asdict() for one in outbox.attempts() if first is None or utc_day(one.at) >= first
        ]
        waiting = outbox.pending()
        if form == "table":
            from papertrack.display.attempts import draw_attempts

            draw_attempts(rows, sys.stdout, color=session.anywhere.color)
        else:
            sys.stdout.writelines(row_lines("alert log", rows, form, session.now))
        if waiting and not session.anywhere.quiet:
            channels = ", ".join(dict.fromkeys(one.channel for one in waiting))
            print_error([f"{count(len(waiting), 'delivery', 'deliveries')} waiting for {channels}"])
        return 0

    run_and_exit(context, work)


@deliveries_app.command("retry")
def retry_command(context: typer.Context) -> None:
    """Deliver what waits now, without asking the sources, also to channels that rest.

    \b
    papertrack alert retry
    """

    def work() -> int:
        from papertrack.alerts.alert_run import retry

        session = with_alerts(context)
        tracker = session.tracker()
        options = AlertOptions(offline=True)
        ran = retry(delivery_context(session, tracker, options), session.config)
        return summarize(options, session, ran)

    run_and_exit(context, work)


@deliveries_app.command("test")
def test_command(
    context: typer.Context,
    channel: Annotated[
        str,
        typer.Argument(
            metavar="CHANNEL", autocompletion=_channels, help="its name in the configuration"
        ),
    ],
) -> None:
    """Send a message marked as a test through one channel.

    \b
    papertrack alert test mail
    """

    def work() -> int:
        from papertrack.alerts.alert_run import channels_of
        from papertrack.alerts.messages import render

        session = with_alerts(context)
        found = [one for one in channels_of(session.config) if one.name == channel]
        if not found:
            names = ", ".join(one.name for one in channels_of(session.config))
            raise UsageError(f"no channel is named {channel!r}", f"channels: {names}")
        warn_of_exposed_secrets(session)
        sender = channel_connector(session)(found[0])
        batch = Batch(f"test-{uuid4().hex}", channel, session.now, 1, 1, ())
        report = Report("alert test", session.now, f"a test of the channel {channel}", ())
        message = render(report, batch, html=sender.wants_html)
        with log.timed("deliver", {"channel": channel, "message": batch.id}):
            remarks = sender.send(message, _SECONDS)
        for remark in remarks:
            print_error([remark])
        if not session.anywhere.quiet:
            print_error([f"{channel} ({found[0].type}) took the test message {batch.id}"])
        return 0

    run_and_exit(context, work)


@deliveries_app.command("mute")
def mute_command(
    context: typer.Context,
    topic: _TopicArgument,
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help="the last day of it: 2026-04-30")
    ],
) -> None:
    """Deliver nothing new of a topic up to and with a day; what comes meanwhile is not made up for.

    \b
    papertrack alert mute "retrieval-augmented generation" --until 2026-04-30
    """
    run_and_exit(context, lambda: _mute(context, topic, until))


@deliveries_app.command("unmute")
def unmute_command(context: typer.Context, topic: _TopicArgument) -> None:
    """Deliver what is new of a topic again.

    \b
    papertrack alert unmute rag
    """
    run_and_exit(context, lambda: _mute(context, topic, None))


def _mute(context: typer.Context, name: str, until: str | None) -> int:
    from papertrack.alerts.alert_run import exclusive_run

    session = with_alerts(context)
    rule = topic_named(session.config.topics, name).name
    day = parse_day(until, utc_day(session.now)) if until else None
    if day and day < utc_day(session.now):
        raise UsageError(f"{day} is over", next_step="name a day to come")
    library = session.library()
    outbox = Outbox(library)
    with exclusive_run(library), library.transaction():
        watches = outbox.watches()
        if rule not in watches:
            raise UsageError(
                f"alerts do not watch {rule!r} yet", next_step="`papertrack alert` begins with it"
            )
        after = {**watches, rule: watches[rule]._replace(muted=day)}
        outbox.save_watches(after.values())
    if not session.anywhere.quiet:
        print_error([_muted(rule, day)])
    return 0


def _muted(rule: str, day: date | None) -> str:
    if day is None:
        return f"{rule}: delivered again"
    return f'{rule}: nothing new is delivered until {day}; `papertrack alert unmute "{rule}"`'

"""The commands `alert log`, `retry`, `test`, `mute` and `unmute`."""

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
    start_with_alerts,
)
from papertrack.cli.alert_summary import summarize, warn_of_exposed_secrets
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.completions import complete_topics
from papertrack.cli.date_ranges import parse_range
from papertrack.cli.exit_handling import print_message
from papertrack.cli.options import SinceOption, format_option
from papertrack.cli.session import choose_format
from papertrack.config.channels import FOR_YOU
from papertrack.config.records import Config
from papertrack.display import DrawStyle
from papertrack.errors import UsageError
from papertrack.escaping import command_line
from papertrack.library.deliveries import FOR_YOU_RULE, Batch, display_name
from papertrack.library.outbox import Outbox
from papertrack.models import Report
from papertrack.tracker import topic_named
from papertrack.tracker.wording import count

upkeep_app = new_app()
_TEST_TIMEOUT = 60.0  # seconds
_TopicArgument = Annotated[
    str,
    typer.Argument(
        metavar="TOPIC",
        autocompletion=complete_topics,
        help="name of a topic, or a prefix of it; or: for you",
    ),
]


def _channels(context: typer.Context, prefix: str) -> list[str]:
    """The names of configured channels that start with a prefix; none if the file is invalid."""
    from papertrack.cli.global_options import GlobalOptions
    from papertrack.errors import PapertrackError

    context.obj = GlobalOptions(config=context.find_root().params.get("_config"))
    try:
        channels = start_with_alerts(context).config.alerts.channels
    except PapertrackError:
        return []
    names = (channel.name for channel in channels)
    return [name for name in names if name.casefold().startswith(prefix.casefold())]


@upkeep_app.command("log")
def log_command(
    context: typer.Context,
    since: SinceOption = None,
    format: Annotated[
        str, format_option("columns: time, channel, message, papers, outcome, problem")
    ] = "auto",
) -> None:
    """Show all deliveries, attempts and errors, and what is waiting.

    \b
    papertrack alert log
    papertrack alert log --since 7d -f jsonl
    """

    def work() -> int:
        from papertrack.display.tabular import row_lines

        session, form = start_with_alerts(context), choose_format(format)
        first, _ = parse_range(session, since, None)
        outbox = Outbox(session.library())
        rows = [
            attempt._asdict()
            for attempt in outbox.attempts()
            if first is None or utc_day(attempt.at) >= first
        ]
        waiting = outbox.pending()
        if form == "table":
            from papertrack.display.attempts import draw_attempts

            draw_attempts(rows, session.now, sys.stdout, DrawStyle(session.options.color))
        else:
            sys.stdout.writelines(row_lines("alert log", rows, form, session.now))
        if waiting:
            channels = ", ".join(dict.fromkeys(delivery.channel for delivery in waiting))
            session.inform(
                f"{count(len(waiting), 'delivery', 'deliveries')} waiting for {channels}"
            )
        return 0

    run_and_exit(context, work)


@upkeep_app.command("retry")
def retry_command(context: typer.Context) -> None:
    """Retry waiting deliveries now.

    Includes the deliveries of paused channels. Fetches nothing.

    \b
    papertrack alert retry
    """

    def work() -> int:
        from papertrack.alerts.alert_run import retry

        session = start_with_alerts(context)
        tracker = session.tracker()
        options = AlertOptions(offline=True)
        result = retry(delivery_context(session, tracker, options), session.config)
        return summarize(options, session, tracker, result)

    run_and_exit(context, work)


@upkeep_app.command("test")
def test_command(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(metavar="CHANNEL", autocompletion=_channels, help="name of a channel"),
    ],
) -> None:
    """Send a test message through a channel.

    \b
    papertrack alert test terminal
    """

    def work() -> int:
        from papertrack.alerts.alert_run import channels_of
        from papertrack.alerts.messages import render
        from papertrack.channels import boundary

        session = start_with_alerts(context)
        channels = {channel.name: channel for channel in channels_of(session.config)}
        if name not in channels:
            raise UsageError(f"no channel is named {name!r}", f"channels: {', '.join(channels)}")
        warn_of_exposed_secrets(session)
        with boundary(name):
            sender = channel_connector(session)(channels[name])
        batch = Batch(f"test-{uuid4().hex}", name, session.now, 1, 1, ())
        report = Report("alert test", session.now, f"a test of the channel {name}", ())
        message = render(report, batch, html=sender.wants_html)
        with boundary(name), log.timed("deliver", {"channel": name, "message": batch.id}):
            notes = sender.send(message, _TEST_TIMEOUT)
        for note in notes:
            print_message([note])
        session.inform(f"{name} ({channels[name].type}) accepted the test message {batch.id}")
        return 0

    run_and_exit(context, work)


@upkeep_app.command("mute")
def mute_command(
    context: typer.Context,
    topic: _TopicArgument,
    until: Annotated[
        str,
        typer.Option(
            "--until", metavar="DAY", help="last day without deliveries, such as 2030-01-31"
        ),
    ],
) -> None:
    """Pause deliveries of a topic through a day.

    Papers arriving meanwhile are not sent later.

    \b
    papertrack topics add video --any "video generation"
    papertrack alert
    papertrack alert mute video --until 2030-01-31
    """
    run_and_exit(context, lambda: _mute(context, topic, until))


@upkeep_app.command("unmute")
def unmute_command(context: typer.Context, topic: _TopicArgument) -> None:
    """Resume deliveries of a topic.

    \b
    papertrack topics add video --any "video generation"
    papertrack alert
    papertrack alert unmute video
    """
    run_and_exit(context, lambda: _mute(context, topic, None))


def _mute(context: typer.Context, name: str, until: str | None) -> int:
    from papertrack.alerts.alert_run import exclusive_run

    session = start_with_alerts(context)
    rule = _rule_named(session.config, name)
    topic = display_name(rule)
    day = parse_day(until, utc_day(session.now)) if until else None
    if day and day < utc_day(session.now):
        raise UsageError(f"{day} is in the past", next_step="use today or a later day")
    library = session.library()
    outbox = Outbox(library)
    with exclusive_run(library), library.transaction():
        watches = outbox.watches()
        if rule not in watches:
            raise UsageError(
                f"alerts do not watch {topic!r} yet", next_step="run `papertrack alert` first"
            )
        outbox.save_watches({**watches, rule: watches[rule]._replace(muted=day)}.values())
    session.inform(*_mute_notice(topic, day))
    return 0


def _rule_named(config: Config, name: str) -> str:
    """The name of the rule of a topic, or of recommended papers. Raises UsageError."""
    from papertrack.alerts.alert_run import rules_of

    names = {rule.name for rule in rules_of(config)}
    if FOR_YOU_RULE in names and name.strip().casefold() == FOR_YOU:
        return FOR_YOU_RULE
    return topic_named(config.topics, name).name


def _mute_notice(topic: str, day: date | None) -> list[str]:
    if day is None:
        return [f"{topic}: delivered again"]
    return [f"{topic}: muted through {day}", f"undo: {command_line('alert unmute', topic)}"]

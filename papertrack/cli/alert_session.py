"""What the commands of alerts share: the session with the channels, and what a run uses."""

import os
import sys
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import typer

from papertrack.calendar import Span, utc_day
from papertrack.cli.date_ranges import ends
from papertrack.cli.refresh import due_requests, refresh_with_progress
from papertrack.cli.session import Session, begin
from papertrack.config import load, resolve_path
from papertrack.sources import USER_AGENT
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import NOT_REFRESHED, RefreshResult, recent_days, repair_days

if TYPE_CHECKING:
    from papertrack.alerts.alert_run import Refresh
    from papertrack.alerts.delivery import Connect, DeliveryContext

_TO_DELIVER = 60.0  # seconds, beside those for asking the sources


class AlertOptions(NamedTuple):
    """The options of `alert`, as typed."""

    dry_run: bool = False
    exit_code: bool = False
    since: str | None = None
    offline: bool = False
    deadline: float | None = None
    format: str | None = None


def with_alerts(context: typer.Context) -> Session:
    """The session of a command that needs the channels. Raises UsageError, ConfigError."""
    path, asked_for = resolve_path(context.obj.config, os.environ)
    config = load(path if asked_for or os.path.exists(path) else None)
    return begin(context.obj, config)


def delivery_context(
    session: Session, tracker: Tracker, options: AlertOptions
) -> "DeliveryContext":
    """The context of a run: the channels, and the time that is left for all of it."""
    from papertrack.alerts.delivery import DeliveryContext

    seconds = options.deadline or session.config.network.deadline_seconds + _TO_DELIVER
    end = monotonic() + seconds
    today = session.now.astimezone().date()
    connect = channel_connector(session, silent=options.format is not None)
    return DeliveryContext(tracker, connect, today, lambda: end - monotonic())


def refresher(session: Session, tracker: Tracker, options: AlertOptions) -> "Refresh":
    """How a run brings the library up to date, within half of its deadline."""
    deadline = options.deadline and options.deadline / 2

    def refresh() -> tuple[RefreshResult, tuple[str, ...]]:
        if options.offline:
            return NOT_REFRESHED, ()
        today = utc_day(session.now)
        since, _ = ends(session, options.since, None)
        span, begun = (
            (Span(since, today), None) if since else (repair_days(today), recent_days(today).first)
        )
        requests = due_requests(session, tracker, span, None, begun)
        if not requests:
            return NOT_REFRESHED, ()
        names = tuple(dict.fromkeys(request.source.name for request in requests))
        return refresh_with_progress(session, tracker, requests, deadline=deadline), names

    return refresh


def channel_connector(session: Session, *, silent: bool = False) -> "Connect":
    """How channels are reached; `silent`: what is for standard output is shown in another way."""
    from papertrack import channels

    agent = session.config.network.user_agent or USER_AGENT
    out = open(os.devnull, "w", encoding="utf-8") if silent else sys.stdout  # noqa: SIM115  # until the end of the process
    return lambda channel: channels.connect(channel, os.environ, out, agent)

"""The session, deadline, refresh and channels shared by the `alert` commands."""

import os
import sys
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import typer

from papertrack.calendar import Span, utc_day
from papertrack.cli.date_ranges import parse_range
from papertrack.cli.refresh import (
    collect_ranking_requests,
    collect_requests,
    refresh_with_progress,
)
from papertrack.cli.session import Session, start_with_config
from papertrack.config import load, resolve_path
from papertrack.sources import USER_AGENT
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import NOT_REFRESHED, RefreshResult, recent_days, repair_days

if TYPE_CHECKING:
    from papertrack.alerts.alert_run import Refresh
    from papertrack.alerts.delivery import Connect, DeliveryContext

_TO_DELIVER = 60.0  # seconds, in addition to the deadline for fetching


class AlertOptions(NamedTuple):
    """The options of `alert`, as typed."""

    dry_run: bool = False
    exit_code: bool = False
    since: str | None = None
    offline: bool = False
    deadline: float | None = None
    format: str | None = None


def start_with_alerts(context: typer.Context) -> Session:
    """Start a session whose configuration includes channels. Raises UsageError, ConfigError.

    A configuration that others can change must not name programs.
    """
    from papertrack.config.exposure import check_unchangeable

    path, is_explicit = resolve_path(context.obj.config, os.environ)
    config = load(path if is_explicit or os.path.exists(path) else None)
    check_unchangeable(config)
    return start_with_config(context.obj, config)


def delivery_context(
    session: Session, tracker: Tracker, options: AlertOptions
) -> "DeliveryContext":
    """Create the context of an alert run; its deadline starts now."""
    from papertrack.alerts.delivery import DeliveryContext

    seconds = options.deadline or session.config.network.deadline_seconds + _TO_DELIVER
    end = monotonic() + seconds
    today = session.now.astimezone().date()
    connect = channel_connector(session, silent=options.format is not None)
    sources = session.config.sources.enabled
    return DeliveryContext(tracker, connect, today, lambda: end - monotonic(), sources=sources)


def refresher(session: Session, tracker: Tracker, options: AlertOptions) -> "Refresh":
    """Return the function that updates the library, within half of a run's --deadline."""
    deadline = options.deadline and options.deadline / 2

    def refresh() -> tuple[RefreshResult, tuple[str, ...]]:
        if options.offline:
            return NOT_REFRESHED, ()
        today = utc_day(session.now)
        since, _ = parse_range(session, options.since, None)
        if since:
            span, repair_before = Span(since, today), None
        else:
            span, repair_before = repair_days(today), recent_days(today).first
        requests = [
            *collect_requests(session, tracker, span, None, repair_before),
            *collect_ranking_requests(session, tracker),
        ]
        if not requests:
            return NOT_REFRESHED, ()
        names = tuple(dict.fromkeys(request.source.name for request in requests))
        refreshed = refresh_with_progress(
            session, tracker, requests, deadline=deadline, starred=True
        )
        if refreshed.new:
            tracker.update_recommendations()
        return refreshed, (*names, *refreshed.checked)

    return refresh


def channel_connector(session: Session, *, silent: bool = False) -> "Connect":
    """Return the function that connects a channel; `silent` discards the output of `stdout`."""
    from papertrack import channels

    agent = session.config.network.user_agent or USER_AGENT
    out = open(os.devnull, "w", encoding="utf-8") if silent else sys.stdout  # noqa: SIM115  # open until the process exits
    return lambda channel: channels.connect(channel, os.environ, out, agent)

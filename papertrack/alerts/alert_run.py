"""One run of alerts from beginning to end: look, refresh, look again, deliver."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from papertrack import log
from papertrack.alerts import detection, outages
from papertrack.alerts.delivery import ChannelResult, DeliveryContext, deliver
from papertrack.alerts.detection import News, Watches
from papertrack.alerts.queueing import new_deliveries
from papertrack.config.channels import Channel, StdoutChannel
from papertrack.config.records import Config
from papertrack.library.deliveries import STARRED, Delivery, WatchedRule
from papertrack.library.library import Library
from papertrack.library.outbox import Outbox
from papertrack.models import Topic
from papertrack.storage.lock import hold_lock
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import NOT_REFRESHED, RefreshResult

_LOCK = ".alerts"
# Brings the library up to date; the result and the names of the sources that were queried.
Refresh = Callable[[], tuple[RefreshResult, tuple[str, ...]]]
DEFAULT_CHANNELS: tuple[Channel, ...] = (StdoutChannel(name="stdout", type="stdout"),)


class AlertResult(NamedTuple):
    """What a run did. `begun` are the rules watched from now on, all of them on the `first` run;
    `said` is what the reader should know of failures.
    """

    started: tuple[str, ...]
    refreshed: RefreshResult
    delivered: tuple[ChannelResult, ...]
    notices: tuple[str, ...]
    first: bool = False


def run(
    context: DeliveryContext, config: Config, refresh: Refresh, since: date | None = None
) -> AlertResult:
    """Look for news, put it into the outbox, and deliver what waits.

    What came since the last run, as by `today`, is judged by the rules that were in force then;
    after that new and changed rules begin, for which what is stored is no news; and then what
    the refresh brings is judged by them. Only the very first rules begin after the refresh.

    Raises LibraryBusy where another run is at it, LibraryError.
    """
    tracker, outbox = context.tracker, context.outbox
    with exclusive_run(tracker.library):
        watches = outbox.watches()
        first = not watches
        begun = () if first else _begin(tracker, config, watches)
        refreshed, names = refresh()
        if first:
            begun = _begin(tracker, config, watches)
        else:
            _take_in(tracker, config, outbox.watches())
        if since:
            _queue_since(tracker, config, since)
        known = outbox.channel_statuses()
        delivered = deliver(context, channels_of(config))
        said = outages.channel_notices(known, delivered)
        with tracker.library.transaction():
            after, lasting = outages.updated_outages(
                outbox.outages(), names, refreshed.failures, tracker.now
            )
            outbox.save_outages(after)
        return AlertResult(begun, refreshed, tuple(delivered), (*lasting, *said), first=first)


def retry(context: DeliveryContext, config: Config) -> AlertResult:
    """Deliver what waits, also to channels that rest. Raises as `run`."""
    outbox = context.outbox
    with exclusive_run(context.tracker.library):
        known = outbox.channel_statuses()
        delivered = deliver(context._replace(ignore_pauses=True), channels_of(config))
        said = outages.channel_notices(known, delivered)
        return AlertResult((), NOT_REFRESHED, tuple(delivered), tuple(said))


def dry_run(tracker: Tracker, config: Config, since: date | None) -> list[Delivery]:
    """What a run would find in the library as it is, and what waits; changes nothing."""
    outbox = Outbox(tracker.library)
    watches, channels = outbox.watches(), channels_of(config)
    cross = config.sources.cross_lists
    found: tuple[News, ...] = ()
    if watches:
        found = detection.find_news(tracker, watches, outbox.cursor(), cross_lists=cross).news
    if since:
        rules = {one.name: WatchedRule(one, since) for one in config.topics}
        found += detection.news_since(tracker, rules, since, cross_lists=cross)
    waiting = {one.key: one for one in outbox.pending()}
    new = {one.key: one for one in new_deliveries(outbox, found, channels, tracker.now)}
    return list((waiting | new).values())


def channels_of(config: Config) -> tuple[Channel, ...]:
    """The configured channels, or standard output, which cron mails."""
    return config.alerts.channels or DEFAULT_CHANNELS


def rules_of(config: Config) -> Iterator[Topic]:
    """The topics, and the rule for starred papers where there is one."""
    yield from config.topics
    if config.alerts.starred.when:
        yield Topic(STARRED, when=config.alerts.starred.when)


@contextmanager
def exclusive_run(library: Library) -> Iterator[None]:
    """No second run of alerts on a library at the same time. Raises LibraryBusy at once."""
    if library.folder is None:
        yield
        return
    os.makedirs(library.folder, mode=0o700, exist_ok=True)
    with hold_lock(library.folder, 0, _LOCK, "another `papertrack alert` is running"):
        yield


def _begin(tracker: Tracker, config: Config, watches: Watches) -> tuple[str, ...]:
    """Take in what came under the rules in force, then put the configured ones into force; the
    names of those that are new or changed.
    """
    outbox, rules = Outbox(tracker.library), tuple(rules_of(config))
    names = {one.name for one in rules}
    watches = {name: one for name, one in watches.items() if name in names}
    # Taken before anything is read: what comes meanwhile is looked at by the next run.
    seen: Mapping[str, str] = detection.table_fingerprints(tracker.library)
    if watches:
        watches, seen = _take_in(tracker, config, watches)
    after = detection.adopt_rules(tracker, rules, watches, detection.newest_day_seen(seen))
    new = [watch for watch in after if watches.get(watch.rule.name) is not watch]
    with tracker.library.transaction():
        outbox.save_watches(after)
        outbox.save_cursor(seen)
    for watch in new:
        log.event("watch", topic=watch.rule.name, since=watch.begun, when=watch.rule.when)
    return tuple(watch.rule.name for watch in new)


def _take_in(
    tracker: Tracker, config: Config, watches: Watches
) -> tuple[Watches, Mapping[str, str]]:
    """Put what came since the last look into the outbox, in one commit with how far it looked; the
    watches after it, and the tables as they were seen.
    """
    outbox, cross = Outbox(tracker.library), config.sources.cross_lists
    found = detection.find_news(tracker, watches, outbox.cursor(), cross_lists=cross)
    with tracker.library.transaction():
        deliveries = new_deliveries(outbox, found.news, channels_of(config), tracker.now)
        outbox.queue(deliveries)
        outbox.save_watches(found.watches)
        outbox.save_cursor(found.cursor)
    _report(deliveries)
    return {one.rule.name: one for one in found.watches}, found.cursor


def _queue_since(tracker: Tracker, config: Config, since: date) -> None:
    outbox = Outbox(tracker.library)
    cross = config.sources.cross_lists
    news = detection.news_since(tracker, outbox.watches(), since, cross_lists=cross)
    with tracker.library.transaction():
        deliveries = new_deliveries(outbox, news, channels_of(config), tracker.now)
        outbox.queue(deliveries)
    _report(deliveries)


def _report(queued: Sequence[Delivery]) -> None:
    """Write what was put into the outbox to the log."""
    for delivery in queued:
        log.event(
            "queue",
            channel=delivery.channel,
            topic=delivery.topics,
            event=delivery.event,
            paper=delivery.paper_id,
        )

"""A run of alerts from start to end: find news, refresh the library, find news again, deliver."""

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
from papertrack.alerts.recommended import new_recommendations
from papertrack.config.channels import FOR_YOU, Channel, StdoutChannel
from papertrack.config.records import Config
from papertrack.library.deliveries import FOR_YOU_RULE, STARRED_RULE, Delivery, WatchedRule
from papertrack.library.library import Library
from papertrack.library.outbox import Outbox
from papertrack.library.recommended import load_ranking
from papertrack.models import Topic
from papertrack.storage import files
from papertrack.storage.lock import hold_lock
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import NOT_REFRESHED, RefreshResult

_LOCK = ".alerts"
# Updates the library; returns the result and the names of the requested sources.
Refresh = Callable[[], tuple[RefreshResult, tuple[str, ...]]]
DEFAULT_CHANNELS: tuple[Channel, ...] = (StdoutChannel(name="stdout", type="stdout"),)


class AlertResult(NamedTuple):
    """The result of a run.

    `started` are the names of the rules watched from now on: on the `first` run all of them, later
    the new and changed ones. `notices` are lines about failures to print.
    """

    started: tuple[str, ...]
    refreshed: RefreshResult
    delivered: tuple[ChannelResult, ...]
    notices: tuple[str, ...]
    first: bool = False


class DryRunResult(NamedTuple):
    """What a run without a refresh would do.

    `deliveries` are those that it would make, `started` the names of the rules that it would watch
    from then on; all of them on the `first` run.
    """

    deliveries: tuple[Delivery, ...]
    started: tuple[str, ...]
    first: bool


def run(
    context: DeliveryContext, config: Config, refresh: Refresh, since: date | None = None
) -> AlertResult:
    """Find news, add it to the outbox, and deliver what is pending.

    Papers stored since the last run (by `papertrack today`, for example) are matched against the
    rules that were active then. New and changed rules become active next; what is stored by then
    is not news for them. Papers that the refresh fetches are matched against the new rules. On the
    first run, rules become active after the refresh, so that nothing is news. With `since`, every
    match listed from that day on is delivered as well.

    Raises LibraryBusy if another run is in progress, and LibraryError.
    """
    tracker, outbox = context.tracker, context.outbox
    with exclusive_run(tracker.library):
        watches = outbox.watches()
        first = not watches
        started = () if first else _activate_rules(tracker, config, watches)
        refreshed, requested = refresh()
        if first:
            started = _activate_rules(tracker, config, watches)
        else:
            _queue_news(tracker, config, outbox.watches())
            _queue_recommended(tracker, config)
        if since:
            _queue_since(tracker, config, since)
        statuses = outbox.channel_statuses()
        failed = tuple(failure.source for failure in refreshed.failures)
        delivered = deliver(context._replace(failed=failed), channels_of(config))
        channel_notices = outages.channel_notices(statuses, delivered)
        with tracker.library.transaction():
            updated, source_notices = outages.update_outages(
                outbox.outages(), requested, refreshed.failures, tracker.now
            )
            outbox.save_outages(updated)
        notices = (*source_notices, *channel_notices)
        return AlertResult(started, refreshed, tuple(delivered), notices, first=first)


def retry(context: DeliveryContext, config: Config) -> AlertResult:
    """Deliver what is pending, also through paused channels. Raises as `run`."""
    outbox = context.outbox
    with exclusive_run(context.tracker.library):
        statuses = outbox.channel_statuses()
        delivered = deliver(context._replace(ignore_pauses=True), channels_of(config))
        notices = outages.channel_notices(statuses, delivered)
        return AlertResult((), NOT_REFRESHED, tuple(delivered), tuple(notices))


def dry_run(tracker: Tracker, config: Config, since: date | None) -> DryRunResult:
    """What a run without a refresh would do; changes nothing.

    A refresh would change the next run: papers stored by it are not news for new rules.
    """
    outbox = Outbox(tracker.library)
    watches, channels = outbox.watches(), channels_of(config)
    cross_lists = config.sources.cross_lists
    news: tuple[News, ...] = ()
    if watches:
        news = detection.find_news(tracker, watches, outbox.cursor(), cross_lists=cross_lists).news
    if since:
        rules = {topic.name: WatchedRule(topic, since) for topic in config.topics}
        news += detection.news_since(tracker, rules, since, cross_lists=cross_lists)
    pending = {delivery.key: delivery for delivery in outbox.pending()}
    new = {
        delivery.key: delivery for delivery in new_deliveries(outbox, news, channels, tracker.now)
    }
    if watch := watches.get(FOR_YOU_RULE):
        ranking = load_ranking(tracker.library)
        most = config.alerts.for_you
        deliveries, _ = new_recommendations(tracker, watch, ranking, channels, most)
        new = {delivery.key: delivery for delivery in deliveries} | new
    started = tuple(
        rule.name
        for rule in rules_of(config)
        if rule.name not in watches or watches[rule.name].rule != rule
    )
    return DryRunResult(tuple((pending | new).values()), started, first=not watches)


def channels_of(config: Config) -> tuple[Channel, ...]:
    """The configured channels, or standard output, which cron mails."""
    return config.alerts.channels or DEFAULT_CHANNELS


def rules_of(config: Config) -> Iterator[Topic]:
    """Yield the topics, and the rules for starred and recommended papers if they are configured.

    A topic named FOR_YOU takes precedence over the rule.
    """
    yield from config.topics
    if config.alerts.starred.when:
        yield Topic(STARRED_RULE, when=config.alerts.starred.when)
    names = {topic.name.casefold() for topic in config.topics}
    if FOR_YOU not in names and any(channel.recommends for channel in channels_of(config)):
        yield Topic(FOR_YOU_RULE)


@contextmanager
def exclusive_run(library: Library) -> Iterator[None]:
    """Prevent a second run of alerts on a library. Raises LibraryBusy without waiting."""
    if library.folder is None:
        yield
        return
    with files.as_library_error("write", library.folder):
        os.makedirs(library.folder, mode=0o700, exist_ok=True)
    with hold_lock(library.folder, 0, _LOCK, "another `papertrack alert` is running"):
        yield


def _activate_rules(tracker: Tracker, config: Config, watches: Watches) -> tuple[str, ...]:
    """Queue the news of the active rules, then replace them with the configured rules.

    Returns the names of the new and changed rules.
    """
    outbox, rules = Outbox(tracker.library), tuple(rules_of(config))
    names = {rule.name for rule in rules}
    watches = {name: watch for name, watch in watches.items() if name in names}
    # Before papers are read, so that papers stored in the meantime are scanned by the next run.
    cursor: Mapping[str, str] = detection.table_fingerprints(tracker.library)
    if watches:
        watches, cursor = _queue_news(tracker, config, watches)
    updated = detection.adopt_rules(tracker, rules, watches, detection.newest_day_seen(cursor))
    started = [watch for watch in updated if watches.get(watch.rule.name) is not watch]
    with tracker.library.transaction():
        outbox.save_watches(updated)
        outbox.save_cursor(cursor)
    for watch in started:
        log.event("watch", topic=watch.rule.name, since=watch.since, when=watch.rule.when)
    return tuple(watch.rule.name for watch in started)


def _queue_news(
    tracker: Tracker, config: Config, watches: Watches
) -> tuple[Watches, Mapping[str, str]]:
    """Queue what was stored since the cursor, and return the new watches and the new cursor.

    Deliveries and cursor are saved in one transaction, so that a killed run neither loses nor
    repeats news.
    """
    outbox, cross_lists = Outbox(tracker.library), config.sources.cross_lists
    scan = detection.find_news(tracker, watches, outbox.cursor(), cross_lists=cross_lists)
    with tracker.library.transaction():
        deliveries = new_deliveries(outbox, scan.news, channels_of(config), tracker.now)
        outbox.queue(deliveries)
        outbox.save_watches(scan.watches)
        outbox.save_cursor(scan.cursor)
    _log_queued(deliveries)
    return {watch.rule.name: watch for watch in scan.watches}, scan.cursor


def _queue_recommended(tracker: Tracker, config: Config) -> None:
    """Queue recommended papers, if a channel wants them, by a ranking that is up to date."""
    outbox = Outbox(tracker.library)
    watches = outbox.watches()
    if FOR_YOU_RULE not in watches:
        return
    from papertrack.tracker.recommending import rank_recent

    deliveries, watch = new_recommendations(
        tracker,
        watches[FOR_YOU_RULE],
        rank_recent(tracker),
        channels_of(config),
        config.alerts.for_you,
    )
    with tracker.library.transaction():
        outbox.queue(deliveries)
        outbox.save_watches({**watches, FOR_YOU_RULE: watch}.values())
    _log_queued(deliveries)


def _queue_since(tracker: Tracker, config: Config, since: date) -> None:
    outbox = Outbox(tracker.library)
    cross_lists = config.sources.cross_lists
    news = detection.news_since(tracker, outbox.watches(), since, cross_lists=cross_lists)
    with tracker.library.transaction():
        deliveries = new_deliveries(outbox, news, channels_of(config), tracker.now)
        outbox.queue(deliveries)
    _log_queued(deliveries)


def _log_queued(deliveries: Sequence[Delivery]) -> None:
    for delivery in deliveries:
        log.event(
            "queue",
            channel=delivery.channel,
            topic=delivery.topics,
            event=delivery.event,
            paper=delivery.paper_id,
        )

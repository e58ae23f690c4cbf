"""One run of alerts from beginning to end: look, refresh, look again, deliver."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from papertrack.alerts import outages, watching
from papertrack.alerts.delivering import Connect, Courier, Delivered, deliver
from papertrack.alerts.queueing import fresh
from papertrack.alerts.watching import News, Watches
from papertrack.config.channels import Channel, StdoutChannel
from papertrack.config.records import Config
from papertrack.library.deliveries import STARRED, Delivery, Watch
from papertrack.library.library import Library
from papertrack.library.outbox import Outbox
from papertrack.models import Topic
from papertrack.storage.lock import held
from papertrack.tracker import Tracker
from papertrack.tracker.editions import trending_ids
from papertrack.tracker.refresh import NOT_ASKED, Refreshed

_LOCK = ".alerts"
DEFAULT_CHANNELS: tuple[Channel, ...] = (StdoutChannel(name="stdout", type="stdout"),)


class Asked(NamedTuple):
    """What a run is asked for: also what was listed from a day on; to try channels that rest."""

    since: date | None = None
    anyway: bool = False


class Means(NamedTuple):
    """What a run uses: asking the sources, which gives what came and the names of those asked; a
    channel's sender; the seconds left; and the local day.
    """

    refresh: Callable[[], tuple[Refreshed, tuple[str, ...]]]
    connect: Connect
    left: Callable[[], float]
    today: date


class Ran(NamedTuple):
    """What a run did. `begun` are the rules watched from now on, all of them on the `first` run;
    `said` is what the reader should know of failures.
    """

    begun: tuple[str, ...]
    refreshed: Refreshed
    delivered: tuple[Delivered, ...]
    said: tuple[str, ...]
    first: bool = False


def run(tracker: Tracker, config: Config, asked: Asked, means: Means) -> Ran:
    """Look for news, put it into the outbox, and deliver what waits.

    What came since the last run, as by `today`, is judged by the rules that were in force then;
    after that new and changed rules begin, for which what is stored is no news; and then what
    the refresh brings is judged by them. Only the very first rules begin after the refresh.

    Raises LibraryBusy where another run is at it, LibraryError.
    """
    library, outbox = tracker.library, Outbox(tracker.library)
    with alone(library):
        watches = outbox.watches()
        first = not watches
        begun = () if first else _begin(tracker, config, watches)
        refreshed, names = means.refresh()
        if first:
            begun = _begin(tracker, config, watches)
        else:
            _take_in(tracker, config, outbox.watches())
        if asked.since:
            _queue_since(tracker, config, asked.since)
        known = outbox.standings()
        delivered = deliver(_courier(tracker, means, asked), channels_of(config))
        said = outages.of_channels(known, delivered)
        with library.transaction():
            after, lasting = outages.after(outbox.outages(), names, refreshed.failures, tracker.now)
            outbox.suffer(after)
        return Ran(begun, refreshed, tuple(delivered), (*lasting, *said), first=first)


def retry(tracker: Tracker, config: Config, means: Means) -> Ran:
    """Deliver what waits, also to channels that rest. Raises as `run`."""
    outbox = Outbox(tracker.library)
    with alone(tracker.library):
        known = outbox.standings()
        delivered = deliver(_courier(tracker, means, Asked(anyway=True)), channels_of(config))
        said = outages.of_channels(known, delivered)
        return Ran((), NOT_ASKED, tuple(delivered), tuple(said))


def rehearse(tracker: Tracker, config: Config, since: date | None) -> list[Delivery]:
    """What a run would find in the library as it is, and what waits; changes nothing."""
    outbox = Outbox(tracker.library)
    watches, channels = outbox.watches(), channels_of(config)
    cross = config.sources.cross_lists
    found: tuple[News, ...] = ()
    if watches:
        found = watching.look(tracker, watches, outbox.seen(), cross_lists=cross).news
    if since:
        rules = {one.name: Watch(one, since) for one in config.topics}
        found += watching.since(tracker, rules, since, cross_lists=cross)
    waiting = {one.key: one for one in outbox.pending()}
    new = {one.key: one for one in fresh(outbox, found, channels, tracker.now)}
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
def alone(library: Library) -> Iterator[None]:
    """No second run of alerts on a library at the same time. Raises LibraryBusy at once."""
    if library.folder is None:
        yield
        return
    os.makedirs(library.folder, mode=0o700, exist_ok=True)
    with held(library.folder, 0, _LOCK, "another `papertrack alert` is running"):
        yield


def _begin(tracker: Tracker, config: Config, watches: Watches) -> tuple[str, ...]:
    """Take in what came under the rules in force, then put the configured ones into force; the
    names of those that are new or changed.
    """
    outbox, rules = Outbox(tracker.library), tuple(rules_of(config))
    names = {one.name for one in rules}
    watches = {name: one for name, one in watches.items() if name in names}
    # Taken before anything is read: what comes meanwhile is looked at by the next run.
    seen: Mapping[str, str] = watching.tables(tracker.library)
    if watches:
        watches, seen = _take_in(tracker, config, watches)
    after = watching.adopt(tracker, rules, watches, watching.looked_to(seen))
    begun = tuple(one.rule.name for one in after if watches.get(one.rule.name) is not one)
    with tracker.library.transaction():
        outbox.watch(after)
        outbox.see(seen)
    return begun


def _take_in(
    tracker: Tracker, config: Config, watches: Watches
) -> tuple[Watches, Mapping[str, str]]:
    """Put what came since the last look into the outbox, in one commit with how far it looked; the
    watches after it, and the tables as they were seen.
    """
    outbox, cross = Outbox(tracker.library), config.sources.cross_lists
    found = watching.look(tracker, watches, outbox.seen(), cross_lists=cross)
    with tracker.library.transaction():
        outbox.queue(fresh(outbox, found.news, channels_of(config), tracker.now))
        outbox.watch(found.watches)
        outbox.see(found.seen)
    return {one.rule.name: one for one in found.watches}, found.seen


def _queue_since(tracker: Tracker, config: Config, since: date) -> None:
    outbox = Outbox(tracker.library)
    cross = config.sources.cross_lists
    news = watching.since(tracker, outbox.watches(), since, cross_lists=cross)
    with tracker.library.transaction():
        outbox.queue(fresh(outbox, news, channels_of(config), tracker.now))


def _courier(tracker: Tracker, means: Means, asked: Asked) -> Courier:
    return Courier(
        tracker,
        means.connect,
        means.today,
        means.left,
        lambda number: trending_ids(tracker, number),
        anyway=asked.anyway,
    )

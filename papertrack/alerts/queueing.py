"""Turning news into deliveries for the outbox, once for each channel."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from papertrack.alerts.detection import News
from papertrack.alerts.skip_log import SkipLog
from papertrack.config.channels import Channel
from papertrack.library.deliveries import FOR_YOU_RULE, Delivery, display_name
from papertrack.library.outbox import Outbox


def new_deliveries(
    outbox: Outbox, news: Sequence[News], channels: Iterable[Channel], now: datetime
) -> list[Delivery]:
    """The deliveries to add to the outbox, or to replace in it.

    A delivery that is already pending is returned only if the news adds topics to it.
    """
    pending = {delivery.key: delivery for delivery in outbox.pending()}
    delivered_keys = outbox.delivered_keys({item.paper_id for item in news})
    deliveries, skip_log = [], SkipLog()
    for channel in channels:
        for item in news:
            topics = tuple(name for name in item.topics if _delivers(channel, name))
            delivery = Delivery(channel.name, item.event, item.paper_id, topics, now)
            queued = pending.get(delivery.key)
            added = tuple(name for name in topics if queued is None or name not in queued.topics)
            if reason := _skip_reason(topics, added, delivered=delivery.key in delivered_keys):
                details = {"channel": channel.name, "topic": item.topics, "event": item.event}
                skip_log.add(item.paper_id, reason, **details)
            elif queued is None:
                deliveries.append(delivery)
            else:
                deliveries.append(queued._replace(topics=queued.topics + added))
    skip_log.write()
    return deliveries


def _delivers(channel: Channel, rule: str) -> bool:
    """Whether a channel delivers the papers of a rule; recommended ones only by request."""
    return channel.recommends if rule == FOR_YOU_RULE else channel.delivers(display_name(rule))


def _skip_reason(topics: Sequence[str], added: Sequence[str], *, delivered: bool) -> str:
    """Return why there is nothing to queue, or "".

    `topics` are those that the channel subscribes to, `added` those of them not queued yet.
    """
    if not topics:
        return "the channel does not deliver the topic"
    if delivered:
        return "already delivered"
    return "" if added else "already queued"

"""Putting news into the outbox, for each channel that wants it and has not had it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from papertrack.alerts.watching import News
from papertrack.config import channels as subscriptions
from papertrack.config.channels import Channel
from papertrack.library.deliveries import STARRED, Delivery
from papertrack.library.outbox import Outbox


def fresh(
    outbox: Outbox, news: Sequence[News], channels: Iterable[Channel], now: datetime
) -> list[Delivery]:
    """The deliveries that news asks for: those not made yet, and waiting ones that concern further
    topics.
    """
    waiting = {one.key: one for one in outbox.pending()}
    delivered = outbox.delivered({one.paper_id for one in news})
    result = []
    for channel in channels:
        for one in news:
            topics = tuple(name for name in one.topics if _takes(channel, name))
            delivery = Delivery(channel.name, one.event, one.paper_id, topics, now)
            if not topics or delivery.key in delivered:
                continue
            known = waiting.get(delivery.key)
            if known is None:
                result.append(delivery)
            elif more := tuple(name for name in topics if name not in known.topics):
                result.append(known._replace(topics=known.topics + more))
    return result


def _takes(channel: Channel, name: str) -> bool:
    return channel.takes(subscriptions.STARRED if name == STARRED else name)

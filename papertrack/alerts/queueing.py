"""Putting news into the outbox, for each channel that wants it and has not had it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from papertrack.alerts.detection import News
from papertrack.alerts.skipping import Skipped
from papertrack.config import channels as subscriptions
from papertrack.config.channels import Channel
from papertrack.library.deliveries import STARRED, Delivery
from papertrack.library.outbox import Outbox


def new_deliveries(
    outbox: Outbox, news: Sequence[News], channels: Iterable[Channel], now: datetime
) -> list[Delivery]:
    """The deliveries that news asks for: those not made yet, and waiting ones that concern further
    topics.
    """
    waiting = {one.key: one for one in outbox.pending()}
    delivered = outbox.delivered({one.paper_id for one in news})
    result, skipped = [], Skipped()
    for channel in channels:
        for one in news:
            topics = tuple(name for name in one.topics if _takes(channel, name))
            delivery = Delivery(channel.name, one.event, one.paper_id, topics, now)
            known = waiting.get(delivery.key)
            more = tuple(name for name in topics if known is None or name not in known.topics)
            if reason := _objection(topics, more, delivered=delivery.key in delivered):
                where = {"channel": channel.name, "topic": one.topics, "event": one.event}
                skipped.add(one.paper_id, reason, **where)
            elif known is None:
                result.append(delivery)
            else:
                result.append(known._replace(topics=known.topics + more))
    skipped.report()
    return result


def _objection(topics: Sequence[str], more: Sequence[str], *, delivered: bool) -> str:
    """Why nothing is queued for a channel that takes these topics, of which `more` are not queued
    yet; "" if something is.
    """
    if not topics:
        return "the channel does not take the topic"
    if delivered:
        return "already delivered"
    return "" if more else "already queued"


def _takes(channel: Channel, name: str) -> bool:
    return channel.takes(subscriptions.STARRED if name == STARRED else name)

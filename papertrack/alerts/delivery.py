"""Sending pending deliveries, channel by channel; a failing channel does not stop the others."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from papertrack import log
from papertrack.alerts import batching, heartbeat, messages
from papertrack.channels import boundary
from papertrack.config.channels import Channel
from papertrack.errors import DeliveryError
from papertrack.library.deliveries import Attempt, Batch, ChannelStatus, Delivery
from papertrack.library.outbox import Outbox
from papertrack.models import Report
from papertrack.tracker import Tracker
from papertrack.tracker.rankings import trending_ids

if TYPE_CHECKING:
    from papertrack.channels import Sender

Connect = Callable[[Channel], "Sender"]
_SECONDS_PER_MESSAGE = 60.0
# Gmail cuts mails of more than 102 kB, which this many papers in full come close to.
_FULL_PAPERS_PER_MAIL = 50


class ChannelResult(NamedTuple):
    """The result of one channel in a run.

    `messages` counts the delivered ones, `papers` are the ids in them, `notes` are remarks of the
    sender on delivered messages. A `paused` channel was skipped after repeated failures.
    """

    channel: str
    messages: int = 0
    papers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problem: DeliveryError | None = None
    paused: bool = False


class DeliveryContext(NamedTuple):
    """What a run needs to deliver: library, topics, connections, local day, time left.

    `seconds_left` returns the seconds left for the whole run. With `ignore_pauses`, channels that
    are paused or not due today also get their messages. `sources` are the names of the enabled
    sources, `failed` those that this run could not fetch.
    """

    tracker: Tracker
    connect: Connect
    today: date
    seconds_left: Callable[[], float]
    ignore_pauses: bool = False
    sources: Sequence[str] = ()
    failed: Sequence[str] = ()

    @property
    def topic_names(self) -> list[str]:
        """The names of the topics, in the order of the configuration."""
        return [topic.name for topic in self.tracker.topics]

    @property
    def outbox(self) -> Outbox:
        """The outbox of the library."""
        return Outbox(self.tracker.library)


class MessageContent(NamedTuple):
    """The material of messages: deliveries by key, and entries by paper id."""

    deliveries: Mapping[str, Delivery]
    entries: messages.Entries


class _Work(NamedTuple):
    """What to send to a channel now: batches of earlier runs, deliveries, papers, a heartbeat."""

    unfinished: Sequence[Batch]
    pending: Sequence[Delivery]
    trending: Sequence[str]
    heartbeat: bool


def deliver(context: DeliveryContext, channels: Iterable[Channel]) -> list[ChannelResult]:
    """Send what is pending for each channel that is due and not paused."""
    return [_deliver_to(context, channel) for channel in channels]


def _deliver_to(context: DeliveryContext, channel: Channel) -> ChannelResult:
    outbox, now = context.outbox, context.tracker.now
    status = outbox.channel_statuses().get(channel.name)
    unfinished = [batch for batch in outbox.batches() if batch.channel == channel.name]
    due = context.ignore_pauses or batching.is_due(channel, status, context.today)
    pending = [
        delivery
        for delivery in outbox.pending()
        if delivery.channel == channel.name and not delivery.batch
    ]
    trending = _trending(context, channel, status, pending) if due else ()
    quiet = due and not (unfinished or pending or trending or context.ignore_pauses)
    work = _Work(
        unfinished, pending if due else (), trending, quiet and channel.when_empty == "say"
    )
    sends = any(work)
    paused = sends and batching.is_paused(status, now) and not context.ignore_pauses
    decision = _decision(status, pending, sends=sends, paused=paused)
    log.event("decide", channel=channel.name, decision=decision, waiting=len(pending))
    result = ChannelResult(channel.name)
    if paused:
        return result._replace(paused=True)
    if sends:
        try:
            with boundary(channel.name):
                result = _send_work(work, context, channel, status)
        except DeliveryError as error:
            log.warning("deliver", channel=channel.name, failed=error.kind, problem=error.what)
            result = result._replace(problem=error)
    _update_status(context, channel, status, result, due=due)
    return result


def _send_work(
    work: _Work, context: DeliveryContext, channel: Channel, status: ChannelStatus | None
) -> ChannelResult:
    """Send everything until the first failure. Raises DeliveryError if there is no connection."""
    result = ChannelResult(channel.name)
    sender = context.connect(channel)
    if work.unfinished:
        content = _stored_content(context, work.unfinished)
        result = _send_all(context, sender, work.unfinished, content, result, new=False)
    if (work.pending or work.trending) and not result.problem:
        content = _read_content(context, work.pending, work.trending)
        batches = _store_batches(context, channel, sender, content, work.trending)
        result = _send_all(context, sender, batches, content, result, new=True)
    elif work.heartbeat:
        batches = [_store_heartbeat(context, channel, status)]
        result = _send_all(context, sender, batches, MessageContent({}, {}), result, new=True)
    return result


def _decision(
    status: ChannelStatus | None, pending: Sequence[Delivery], *, sends: bool, paused: bool
) -> str:
    """The decision about a channel, for the log."""
    if status and paused:
        return f"paused after {status.failures} failures"
    return "send" if sends else "not due today" if pending else "nothing to send"


def _trending(
    context: DeliveryContext,
    channel: Channel,
    status: ChannelStatus | None,
    pending: Sequence[Delivery],
) -> Sequence[str]:
    """The ids of the trending papers to send with a digest.

    Without news, none are sent to a channel with `every: run` or one that was just configured.
    """
    sends_without_news = channel.every != "run" and status is not None
    return (
        trending_ids(context.tracker, channel.trending)
        if channel.trending and (pending or sends_without_news)
        else ()
    )


def _stored_content(context: DeliveryContext, batches: Iterable[Batch]) -> MessageContent:
    """The content of batches that an earlier run stored."""
    pending = {delivery.key: delivery for delivery in context.outbox.pending()}
    keys = [key for batch in batches for key in batch.keys if key in pending]
    trending = [key for batch in batches for key in batch.trending]
    return _read_content(context, [pending[key] for key in keys], trending)


def _read_content(
    context: DeliveryContext, deliveries: Sequence[Delivery], trending: Sequence[str]
) -> MessageContent:
    ids = [*(delivery.paper_id for delivery in deliveries), *trending]
    return MessageContent(
        {delivery.key: delivery for delivery in deliveries},
        messages.read_entries(context.tracker, ids),
    )


def _compose(context: DeliveryContext, batch: Batch, content: MessageContent) -> Report:
    deliveries = [content.deliveries[key] for key in batch.keys if key in content.deliveries]
    return messages.compose(batch, deliveries, content.entries, batch.at, context.topic_names)


def _store_batches(
    context: DeliveryContext,
    channel: Channel,
    sender: "Sender",
    content: MessageContent,
    trending: Sequence[str],
) -> list[Batch]:
    """Divide the content into batches, and store them before the first is sent."""
    ordered = messages.best_first(content.deliveries.values(), content.entries)

    def fits(draft: Batch) -> bool:
        full = len(draft.keys) if draft.whole is None else min(draft.whole, len(draft.keys))
        if sender.wants_html and full > _FULL_PAPERS_PER_MAIL:
            return False
        if sender.max_length is None:
            return True
        message = messages.render(_compose(context, draft, content), draft, html=False)
        return max(len(message.text), len(message.markdown)) <= sender.max_length

    keys = [delivery.key for delivery in ordered]
    batches = batching.make_batches(channel, keys, trending, context.tracker.now, fits)
    with context.tracker.library.transaction():
        context.outbox.add_batches(batches)
    return batches


def _store_heartbeat(
    context: DeliveryContext, channel: Channel, status: ChannelStatus | None
) -> Batch:
    """Store the message that there is nothing to deliver, and that the channel was due.

    In one transaction, so that after a killed run the message is neither lost nor sent twice.
    """
    last = status.last_due if status else context.today
    text = heartbeat.sentence(context.tracker, context.sources, context.failed, last)
    batch = Batch(uuid4().hex, channel.name, context.tracker.now, 1, 1, (), heartbeat=text)
    with context.tracker.library.transaction():
        context.outbox.add_batches([batch])
        status = status or ChannelStatus(context.today)
        context.outbox.save_channel_status(channel.name, status._replace(last_due=context.today))
    return batch


def _send_all(
    context: DeliveryContext,
    sender: "Sender",
    batches: Sequence[Batch],
    content: MessageContent,
    result: ChannelResult,
    *,
    new: bool,
) -> ChannelResult:
    """Send batches until the first failure, and return `result` with them added.

    New batches that certainly did not arrive are dissolved, so that the next run puts their
    deliveries into one digest. Batches of an earlier run are kept, as they may have arrived.
    """
    for number, batch in enumerate(batches):
        try:
            papers, notes = _send(context, sender, batch, content)
        except DeliveryError as error:
            if new:
                with context.tracker.library.transaction():
                    context.outbox.dissolve(batches[number + error.unknown :])
            return result._replace(problem=error)
        result = result._replace(
            messages=result.messages + 1,
            papers=result.papers + papers,
            notes=result.notes + notes,
        )
    return result


def _send(
    context: DeliveryContext, sender: "Sender", batch: Batch, content: MessageContent
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Send one batch, and record the attempt and the delivery.

    Returns the ids of the papers in it and the sender's notes. Raises DeliveryError.
    """
    outbox, now = context.outbox, context.tracker.now
    report = _compose(context, batch, content)
    papers = tuple(
        dict.fromkeys(entry.paper.id for section in report.sections for entry in section.entries)
    )
    attempt = Attempt(now, batch.channel, batch.id, papers, "delivered")
    facts: log.Facts = {"channel": batch.channel, "message": batch.id, "papers": papers}
    notes: tuple[str, ...] = ()
    started = monotonic()
    try:
        if papers or batch.heartbeat:
            with boundary(batch.channel):
                message = messages.render(report, batch, html=sender.wants_html)
                notes = sender.send(message, _seconds_for_message(context, batch.channel))
    except DeliveryError as error:
        outcome = "unknown" if error.unknown else "failed"
        facts |= {"outcome": outcome, "seconds": monotonic() - started}
        log.warning("deliver", **facts, failed=error.kind, problem=error.what)
        with context.tracker.library.transaction():
            problem = f"{error.kind}: {error.what.removeprefix(f'{error.kind}: ')}"
            outbox.add_attempt(attempt._replace(outcome=outcome, problem=problem))
        raise
    facts |= {"outcome": attempt.outcome, "seconds": monotonic() - started}
    log.event("deliver", **facts, subject=messages.subject(report, batch), remarks=notes or None)
    with context.tracker.library.transaction():
        outbox.mark_delivered(batch, now)
        outbox.add_attempt(attempt._replace(problem="; ".join(notes) or None))
    return papers, notes


def _seconds_for_message(context: DeliveryContext, channel: str) -> float:
    """The time limit of one message. Raises DeliveryError after the deadline of the run."""
    if (left := context.seconds_left()) <= 0:
        raise DeliveryError(channel, "timeout", "not sent: the deadline of the run has passed")
    return min(_SECONDS_PER_MESSAGE, left)


def _update_status(
    context: DeliveryContext,
    channel: Channel,
    status: ChannelStatus | None,
    result: ChannelResult,
    *,
    due: bool,
) -> None:
    now = context.tracker.now
    last_due = status.last_due if status else context.today - timedelta(days=1)
    if due and not result.problem:
        last_due = context.today
    updated = (status or ChannelStatus(last_due))._replace(last_due=last_due)
    if result.problem:
        since, failures = updated.since or now, updated.failures + 1
        updated = ChannelStatus(last_due, failures, since, now, result.problem.what)
    elif result.messages:
        updated = ChannelStatus(last_due)
    if updated != status:
        with context.tracker.library.transaction():
            context.outbox.save_channel_status(channel.name, updated)

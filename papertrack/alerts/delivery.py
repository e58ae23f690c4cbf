"""Sending what waits, one channel after another: none stops the others."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from papertrack import log
from papertrack.alerts import batching, messages
from papertrack.config.channels import Channel
from papertrack.errors import DeliveryError
from papertrack.library.deliveries import Attempt, Batch, ChannelStatus, Delivery
from papertrack.library.outbox import Outbox
from papertrack.models import Report
from papertrack.tracker import Tracker
from papertrack.tracker.editions import trending_ids

if TYPE_CHECKING:
    from papertrack.channels import Sender

Connect = Callable[[Channel], "Sender"]
_A_MESSAGE = 60.0  # seconds that one may take
_IN_A_MAIL = 50  # papers in full: Gmail cuts mails of more than 102 kB, which these come near to


class ChannelResult(NamedTuple):
    """What came of a channel's turn: how many messages it took, the ids of the papers in them, what
    there is to tell nevertheless, and what failed; `resting`: it was left alone after failures.
    """

    channel: str
    messages: int = 0
    papers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problem: DeliveryError | None = None
    paused: bool = False


class DeliveryContext(NamedTuple):
    """What a run delivers with: the library and its topics, how to connect to a channel, the local
    day, and the seconds left for the whole run.

    With `ignore_pauses` channels that are paused or not due today get their messages, too.
    """

    tracker: Tracker
    connect: Connect
    today: date
    seconds_left: Callable[[], float]
    ignore_pauses: bool = False

    @property
    def topic_names(self) -> list[str]:
        """The names of the topics, in the order of the configuration."""
        return [one.name for one in self.tracker.topics]

    @property
    def outbox(self) -> Outbox:
        """The outbox of the library."""
        return Outbox(self.tracker.library)


class MessageContent(NamedTuple):
    """What messages are made of: deliveries by their keys, and papers by their ids."""

    deliveries: Mapping[str, Delivery]
    entries: messages.Entries


def deliver(context: DeliveryContext, channels: Iterable[Channel]) -> list[ChannelResult]:
    """Give each channel its turn."""
    return [_turn(context, channel) for channel in channels]


def _turn(context: DeliveryContext, channel: Channel) -> ChannelResult:
    outbox, now = context.outbox, context.tracker.now
    standing = outbox.channel_statuses().get(channel.name)
    begun = [one for one in outbox.batches() if one.channel == channel.name]
    due = context.ignore_pauses or batching.is_due(channel, standing, context.today)
    waiting = [one for one in outbox.pending() if one.channel == channel.name and not one.batch]
    trending = _trending(context, channel, standing, waiting) if due else ()
    done = ChannelResult(channel.name)
    sends = bool(begun or (due and (waiting or trending)))
    rests = sends and batching.is_paused(standing, now) and not context.ignore_pauses
    decision = _decision(standing, waiting, sends=sends, rests=rests)
    log.event("decide", channel=channel.name, decision=decision, waiting=len(waiting))
    if sends:
        if rests:
            return done._replace(paused=True)
        try:
            sender = context.connect(channel)
        except DeliveryError as error:
            log.warning("deliver", channel=channel.name, failed=error.kind, problem=error.what)
            done = done._replace(problem=error)
        else:
            if begun:
                done = _send(context, sender, begun, _content(context, begun), done, fresh=False)
            if due and (waiting or trending) and not done.problem:
                content = _read(context, waiting, trending)
                planned = _plan(context, channel, sender, content, trending)
                done = _send(context, sender, planned, content, done, fresh=True)
    _stand(context, channel, standing, done, due=due)
    return done


def _decision(
    standing: ChannelStatus | None, waiting: Sequence[Delivery], *, sends: bool, rests: bool
) -> str:
    """What is done for a channel, in words for the log."""
    if standing and rests:
        return f"paused after {standing.failures} failures"
    return "send" if sends else "not due today" if waiting else "nothing to send"


def _trending(
    context: DeliveryContext,
    channel: Channel,
    standing: ChannelStatus | None,
    waiting: Sequence[Delivery],
) -> Sequence[str]:
    """The trending papers of a digest. One of every run has them only beside news, and a channel
    that was just configured sends none by itself.
    """
    alone = channel.every != "run" and standing is not None
    return (
        trending_ids(context.tracker, channel.trending)
        if channel.trending and (waiting or alone)
        else ()
    )


def _content(context: DeliveryContext, batches: Iterable[Batch]) -> MessageContent:
    """What is in messages that an earlier run made."""
    waiting = {one.key: one for one in context.outbox.pending()}
    keys = [key for batch in batches for key in batch.keys if key in waiting]
    trending = [key for batch in batches for key in batch.trending]
    return _read(context, [waiting[key] for key in keys], trending)


def _read(
    context: DeliveryContext, deliveries: Sequence[Delivery], trending: Sequence[str]
) -> MessageContent:
    ids = [*(one.paper_id for one in deliveries), *trending]
    return MessageContent(
        {one.key: one for one in deliveries}, messages.read_entries(context.tracker, ids)
    )


def _composed(context: DeliveryContext, batch: Batch, content: MessageContent) -> Report:
    told = [content.deliveries[key] for key in batch.keys if key in content.deliveries]
    return messages.compose(batch, told, content.entries, batch.at, context.topic_names)


def _plan(
    context: DeliveryContext,
    channel: Channel,
    sender: "Sender",
    content: MessageContent,
    trending: Sequence[str],
) -> list[Batch]:
    """Divide what waits into messages, and keep them before the first is sent."""
    ordered = messages.best_first(content.deliveries.values(), content.entries)

    def fits(draft: Batch) -> bool:
        titled = len(draft.keys) if draft.whole is None else min(draft.whole, len(draft.keys))
        if sender.wants_html and titled > _IN_A_MAIL:
            return False
        if sender.longest is None:
            return True
        message = messages.render(_composed(context, draft, content), draft, html=False)
        return max(len(message.text), len(message.markdown)) <= sender.longest

    keys = [one.key for one in ordered]
    planned = batching.divide(channel, keys, trending, context.tracker.now, fits)
    with context.tracker.library.transaction():
        context.outbox.add_batches(planned)
    return planned


def _send(
    context: DeliveryContext,
    sender: "Sender",
    batches: Sequence[Batch],
    content: MessageContent,
    done: ChannelResult,
    *,
    fresh: bool,
) -> ChannelResult:
    """Send messages one after another. Where one surely did not arrive it is taken apart with those
    after it, so that what waits becomes one digest; but only those that are `fresh`, as an earlier
    run may have sent the others.
    """
    for number, batch in enumerate(batches):
        try:
            papers, remarks = _send_one(context, sender, batch, content)
        except DeliveryError as error:
            if fresh:
                with context.tracker.library.transaction():
                    context.outbox.dissolve(batches[number + error.unknown :])
            return done._replace(problem=error)
        done = done._replace(
            messages=done.messages + 1,
            papers=done.papers + papers,
            notes=done.notes + remarks,
        )
    return done


def _send_one(
    context: DeliveryContext, sender: "Sender", batch: Batch, content: MessageContent
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Send a message, and settle it when it was taken: the ids of the papers in it, and what there
    is to tell nevertheless. Raises DeliveryError.
    """
    outbox, now = context.outbox, context.tracker.now
    report = _composed(context, batch, content)
    papers = tuple(dict.fromkeys(one.paper.id for part in report.sections for one in part.entries))
    attempt = Attempt(now, batch.channel, batch.id, papers, "delivered")
    facts: log.Facts = {"channel": batch.channel, "message": batch.id, "papers": papers}
    remarks: tuple[str, ...] = ()
    started = monotonic()
    try:
        if papers:
            message = messages.render(report, batch, html=sender.wants_html)
            remarks = sender.send(message, _seconds(context, batch.channel))
    except DeliveryError as error:
        outcome = "unknown" if error.unknown else "failed"
        facts |= {"outcome": outcome, "seconds": monotonic() - started}
        log.warning("deliver", **facts, failed=error.kind, problem=error.what)
        with context.tracker.library.transaction():
            outbox.add_attempt(
                attempt._replace(outcome=outcome, problem=f"{error.kind}: {error.what}")
            )
        raise
    facts |= {"outcome": attempt.outcome, "seconds": monotonic() - started}
    log.event("deliver", **facts, subject=messages.subject(report, batch), remarks=remarks or None)
    with context.tracker.library.transaction():
        outbox.mark_delivered(batch, now)
        outbox.add_attempt(attempt._replace(problem="; ".join(remarks) or None))
    return papers, remarks


def _seconds(context: DeliveryContext, channel: str) -> float:
    """How long a message may take. Raises DeliveryError where the run's time is over."""
    if (left := context.seconds_left()) <= 0:
        raise DeliveryError(channel, "timeout", "the time of this run was over before its turn")
    return min(_A_MESSAGE, left)


def _stand(
    context: DeliveryContext,
    channel: Channel,
    before: ChannelStatus | None,
    done: ChannelResult,
    *,
    due: bool,
) -> None:
    now = context.tracker.now
    kept = before.turn if before else context.today - timedelta(days=1)
    turn = context.today if due and not done.problem else kept
    after = (before or ChannelStatus(turn))._replace(turn=turn)
    if done.problem:
        since, failures = after.since or now, after.failures + 1
        after = ChannelStatus(turn, failures, since, now, done.problem.what)
    elif done.messages:
        after = ChannelStatus(turn)
    if after != before:
        with context.tracker.library.transaction():
            context.outbox.save_channel_status(channel.name, after)

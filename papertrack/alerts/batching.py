"""Which channels are due, and how their deliveries are divided into messages."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import uuid4

from papertrack.config.channels import Channel
from papertrack.library.deliveries import Batch, ChannelStatus

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_WEEK = 7
_DELIVERIES_PER_MESSAGE = 500
_FAILURES_BEFORE_PAUSE = 12  # an hour of failures if cron runs every five minutes
_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=1)


def is_due(channel: Channel, status: ChannelStatus | None, today: date) -> bool:
    """Whether a channel may send on a local day.

    It may if one of its days of the week has begun since it was last due, so that a machine that
    was off on that day sends on the next. A channel without `send_days` sends every day or,
    with `every: week`, on Mondays.
    """
    every_run = channel.every == "run"
    send_days = channel.send_days or (("mon",) if channel.every == "week" else WEEKDAYS)
    if every_run and WEEKDAYS[today.weekday()] in send_days:
        return True
    last = status.last_due if status else today - _DAY
    if last > today:  # the clock was set back
        last = today - _DAY
    first = max(last, today - _WEEK * _DAY)
    days_since = (first + number * _DAY for number in range(1, (today - first).days + 1))
    return any(WEEKDAYS[day.weekday()] in send_days for day in days_since)


def is_paused(status: ChannelStatus | None, now: datetime) -> bool:
    """Whether a channel is paused after 12 failures in a row, for 5 minutes to an hour.

    A channel is not paused if the clock has not advanced since the last failure, or was set back.
    """
    if status is None or status.last is None or status.failures < _FAILURES_BEFORE_PAUSE:
        return False
    doublings = min(status.failures - _FAILURES_BEFORE_PAUSE, 10)
    pause = min(_PAUSE * (1 << doublings), _LONGEST_PAUSE)
    return status.last < now < status.last + pause


def make_batches(
    channel: Channel,
    keys: Sequence[str],
    trending: Sequence[str],
    now: datetime,
    fits: Callable[[Batch], bool],
) -> list[Batch]:
    """Divide deliveries and trending papers into messages; every delivery is in exactly one.

    `keys` are those of the deliveries, best first, `trending` the ids of papers. What does not
    satisfy `fits` is halved until it does. With `one_by_one` each delivery is a message.
    """
    whole = None if channel.one_by_one else channel.at_most
    draft = Batch("", channel.name, now, 1, 1, tuple(keys), tuple(trending), whole)
    limit = 1 if channel.one_by_one else _DELIVERIES_PER_MESSAGE
    batches = _split(draft, lambda batch: len(batch.keys) <= limit and fits(batch))
    return [
        batch._replace(id=uuid4().hex, part=number, parts=len(batches))
        for number, batch in enumerate(batches, 1)
    ]


def _split(draft: Batch, fits: Callable[[Batch], bool]) -> list[Batch]:
    """The batches that a draft is divided into.

    Trending papers are separated first, then the rest is halved. A single paper that does not fit
    is reduced to its title.
    """
    if fits(draft):
        return [draft]
    if draft.trending and draft.keys:
        return _split(draft._replace(trending=()), fits) + _split(
            draft._replace(keys=(), whole=None), fits
        )
    if draft.trending and len(draft.trending) > 1:
        return [
            batch
            for half in _halves(draft.trending)
            for batch in _split(draft._replace(trending=half), fits)
        ]
    if len(draft.keys) > 1:
        first, second = _halves(draft.keys)
        left = None if draft.whole is None else max(0, draft.whole - len(first))
        return _split(draft._replace(keys=first), fits) + _split(
            draft._replace(keys=second, whole=left), fits
        )
    return [draft._replace(whole=0)]


def _halves(items: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    middle = len(items) // 2
    return items[:middle], items[middle:]

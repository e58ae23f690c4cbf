"""Whose turn it is, and how what waits for a channel is divided into messages."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import uuid4

from papertrack.config.channels import Channel
from papertrack.library.deliveries import Batch, ChannelStatus

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_WEEK = 7
_IN_A_MESSAGE = 500  # deliveries, most of them told by their titles if so many are
_PATIENCE = 12  # an hour of a cron that runs every five minutes
_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=1)


def is_due(channel: Channel, standing: ChannelStatus | None, today: date) -> bool:
    """Whether a channel has its turn on a local day: there was a day for it since the last one,
    today included, so that a machine that slept on its day sends on the next. A channel without
    `send_days` has a turn every day or, with `every: week`, on Mondays.
    """
    every_run = channel.every == "run"
    days = channel.send_days or (("mon",) if channel.every == "week" else WEEKDAYS)
    if every_run and WEEKDAYS[today.weekday()] in days:
        return True
    last = standing.turn if standing else today - _DAY
    if last > today:  # the clock was set back
        last = today - _DAY
    first = max(last, today - _WEEK * _DAY)
    since = (first + number * _DAY for number in range(1, (today - first).days + 1))
    return any(WEEKDAYS[day.weekday()] in days for day in since)


def is_paused(standing: ChannelStatus | None, now: datetime) -> bool:
    """Whether a channel that failed a dozen times in a row is left alone for a while, from five
    minutes to an hour. A clock that stands still or was set back proves nothing.
    """
    if standing is None or standing.last is None or standing.failures < _PATIENCE:
        return False
    doublings = min(standing.failures - _PATIENCE, 10)
    pause = min(_PAUSE * (1 << doublings), _LONGEST_PAUSE)
    return standing.last < now < standing.last + pause


def divide(
    channel: Channel,
    keys: Sequence[str],
    trending: Sequence[str],
    now: datetime,
    fits: Callable[[Batch], bool],
) -> list[Batch]:
    """The messages that tell these deliveries, best first, and the trending papers: as few as
    `fits` allows by halving, one for each delivery where the channel wants them one by one. None
    of the deliveries is left out.
    """
    whole = None if channel.one_by_one else channel.at_most
    draft = Batch("", channel.name, now, 1, 1, tuple(keys), tuple(trending), whole)
    most = 1 if channel.one_by_one else _IN_A_MESSAGE
    fitting = _split(draft, lambda one: len(one.keys) <= most and fits(one))
    return [
        one._replace(id=uuid4().hex, part=number, parts=len(fitting))
        for number, one in enumerate(fitting, 1)
    ]


def _split(draft: Batch, fits: Callable[[Batch], bool]) -> list[Batch]:
    """A message, or those that it must be divided into; one paper that does not fit is told by its
    title.
    """
    if fits(draft):
        return [draft]
    if draft.trending and draft.keys:
        return _split(draft._replace(trending=()), fits) + _split(
            draft._replace(keys=(), whole=None), fits
        )
    if draft.trending and len(draft.trending) > 1:
        return [
            part
            for piece in _halves(draft.trending)
            for part in _split(draft._replace(trending=piece), fits)
        ]
    if len(draft.keys) > 1:
        first, rest = _halves(draft.keys)
        left = None if draft.whole is None else max(0, draft.whole - len(first))
        return _split(draft._replace(keys=first), fits) + _split(
            draft._replace(keys=rest, whole=left), fits
        )
    return [draft._replace(whole=0)]


def _halves(parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    middle = len(parts) // 2
    return parts[:middle], parts[middle:]

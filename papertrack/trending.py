"""Rank trending papers by their observed upvotes over time.

    score = (3 + upvotes) * sqrt((1 + gain a day) / age in days)

`upvotes` is the last count. The gain a day is measured from the newest count at least twelve hours
older, so that frequent fetching changes nothing; without one, it is estimated from 0 upvotes at the
start of the listing day. The age is the time since the start of the listing day in UTC, at least an
hour. Days are active days: an hour of Saturday or Sunday counts half, as fewer people vote then.
`tests/trending_fit.py` compares the formula with others by what papers gained next. `rank` is the
entry point of the evaluation.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import sqrt
from operator import attrgetter
from typing import Literal, NamedTuple

from papertrack.models import Entry, Observation

# A day minus a margin, so that a morning four hours earlier than the last one still shows a gain.
GAIN_WITHIN = timedelta(hours=20)
_STEP = timedelta(hours=12)
_DAY = timedelta(days=1)
_HOUR_IN_DAYS = 1 / 24
_SECONDS_A_DAY = 86400
_WEEKDAYS = 5
_DAYS_A_WEEK = 7
_WEEKEND_WEIGHT = 0.5
_ACTIVE_DAYS_A_WEEK = _WEEKDAYS + (_DAYS_A_WEEK - _WEEKDAYS) * _WEEKEND_WEIGHT
_PRIOR = 3  # upvotes, so that ratios of small counts mean little
_A_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_RECENT = timedelta(days=2)
_FOREVER = datetime.max.replace(tzinfo=UTC)
_at, _day = attrgetter("at"), attrgetter("day")
_CACHED_DAYS = 400
CountName = Literal["upvotes", "comments", "stars"]


class Gain(NamedTuple):
    """How much a count of a paper changed `over` the time between two observations."""

    last: int
    gained: int
    over: timedelta

    @property
    def a_day(self) -> float:
        """The change a day, by the calendar; negative if the count fell."""
        return self.gained / (self.over / _DAY)


class Trend(NamedTuple):
    """What a trending score is made of.

    The paper gained `gained` upvotes `over` a time: between two counts if `measured`, or else since
    the start of the listing day, from 0. `age` is the time since then. Both times are by the
    calendar, not in active days.
    """

    score: float
    upvotes: int
    gained: int
    over: timedelta
    age: timedelta
    measured: bool


def rank(observations: Iterable[tuple[str, datetime, int, date]], now: datetime) -> list[str]:
    """Return the ids of papers, the fastest rising first.

    `observations` are (paper id, time, upvotes, listing day); those later than `now` are ignored.
    """
    counts: dict[str, list[Observation]] = defaultdict(list)
    first_days: dict[str, date] = {}
    for paper_id, at, upvotes, day in observations:
        counts[paper_id].append(Observation(at, upvotes))
        first_days[paper_id] = min(day, first_days.get(paper_id, day))
    scores = {
        paper_id: score(sorted(of_paper, key=_at), first_days[paper_id], now)
        for paper_id, of_paper in counts.items()
    }
    return sorted(scores, key=lambda paper_id: (-scores[paper_id], paper_id))


def score(observations: Sequence[Observation], listing_day: date, now: datetime) -> float:
    """The trending score at `now`, from observations in time order; 0 without upvotes until then.

    Upvotes are never negative, so that the score of a counted paper is positive.
    """
    last = _newest(observations, "upvotes", now)
    if last is None:
        return 0.0
    position, listed = _position(last.at), _cached_position(_start_of(listing_day))
    before = _newest(observations, "upvotes", last.at - _STEP)
    start, earlier = (_position(before.at), before.upvotes) if before else (listed, 0)
    gained = max(0, (last.upvotes or 0) - (earlier or 0))
    gain_a_day = gained / max(position - start, _HOUR_IN_DAYS)
    age = max(_cached_position(now) - listed, _HOUR_IN_DAYS)
    return (_PRIOR + (last.upvotes or 0)) * sqrt((1 + gain_a_day) / age)


def trend(observations: Sequence[Observation], listing_day: date, now: datetime) -> Trend | None:
    """The trend at `now`, from observations in time order; None without upvotes until then."""
    last = _newest(observations, "upvotes", now)
    if last is None:
        return None
    listed_at = _start_of(listing_day)
    before = _newest(observations, "upvotes", last.at - _STEP)
    upvotes, start = last.upvotes or 0, before or Observation(listed_at, 0)
    return Trend(
        score(observations, listing_day, now),
        upvotes,
        upvotes - (start.upvotes or 0),
        last.at - start.at,
        now - listed_at,
        before is not None,
    )


def recent_gain(
    observations: Sequence[Observation], count: CountName, now: datetime
) -> Gain | None:
    """The change of a count up to its last observation, which is at most two days old at `now`.

    Measured from the newest observation at least twelve hours older; None without one.
    """
    last = _newest(observations, count, now)
    if last is None or last.at < now - _RECENT:
        return None
    before = _newest(observations, count, last.at - _STEP)
    if before is None:
        return None
    number = getattr(last, count)
    return Gain(number, number - getattr(before, count), last.at - before.at)


def last_count(observations: Sequence[Observation], count: CountName, now: datetime) -> int | None:
    """The last value of a count that was observed no later than `now`."""
    last = _newest(observations, count, now)
    return getattr(last, count) if last else None


def upvote_gain(observations: Sequence[Observation], within: timedelta) -> int | None:
    """The upvotes gained in the time `within` before the last count.

    Measured from the newest count that is at least that old, else from the oldest. Negative if
    upvotes were withdrawn; None with fewer than two counts.
    """
    if not observations:  # The usual case, in the inner loop of a scan.
        return None
    last = _newest(observations, "upvotes", _FOREVER)
    if last is None:
        return None
    before = _newest(observations, "upvotes", last.at - within)
    if before is None:
        before = next(each for each in observations if each.upvotes is not None)
    return None if before is last else (last.upvotes or 0) - (before.upvotes or 0)


def rank_rising(
    entries: Iterable[Entry], now: datetime, within: timedelta, shown: int | None = None
) -> list[Entry]:
    """The entries with upvotes, ranked, each with its score and the upvotes gained `within`.

    With `shown`, only so many of the first have these two, which takes half the time.
    """
    ranked = [
        (-round(value, 3), entry.paper.id, entry)
        for entry in entries
        if entry.listings
        for value in (score(entry.observations, min(map(_day, entry.listings)), now),)
        if value
    ]
    ranked.sort()  # The ids differ, so that entries are never compared.
    return [
        *(
            entry._replace(score=-value, gained=upvote_gain(entry.observations, within))
            for value, _, entry in ranked[:shown]
        ),
        *(entry for _, _, entry in ranked[len(ranked) if shown is None else shown :]),
    ]


def _newest(
    observations: Sequence[Observation], count: CountName, until: datetime
) -> Observation | None:
    """The newest observation of a count, no later than a moment."""
    # Most are at or before the moment, as it is usually the present.
    is_past = observations and observations[-1].at <= until
    index = len(observations) if is_past else bisect_right(observations, until, key=_at)
    while index:
        index -= 1
        if getattr(observations[index], count) is not None:
            return observations[index]
    return None


@lru_cache(_CACHED_DAYS)
def _start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _position(moment: datetime) -> float:
    """The active days since a Monday long ago."""
    since = moment - _A_MONDAY
    weeks, day = divmod(since.days, _DAYS_A_WEEK)
    days = day + (since.seconds + since.microseconds / 1e6) / _SECONDS_A_DAY
    if days > _WEEKDAYS:
        days -= (days - _WEEKDAYS) * (1 - _WEEKEND_WEIGHT)
    return weeks * _ACTIVE_DAYS_A_WEEK + days


# For the present and for listing days, of which a ranking has few.
_cached_position = lru_cache(_CACHED_DAYS)(_position)

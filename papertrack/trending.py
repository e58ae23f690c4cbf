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
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from operator import attrgetter
from typing import Literal, NamedTuple

from papertrack.models import Entry, Observation

# A day minus a margin, so that a morning four hours earlier than the last one still shows a gain.
GAIN_WITHIN = timedelta(hours=20)
_STEP = timedelta(hours=12)
_DAY = timedelta(days=1)
_HOUR_IN_DAYS = 1 / 24
_WEEKDAYS = 5
_DAYS_A_WEEK = 7
_WEEKEND_WEIGHT = 0.5
_ACTIVE_DAYS_A_WEEK = _WEEKDAYS + (_DAYS_A_WEEK - _WEEKDAYS) * _WEEKEND_WEIGHT
_PRIOR = 3  # upvotes, so that ratios of small counts mean little
_A_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_RECENT = timedelta(days=2)
_FOREVER = datetime.max.replace(tzinfo=UTC)
_at = attrgetter("at")
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
    current = trend(observations, listing_day, now)
    return current.score if current else 0.0


def trend(observations: Sequence[Observation], listing_day: date, now: datetime) -> Trend | None:
    """The trend at `now`, from observations in time order; None without upvotes until then."""
    last = _newest(observations, "upvotes", now)
    if last is None:
        return None
    listed_at = datetime(listing_day.year, listing_day.month, listing_day.day, tzinfo=UTC)
    before = _newest(observations, "upvotes", last.at - _STEP)
    start = before or _Count(listed_at, 0)
    gained = last.number - start.number
    gain_a_day = max(0, gained) / _active_days(start.at, last.at)
    value = (_PRIOR + last.number) * sqrt((1 + gain_a_day) / _active_days(listed_at, now))
    over, age = last.at - start.at, now - listed_at
    return Trend(value, last.number, gained, over, age, before is not None)


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
    return Gain(last.number, last.number - before.number, last.at - before.at) if before else None


def last_count(observations: Sequence[Observation], count: CountName, now: datetime) -> int | None:
    """The last value of a count that was observed no later than `now`."""
    last = _newest(observations, count, now)
    return last.number if last else None


def upvote_gain(observations: Sequence[Observation], within: timedelta) -> int | None:
    """The upvotes gained in the time `within` before the last count.

    Measured from the newest count that is at least that old, else from the oldest. Negative if
    upvotes were withdrawn; None with fewer than two counts.
    """
    last = _newest(observations, "upvotes", _FOREVER)
    if last is None:
        return None
    oldest = next(_counts(observations, "upvotes"))
    before = _newest(observations, "upvotes", last.at - within) or oldest
    return None if oldest == last else last.number - before.number


def rank_rising(entries: Iterable[Entry], now: datetime, within: timedelta) -> list[Entry]:
    """The entries with upvotes, ranked, each with its score and the upvotes gained `within`."""
    ranked = []
    for entry in entries:
        days = [listed.day for listed in entry.listings]
        current = trend(entry.observations, min(days), now) if days else None
        if current:
            gain = upvote_gain(entry.observations, within)
            ranked.append(entry._replace(score=round(current.score, 3), gained=gain))
    return sorted(ranked, key=lambda entry: (-(entry.score or 0.0), entry.paper.id))


class _Count(NamedTuple):
    at: datetime
    number: int


def _newest(
    observations: Sequence[Observation], count: CountName, until: datetime
) -> _Count | None:
    """The newest value of a count, observed no later than a moment."""
    # Most are at or before the moment, as it is usually the present.
    is_past = observations and observations[-1].at <= until
    index = len(observations) if is_past else bisect_right(observations, until, key=_at)
    for position in range(index - 1, -1, -1):
        number = getattr(observations[position], count)
        if number is not None:
            return _Count(observations[position].at, number)
    return None


def _counts(observations: Iterable[Observation], count: CountName) -> Iterator[_Count]:
    for observation in observations:
        number = getattr(observation, count)
        if number is not None:
            yield _Count(observation.at, number)


def _active_days(start: datetime, end: datetime) -> float:
    """The days between two times, an hour of a weekend counting half; at least an hour."""
    return max(_position(end) - _position(start), _HOUR_IN_DAYS)


def _position(moment: datetime) -> float:
    """The active days since a Monday long ago."""
    weeks, days = divmod((moment - _A_MONDAY) / _DAY, _DAYS_A_WEEK)
    weekend = max(0.0, days - _WEEKDAYS)
    return weeks * _ACTIVE_DAYS_A_WEEK + days - weekend * (1 - _WEEKEND_WEIGHT)

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
from math import sqrt
from operator import attrgetter
from typing import NamedTuple

from papertrack.models import Entry, Observation

_STEP = timedelta(hours=12)
_DAY = timedelta(days=1)
_HOUR_IN_DAYS = 1 / 24
_WEEKDAYS = 5
_DAYS_A_WEEK = 7
_WEEKEND_WEIGHT = 0.5
_ACTIVE_DAYS_A_WEEK = _WEEKDAYS + (_DAYS_A_WEEK - _WEEKDAYS) * _WEEKEND_WEIGHT
_PRIOR = 3  # upvotes, so that ratios of small counts mean little
_A_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_at = attrgetter("at")


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
    found = trend(observations, listing_day, now)
    return found.score if found else 0.0


def trend(observations: Sequence[Observation], listing_day: date, now: datetime) -> Trend | None:
    """The trend at `now`, from observations in time order; None without upvotes until then."""
    last = _newest_count(observations, now)
    if last is None:
        return None
    listed_at = datetime(listing_day.year, listing_day.month, listing_day.day, tzinfo=UTC)
    before = _newest_count(observations, last.at - _STEP)
    start = before or Observation(listed_at, 0)
    upvotes, gained = _upvotes(last), _upvotes(last) - _upvotes(start)
    gain_a_day = max(0, gained) / _active_days(start.at, last.at)
    value = (_PRIOR + upvotes) * sqrt((1 + gain_a_day) / _active_days(listed_at, now))
    return Trend(value, upvotes, gained, last.at - start.at, now - listed_at, before is not None)


def upvote_gain(observations: Sequence[Observation], within: timedelta) -> int | None:
    """The upvotes gained in the time `within` before the last count.

    Measured from the newest count that is at least that old, else from the oldest. Negative if
    upvotes were withdrawn; None with fewer than two counts.
    """
    last = next(filter(_is_count, reversed(observations)), None)
    if last is None:
        return None
    before = _newest_count(observations, last.at - within) or next(filter(_is_count, observations))
    return None if before is last else _upvotes(last) - _upvotes(before)


def rank_rising(entries: Iterable[Entry], now: datetime, within: timedelta) -> list[Entry]:
    """The entries with upvotes, ranked, each with its score and the upvotes gained `within`."""
    ranked = []
    for entry in entries:
        days = [listed.day for listed in entry.listings]
        found = trend(entry.observations, min(days), now) if days else None
        if found:
            gain = upvote_gain(entry.observations, within)
            ranked.append(entry._replace(score=round(found.score, 3), gained=gain))
    return sorted(ranked, key=lambda entry: (-(entry.score or 0.0), entry.paper.id))


def _newest_count(observations: Sequence[Observation], until: datetime) -> Observation | None:
    """The newest observation of upvotes, not later than a moment."""
    # Most are at or before the moment, as it is usually the present.
    is_past = observations and observations[-1].at <= until
    index = len(observations) if is_past else bisect_right(observations, until, key=_at)
    while index:
        index -= 1
        if observations[index].upvotes is not None:
            return observations[index]
    return None


def _is_count(observation: Observation) -> bool:
    return observation.upvotes is not None


def _upvotes(count: Observation) -> int:
    return count.upvotes or 0


def _active_days(start: datetime, end: datetime) -> float:
    """The days between two times, an hour of a weekend counting half; at least an hour."""
    return max(_position(end) - _position(start), _HOUR_IN_DAYS)


def _position(moment: datetime) -> float:
    """The active days since a Monday long ago."""
    weeks, days = divmod((moment - _A_MONDAY) / _DAY, _DAYS_A_WEEK)
    weekend = max(0.0, days - _WEEKDAYS)
    return weeks * _ACTIVE_DAYS_A_WEEK + days - weekend * (1 - _WEEKEND_WEIGHT)

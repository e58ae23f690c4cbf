"""Rank trending papers by their observed upvotes over time.

    score = (1 + upvotes) * sqrt((1 + gain a day) / age in days)

`upvotes` is the last count. The gain a day is measured from the newest count at least twelve hours
older, so that frequent fetching changes nothing; without one, from 0 upvotes at the start of the
listing day. The age is the time since the start of the listing day in UTC, at least an hour. Of the
formulas tried on real observations, this one best predicted what papers gained next. `rank` is the
entry point of the evaluation.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from typing import NamedTuple

from papertrack.models import Entry, Observation

# A day minus a margin, so that a morning four hours earlier than the last one still shows a gain.
GAIN_WITHIN = timedelta(hours=20)
_HOUR_IN_DAYS = 1 / 24
_STEP = timedelta(hours=12)


class UpvoteCount(NamedTuple):
    """An upvote count at a moment."""

    at: datetime
    upvotes: int


def rank(observations: Iterable[tuple[str, datetime, int, date]], now: datetime) -> list[str]:
    """Return the ids of papers, the fastest rising first.

    `observations` are (paper id, time, upvotes, listing day), none later than `now`.
    """
    counts: dict[str, list[UpvoteCount]] = defaultdict(list)
    first_days: dict[str, date] = {}
    for paper_id, at, upvotes, day in observations:
        counts[paper_id].append(UpvoteCount(at, upvotes))
        first_days[paper_id] = min(day, first_days.get(paper_id, day))
    scores = {
        paper_id: score(sorted(of_paper), first_days[paper_id], now)
        for paper_id, of_paper in counts.items()
    }
    return sorted(scores, key=lambda paper_id: (-scores[paper_id], paper_id))


def score(counts: Sequence[UpvoteCount], listing_day: date, now: datetime) -> float:
    """The trending score of a paper at `now`; `counts` in time order, at least one."""
    listed_at = datetime(listing_day.year, listing_day.month, listing_day.day, tzinfo=UTC)
    last = counts[-1]
    before = _newest_until(counts, last.at - _STEP) or UpvoteCount(listed_at, 0)
    gain = (last.upvotes - before.upvotes) / _days(before.at, last.at)
    return (1 + last.upvotes) * sqrt((1 + max(0.0, gain)) / _days(listed_at, now))


def upvote_gain(observations: Sequence[Observation], within: timedelta) -> int | None:
    """The upvotes gained in the time `within` before the last observation.

    Measured from the newest count that is at least that old, else from the oldest. Negative if
    upvotes were withdrawn; None with fewer than two counts.
    """
    counts = upvote_counts(observations)
    if len(counts) < 2:  # noqa: PLR2004  # A gain needs a count before the last one.
        return None
    before = _newest_until(counts, counts[-1].at - within) or counts[0]
    return counts[-1].upvotes - before.upvotes


def upvote_counts(observations: Iterable[Observation]) -> list[UpvoteCount]:
    """The upvotes of the observations that have them, in the same order."""
    return [
        UpvoteCount(observation.at, observation.upvotes)
        for observation in observations
        if observation.upvotes is not None
    ]


def rank_rising(entries: Iterable[Entry], now: datetime, within: timedelta) -> list[Entry]:
    """The entries with upvotes, ranked, each with its score and the upvotes gained `within`."""
    ranked = []
    for entry in entries:
        counts = [count for count in upvote_counts(entry.observations) if count.at <= now]
        days = [listed.day for listed in entry.listings]
        if counts and days:
            value = score(counts, min(days), now)
            gain = upvote_gain(entry.observations, within)
            ranked.append(entry._replace(score=round(value, 3), gained=gain))
    return sorted(ranked, key=lambda entry: (-(entry.score or 0.0), entry.paper.id))


def _newest_until(counts: Sequence[UpvoteCount], moment: datetime) -> UpvoteCount | None:
    return next((count for count in reversed(counts) if count.at <= moment), None)


def _days(start: datetime, end: datetime) -> float:
    return max((end - start).total_seconds() / 86400, _HOUR_IN_DAYS)

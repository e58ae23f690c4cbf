"""What is rising, from our own observations of upvotes over time.

    score = (1 + upvotes) * sqrt((1 + gain a day) / age in days)

with the upvotes last seen; the gain a day since the newest sight at least twelve hours older, so
that looking often changes nothing, or since the listing with 0 upvotes where there is none; and
the age since the start of the listing day in UTC, at least an hour. Of all formulas tried on real
observations, this foresaw best what papers gained next; `rank` is what the evaluation calls.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from typing import NamedTuple

from papertrack.models import Entry, Observation

_HOUR_IN_DAYS = 1 / 24
_STEP = timedelta(hours=12)


class UpvoteCount(NamedTuple):
    """An upvote count at a moment."""

    at: datetime
    upvotes: int


def rank(observations: Iterable[tuple[str, datetime, int, date]], now: datetime) -> list[str]:
    """Paper ids, the one that rises most first.

    `observations` are (paper id, moment, upvotes, listing day), none later than `now`.
    """
    sights: dict[str, list[UpvoteCount]] = defaultdict(list)
    listed: dict[str, date] = {}
    for paper_id, at, upvotes, day in observations:
        sights[paper_id].append(UpvoteCount(at, upvotes))
        listed[paper_id] = min(day, listed.get(paper_id, day))
    scores = {key: score(sorted(seen), listed[key], now) for key, seen in sights.items()}
    return sorted(scores, key=lambda key: (-scores[key], key))


def score(sights: Sequence[UpvoteCount], listed: date, now: datetime) -> float:
    """How much a paper is rising at `now`; `sights` in time order, at least one."""
    born = datetime(listed.year, listed.month, listed.day, tzinfo=UTC)
    last = sights[-1]
    before = _newest_until(sights, last.at - _STEP) or UpvoteCount(born, 0)
    gain = (last.upvotes - before.upvotes) / _days(before.at, last.at)
    return (1 + last.upvotes) * sqrt((1 + max(0.0, gain)) / _days(born, now))


def gained(observations: Sequence[Observation], within: timedelta) -> int | None:
    """The upvotes gained up to the last observation over the time `within` before it.

    Reckoned from the newest sight that old, else from the first there is; negative where upvotes
    were taken back, None where the paper was seen only once.
    """
    sights = upvote_counts(observations)
    if len(sights) < 2:  # noqa: PLR2004  # one sight has nothing before it
        return None
    before = _newest_until(sights, sights[-1].at - within) or sights[0]
    return sights[-1].upvotes - before.upvotes


def upvote_counts(observations: Iterable[Observation]) -> list[UpvoteCount]:
    """The observations that tell upvotes, as they stand in time."""
    return [UpvoteCount(one.at, one.upvotes) for one in observations if one.upvotes is not None]


def rising(entries: Iterable[Entry], now: datetime, within: timedelta) -> list[Entry]:
    """The entries with observed upvotes, scored and ranked, with what they gained `within`."""
    ranked = []
    for entry in entries:
        sights = [one for one in upvote_counts(entry.observations) if one.at <= now]
        days = [listed.day for listed in entry.listings]
        if sights and days:
            rises = score(sights, min(days), now)
            gain = gained(entry.observations, within)
            ranked.append(entry._replace(score=round(rises, 3), gained=gain))
    return sorted(ranked, key=lambda entry: (-(entry.score or 0.0), entry.paper.id))


def _newest_until(sights: Sequence[UpvoteCount], moment: datetime) -> UpvoteCount | None:
    return next((one for one in reversed(sights) if one.at <= moment), None)


def _days(start: datetime, end: datetime) -> float:
    return max((end - start).total_seconds() / 86400, _HOUR_IN_DAYS)

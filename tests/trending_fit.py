"""Compare trending formulas by whether they rank today what gains upvotes tomorrow.

    python tests/trending_fit.py [../shared]

Prints the mean nDCG@10 of (prior + upvotes) * (1 + gain)^b / age^c for several constants, over the
tasks of ../shared/eval/trending, and for the odd and the even months alone: constants that are
better in one half only fit noise. What was tried besides: upvotes relative to those of the same
listing day (+0.001 in both halves, but a paper's score would depend on other papers), a gain over 6
to 36 hours (no better than 12, 24 and more lose 0.01), gains that decay exponentially (-0.015), an
age from 2 hours to 2 days before the listing (up to -0.005), and factors for papers listed on a
Friday or unobserved for long (no better).
"""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from papertrack.models import Observation
from papertrack.trending import trend

PRIORS, GAIN_POWERS, AGE_POWERS = (1, 2, 3, 5, 8), (0.4, 0.5, 0.6), (0.4, 0.5, 0.6)
DAY = timedelta(days=1)
WEEKEND_WEIGHTS = (1.0, 0.75, 0.5, 0.25)


class Paper(NamedTuple):
    """A candidate of a task: what was known of it, and what it gained."""

    upvotes: int
    gain_a_day: float
    age: float
    truth: float


class Task(NamedTuple):
    """The papers to be ranked at a moment; `kind` is a variant of the evaluation."""

    kind: str
    now: datetime
    papers: tuple[Paper, ...]


def read_tasks(shared: Path, weekend_weight: float) -> Iterator[Task]:
    """The tasks of the evaluation, with times in active days."""
    sys.path[:0] = [str(shared / "eval"), str(shared / "eval" / "trending")]
    import observations

    rows = observations.load([shared / "data" / "hf" / "upvote_observations.csv.gz"])
    for kind in ("week", "fresh"):
        for task in observations.tasks(rows, kind):
            yield Task(kind, task.now, tuple(_papers(task, weekend_weight)))


def _papers(task, weekend_weight: float) -> Iterator[Paper]:
    counts, days = {}, {}
    for paper_id, at, upvotes, day in sorted(task.history, key=lambda row: row[1]):
        counts.setdefault(paper_id, []).append(Observation(at, upvotes))
        days[paper_id] = min(day, days.get(paper_id, day))
    for paper_id in sorted(counts):
        found = trend(counts[paper_id], days[paper_id], task.now)
        last = counts[paper_id][-1].at
        gain_a_day = max(0, found.gained) / active_days(last - found.over, last, weekend_weight)
        age = active_days(task.now - found.age, task.now, weekend_weight)
        yield Paper(found.upvotes, gain_a_day, age, max(0.0, task.gain[paper_id]))


def active_days(start: datetime, end: datetime, weekend_weight: float) -> float:
    """The days between two times, with this weight of Saturdays and Sundays; at least an hour."""
    total, moment = 0.0, start
    while moment < end:
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        until = min(end, midnight + DAY)
        weight = weekend_weight if moment.weekday() >= 5 else 1
        total += (until - moment) / DAY * weight
        moment = until
    return max(total, 1 / 24)


def quality(tasks: list[Task], score: Callable[[Paper], float]) -> list[float]:
    """Mean nDCG@10 of all months, the odd and the even ones: each the mean of both kinds."""
    import common

    results = []
    for months in ((0, 1), (1,), (0,)):
        by_kind: dict[str, list[float]] = {}
        for task in tasks:
            if task.now.month % 2 in months:
                truth = {str(index): paper.truth for index, paper in enumerate(task.papers)}
                scores = {str(index): score(paper) for index, paper in enumerate(task.papers)}
                ranked = sorted(scores, key=lambda index: (-scores[index], int(index)))
                by_kind.setdefault(task.kind, []).append(common.ndcg(ranked, truth))
        results.append(mean(map(mean, by_kind.values())))
    return results


def main() -> None:
    shared = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared")
    rows = []
    for weight in WEEKEND_WEIGHTS:
        tasks = list(read_tasks(shared, weight))
        for prior, gain, age in product(PRIORS, GAIN_POWERS, AGE_POWERS):

            def score(paper: Paper, prior=prior, gain=gain, age=age) -> float:
                return (prior + paper.upvotes) * (1 + paper.gain_a_day) ** gain / paper.age**age

            rows.append((quality(tasks, score), weight, prior, gain, age))
    print("all    odd    even   weekend prior gain age")  # noqa: T201
    for results, *constants in sorted(rows, reverse=True):
        print(*(f"{result:.4f}" for result in results), *constants)  # noqa: T201


if __name__ == "__main__":
    main()

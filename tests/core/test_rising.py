from datetime import UTC, date, datetime, timedelta
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import DAY, HOUR, NOW, sighting

from papertrack.merge import from_sighting, merge
from papertrack.models import Observation
from papertrack.trending import UpvoteCount, gained, rank, rising, score

BORN = datetime(2026, 3, 31, tzinfo=UTC)
_SIGHTS = st.lists(
    st.tuples(st.integers(1, 200), st.integers(0, 500)), min_size=1, unique_by=lambda one: one[0]
)


def _sights(hours_and_votes):
    return [UpvoteCount(BORN + hours * HOUR, votes) for hours, votes in sorted(hours_and_votes)]


@pytest.mark.parametrize(
    ("sights", "upvotes", "gain_a_day", "age"),
    [
        ([(24, 10)], 10, 10.0, 1.0),  # seen once: since the listing with 0
        ([(6, 10)], 10, 40.0, 0.25),
        ([(12, 10), (24, 16)], 16, 12.0, 1.0),
        ([(12, 10), (13, 15), (24, 16)], 16, 12.0, 1.0),  # what is too near is passed over
        ([(24, 10), (48, 7)], 7, 0.0, 2.0),  # a loss is no gain, and no more than that
        ([(24, 0), (72, 0)], 0, 0.0, 3.0),
    ],
)
def test_the_score_is_the_formula_of_the_docstring(sights, upvotes, gain_a_day, age):
    seen = _sights(sights)
    expected = (1 + upvotes) * sqrt((1 + gain_a_day) / age)
    assert score(seen, DAY, seen[-1].at) == pytest.approx(expected)


def test_the_age_is_at_least_an_hour():
    seen = [UpvoteCount(BORN, 3)]
    assert score(seen, DAY, BORN) == score(seen, DAY, BORN + HOUR) > score(seen, DAY, NOW)


@given(_SIGHTS, st.lists(st.integers(1, 719), max_size=9), st.integers(0, 500))
def test_looking_often_changes_nothing(hours_and_votes, minutes_before, votes):
    """Sights in the last twelve hours before the last one do not move the score."""
    seen = _sights(hours_and_votes)
    last = seen[-1]
    more = [UpvoteCount(last.at - timedelta(minutes=one), votes) for one in minutes_before]
    kept = [one for one in seen[:-1] if one.at <= last.at - 12 * HOUR]
    now = last.at + HOUR
    assert score(sorted([*kept, *more, last]), DAY, now) == score([*kept, last], DAY, now)


@given(_SIGHTS, st.integers(1, 50))
def test_of_two_papers_with_one_past_the_one_with_more_upvotes_now_rises_more(past, more):
    seen = _sights(past)
    now = seen[-1].at
    better = [*seen[:-1], UpvoteCount(now, seen[-1].upvotes + more)]
    assert score(better, DAY, now) > score(seen, DAY, now)


@given(st.dictionaries(st.sampled_from("abcdef"), _SIGHTS))
def test_ranking_leaves_no_paper_out_and_the_order_of_observations_does_not_matter(seen):
    now = BORN + 200 * HOUR
    rows = [
        (paper_id, sight.at, sight.upvotes, DAY)
        for paper_id, sights in seen.items()
        for sight in _sights(sights)
    ]
    ranked = rank(rows, now)
    assert sorted(ranked) == sorted(seen)
    assert rank(reversed(rows), now) == ranked
    scores = [score(_sights(seen[paper_id]), DAY, now) for paper_id in ranked]
    assert scores == sorted(scores, reverse=True)


def test_a_paper_listed_twice_is_as_old_as_its_first_listing():
    rows = [("a", NOW, 5, DAY), ("a", NOW - HOUR, 5, date(2026, 3, 1)), ("b", NOW, 5, DAY)]
    assert rank(rows, NOW) == ["b", "a"]


def _observed(*hours_and_votes):
    return [Observation(NOW + hours * HOUR, votes) for hours, votes in hours_and_votes]


@pytest.mark.parametrize(
    ("observed", "gain"),
    [
        ([], None),
        ([(0, 5)], None),
        ([(0, 5), (1, None)], None),
        ([(0, 5), (3, 9)], 4),
        ([(0, 5), (30, 9), (48, 20)], 15),  # since the newest sight a day old
        ([(0, 9), (24, 7)], -2),
        ([(0, 0), (24, 0)], 0),
    ],
)
def test_what_was_gained_needs_two_sights_and_may_be_a_loss(observed, gain):
    assert gained(_observed(*observed), timedelta(hours=24)) == gain


def _entry(paper_id, *sights, day=DAY):
    seen = (sighting(paper_id, day=day, at=NOW + hours * HOUR, upvotes=n) for hours, n in sights)
    first, *others = map(from_sighting, seen)
    for other in others:
        first = merge(first, other)
    return first


def test_rising_papers_come_best_first_with_score_and_gain_and_ties_by_id():
    entries = [
        _entry("2603.00004", (0, 1)),
        _entry("2603.00003", (0, 9), (24, 40)),
        _entry("2603.00002", (0, 40), (24, 39)),
        _entry("2603.00001", (0, 1)),
    ]
    ranked = rising(entries, NOW + 24 * HOUR, timedelta(hours=20))
    assert [one.paper.id[-1] for one in ranked] == ["3", "2", "1", "4"]
    assert [one.gained for one in ranked] == [31, -1, None, None]
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)


def test_only_what_was_listed_and_counted_by_now_can_rise():
    uncounted = from_sighting(sighting("2603.00001"))
    unlisted = from_sighting(sighting("2603.00002", day=None, upvotes=5))
    future = _entry("2603.00003", (1, 5))
    assert rising([uncounted, unlisted, future], NOW, HOUR) == []

from datetime import UTC, date, datetime, timedelta
from functools import reduce
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import DAY, HOUR, NOW, sighting

from papertrack.merge import from_sighting, merge, merge_observations
from papertrack.models import Observation
from papertrack.trending import rank, rank_rising, score, trend, upvote_gain

LISTED_AT = datetime(2026, 3, 31, tzinfo=UTC)
_DAYS_AFTER_FRIDAY = ((3, 28), (3, 30), (3, 31))
_HOURS_AND_UPVOTES = st.lists(
    st.tuples(st.integers(1, 200), st.integers(0, 500)), min_size=1, unique_by=lambda pair: pair[0]
)


def _counts(hours_and_upvotes):
    return [
        Observation(LISTED_AT + hours * HOUR, upvotes)
        for hours, upvotes in sorted(hours_and_upvotes)
    ]


@pytest.mark.parametrize(
    ("hours_and_upvotes", "upvotes", "gain_a_day", "age"),
    [
        ([(24, 10)], 10, 10.0, 1.0),  # a single count: since the listing with 0
        ([(6, 10)], 10, 40.0, 0.25),
        ([(12, 10), (24, 16)], 16, 12.0, 1.0),
        (
            [(12, 10), (13, 15), (24, 16)],
            16,
            12.0,
            1.0,
        ),  # counts less than 12 hours older are ignored
        ([(24, 10), (48, 7)], 7, 0.0, 2.0),  # a loss counts as no gain
        ([(24, 0), (72, 0)], 0, 0.0, 3.0),
    ],
)
def test_the_score_is_the_formula_of_the_docstring(hours_and_upvotes, upvotes, gain_a_day, age):
    counts = _counts(hours_and_upvotes)
    expected = (3 + upvotes) * sqrt((1 + gain_a_day) / age)
    assert score(counts, DAY, counts[-1].at) == pytest.approx(expected)


def test_the_age_is_at_least_an_hour():
    counts = [Observation(LISTED_AT, 3)]
    at_listing = score(counts, DAY, LISTED_AT)
    assert at_listing == pytest.approx(score(counts, DAY, LISTED_AT + HOUR))
    assert at_listing > score(counts, DAY, NOW)


@given(_HOURS_AND_UPVOTES, st.lists(st.integers(1, 719), max_size=9), st.integers(0, 500))
def test_frequent_fetching_does_not_change_the_score(hours_and_upvotes, minutes_before, upvotes):
    """Counts in the twelve hours before the last one are ignored."""
    counts = _counts(hours_and_upvotes)
    last = counts[-1]
    recent = [
        Observation(last.at - timedelta(minutes=minutes), upvotes) for minutes in minutes_before
    ]
    older = [count for count in counts[:-1] if count.at <= last.at - 12 * HOUR]
    now = last.at + HOUR
    assert score(sorted([*older, *recent, last]), DAY, now) == score([*older, last], DAY, now)


@given(_HOURS_AND_UPVOTES, st.integers(1, 50))
def test_of_two_papers_with_the_same_past_the_one_with_more_upvotes_ranks_higher(past, more):
    counts = _counts(past)
    now = counts[-1].at
    better = [*counts[:-1], Observation(now, counts[-1].upvotes + more)]
    assert score(better, DAY, now) > score(counts, DAY, now)


@given(st.dictionaries(st.sampled_from("abcdef"), _HOURS_AND_UPVOTES))
def test_a_ranking_has_every_paper_and_does_not_depend_on_the_order_of_observations(by_paper):
    now = LISTED_AT + 200 * HOUR
    rows = [
        (paper_id, count.at, count.upvotes, DAY)
        for paper_id, hours_and_upvotes in by_paper.items()
        for count in _counts(hours_and_upvotes)
    ]
    ranked = rank(rows, now)
    assert sorted(ranked) == sorted(by_paper)
    assert rank(reversed(rows), now) == ranked
    scores = [score(_counts(by_paper[paper_id]), DAY, now) for paper_id in ranked]
    assert scores == sorted(scores, reverse=True)


@given(_HOURS_AND_UPVOTES)
def test_thinning_does_not_change_the_score(hours_and_upvotes):
    counts = _counts([(10 * hours, upvotes) for hours, upvotes in hours_and_upvotes])
    now = counts[-1].at + HOUR
    assert trend(merge_observations(tuple(counts)), DAY, now) == trend(counts, DAY, now)


def test_an_hour_of_a_weekend_counts_half():
    friday = date(2026, 3, 27)
    count = [Observation(datetime(2026, 3, 27, tzinfo=UTC), 9)]
    saturday, monday, tuesday = (datetime(2026, *day, tzinfo=UTC) for day in _DAYS_AFTER_FRIDAY)
    by_day = [score(count, friday, day) for day in (saturday, monday, tuesday)]
    # Active days since Friday: 1, 2 and 3.
    assert by_day == pytest.approx([by_day[0] / sqrt(days) for days in (1, 2, 3)])


def test_a_trend_says_what_it_is_made_of():
    counts = _counts([(4, 31), (24, 43)])
    found = trend(counts, DAY, LISTED_AT + 38 * HOUR)
    assert found[1:] == (43, 12, 20 * HOUR, 38 * HOUR, True)
    assert trend(counts[:1], DAY, NOW)[2:] == (31, 4 * HOUR, NOW - LISTED_AT, False)
    assert trend([Observation(LISTED_AT, comments=3)], DAY, NOW) is None


def test_the_age_of_a_paper_listed_twice_counts_from_its_first_listing():
    rows = [("a", NOW, 5, DAY), ("a", NOW - HOUR, 5, date(2026, 3, 1)), ("b", NOW, 5, DAY)]
    assert rank(rows, NOW) == ["b", "a"]


def _observations(*hours_and_upvotes):
    return [Observation(NOW + hours * HOUR, upvotes) for hours, upvotes in hours_and_upvotes]


@pytest.mark.parametrize(
    ("hours_and_upvotes", "gain"),
    [
        ([], None),
        ([(0, 5)], None),
        ([(0, 5), (1, None)], None),
        ([(0, 5), (3, 9)], 4),
        ([(0, 5), (30, 9), (48, 20)], 15),  # since the newest count that is a day old
        ([(0, 9), (24, 7)], -2),
        ([(0, 0), (24, 0)], 0),
    ],
)
def test_a_gain_needs_two_counts_and_may_be_a_loss(hours_and_upvotes, gain):
    assert upvote_gain(_observations(*hours_and_upvotes), timedelta(hours=24)) == gain


def _entry(paper_id, *hours_and_upvotes, day=DAY):
    sightings = (
        sighting(paper_id, day=day, at=NOW + hours * HOUR, upvotes=upvotes)
        for hours, upvotes in hours_and_upvotes
    )
    return reduce(merge, map(from_sighting, sightings))


def test_rising_papers_are_ranked_with_score_and_gain_and_ties_ordered_by_id():
    entries = [
        _entry("2603.00004", (0, 1)),
        _entry("2603.00003", (0, 9), (24, 40)),
        _entry("2603.00002", (0, 40), (24, 39)),
        _entry("2603.00001", (0, 1)),
    ]
    ranked = rank_rising(entries, NOW + 24 * HOUR, timedelta(hours=20))
    assert [entry.paper.id[-1] for entry in ranked] == ["3", "2", "1", "4"]
    assert [entry.gained for entry in ranked] == [31, -1, None, None]
    assert [entry.score for entry in ranked] == sorted(
        (entry.score for entry in ranked), reverse=True
    )


def test_a_ranking_of_which_few_are_shown_has_the_same_order():
    entries = [_entry(f"2603.0000{number}", (0, number), (20, 9)) for number in range(1, 6)]
    complete = rank_rising(entries, NOW + 24 * HOUR, timedelta(hours=20))
    shown = rank_rising(entries, NOW + 24 * HOUR, timedelta(hours=20), 2)
    assert [entry.paper.id for entry in shown] == [entry.paper.id for entry in complete]
    assert shown[:2] == complete[:2]
    assert [entry.score for entry in shown[2:]] == [None] * 3


def test_only_papers_listed_and_counted_by_now_can_trend():
    uncounted = from_sighting(sighting("2603.00001"))
    unlisted = from_sighting(sighting("2603.00002", day=None, upvotes=5))
    future = _entry("2603.00003", (1, 5))
    assert rank_rising([uncounted, unlisted, future], NOW, HOUR) == []

"""Which days are asked of a source again, and when."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.calendar import Span
from papertrack.library.library import Coverage
from papertrack.tracker.refresh import due_days, recent

TODAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)
LAST_WEEK, LAST_MONTH = date(2026, 3, 27), date(2026, 2, 27)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def _is_due(day, state, asked, **more):
    known = {("hf", day): Coverage("hf", day, state, asked)}
    return due_days("hf", Span(day, day), known, NOW, **more) == [day]


@pytest.mark.parametrize("day", [TODAY, LAST_WEEK, LAST_MONTH])
def test_a_day_never_asked_is_due_and_one_asked_in_vain_too(day):
    assert due_days("hf", Span(day, day), {}, NOW) == [day]
    assert _is_due(day, "failed", NOW)


def test_what_another_source_was_asked_does_not_count():
    known = {("arxiv", TODAY): Coverage("arxiv", TODAY, "complete", NOW)}
    assert due_days("hf", Span(TODAY, TODAY), known, NOW) == [TODAY]


@pytest.mark.parametrize("state", ["complete", "quiet", "partial"])
@pytest.mark.parametrize(
    ("day", "waited", "due"),
    [
        (TODAY, 14 * MINUTE, False),
        (TODAY, 15 * MINUTE, True),
        (TODAY, 5 * HOUR, True),
        (LAST_WEEK, 14 * MINUTE, False),
        (LAST_WEEK, 3 * HOUR, True),
    ],
)
def test_today_is_due_after_15_minutes_and_the_week_after_3_hours(state, day, waited, due):
    assert _is_due(day, state, NOW - waited) is due


@pytest.mark.parametrize(
    ("state", "due"), [("complete", False), ("quiet", False), ("partial", True)]
)
def test_between_these_only_a_day_that_came_in_part_is_due(state, due):
    assert _is_due(LAST_WEEK, state, NOW - 2 * HOUR) is due


@pytest.mark.parametrize("state", ["complete", "quiet"])
def test_a_settled_day_is_asked_once_more_if_last_asked_before_it_settled_and_then_never(state):
    settled = datetime(2026, 3, 7, tzinfo=UTC)
    assert _is_due(LAST_MONTH, state, settled - MINUTE)
    assert not _is_due(LAST_MONTH, state, settled)
    assert not _is_due(LAST_MONTH, state, NOW - 5 * HOUR)
    assert _is_due(LAST_MONTH, state, NOW - 5 * HOUR, anyway=True)


@pytest.mark.parametrize("state", ["complete", "quiet", "partial"])
def test_a_clock_that_was_set_back_keeps_no_fresh_day_from_being_asked(state):
    assert _is_due(TODAY, state, NOW + HOUR)
    assert _is_due(LAST_WEEK, state, NOW + HOUR)


def test_days_that_have_not_begun_are_never_due_and_the_newest_is_asked_first():
    span = Span(TODAY - timedelta(days=2), TODAY + timedelta(days=2))
    expected = [TODAY, TODAY - timedelta(days=1), TODAY - timedelta(days=2)]
    assert due_days("hf", span, {}, NOW) == due_days("hf", span, {}, NOW, anyway=True) == expected
    assert due_days("hf", Span(date(9999, 12, 30), date.max), {}, NOW) == []


def test_the_recent_days_are_the_week_up_to_today():
    assert recent(TODAY) == Span(date(2026, 3, 25), TODAY)


_coverage = st.builds(
    Coverage,
    st.just("hf"),
    st.dates(date(2026, 3, 1), TODAY),
    st.sampled_from(["complete", "partial", "quiet", "failed"]),
    st.integers(0, 60 * 24 * 30).map(lambda minutes: NOW - minutes * MINUTE),
)


@given(st.lists(_coverage), st.integers(0, 10_000))
def test_a_day_that_is_due_stays_due_until_it_is_asked(asked, minutes):
    """As long as it is still to come that it settles, and after."""
    known = {(one.source, one.day): one for one in asked}
    span = Span(date(2026, 3, 1), TODAY)
    later = NOW + minutes * MINUTE
    assert {*due_days("hf", span, known, NOW)} <= {*due_days("hf", span, known, later)}

"""Which days are asked of a source again, and when."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.calendar import Span
from papertrack.library.library import Coverage
from papertrack.sources import ListingRequest, Source
from papertrack.tracker.refresh import due, recent_days, repair_days

TODAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)
LAST_WEEK, LAST_MONTH = date(2026, 3, 27), date(2026, 2, 27)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Shelf(Source):
    """A source whose days settle after a week, as Hugging Face's do."""

    name, title = "hf", "Shelf"

    def final_after(self, day):
        return self.available_from(day) + timedelta(days=8)

    def listings(self, client, ask, now):
        raise NotImplementedError


class Divided(Shelf):
    """One with two categories, which lists nothing on Sundays and settles when it opens."""

    categories = ("a", "b")

    def lists_on(self, day):
        return day.weekday() < 6

    def final_after(self, day):
        return self.available_from(day)


def due_days(span, known, now=NOW, **more):
    return [one.request.days[0] for one in due(Shelf(), span, known, now, **more)]


def _look(day, state, asked, category="", **more):
    return {("hf", category, day): Coverage("hf", day, state, asked, category=category, **more)}


def _is_due(day, state, asked, **more):
    return due_days(Span(day, day), _look(day, state, asked), **more) == [day]


@pytest.mark.parametrize("day", [TODAY, LAST_WEEK, LAST_MONTH])
def test_a_day_never_asked_is_due_and_one_asked_in_vain_too(day):
    assert due_days(Span(day, day), {}) == [day]
    assert _is_due(day, "failed", NOW)


def test_what_another_source_was_asked_does_not_count():
    known = {("arxiv", "", TODAY): Coverage("arxiv", TODAY, "complete", NOW)}
    assert due_days(Span(TODAY, TODAY), known) == [TODAY]


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
    assert due_days(span, {}) == due_days(span, {}, anyway=True) == expected
    assert due_days(Span(date(9999, 12, 30), date.max), {}) == []


def test_the_recent_days_are_the_week_up_to_today():
    assert recent_days(TODAY) == Span(date(2026, 3, 25), TODAY)


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
    known = {one.key: one for one in asked}
    span = Span(date(2026, 3, 1), TODAY)
    later = NOW + minutes * MINUTE
    assert {*due_days(span, known)} <= {*due_days(span, known, later)}


SUNDAY = date(2026, 3, 29)


def _asks(span, known, **more):
    return [one.request for one in due(Divided(), span, known, NOW, **more)]


def test_each_category_is_due_by_itself_and_those_of_a_day_are_asked_together():
    span = Span(SUNDAY, SUNDAY + timedelta(days=2))
    monday = SUNDAY + timedelta(days=1)
    known = _look(monday, "complete", NOW, "a")
    assert _asks(span, known) == [
        ListingRequest((TODAY,), ("a", "b")),
        ListingRequest((monday,), ("b",)),
    ]


def test_a_day_without_listings_is_never_due():
    assert _asks(Span(SUNDAY, SUNDAY), {}, anyway=True) == []


def test_a_complete_look_may_be_the_last_one_at_once_an_empty_one_only_after_the_day():
    yesterday = TODAY - timedelta(days=1)
    morning = datetime(2026, 3, 30, 5, tzinfo=UTC)
    for state, asked, is_due in [
        ("complete", morning, False),
        ("quiet", morning, True),
        ("quiet", morning + timedelta(days=1), False),
        ("partial", morning + timedelta(days=1), True),
    ]:
        known = _look(yesterday, state, asked, "a") | _look(yesterday, "complete", NOW, "b")
        assert bool(_asks(Span(yesterday, yesterday), known)) is is_due, state


def test_a_validator_is_sent_again_where_all_asked_for_came_with_it_and_whole():
    def validator(one, other):
        looks = [_look(TODAY, state, NOW, name, validator=known) for name, state, known in one]
        looks += [_look(TODAY, state, NOW, name, validator=known) for name, state, known in other]
        known = {key: value for look in looks for key, value in look.items()}
        (ask,) = _asks(Span(TODAY, TODAY), known, anyway=True)
        return ask.validator

    whole = [("a", "complete", "ETag: x")]
    assert validator(whole, [("b", "complete", "ETag: x")]) == "ETag: x"
    assert validator(whole, [("b", "complete", "ETag: y")]) is None
    assert validator(whole, [("b", "partial", "ETag: x")]) is None
    assert validator(whole, []) is None


def test_without_a_range_gaps_are_closed_back_to_the_first_look_of_two_months():
    first, gap = TODAY - timedelta(days=20), TODAY - timedelta(days=19)
    settled = {day: NOW for day in Span(first, TODAY).days() if day != gap}
    known = {}
    for day in settled:
        known |= _look(day, "complete", NOW, "a") | _look(day, "quiet", NOW, "b")
    known |= _look(gap, "failed", NOW, "a")
    span = repair_days(TODAY)
    assert span == Span(date(2026, 1, 31), TODAY)
    assert _asks(span, known, begun=recent_days(TODAY).first) == [
        ListingRequest((gap,), ("a", "b"))
    ]


def test_without_a_range_a_category_that_is_new_begins_with_the_last_week():
    known = _look(TODAY - timedelta(days=20), "complete", NOW, "a")
    asked = {
        day
        for ask in _asks(repair_days(TODAY), known, begun=recent_days(TODAY).first)
        for day in ask.days
        if "b" in ask.categories
    }
    assert min(asked) == recent_days(TODAY).first

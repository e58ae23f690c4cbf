"""Which days are requested from a source again, and when."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.calendar import Span
from papertrack.library.coverage_rows import Coverage
from papertrack.sources import ListingRequest, Source
from papertrack.tracker.refresh import recent_days, repair_days, requests_due

TODAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)
LAST_WEEK, LAST_MONTH = date(2026, 3, 27), date(2026, 2, 27)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class SlowSource(Source):
    """A source whose days become final after a week, like those of Hugging Face."""

    name, title = "hf", "Slow"

    def final_after(self, day):
        return self.available_from(day) + timedelta(days=8)

    def listings(self, client, request, now):
        raise NotImplementedError


class CategorySource(SlowSource):
    """A source with two categories, closed on Sundays, whose days are final once available."""

    categories = ("a", "b")

    def lists_on(self, day):
        return day.weekday() < 6

    def final_after(self, day):
        return self.available_from(day)


def _due_days(span, coverage, now=NOW, **options):
    requests = requests_due(SlowSource(), span, coverage, now, **options)
    return [request.request.days[0] for request in requests]


def _coverage(day, state, at, category="", **more):
    return {("hf", category, day): Coverage("hf", day, state, at, category=category, **more)}


def _is_due(day, state, at, **options):
    return _due_days(Span(day, day), _coverage(day, state, at), **options) == [day]


@pytest.mark.parametrize("day", [TODAY, LAST_WEEK, LAST_MONTH])
def test_a_day_that_was_never_requested_or_failed_is_due(day):
    assert _due_days(Span(day, day), {}) == [day]
    assert _is_due(day, "failed", NOW)


def test_coverage_of_another_source_does_not_count():
    coverage = {("arxiv", "", TODAY): Coverage("arxiv", TODAY, "complete", NOW)}
    assert _due_days(Span(TODAY, TODAY), coverage) == [TODAY]


@pytest.mark.parametrize("state", ["complete", "quiet", "partial"])
@pytest.mark.parametrize(
    ("day", "elapsed", "is_due"),
    [
        (TODAY, 14 * MINUTE, False),
        (TODAY, 15 * MINUTE, True),
        (TODAY, 5 * HOUR, True),
        (LAST_WEEK, 14 * MINUTE, False),
        (LAST_WEEK, 3 * HOUR, True),
    ],
)
def test_today_is_due_after_15_minutes_and_the_week_after_3_hours(state, day, elapsed, is_due):
    assert _is_due(day, state, NOW - elapsed) is is_due


@pytest.mark.parametrize(
    ("state", "is_due"), [("complete", False), ("quiet", False), ("partial", True)]
)
def test_between_these_only_a_partial_day_is_due(state, is_due):
    assert _is_due(LAST_WEEK, state, NOW - 2 * HOUR) is is_due


@pytest.mark.parametrize("state", ["complete", "quiet"])
def test_a_final_day_is_due_only_if_it_was_last_requested_before_it_became_final(state):
    final = datetime(2026, 3, 7, tzinfo=UTC)
    assert _is_due(LAST_MONTH, state, final - MINUTE)
    assert not _is_due(LAST_MONTH, state, final)
    assert not _is_due(LAST_MONTH, state, NOW - 5 * HOUR)
    assert _is_due(LAST_MONTH, state, NOW - 5 * HOUR, refetch=True)


@pytest.mark.parametrize("state", ["complete", "quiet", "partial"])
def test_a_day_requested_in_the_future_is_due_as_the_clock_was_set_back(state):
    assert _is_due(TODAY, state, NOW + HOUR)
    assert _is_due(LAST_WEEK, state, NOW + HOUR)


def test_days_that_have_not_begun_are_never_due_and_the_newest_day_comes_first():
    span = Span(TODAY - timedelta(days=2), TODAY + timedelta(days=2))
    expected = [TODAY, TODAY - timedelta(days=1), TODAY - timedelta(days=2)]
    assert _due_days(span, {}) == _due_days(span, {}, refetch=True) == expected
    assert _due_days(Span(date(9999, 12, 30), date.max), {}) == []


def test_the_recent_days_are_the_week_up_to_today():
    assert recent_days(TODAY) == Span(date(2026, 3, 25), TODAY)


_coverages = st.builds(
    Coverage,
    st.just("hf"),
    st.dates(date(2026, 3, 1), TODAY),
    st.sampled_from(["complete", "partial", "quiet", "failed"]),
    st.integers(0, 60 * 24 * 30).map(lambda minutes: NOW - minutes * MINUTE),
)


@given(st.lists(_coverages), st.integers(0, 10_000))
def test_a_day_that_is_due_stays_due_until_it_is_requested(rows, minutes):
    """Both before and after it becomes final."""
    coverage = {row.key: row for row in rows}
    span = Span(date(2026, 3, 1), TODAY)
    later = NOW + minutes * MINUTE
    assert {*_due_days(span, coverage)} <= {*_due_days(span, coverage, later)}


SUNDAY = date(2026, 3, 29)


def _requests(span, coverage, **options):
    requests = requests_due(CategorySource(), span, coverage, NOW, **options)
    return [request.request for request in requests]


def test_each_category_is_due_by_itself_and_those_of_a_day_share_a_request():
    span = Span(SUNDAY, SUNDAY + timedelta(days=2))
    monday = SUNDAY + timedelta(days=1)
    coverage = _coverage(monday, "complete", NOW, "a")
    assert _requests(span, coverage) == [
        ListingRequest((TODAY,), ("a", "b")),
        ListingRequest((monday,), ("b",)),
    ]


def test_a_day_without_listings_is_never_due():
    assert _requests(Span(SUNDAY, SUNDAY), {}, refetch=True) == []


def test_a_complete_day_may_be_final_at_once_and_an_empty_one_only_after_the_day():
    yesterday = TODAY - timedelta(days=1)
    morning = datetime(2026, 3, 30, 5, tzinfo=UTC)
    for state, at, is_due in [
        ("complete", morning, False),
        ("quiet", morning, True),
        ("quiet", morning + timedelta(days=1), False),
        ("partial", morning + timedelta(days=1), True),
    ]:
        coverage = _coverage(yesterday, state, at, "a")
        coverage |= _coverage(yesterday, "complete", NOW, "b")
        assert bool(_requests(Span(yesterday, yesterday), coverage)) is is_due, state


def test_a_validator_is_sent_again_if_all_listings_of_a_request_have_it_and_are_complete():
    def validator(*rows):
        coverage = {}
        for category, state, etag in rows:
            coverage |= _coverage(TODAY, state, NOW, category, validator=etag)
        (request,) = _requests(Span(TODAY, TODAY), coverage, refetch=True)
        return request.validator

    complete = ("a", "complete", "ETag: x")
    assert validator(complete, ("b", "complete", "ETag: x")) == "ETag: x"
    assert validator(complete, ("b", "complete", "ETag: y")) is None
    assert validator(complete, ("b", "partial", "ETag: x")) is None
    assert validator(complete) is None


def test_without_a_range_gaps_are_filled_back_to_the_first_request_of_two_months():
    first, gap = TODAY - timedelta(days=20), TODAY - timedelta(days=19)
    coverage = {}
    for day in Span(first, TODAY).days():
        if day != gap:
            coverage |= _coverage(day, "complete", NOW, "a") | _coverage(day, "quiet", NOW, "b")
    coverage |= _coverage(gap, "failed", NOW, "a")
    span = repair_days(TODAY)
    assert span == Span(date(2026, 1, 31), TODAY)
    assert _requests(span, coverage, repair_before=recent_days(TODAY).first) == [
        ListingRequest((gap,), ("a", "b"))
    ]


def test_without_a_range_a_new_category_begins_with_the_last_week():
    coverage = _coverage(TODAY - timedelta(days=20), "complete", NOW, "a")
    days = {
        day
        for request in _requests(
            repair_days(TODAY), coverage, repair_before=recent_days(TODAY).first
        )
        for day in request.days
        if "b" in request.categories
    }
    assert min(days) == recent_days(TODAY).first

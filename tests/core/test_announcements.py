import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from papertrack.announcements import (
    announced_at,
    announcement_day,
    feed_published_at,
    harvestable_at,
    is_announcement_day,
    is_deferred,
    next_announcement,
    submission_window,
    to_eastern,
)

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WINTER, SUMMER = timezone(timedelta(hours=-5)), timezone(timedelta(hours=-4))
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
listing_days = days.filter(lambda day: is_announcement_day(day) and not is_deferred(day))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone


def _utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _summer(text):
    return datetime.fromisoformat(text).replace(tzinfo=SUMMER)


def _winter(text):
    return datetime.fromisoformat(text).replace(tzinfo=WINTER)


# Clocks change on Sundays at 2:00: on 2025-11-02 and 2026-11-01 back, on 2026-03-08 forward.
@pytest.mark.parametrize(
    ("day", "announced", "harvestable", "feed"),
    [
        ("2025-10-31", "2025-10-31T00:00", "2025-10-31T02:30", "2025-10-31T04:00"),
        ("2025-11-03", "2025-11-03T01:00", "2025-11-03T03:30", "2025-11-03T05:00"),
        ("2026-01-01", "2026-01-01T01:00", "2026-01-01T03:30", "2026-01-01T05:00"),
        ("2026-03-06", "2026-03-06T01:00", "2026-03-06T03:30", "2026-03-06T05:00"),
        ("2026-03-09", "2026-03-09T00:00", "2026-03-09T02:30", "2026-03-09T04:00"),
        ("2026-10-30", "2026-10-30T00:00", "2026-10-30T02:30", "2026-10-30T04:00"),
        ("2026-11-02", "2026-11-02T01:00", "2026-11-02T03:30", "2026-11-02T05:00"),
    ],
)
def test_the_times_of_a_day_follow_new_yorks_clocks(day, announced, harvestable, feed):
    day = date.fromisoformat(day)
    assert announced_at(day) == _utc(announced)
    assert harvestable_at(day) == _utc(harvestable)
    assert feed_published_at(day) == _utc(feed)


@pytest.mark.parametrize(
    ("day", "time"),
    [("2026-03-08", "05:00"), ("2026-11-01", "04:00"), ("2025-11-02", "04:00")],
)
def test_a_day_on_which_clocks_change_begins_by_the_old_time(day, time):
    assert feed_published_at(date.fromisoformat(day)) == _utc(f"{day}T{time}")


@given(days)
def test_the_times_of_a_day_are_utc_and_in_order(day):
    times = [
        announced_at(day),
        harvestable_at(day),
        feed_published_at(day),
        announced_at(day + DAY),
    ]
    assert times == sorted(times)
    assert {moment.tzinfo for moment in times} == {UTC}


@given(moments)
def test_eastern_time_is_the_same_moment_four_or_five_hours_behind(moment):
    assert to_eastern(moment).astimezone(UTC) == moment
    assert to_eastern(moment).utcoffset() in {timedelta(hours=-4), timedelta(hours=-5)}


@pytest.mark.parametrize(
    ("moment", "clock"),
    [
        ("2026-03-08T06:59", "2026-03-08T01:59:00-05:00"),
        ("2026-03-08T07:00", "2026-03-08T03:00:00-04:00"),
        ("2026-11-01T05:59", "2026-11-01T01:59:00-04:00"),
        ("2026-11-01T06:00", "2026-11-01T01:00:00-05:00"),
        ("2026-01-01T04:59", "2025-12-31T23:59:00-05:00"),
    ],
)
def test_eastern_time_is_right_in_both_nights_when_clocks_change(moment, clock):
    assert to_eastern(_utc(moment)).isoformat() == clock


def test_listings_are_of_monday_to_friday_even_after_holidays():
    week = [date(2026, 1, 19) + number * DAY for number in range(7)]
    assert [is_announcement_day(day) for day in week] == [True] * 5 + [False] * 2


@pytest.mark.parametrize(
    ("holiday", "deferred"),
    [
        ("2025-06-19", "2025-06-20"),
        ("2025-07-04", "2025-07-07"),
        ("2025-09-01", "2025-09-02"),
        ("2025-11-27", "2025-11-28"),
        ("2025-12-25", "2025-12-26"),
        ("2025-12-30", "2025-12-31"),
        ("2026-01-01", "2026-01-02"),
        ("2026-01-19", "2026-01-20"),
        ("2026-06-19", "2026-06-22"),
        ("2026-07-03", "2026-07-06"),
        ("2026-09-07", "2026-09-08"),
        ("2026-11-26", "2026-11-27"),
        ("2026-12-25", "2026-12-28"),
        ("2026-12-29", "2026-12-30"),
        ("2026-12-31", "2027-01-01"),
    ],
)
def test_the_listing_day_after_a_holiday_is_deferred(holiday, deferred):
    assert not is_deferred(date.fromisoformat(holiday))
    assert is_deferred(date.fromisoformat(deferred))


def test_no_other_day_of_these_and_other_years_is_deferred():
    years = [date(2024, 1, 1) + number * DAY for number in range(5 * 365)]
    assert sum(map(is_deferred, years)) == 15


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-03-31T12:00", "2026-04-01"),
        ("2026-03-31T23:59:59.999999", "2026-04-01"),
        ("2026-04-01T00:00", "2026-04-02"),
        # Over a weekend on which clocks change.
        ("2026-03-06T00:59", "2026-03-06"),
        ("2026-03-06T01:00", "2026-03-09"),
        ("2026-03-08T23:59", "2026-03-09"),
        ("2026-03-09T00:00", "2026-03-10"),
        ("2026-11-02T00:59", "2026-11-02"),
        ("2026-11-02T01:00", "2026-11-03"),
        ("2025-11-03T00:30", "2025-11-03"),
        # Over holidays and the end of the year.
        ("2026-01-01T01:00", "2026-01-05"),
        ("2026-01-18T12:00", "2026-01-19"),
        ("2026-01-19T12:00", "2026-01-21"),
        ("2026-12-31T12:00", "2027-01-04"),
        ("2028-12-29T12:00", "2029-01-01"),
    ],
)
def test_the_next_announcement_is_the_first_in_the_future(now, day):
    assert next_announcement(_utc(now)) == date.fromisoformat(day)


@given(moments)
def test_nothing_is_announced_between_now_and_the_next_announcement(now):
    day = next_announcement(now)
    assert announced_at(day) > now
    assert is_announcement_day(day)
    assert not is_deferred(day)
    earlier = (day - number * DAY for number in range(1, 8))
    assert all(
        announced_at(day) <= now for day in earlier if is_announcement_day(day) > is_deferred(day)
    )


@pytest.mark.parametrize(
    ("since", "until", "day"),
    [
        # The five rows of arXiv's table, in summer.
        ("2026-04-13T14:00", "2026-04-14T14:00", "2026-04-15"),
        ("2026-04-14T14:00", "2026-04-15T14:00", "2026-04-16"),
        ("2026-04-15T14:00", "2026-04-16T14:00", "2026-04-17"),
        ("2026-04-16T14:00", "2026-04-17T14:00", "2026-04-20"),
        ("2026-04-17T14:00", "2026-04-20T14:00", "2026-04-21"),
        # Listings deferred by the holidays on Friday the third and Monday the seventh.
        ("2026-07-01T14:00", "2026-07-02T14:00", "2026-07-03"),
        ("2026-07-02T14:00", "2026-07-06T14:00", "2026-07-07"),
        ("2026-09-03T14:00", "2026-09-04T14:00", "2026-09-07"),
        ("2026-09-04T14:00", "2026-09-08T14:00", "2026-09-09"),
    ],
)
def test_submissions_from_one_deadline_to_the_next_are_announced_together(since, until, day):
    since, until, day = _summer(since), _summer(until), date.fromisoformat(day)
    assert submission_window(day) == (since, until)
    assert announcement_day(since - MINUTE) < day
    assert announcement_day(since) == announcement_day(until - MINUTE) == day
    assert announcement_day(until) > day


@pytest.mark.parametrize(
    ("since", "until", "day"),
    [
        (_winter("2026-03-06T14:00"), _summer("2026-03-09T14:00"), "2026-03-10"),
        (_summer("2026-10-30T14:00"), _winter("2026-11-02T14:00"), "2026-11-03"),
        (_summer("2025-10-31T14:00"), _winter("2025-11-03T14:00"), "2025-11-04"),
        (_winter("2025-12-29T14:00"), _winter("2025-12-31T14:00"), "2026-01-01"),
        (_winter("2025-12-31T14:00"), _winter("2026-01-02T14:00"), "2026-01-05"),
        (_winter("2026-12-30T14:00"), _winter("2027-01-01T14:00"), "2027-01-04"),
    ],
)
def test_deadlines_keep_their_hour_over_changed_clocks_and_the_years_end(since, until, day):
    day = date.fromisoformat(day)
    assert submission_window(day) == (since, until)
    assert announcement_day(since) == announcement_day(until - MINUTE) == day
    assert announcement_day(since - MINUTE) < day < announcement_day(until)


@given(moments)
def test_a_submission_lies_in_the_window_of_its_announcement(submitted):
    day = announcement_day(submitted)
    since, until = submission_window(day)
    assert since <= submitted < until
    assert until <= announced_at(day) - timedelta(hours=6)
    assert is_announcement_day(day)
    assert not is_deferred(day)


@given(listing_days, st.floats(0, 1, exclude_max=True))
def test_every_submission_in_the_window_of_a_day_is_announced_for_it(day, part):
    since, until = submission_window(day)
    submitted = since + (until - since) * part
    assume(submitted < until)  # where the product is rounded up
    assert announcement_day(submitted) == day


@given(listing_days)
def test_windows_of_successive_listings_join_without_a_gap(day):
    _, until = submission_window(day)
    assert submission_window(announcement_day(until))[0] == until


def test_a_deferred_day_has_the_window_it_would_have_without_its_holiday():
    window = submission_window(date(2026, 7, 6))
    assert window == (_summer("2026-07-02T14:00"), _summer("2026-07-03T14:00"))
    assert announcement_day(window[0]) == date(2026, 7, 7)


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 3, 29)])
def test_saturday_and_sunday_have_no_submissions(day):
    with pytest.raises(ValueError, match=r"arXiv has no announcement for .*, a S"):
        submission_window(day)


_PRINT_EVERYTHING = """
import sys, time
from papertrack import announcements as schedule
assert "zoneinfo" not in sys.modules, "importing the schedule stays cheap"
from datetime import UTC, date, datetime, timedelta
print(time.localtime(0).tm_hour)
for number in range(0, 800):
    day = date(2025, 1, 1) + timedelta(days=number)
    now = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=25.25) * number
    print(schedule.announced_at(day), schedule.harvestable_at(day))
    print(schedule.feed_published_at(day), schedule.is_deferred(day))
    print(schedule.to_eastern(now), schedule.next_announcement(now), schedule.announcement_day(now))
    print(*schedule.submission_window(day) if schedule.is_announcement_day(day) else "")
"""


def test_the_time_zone_of_the_machine_changes_no_result():
    results = {}
    for zone in ("Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin", "UTC"):
        done = subprocess.run(
            [sys.executable, "-c", _PRINT_EVERYTHING],
            env=os.environ | {"TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        )
        hour, *lines = done.stdout.splitlines()
        results[hour] = lines
    assert len(results) == 4, "each zone was really set"
    first, *rest = results.values()
    assert len(first) == 3200
    assert all(lines == first for lines in rest)

"""Dates and times as services write them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.timestamps import read_day, read_local, read_moment

DAY = date(2026, 6, 30)
MIDNIGHT = datetime(2026, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-30",
        " 2026-6-30 ",
        "2026/06/30",
        "2026/6/30",
        "2026.6.30",
        "20260630",
        "30 June 2026",
        "30 Jun 2026",
        "30-Jun-2026",
        "30 Jun 26",
        "June 30, 2026",
        "JUNE 30 2026",
        "Jun. 30th, 2026",
        "the 30th of June 2026",
        "2026 June 30",
        "2026-Jun-30",
        "Tue, 30 Jun 2026",
        "Tuesday, June 30, 2026",
    ],
)
def test_a_day_is_read_however_it_is_written(text):
    assert read_day(text) == DAY
    assert read_moment(text) == MIDNIGHT


@pytest.mark.parametrize(
    ("value", "hour"),
    [
        ("2026-06-30T15:04:05Z", 15),
        ("2026-06-30T15:04:05.123456789Z", 15),
        ("2026-06-30 15:04:05", 15),
        ("2026-06-30T15:04:05", 15),
        ("2026-06-30T15:04:05+02:00", 13),
        ("2026-06-30T15:04:05-0400", 19),
        ("2026-06-30 15:04:05 UTC", 15),
        ("2026-06-30 15:04:05 +0000 UTC", 15),
        ("2026-6-30T15:04:05Z", 15),
        ("2026-6-30 3:04:05 PM", 15),
        ("Tue, 30 Jun 2026 15:04:05 GMT", 15),
        ("Tue, 30 Jun 2026 15:04:05 +0000 (UTC)", 15),
        ("Tue, 30 Jun 2026 15:04:05 -0400", 19),
        ("Tue, 30 Jun 2026 15:04:05 EDT", 19),
        ("30 Jun 26 15:04:05 GMT", 15),
        ("Tue Jun 30 15:04:05 2026", 15),
        ("Tue Jun 30 15:04:05 UTC 2026", 15),
        ("June 30, 2026 at 3:04:05 pm", 15),
        ("30 June 2026 15:04:05", 15),
        (1782831845, 15),
        (1782831845.5, 15),
        ("1782831845", 15),
        (1782831845000, 15),
        (1782831845000000, 15),
    ],
)
def test_a_time_is_read_however_it_is_written(value, hour):
    moment = read_moment(value)
    assert moment.replace(microsecond=0) == datetime(2026, 6, 30, hour, 4, 5, tzinfo=UTC)
    assert moment.tzinfo is UTC


def test_midnight_and_noon_have_hours_of_their_own():
    assert read_local("30 June 2026 12:30 AM").hour == 0
    assert read_local("30 June 2026 12:30 pm").hour == 12


def test_a_day_is_that_of_the_zone_in_which_it_is_written():
    assert read_day("Tue, 30 Jun 2026 23:30:00 -0400") == DAY
    assert read_moment("Tue, 30 Jun 2026 23:30:00 -0400").date() == date(2026, 7, 1)


def test_a_time_without_a_zone_has_none_in_its_own_zone():
    assert read_local("30 June 2026 10:00").utcoffset() is None
    assert read_local("2026-06-30T10:00:00").utcoffset() is None


@pytest.mark.parametrize(
    "value",
    [
        *(
            None,
            True,
            False,
            "",
            "  ",
            [],
            {},
            "unknown",
            "n/a",
            "null",
            float("nan"),
            1e300,
            -5,
            0,
        ),
        *("0000-00-00", "0000-01-01", "0001-01-01T00:00:00Z", "9999-12-31", "9999-12-31T23:59:59Z"),
        *("2026-13-01", "2026-02-30", "31 June 2026", "2026", 2026, "June 2026", "2026-06", "30"),
        *("06/30/2026", "30/06/2026", "30 June", "June", "10:00", "30 June 2026 25:00", "1 2 3 4"),
        *("12 34 56", "30 Brumaire 2026", "ma 30 2026", "٣٠ June 2026", "June 30 30 2026"),
        *("in review since 30 June 2026", "99999999999999999999", "2026 June 2026"),
    ],
)
def test_what_is_no_plausible_date_is_none(value):
    assert read_moment(value) is None
    assert read_day(value) is None


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.lists(st.integers())))
def test_nothing_raises_an_error(value):
    moment = read_moment(value)
    assert moment is None or moment.tzinfo is UTC


@given(st.text("0123456789-/.:TZ+ JunetPMdayof,", max_size=30))
def test_nothing_like_a_date_raises_an_error(text):
    moment = read_moment(text)
    assert moment is None or 999 <= moment.year <= 3000


@given(st.integers(-2_200_000_000, 7_200_000_000))
def test_every_common_form_of_a_time_is_read_back(seconds):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    for form in ("%a, %d %b %Y %H:%M:%S +0000", "%d %B %Y %H:%M:%S", "%B %d, %Y %I:%M:%S %p"):
        assert read_moment(moment.strftime(form)) == moment

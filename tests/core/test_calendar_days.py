import calendar
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.calendar import (
    Span,
    format_moment,
    is_listing_day,
    parse_day,
    parse_days,
    parse_moment,
    parse_month,
    parse_week,
    utc_day,
)
from papertrack.errors import UsageError

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-31", date(2026, 3, 31)),
        ("2024-02-29", date(2024, 2, 29)),
        ("today", TODAY),
        (" Today ", TODAY),
        ("yesterday", date(2026, 3, 30)),
        ("0d", TODAY),
        ("7d", date(2026, 3, 24)),
        ("2w", date(2026, 3, 17)),
        ("Tuesday", TODAY),
        ("wed", date(2026, 3, 25)),
        ("monday", date(2026, 3, 30)),
    ],
)
def test_days_as_people_write_them(text, day):
    assert parse_day(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-03-31", TODAY, TODAY),
        ("this week", date(2026, 3, 30), date(2026, 4, 5)),
        (" Last  Week", date(2026, 3, 23), date(2026, 3, 29)),
        ("2026-w14", date(2026, 3, 30), date(2026, 4, 5)),
        ("this month", date(2026, 3, 1), date(2026, 3, 31)),
        ("last month", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_weeks_and_months_as_people_write_them(text, first, last):
    assert parse_days(text, TODAY) == Span(first, last)
    assert parse_day(text, TODAY) == first


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-W14", date(2026, 3, 30), date(2026, 4, 5)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("2020-W53", date(2020, 12, 28), date(2021, 1, 3)),
    ],
)
def test_weeks_run_from_monday_to_sunday_across_years(text, first, last):
    assert parse_week(text) == Span(first, last)


@given(st.dates(date(1000, 1, 7), date(9999, 12, 1)))
def test_every_day_is_in_its_week_and_its_month(day):
    week = parse_week("{:04}-W{:02}".format(*day.isocalendar()[:2]))
    assert week.first <= day <= week.last
    assert (week.first.weekday(), week.last - week.first) == (0, timedelta(days=6))
    month = parse_month(f"{day:%Y-%m}" if day.year >= 1000 else "")
    assert month.first.day == 1
    assert month.last.day == calendar.monthrange(day.year, day.month)[1]
    assert list(month.days())[day.day - 1] == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-02-29",
        "2026-13-01",
        "31.03.2026",
        "-1d",
        "99999999d",
        "7 d",
        "mo",
        "last year",
        "\u0667d",
        "0001-01-01",
        "\udcff",
    ],
)
def test_an_invalid_date_is_a_usage_error_with_a_hint(text):
    with pytest.raises(UsageError, match="invalid date") as error:
        parse_day(text, TODAY)
    assert "2026-03-31" in error.value.next_step


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_week, "2025-W53"),
        (parse_week, "2026-W00"),
        (parse_week, "2026-W99"),
        (parse_week, "2026-14"),
        (parse_week, "0001-W01"),
        (parse_week, "9999-W52"),
        (parse_week, ""),
        (parse_month, "2026-00"),
        (parse_month, "2026-13"),
        (parse_month, "2026-3"),
        (parse_month, "0001-01"),
        (parse_month, "9999-12"),
        (parse_month, "March"),
    ],
)
def test_an_invalid_week_or_month_is_a_usage_error_with_a_hint(parse, text):
    with pytest.raises(UsageError, match=r"invalid (week|month)") as error:
        parse(text)
    assert error.value.next_step.startswith("write 2026-")


def test_a_span_includes_both_ends_and_a_single_day_is_written_briefly():
    assert list(Span(TODAY, TODAY).days()) == [TODAY]
    assert [day.day for day in Span(date(2026, 2, 27), date(2026, 3, 2)).days()] == [27, 28, 1, 2]
    assert list(Span(TODAY, date(2026, 3, 30)).days()) == []
    assert str(Span(TODAY, TODAY)) == "2026-03-31"
    assert str(Span(date(2026, 3, 30), TODAY)) == "2026-03-30 to 2026-03-31"


def test_daily_papers_are_not_listed_on_saturday_and_sunday():
    week = parse_week("2026-W14")
    assert [is_listing_day(day) for day in week.days()] == [True] * 5 + [False] * 2


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-31T18:00:00Z", datetime(2026, 3, 31, 18, tzinfo=UTC)),
        ("2026-03-31T18:00:00", datetime(2026, 3, 31, 18, tzinfo=UTC)),
        ("2026-03-31T20:00:00+02:00", datetime(2026, 3, 31, 18, tzinfo=UTC)),
        ("2026-03-31T18:00:00.250Z", datetime(2026, 3, 31, 18, 0, 0, 250000, tzinfo=UTC)),
        ("2026-03-31", datetime(2026, 3, 31, tzinfo=UTC)),
    ],
)
def test_moments_are_parsed_as_utc_also_without_an_offset(text, moment):
    parsed = parse_moment(text)
    assert (parsed, parsed.tzinfo) == (moment, UTC)


@pytest.mark.parametrize("text", ["", "now", "2026-03-32", "0001-01-01T00:00:00+12:00", "\ud800"])
def test_an_invalid_moment_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"\w"):
        parse_moment(text)


@given(
    st.datetimes(
        datetime(2, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
        datetime(9998, 12, 31),  # noqa: DTZ001
        timezones=st.integers(-1439, 1439).map(lambda west: timezone(timedelta(minutes=west))),
    )
)
def test_a_formatted_moment_is_parsed_as_the_same_moment_in_utc(moment):
    text = format_moment(moment)
    assert text.endswith("Z")
    assert parse_moment(text) == moment
    assert parse_moment(text).tzinfo is UTC
    assert utc_day(moment) == parse_moment(text).date()

"""On which days a channel is due, and how its deliveries are divided into messages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from alert_setup import AGENTS, MONDAY, AlertSetup, FakeSender, make_channel
from hypothesis import given
from hypothesis import strategies as st

from papertrack.alerts.batching import WEEKDAYS, is_due, make_batches
from papertrack.library.deliveries import ChannelStatus

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def due_weekdays(channel, days):
    """The weekdays on which a channel is due, when alerts run on these days."""
    status, weekdays = ChannelStatus(days[0] - timedelta(days=1)), []
    for day in days:
        if is_due(channel, status, day):
            status = ChannelStatus(day)
            weekdays.append(WEEKDAYS[day.weekday()])
    return weekdays


WEEK = [MONDAY + timedelta(days=number) for number in range(7)]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, list(WEEKDAYS)),
        ({"every": "day"}, list(WEEKDAYS)),
        ({"every": "week"}, ["mon"]),
        ({"every": "week", "send_days": ("fri",)}, ["fri"]),
        ({"send_days": ("mon", "thu")}, ["mon", "thu"]),
    ],
)
def test_a_channel_is_due_on_its_days(keys, expected):
    assert due_weekdays(make_channel(**keys), WEEK) == expected


def test_a_machine_that_was_off_on_the_day_sends_on_the_next():
    weekly = make_channel(every="week", send_days=("tue",))
    assert due_weekdays(weekly, [WEEK[0], WEEK[3], WEEK[4]]) == ["thu"]
    assert due_weekdays(make_channel(every="day"), [WEEK[0], WEEK[0], WEEK[1]]) == ["mon", "tue"]


@pytest.mark.parametrize("weekday", range(7))
def test_after_more_than_a_week_a_channel_is_due_whatever_its_day(weekday):
    channel, today = make_channel(send_days=(WEEKDAYS[weekday],)), MONDAY + timedelta(days=21)
    assert is_due(channel, ChannelStatus(today - timedelta(days=10)), today)
    assert is_due(channel, ChannelStatus(today - timedelta(days=7)), today)
    assert is_due(channel, ChannelStatus(today - timedelta(days=6)), today) is (weekday != 1)


def test_a_trending_paper_that_does_not_fit_is_reduced_to_its_title():
    channel = make_channel(at_most=5)
    for keys, parts in (((), [("t",)]), (("a",), [(), ("t",)])):
        batches = make_batches(channel, keys, ["t"], NOW, lambda batch: not batch.trending)
        assert [batch.trending for batch in batches] == parts
        assert batches[-1].whole == 0


def test_a_clock_that_was_set_back_delays_no_channel():
    ahead = ChannelStatus(date(2036, 1, 1))
    assert is_due(make_channel(every="day"), ahead, MONDAY)
    assert is_due(make_channel(every="week"), ahead, MONDAY)


@given(
    st.integers(0, 120),
    st.integers(1, 9) | st.none(),
    st.booleans(),
    st.lists(st.text("ab", min_size=1, max_size=3), max_size=4, unique=True),
    st.integers(1, 60),
)
def test_batches_contain_each_delivery_once_and_each_fits(
    count, at_most, one_by_one, trending, capacity
):
    channel = make_channel(at_most=at_most, one_by_one=one_by_one)
    keys = [str(number) for number in range(count)]

    def fits(draft):
        return len(draft.keys) + len(draft.trending) <= capacity

    batches = make_batches(channel, keys, trending, NOW, fits)
    assert [key for batch in batches for key in batch.keys] == keys
    assert [key for batch in batches for key in batch.trending] == trending
    assert all(map(fits, batches))
    assert [batch.part for batch in batches] == list(range(1, len(batches) + 1))
    assert {batch.parts for batch in batches} == {len(batches)}
    assert len({batch.id for batch in batches}) == len(batches)
    if at_most is not None and not one_by_one:
        full = sum(min(batch.whole, len(batch.keys)) for batch in batches if batch.keys)
        assert full <= at_most


def test_a_digest_too_long_for_a_channel_is_sent_in_parts_with_every_paper(tmp_path):
    alerts = AlertSetup(tmp_path / "library", AGENTS)
    alerts.run()
    alerts.senders["main"] = FakeSender("main", max_length=900)
    alerts.run(*(alerts.paper(number) for number in range(40)))
    assert sorted(alerts.sender.paper_ids()) == [f"2603.{number:05}" for number in range(40)]
    messages = alerts.sender.messages
    assert len(messages) > 1
    assert all(len(message.text) <= 900 for message in messages)
    assert all(len(message.markdown) <= 900 for message in messages)
    assert f"1 of {len(messages)}" in messages[0].subject


def test_papers_beyond_at_most_are_listed_by_title(tmp_path):
    alerts = AlertSetup(tmp_path / "library", AGENTS, channels=[make_channel(at_most=2)])
    alerts.run()
    alerts.run(*(alerts.paper(n, title=f"Agent number {n}", upvotes=n) for n in range(1, 6)))
    (message,) = alerts.sender.messages
    assert [f"Agent number {n}" in message.text for n in range(1, 6)] == [True] * 5
    assert message.text.count("upvotes") == 2
    assert "5 upvotes" in message.text


def test_one_by_one_sends_one_message_per_paper(tmp_path):
    alerts = AlertSetup(tmp_path / "library", AGENTS, channels=[make_channel(one_by_one=True)])
    alerts.run()
    alerts.run(*(alerts.paper(n, title=f"Agent number {n}") for n in range(3)))
    subjects = [message.subject for message in alerts.sender.messages]
    assert [subject.count("Agent number") for subject in subjects] == [1, 1, 1]


def test_a_weekly_trending_digest_needs_no_topic(tmp_path):
    weekly = make_channel(topics=("none",), every="week", trending=3)
    alerts = AlertSetup(tmp_path / "library", channels=[weekly])
    for number in range(15):
        alerts.run(*(alerts.paper(10 * number + n, upvotes=n, title="T") for n in range(5)))
        alerts.pass_days()
    days = [f"{message.at:%a}" for message in alerts.sender.messages]
    assert days == ["Mon", "Mon"]
    assert [len(message.data["data"]) for message in alerts.sender.messages] == [3, 3]


def test_pending_papers_of_a_weekly_channel_are_sent_together(tmp_path):
    alerts = AlertSetup(tmp_path / "library", AGENTS, channels=[make_channel(every="week")])
    alerts.run()
    for number in range(8):
        alerts.run(alerts.paper(number))
        alerts.pass_days()
    assert len(alerts.sender.messages) == 1
    assert len(alerts.sender.paper_ids()) == 8

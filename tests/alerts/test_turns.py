"""Whose turn it is, and how what waits is divided into messages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from desk import AGENTS, MONDAY, Box, Desk, channel
from hypothesis import given
from hypothesis import strategies as st

from papertrack.alerts.batching import WEEKDAYS, divide, is_due
from papertrack.library.deliveries import ChannelStatus

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def turns(one, days):
    """The weekdays on which a channel has its turn when it is asked on each of these days."""
    standing, had = ChannelStatus(days[0] - timedelta(days=1)), []
    for day in days:
        if is_due(one, standing, day):
            standing = ChannelStatus(day)
            had.append(WEEKDAYS[day.weekday()])
    return had


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
def test_a_channel_has_its_turn_on_its_days(keys, expected):
    assert turns(channel(**keys), WEEK) == expected


def test_a_machine_that_slept_on_the_day_sends_on_the_next():
    weekly = channel(every="week", send_days=("tue",))
    assert turns(weekly, [WEEK[0], WEEK[3], WEEK[4]]) == ["thu"]
    assert turns(channel(every="day"), [WEEK[0], WEEK[0], WEEK[1]]) == ["mon", "tue"]


def test_a_clock_set_back_holds_no_channel_up():
    ahead = ChannelStatus(date(2036, 1, 1))
    assert is_due(channel(every="day"), ahead, MONDAY)
    assert is_due(channel(every="week"), ahead, MONDAY)


@given(
    st.integers(0, 120),
    st.integers(1, 9) | st.none(),
    st.booleans(),
    st.lists(st.text("ab", min_size=1, max_size=3), max_size=4, unique=True),
    st.integers(1, 60),
)
def test_messages_hold_each_delivery_once_and_each_fits(count, at_most, one_by_one, trending, room):
    one = channel(at_most=at_most, one_by_one=one_by_one)
    keys = [str(number) for number in range(count)]

    def fits(draft):
        return len(draft.keys) + len(draft.trending) <= room

    made = divide(one, keys, trending, NOW, fits)
    assert [key for part in made for key in part.keys] == keys
    assert [key for part in made for key in part.trending] == trending
    assert all(map(fits, made))
    assert [part.part for part in made] == list(range(1, len(made) + 1))
    assert {part.parts for part in made} == {len(made)}
    assert len({part.id for part in made}) == len(made)
    if at_most is not None and not one_by_one:
        assert sum(min(part.whole, len(part.keys)) for part in made if part.keys) <= at_most


def test_what_is_too_long_for_a_channel_comes_in_parts_with_every_paper(tmp_path):
    desk = Desk(tmp_path / "library", AGENTS)
    desk.run()
    desk.boxes["box"] = Box("box", longest=900)
    desk.run(*(desk.paper(number) for number in range(40)))
    assert sorted(desk.box.papers()) == [f"2603.{number:05}" for number in range(40)]
    assert len(desk.box.messages) > 1
    assert all(len(one.text) <= 900 and len(one.markdown) <= 900 for one in desk.box.messages)
    assert f"1 of {len(desk.box.messages)}" in desk.box.messages[0].subject


def test_beyond_at_most_papers_are_told_by_their_titles(tmp_path):
    desk = Desk(tmp_path / "library", AGENTS, channels=[channel(at_most=2)])
    desk.run()
    desk.run(*(desk.paper(n, title=f"Agent number {n}", upvotes=n) for n in range(1, 6)))
    (message,) = desk.box.messages
    assert [f"Agent number {n}" in message.text for n in range(1, 6)] == [True] * 5
    assert message.text.count("upvotes") == 2
    assert "5 upvotes" in message.text


def test_one_by_one_is_a_message_a_paper(tmp_path):
    desk = Desk(tmp_path / "library", AGENTS, channels=[channel(one_by_one=True)])
    desk.run()
    desk.run(*(desk.paper(n, title=f"Agent number {n}") for n in range(3)))
    assert [one.subject.count("Agent number") for one in desk.box.messages] == [1, 1, 1]


def test_a_weekly_trending_digest_needs_no_topic(tmp_path):
    weekly = channel(topics=("none",), every="week", trending=3)
    desk = Desk(tmp_path / "library", channels=[weekly])
    for number in range(15):
        desk.run(*(desk.paper(10 * number + n, upvotes=n, title="T") for n in range(5)))
        desk.pass_days()
    days = [f"{one.at:%a}" for one in desk.box.messages]
    assert days == ["Mon", "Mon"]
    assert [len(one.data["data"]) for one in desk.box.messages] == [3, 3]


def test_what_waits_for_a_weekly_channel_comes_together(tmp_path):
    desk = Desk(tmp_path / "library", AGENTS, channels=[channel(every="week")])
    desk.run()
    for number in range(8):
        desk.run(desk.paper(number))
        desk.pass_days()
    assert len(desk.box.messages) == 1
    assert len(desk.box.papers()) == 8

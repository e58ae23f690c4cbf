"""How long a channel that fails is left alone, and the parts that messages are divided into."""

from datetime import UTC, datetime, timedelta

import pytest
from desk import MONDAY, channel

from papertrack.alerts.batching import divide, is_due, is_paused
from papertrack.library.deliveries import ChannelStatus

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def failing(failures, last=NOW):
    return ChannelStatus(MONDAY, failures, NOW, last, "down")


@pytest.mark.parametrize(
    ("failures", "minutes"), [(12, 5), (13, 10), (14, 20), (15, 40), (16, 60), (5000, 60)]
)
def test_the_pause_doubles_from_five_minutes_to_an_hour(failures, minutes):
    end = NOW + timedelta(minutes=minutes)
    assert is_paused(failing(failures), end - SECOND)
    assert not is_paused(failing(failures), end)


def test_there_is_no_pause_before_a_dozen_failures_nor_for_who_never_failed():
    assert not is_paused(failing(11), NOW + SECOND)
    assert not is_paused(None, NOW)
    assert not is_paused(failing(12, last=None), NOW + SECOND)


def test_a_clock_that_stands_still_or_was_set_back_makes_no_pause():
    assert not is_paused(failing(12), NOW)
    assert not is_paused(failing(12), NOW - SECOND)
    assert is_paused(failing(12), NOW + SECOND)


def test_a_channel_of_every_run_has_its_turn_again_on_the_same_day():
    assert is_due(channel(every="run"), ChannelStatus(MONDAY), MONDAY)
    assert not is_due(channel(every="day"), ChannelStatus(MONDAY), MONDAY)
    assert not is_due(channel(every="run", send_days=("tue",)), ChannelStatus(MONDAY), MONDAY)


def test_a_new_channel_has_its_turn_on_its_day_and_no_earlier():
    assert is_due(channel(every="day"), None, MONDAY)
    assert is_due(channel(every="week"), None, MONDAY)
    assert not is_due(channel(every="week"), None, MONDAY + timedelta(days=1))


def test_a_day_missed_a_week_ago_is_made_up_for():
    sunday = channel(every="week", send_days=("sun",))
    days = [timedelta(days=number) for number in (7, 8, 400)]
    assert [is_due(sunday, ChannelStatus(MONDAY - one), MONDAY) for one in days] == [True] * 3
    monday = channel(every="week")
    assert not is_due(monday, ChannelStatus(MONDAY), MONDAY + timedelta(days=6))


def divided(keys, trending=(), *, fits=lambda _: True, **more):
    made = divide(channel(**more), keys, trending, NOW, fits)
    return [(one.keys, one.trending, one.whole) for one in made]


def test_what_fits_is_one_message_of_its_channel_made_now():
    (only,) = divide(channel("mail"), ["a"], ["t"], NOW, lambda _: True)
    assert only._replace(id="") == ("", "mail", NOW, 1, 1, ("a",), ("t",), only.whole)
    assert only.whole == channel().at_most


def test_no_message_has_more_than_500_deliveries():
    assert [len(keys) for keys, _, _ in divided(list(map(str, range(500))))] == [500]
    assert [len(keys) for keys, _, _ in divided(list(map(str, range(501))))] == [250, 251]


def test_trending_papers_go_into_a_message_of_their_own_where_both_do_not_fit():
    def fits(draft):
        return not (draft.keys and draft.trending)

    assert divided(["a", "b"], ["t"], fits=fits, at_most=1) == [
        (("a", "b"), (), 1),
        ((), ("t",), None),
    ]


def test_trending_papers_are_halved():
    parts = divided([], ["t", "u", "v"], fits=lambda one: len(one.trending) == 1)
    assert [trending for _, trending, _ in parts] == [("t",), ("u",), ("v",)]


def test_what_may_be_told_in_full_is_counted_over_all_parts():
    parts = divided(["a", "b", "c", "d"], fits=lambda one: len(one.keys) == 1, at_most=3)
    assert [(keys, whole) for keys, _, whole in parts] == [
        (("a",), 3),
        (("b",), 2),
        (("c",), 1),
        (("d",), 0),
    ]


def test_one_paper_that_does_not_fit_is_told_by_its_title():
    assert divided(["a"], fits=lambda _: False) == [(("a",), (), 0)]


def test_one_by_one_is_a_message_each_told_in_full():
    assert divided(["a", "b"], one_by_one=True, at_most=1) == [
        (("a",), (), None),
        (("b",), (), None),
    ]

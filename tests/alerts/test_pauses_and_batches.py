"""How long a failing channel is paused, and the batches that deliveries are divided into."""

from datetime import UTC, datetime, timedelta

import pytest
from alert_setup import MONDAY, make_channel

from papertrack.alerts.batching import is_due, is_paused, make_batches
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


def test_a_channel_with_fewer_than_12_failures_is_not_paused():
    assert not is_paused(failing(11), NOW + SECOND)
    assert not is_paused(None, NOW)
    assert not is_paused(failing(12, last=None), NOW + SECOND)


def test_a_clock_that_stands_still_or_was_set_back_does_not_pause_a_channel():
    assert not is_paused(failing(12), NOW)
    assert not is_paused(failing(12), NOW - SECOND)
    assert is_paused(failing(12), NOW + SECOND)


def test_a_channel_of_every_run_is_due_again_on_the_same_day():
    assert is_due(make_channel(every="run"), ChannelStatus(MONDAY), MONDAY)
    assert not is_due(make_channel(every="day"), ChannelStatus(MONDAY), MONDAY)
    assert not is_due(make_channel(every="run", send_days=("tue",)), ChannelStatus(MONDAY), MONDAY)


def test_a_new_channel_is_due_on_its_day_and_no_earlier():
    assert is_due(make_channel(every="day"), None, MONDAY)
    assert is_due(make_channel(every="week"), None, MONDAY)
    assert not is_due(make_channel(every="week"), None, MONDAY + timedelta(days=1))


def test_a_day_missed_a_week_ago_makes_a_channel_due():
    sunday = make_channel(every="week", send_days=("sun",))
    ages = [timedelta(days=number) for number in (7, 8, 400)]
    assert [is_due(sunday, ChannelStatus(MONDAY - days), MONDAY) for days in ages] == [True] * 3
    monday = make_channel(every="week")
    assert not is_due(monday, ChannelStatus(MONDAY), MONDAY + timedelta(days=6))


def batches(keys, trending=(), *, fits=lambda _: True, **more):
    made = make_batches(make_channel(**more), keys, trending, NOW, fits)
    return [(batch.keys, batch.trending, batch.whole) for batch in made]


def test_deliveries_that_fit_are_one_batch_of_the_channel_with_the_current_time():
    (batch,) = make_batches(make_channel("mail"), ["a"], ["t"], NOW, lambda _: True)
    assert batch._replace(id="") == ("", "mail", NOW, 1, 1, ("a",), ("t",), batch.whole, None)
    assert batch.whole == make_channel().at_most


def test_no_batch_has_more_than_500_deliveries():
    assert [len(keys) for keys, _, _ in batches(list(map(str, range(500))))] == [500]
    assert [len(keys) for keys, _, _ in batches(list(map(str, range(501))))] == [250, 251]


def test_trending_papers_get_a_batch_of_their_own_if_they_do_not_fit():
    def fits(draft):
        return not (draft.keys and draft.trending)

    assert batches(["a", "b"], ["t"], fits=fits, at_most=1) == [
        (("a", "b"), (), 1),
        ((), ("t",), None),
    ]


def test_trending_papers_that_do_not_fit_are_halved():
    parts = batches([], ["t", "u", "v"], fits=lambda batch: len(batch.trending) == 1)
    assert [trending for _, trending, _ in parts] == [("t",), ("u",), ("v",)]


def test_at_most_limits_the_full_papers_of_all_batches_together():
    parts = batches(["a", "b", "c", "d"], fits=lambda batch: len(batch.keys) == 1, at_most=3)
    assert [(keys, whole) for keys, _, whole in parts] == [
        (("a",), 3),
        (("b",), 2),
        (("c",), 1),
        (("d",), 0),
    ]


def test_a_single_paper_that_does_not_fit_is_reduced_to_its_title():
    assert batches(["a"], fits=lambda _: False) == [(("a",), (), 0)]


def test_one_by_one_makes_a_batch_for_each_paper_in_full():
    assert batches(["a", "b"], one_by_one=True, at_most=1) == [
        (("a",), (), None),
        (("b",), (), None),
    ]

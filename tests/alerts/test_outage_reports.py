"""Which failures of sources and channels are reported, and when."""

from datetime import UTC, datetime, timedelta

from papertrack.alerts import outages
from papertrack.alerts.delivery import ChannelResult
from papertrack.errors import DeliveryError
from papertrack.library.deliveries import ChannelStatus, Outage
from papertrack.models import Failure

NOW = datetime(2026, 3, 31, 8, tzinfo=UTC)
SINCE = NOW - timedelta(hours=2)
DOWN = Failure("arxiv", "timeout", "no answer")


def local(moment):
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def test_a_failure_is_stored_with_its_start_and_counted():
    updated, notices = outages.update_outages({}, ["arxiv"], [DOWN], NOW)
    assert (updated, notices) == ({"arxiv": Outage(NOW, 1, reported=False)}, [])
    updated, notices = outages.update_outages(
        {"arxiv": Outage(SINCE, 1, reported=False)}, ["arxiv"], [DOWN], NOW
    )
    assert (updated, notices) == ({"arxiv": Outage(SINCE, 2, reported=False)}, [])


def test_the_third_failed_run_in_a_row_is_reported_with_start_and_reason():
    updated, notices = outages.update_outages(
        {"arxiv": Outage(SINCE, 2, reported=False)}, ["arxiv"], [DOWN], NOW
    )
    assert updated == {"arxiv": Outage(SINCE, 3, reported=True)}
    assert notices == [f"arXiv has failed in 3 runs since {local(SINCE)}: no answer"]


def test_a_failure_that_lasts_a_day_is_reported_at_its_second_run():
    day = timedelta(days=1)
    for since, reported in ((NOW - day, True), (NOW - day + timedelta(seconds=1), False)):
        stored = {"arxiv": Outage(since, 1, reported=False)}
        updated, notices = outages.update_outages(stored, ["arxiv"], [DOWN], NOW)
        assert updated["arxiv"].reported is reported
        assert bool(notices) is reported


def test_an_outage_is_reported_once():
    updated, notices = outages.update_outages(
        {"arxiv": Outage(SINCE, 3, reported=True)}, ["arxiv"], [DOWN], NOW
    )
    assert (updated, notices) == ({"arxiv": Outage(SINCE, 4, reported=True)}, [])


def test_a_source_that_works_again_is_reported_if_its_failure_was():
    for reported in (True, False):
        stored = {"arxiv": Outage(SINCE, 3, reported=reported)}
        notice = f"arXiv works again after failing since {local(SINCE)}"
        assert outages.update_outages(stored, ["arxiv"], [], NOW) == ({}, [notice] * reported)


def test_a_source_that_was_not_requested_keeps_its_outage():
    stored = {"arxiv": Outage(SINCE, 3, reported=True)}
    assert outages.update_outages(stored, ["huggingface"], [], NOW) == (stored, [])


PROBLEM = DeliveryError("mail", "refused", "it is down", "start it")
FAILING = ChannelStatus(NOW.date(), 2, SINCE, SINCE, "mail: it is down")


def notices_of(status, **more):
    statuses = {"mail": status} if status else {}
    return outages.channel_notices(statuses, [ChannelResult("mail", **more)])


def test_a_channel_that_starts_to_fail_is_reported_with_the_next_step():
    notice = f"mail: {PROBLEM.what}; the next run retries"
    assert notices_of(None, problem=PROBLEM) == [notice, "start it"]
    without_advice = DeliveryError("mail", "refused", "it is down")
    assert notices_of(None, problem=without_advice) == [notice]


def test_a_failing_channel_is_reported_again_only_for_another_reason():
    same = FAILING._replace(problem=PROBLEM.what)
    assert notices_of(same, problem=PROBLEM) == []
    assert notices_of(FAILING._replace(problem="other"), problem=PROBLEM) != []


def test_a_channel_that_works_again_is_reported_once_a_message_was_delivered():
    notice = f"mail works again after failing since {local(SINCE)}"
    assert notices_of(FAILING, messages=1) == [notice]
    assert notices_of(FAILING) == []
    assert notices_of(FAILING._replace(problem=None), messages=1) == []
    assert notices_of(None, messages=1) == []


def test_a_channel_that_delivers_one_message_and_then_fails_as_before_does_not_work_again():
    assert notices_of(FAILING._replace(problem=PROBLEM.what), messages=1, problem=PROBLEM) == []


def test_the_notes_of_a_channel_are_reported_under_its_name():
    assert notices_of(None, notes=("cut short",), messages=1) == ["mail: cut short"]

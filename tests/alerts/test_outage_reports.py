"""What is said of sources and channels that fail, and when."""

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


def test_a_failure_is_kept_with_its_beginning_and_counted():
    after, said = outages.updated_outages({}, ["arxiv"], [DOWN], NOW)
    assert (after, said) == ({"arxiv": Outage(NOW, 1, told=False)}, [])
    after, said = outages.updated_outages(
        {"arxiv": Outage(SINCE, 1, told=False)}, ["arxiv"], [DOWN], NOW
    )
    assert (after, said) == ({"arxiv": Outage(SINCE, 2, told=False)}, [])


def test_the_third_run_in_a_row_says_since_when_and_why():
    after, said = outages.updated_outages(
        {"arxiv": Outage(SINCE, 2, told=False)}, ["arxiv"], [DOWN], NOW
    )
    assert after == {"arxiv": Outage(SINCE, 3, told=True)}
    assert said == [f"arXiv has failed in 3 runs since {local(SINCE)}: no answer"]


def test_a_failure_that_lasts_a_day_is_said_at_its_second_run():
    day = timedelta(days=1)
    for since, told in ((NOW - day, True), (NOW - day + timedelta(seconds=1), False)):
        known = {"arxiv": Outage(since, 1, told=False)}
        after, said = outages.updated_outages(known, ["arxiv"], [DOWN], NOW)
        assert after["arxiv"].told is told
        assert bool(said) is told


def test_what_was_said_is_not_said_again():
    after, said = outages.updated_outages(
        {"arxiv": Outage(SINCE, 3, told=True)}, ["arxiv"], [DOWN], NOW
    )
    assert (after, said) == ({"arxiv": Outage(SINCE, 4, told=True)}, [])


def test_a_source_that_answers_again_is_said_where_its_failure_was():
    for told in (True, False):
        known = {"arxiv": Outage(SINCE, 3, told=told)}
        over = f"arXiv answers again; it had failed since {local(SINCE)}"
        assert outages.updated_outages(known, ["arxiv"], [], NOW) == ({}, [over] * told)


def test_a_source_that_was_not_asked_stays_as_it_was():
    known = {"arxiv": Outage(SINCE, 3, told=True)}
    assert outages.updated_outages(known, ["huggingface"], [], NOW) == (known, [])


PROBLEM = DeliveryError("mail", "refused", "it is down", "start it")
FAILING = ChannelStatus(NOW.date(), 2, SINCE, SINCE, "mail: it is down")


def of_channel(before, **more):
    known = {"mail": before} if before else {}
    return outages.channel_notices(known, [ChannelResult("mail", **more)])


def test_a_channel_that_begins_to_fail_is_said_with_what_to_do():
    said = [f"mail: {PROBLEM.what}; it is kept and tried again"]
    assert of_channel(None, problem=PROBLEM) == [*said, *filter(None, [PROBLEM.next_step])]


def test_a_channel_that_fails_as_before_is_not_said_and_for_another_reason_is():
    same = FAILING._replace(problem=PROBLEM.what)
    assert of_channel(same, problem=PROBLEM) == []
    assert of_channel(FAILING._replace(problem="other"), problem=PROBLEM) != []


def test_a_channel_that_works_again_is_said_once_it_took_a_message():
    over = f"mail takes messages again; it had failed since {local(SINCE)}"
    assert of_channel(FAILING, messages=1) == [over]
    assert of_channel(FAILING) == []
    assert of_channel(FAILING._replace(problem=None), messages=1) == []
    assert of_channel(None, messages=1) == []


def test_a_channel_that_took_one_message_and_then_fails_as_before_does_not_work_again():
    assert of_channel(FAILING._replace(problem=PROBLEM.what), messages=1, problem=PROBLEM) == []


def test_what_a_channel_remarks_is_said_under_its_name():
    assert of_channel(None, notes=("cut short",), messages=1) == ["mail: cut short"]

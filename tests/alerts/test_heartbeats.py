"""Channels that say that there is nothing to deliver (`when_empty: say`)."""

from datetime import date, timedelta

import pytest
from alert_setup import AGENTS, CONFIG, MONDAY, AlertSetup, make_channel

from papertrack.alerts import heartbeat
from papertrack.library.coverage_rows import Coverage
from papertrack.library.outbox import Outbox
from papertrack.models import Failure
from papertrack.tracker import Tracker

WEEK = timedelta(days=6)


@pytest.fixture
def quiet(tmp_path):
    """Alerts with one channel that says so, after the first run."""

    def begin(*channels, **more):
        channels = channels or (make_channel(when_empty="say", **more),)
        alerts = AlertSetup(tmp_path / "library", AGENTS, channels=channels)
        cover(alerts, "complete", 32)
        alerts.run()
        for sender in alerts.senders.values():
            sender.messages.clear()
        return alerts

    return begin


def cover(alerts, state, papers=0):
    """Store the coverage of Hugging Face on the day of the clock."""
    row = Coverage("huggingface", alerts.now.date(), state, alerts.now, papers)
    with alerts.library.transaction():
        alerts.library.save_coverage([row])


def subjects(alerts):
    return [message.subject for message in alerts.sender.messages]


def test_each_run_without_news_says_what_was_looked_at(quiet):
    alerts = quiet()
    alerts.run(*(alerts.paper(number, title="On cats") for number in range(3)))
    assert subjects(alerts) == ["papertrack: quiet: Hugging Face 3 papers, none yours"]
    alerts.run()
    assert len(subjects(alerts)) == 2
    message = alerts.sender.messages[0]
    assert (message.data["data"], message.data["subject"]) == ([], subjects(alerts)[0])
    assert (message.data["part"], message.data["parts"]) == (1, 1)
    assert "none yours" in message.text
    assert "none yours" in message.markdown


def test_a_run_with_news_says_nothing_more(quiet):
    alerts = quiet()
    alerts.run(alerts.paper(1))
    assert [message.data["subject"] for message in alerts.sender.messages] == [
        "papertrack: On agents [agents]"
    ]


def test_other_channels_stay_silent(quiet):
    alerts = quiet(make_channel(), make_channel("other", when_empty="say"))
    alerts.run()
    assert subjects(alerts) == []
    assert len(alerts.senders["other"].messages) == 1


def test_a_daily_channel_says_so_once_a_day_and_names_the_days(quiet):
    alerts = quiet(every="day")
    alerts.run()
    assert subjects(alerts) == []
    alerts.pass_days()
    cover(alerts, "complete")
    for _ in range(3):
        alerts.run(alerts.paper(1, title="On cats"))
    expected = f"papertrack: quiet: Hugging Face 1 paper since {MONDAY}, none yours"
    assert subjects(alerts) == [expected]


def test_a_channel_of_some_days_says_so_only_on_those(quiet):
    alerts = quiet(send_days=("wed",))
    alerts.pass_days()
    alerts.run()
    assert subjects(alerts) == []
    alerts.pass_days()
    alerts.run()
    assert len(subjects(alerts)) == 1


def test_a_weekend_is_named(quiet):
    alerts = quiet()
    alerts.pass_days(5)
    cover(alerts, "quiet")
    alerts.run()
    assert alerts.now.date() == date(2026, 3, 7)
    assert subjects(alerts) == [f"papertrack: quiet: weekend; Hugging Face 0 papers since {MONDAY}"]


@pytest.mark.parametrize("state", ["failed", "partial"])
def test_a_day_that_was_not_fetched_completely_is_not_quiet(quiet, state):
    alerts = quiet()
    cover(alerts, state)
    alerts.run()
    assert subjects(alerts) == [f"papertrack: incomplete: Hugging Face {state}"]


def test_a_source_that_fails_now_is_not_quiet_whatever_is_stored(quiet):
    alerts = quiet()
    alerts.run(failures=(Failure("huggingface", "timeout", "no answer"),))
    assert subjects(alerts) == ["papertrack: incomplete: Hugging Face failed"]


def test_a_source_that_was_never_fetched_is_not_quiet(quiet):
    alerts = quiet()
    alerts.pass_days(30)
    alerts.run()
    assert "incomplete: Hugging Face not fetched" in subjects(alerts)[0]


def test_without_any_source_that_is_said(quiet):
    alerts = quiet()
    tracker = Tracker(alerts.library, (AGENTS,), alerts.now)
    assert heartbeat.sentence(tracker, (), (), MONDAY) == "quiet: no source is enabled"
    since = MONDAY - timedelta(days=9)
    said = heartbeat.sentence(tracker, ("arxiv", "huggingface"), ("arxiv",), since)
    assert said == f"incomplete: arXiv failed, Hugging Face 0 papers since {MONDAY - WEEK}"


def test_a_retry_says_nothing(quiet):
    alerts = quiet()
    alerts.run(ignore_pauses=True)
    assert subjects(alerts) == []


def test_a_message_that_may_have_arrived_is_repeated_with_its_id_and_no_other(quiet):
    alerts = quiet(every="day")
    alerts.pass_days()
    alerts.sender.failure = "unknown"
    alerts.run()
    alerts.sender.failure = None
    alerts.run()
    alerts.run()
    first, second = alerts.sender.messages
    assert (first.id, first.text) == (second.id, second.text)


def test_a_message_that_was_refused_is_replaced_by_the_next_run(quiet):
    alerts = quiet(every="day")
    alerts.pass_days()
    alerts.sender.failure = "refused"
    alerts.run()
    assert alerts.sender.messages == []
    alerts.sender.failure = None
    alerts.run(alerts.paper(1))
    alerts.run()
    assert [message.subject for message in alerts.sender.messages] == [
        "papertrack: On agents [agents]"
    ]


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("arrives", [False, True])
def test_a_run_killed_while_sending_repeats_at_most_that_message(quiet, arrives):
    alerts = quiet(every="day")
    alerts.pass_days()
    send = alerts.sender.send

    def send_and_die(message, seconds):
        if arrives:
            send(message, seconds)
        raise Killed

    alerts.sender.send = send_and_die
    with pytest.raises(Killed):
        alerts.run()
    alerts.sender.send = send
    for _ in range(3):
        alerts.run()
    assert len(alerts.sender.messages) == 1 + arrives
    assert len({message.id for message in alerts.sender.messages}) == 1


def test_a_channel_is_marked_as_sent_to_before_the_message_is_sent(quiet):
    """So a run that is killed just after sending has no successor that sends another."""
    alerts = quiet(every="day")
    alerts.pass_days()
    send, days = alerts.sender.send, []

    def send_and_look(message, seconds):
        days.append(Outbox(alerts.library).channel_statuses()["main"].last_due)
        return send(message, seconds)

    alerts.sender.send = send_and_look
    alerts.run()
    assert days == [alerts.now.date()]


def test_only_papers_count_as_delivered_for_the_exit_code(papertrack, hook):
    papertrack.configure(CONFIG.format(url=hook.url, more=", when_empty: say"))
    papertrack("alert")
    assert papertrack("alert", "--exit-code").code == 1
    assert len(hook.keys) == 2
    dry_run = papertrack("alert", "--dry-run", "-f", "md")
    assert "when_empty: say sends a message" in dry_run.out.replace("\\", "")
    assert len(hook.keys) == 2


@pytest.mark.parametrize("state", ["failed", "partial"])
def test_a_day_before_the_last_message_does_not_make_it_incomplete(quiet, state):
    alerts = quiet(every="day")
    cover(alerts, state)
    alerts.pass_days()
    cover(alerts, "complete")
    alerts.run()
    alerts.pass_days()
    cover(alerts, "complete")
    alerts.run()
    words = [subject.split()[1] for subject in subjects(alerts)]
    assert words == ["incomplete:", "quiet:"]

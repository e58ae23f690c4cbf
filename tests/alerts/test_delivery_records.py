"""What a run keeps of each attempt and of how a channel fares, and the limits of messages."""

from datetime import timedelta

import pytest
from desk import AGENTS, Box, Desk, channel

from papertrack.alerts import alert_run
from papertrack.alerts.alert_run import DEFAULT_CHANNELS, channels_of, dry_run, exclusive_run, retry
from papertrack.alerts.delivery import ChannelResult, DeliveryContext, deliver
from papertrack.config.channels import StdoutChannel
from papertrack.config.records import Config
from papertrack.errors import DeliveryError, LibraryBusy
from papertrack.library.deliveries import ChannelStatus
from papertrack.library.library import Library
from papertrack.library.outbox import Outbox
from papertrack.models import Topic
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import NOT_REFRESHED


@pytest.fixture
def desk(tmp_path):
    """After the first run."""
    desk = Desk(tmp_path / "library", AGENTS)
    desk.run()
    return desk


def outbox(desk):
    return Outbox(desk.library)


def standing(desk):
    return outbox(desk).channel_statuses().get("box")


def attempts(desk):
    return [(one.outcome, one.papers, one.problem) for one in outbox(desk).attempts()]


def delivered(desk, *arriving, **more):
    (only,) = desk.run(*arriving, **more).delivered
    return only


def test_a_delivery_that_was_taken_is_kept_with_its_papers(desk):
    done = delivered(desk, desk.paper(1, upvotes=1), desk.paper(2, upvotes=2))
    ids = ("2603.00002", "2603.00001")
    assert done == ChannelResult("box", 1, ids)
    assert attempts(desk) == [("delivered", ids, None)]
    assert standing(desk) == ChannelStatus(desk.now.date())
    assert not outbox(desk).pending()
    assert not outbox(desk).batches()


def test_what_failed_is_kept_with_since_when_how_often_and_why(desk):
    desk.box.down = "refused"
    first = desk.now
    done = delivered(desk, desk.paper(1))
    what = done.problem.what
    assert (done.messages, done.papers) == (0, ())
    assert attempts(desk) == [("failed", ("2603.00001",), f"refused: {what}")]
    day = (first - timedelta(days=1)).date()
    known = standing(desk)
    assert known._replace(turn=day) == ChannelStatus(day, 1, first, first, what)
    desk.now += timedelta(hours=1)
    delivered(desk)
    assert standing(desk)[1:] == (2, first, desk.now, what)
    assert not outbox(desk).batches()
    assert [one.batch for one in outbox(desk).pending()] == [None]


def test_what_may_have_arrived_keeps_its_message(desk):
    desk.box.down = "unknown"
    done = delivered(desk, desk.paper(1))
    assert attempts(desk) == [("unknown", ("2603.00001",), f"timeout: {done.problem.what}")]
    (batch,) = outbox(desk).batches()
    assert [one.batch for one in outbox(desk).pending()] == [batch.id]


def test_of_several_messages_those_before_the_failure_are_delivered(desk):
    desk.configure(AGENTS, channels=[channel(one_by_one=True)])
    send = desk.box.send

    def once(message, seconds):
        if desk.box.messages:
            raise DeliveryError("box", "refused", "full")
        return send(message, seconds)

    desk.box.send = once
    done = delivered(desk, *(desk.paper(number, upvotes=number) for number in (1, 2, 3)))
    assert (done.messages, done.papers) == (1, ("2603.00003",))
    assert sorted(one.paper_id for one in outbox(desk).pending()) == ["2603.00001", "2603.00002"]
    assert not outbox(desk).batches()
    assert [one[0] for one in attempts(desk)].count("failed") == 1


def test_what_a_channel_remarks_is_told_and_kept(desk):
    desk.box.send = lambda *_: ("cut short", "late")
    ran = desk.run(desk.paper(1))
    assert ran.delivered[0].notes == ("cut short", "late")
    assert ran.notices == ("box: cut short", "box: late")
    assert attempts(desk) == [("delivered", ("2603.00001",), "cut short; late")]


@pytest.mark.parametrize(("left", "seconds"), [(999.0, 60.0), (60.5, 60.0), (7.0, 7.0), (0.5, 0.5)])
def test_a_message_may_take_a_minute_or_what_is_left_of_the_run(desk, left, seconds):
    asked = []
    desk.put(desk.paper(1))
    _queue(desk)
    desk.box.send = lambda _, seconds: asked.append(seconds) or ()
    _deliver(desk, left)
    assert asked == [seconds]


@pytest.mark.parametrize("left", [0.0, -1.0])
def test_when_the_time_of_a_run_is_over_nothing_is_sent(desk, left):
    desk.put(desk.paper(1))
    _queue(desk)
    (done,) = _deliver(desk, left)
    assert done.problem.kind == "timeout"
    assert "the time of this run was over before its turn" in done.problem.what
    assert desk.box.tried == []
    assert len(outbox(desk).pending()) == 1


def _queue(desk):
    desk.box.down = "refused"
    desk.run()
    desk.box.down = None
    desk.box.tried.clear()


def _deliver(desk, left):
    tracker = Tracker(desk.library, desk.config.topics, desk.now)
    context = DeliveryContext(
        tracker, lambda channel: desk.boxes[channel.name], desk.now.date(), lambda: left
    )
    return deliver(context, channels_of(desk.config))


@pytest.mark.parametrize(("count", "messages"), [(50, 1), (51, 2)])
def test_a_mail_has_at_most_fifty_papers_in_full(tmp_path, count, messages):
    desk = Desk(tmp_path / "library", AGENTS)
    desk.run()
    desk.box.wants_html = True
    desk.run(*(desk.paper(number) for number in range(count)))
    assert len(desk.box.messages) == messages
    assert all(one.html for one in desk.box.messages)


def test_a_mail_of_more_papers_by_title_is_one(tmp_path):
    desk = Desk(tmp_path / "library", AGENTS, channels=[channel(at_most=50)])
    desk.run()
    desk.box.wants_html = True
    desk.run(*(desk.paper(number) for number in range(60)))
    assert len(desk.box.messages) == 1


def test_a_message_of_just_the_longest_length_is_not_divided(tmp_path):
    lengths = []
    for less in (0, 1):
        desk = Desk(tmp_path / str(less), AGENTS)
        desk.run()
        if lengths:
            desk.boxes["box"] = Box("box", longest=lengths[0] - less)
        desk.run(desk.paper(1), desk.paper(2))
        (message, *others) = desk.box.messages
        lengths = lengths or [max(len(message.text), len(message.markdown))]
    assert len(others) == 1
    desk = Desk(tmp_path / "just", AGENTS)
    desk.run()
    desk.boxes["box"] = Box("box", longest=lengths[0])
    desk.run(desk.paper(1), desk.paper(2))
    assert len(desk.box.messages) == 1


def test_trending_papers_come_with_news_of_every_run_and_not_alone(tmp_path):
    desk = Desk(tmp_path / "library", AGENTS, channels=[channel(trending=2)])
    desk.run(*(desk.paper(number, title="T", upvotes=number) for number in range(5)))
    desk.run()
    assert desk.box.messages == []
    desk.run(desk.paper(9))
    (message,) = desk.box.messages
    sections = [one["section"] for one in message.data["data"]]
    assert sections == ["new", "trending", "trending"]
    assert desk.box.papers() == ["2603.00009"]


def test_a_daily_channel_that_was_just_configured_sends_no_trending_papers_by_itself(tmp_path):
    desk = Desk(tmp_path / "library", AGENTS, channels=[channel(every="day", trending=2)])
    desk.run(desk.paper(1, title="T", upvotes=5))
    assert desk.box.messages == []
    desk.pass_days()
    desk.run()
    assert len(desk.box.messages) == 1


def test_a_channel_that_cannot_be_reached_is_a_problem_of_it_alone(desk):
    desk.put(desk.paper(1))

    def connect(_):
        raise DeliveryError("box", "configuration", "no password")

    tracker = Tracker(desk.library, desk.config.topics, desk.now)
    context = DeliveryContext(tracker, connect, desk.now.date(), lambda: 60.0)
    ran = alert_run.run(context, desk.config, lambda: (NOT_REFRESHED, ()))
    assert ran.delivered[0].problem.kind == "configuration"
    assert len(outbox(desk).pending()) == 1
    again = retry(context._replace(connect=lambda _: desk.box), desk.config)
    assert again.delivered[0].papers == ("2603.00001",)
    assert (again.started, again.first) == ((), False)
    assert len(again.notices) == 1


def test_a_rehearsal_finds_what_a_run_would_and_changes_nothing(desk):
    desk.put(desk.paper(1), desk.paper(2, ago=3))
    tracker = Tracker(desk.library, desk.config.topics, desk.now)
    for _ in range(2):
        found = dry_run(tracker, desk.config, None)
        assert [(one.channel, one.event, one.paper_id) for one in found] == [
            ("box", "new", "2603.00001")
        ]
    day = (desk.now - timedelta(days=3)).date()
    assert len(dry_run(tracker, desk.config, day)) == 2
    assert len(dry_run(tracker, desk.config, day + timedelta(days=1))) == 1
    assert not outbox(desk).pending()
    _queue(desk)
    assert len(dry_run(tracker, desk.config, None)) == 1


def test_a_rehearsal_before_the_first_run_finds_only_what_is_asked_for(tmp_path):
    desk = Desk(tmp_path / "library", AGENTS)
    desk.put(desk.paper(1))
    tracker = Tracker(desk.library, desk.config.topics, desk.now)
    assert dry_run(tracker, desk.config, None) == []
    assert len(dry_run(tracker, desk.config, desk.now.date())) == 1


def test_without_channels_alerts_go_to_standard_output():
    assert channels_of(Config()) == DEFAULT_CHANNELS
    assert (StdoutChannel(name="stdout", type="stdout"),) == DEFAULT_CHANNELS


def test_a_second_run_at_the_same_time_is_refused_at_once(desk):
    with exclusive_run(desk.library):
        with pytest.raises(LibraryBusy) as caught:
            desk.run()
        assert caught.value.what == "another `papertrack alert` is running"
    desk.run()
    with exclusive_run(Library(None)), exclusive_run(Library(None)):
        pass


@pytest.mark.parametrize(("ago", "new"), [(0, True), (1, True), (2, False)])
def test_what_joins_the_listing_of_the_day_before_the_first_run_is_news(desk, ago, new):
    desk.run(desk.paper(1, ago=ago))
    assert desk.box.papers() == ["2603.00001"] * new


@pytest.mark.parametrize(("days", "papers"), [(0, 0), (1, 0), (2, 1)])
def test_a_muted_topic_is_silent_to_the_end_of_its_last_day(desk, days, papers):
    watches = outbox(desk).watches()
    muted = watches["agents"]._replace(muted=(desk.now + timedelta(days=1)).date())
    with desk.library.transaction():
        outbox(desk).save_watches([muted])
    desk.pass_days(days)
    desk.run(desk.paper(1))
    assert len(desk.box.papers()) == papers


@pytest.mark.parametrize(
    ("more", "fires"),
    [
        ({"version": 2, "updated": timedelta(hours=1)}, True),
        ({"version": 1, "updated": timedelta(hours=1)}, False),
        ({"version": 2, "updated": timedelta(0)}, False),
        ({"version": 2}, False),
    ],
)
def test_a_new_version_is_one_after_the_first_that_came_since(tmp_path, more, fires):
    desk = Desk(tmp_path / "library", AGENTS._replace(when=("new version",)))
    desk.run()
    first = desk.now
    desk.run(desk.paper(1, source="arxiv"))
    if "updated" in more:
        more = more | {"updated": first + more["updated"]}
    desk.now += timedelta(hours=2)
    desk.run(desk.paper(1, source="arxiv", **more))
    assert desk.box.papers() == ["2603.00001"] * fires


@pytest.mark.parametrize(("upvotes", "fires"), [(49, False), (50, True), (51, True)])
def test_a_count_is_reached_by_as_many(tmp_path, upvotes, fires):
    desk = Desk(tmp_path / "library", AGENTS._replace(when=("upvotes >= 50",)))
    desk.run()
    desk.run(desk.paper(1, upvotes=upvotes))
    assert desk.box.papers() == ["2603.00001"] * fires


def test_a_waiting_delivery_takes_in_further_topics_and_a_delivered_one_is_not_repeated(desk):
    desk.box.down = "refused"
    desk.run(desk.paper(1, title="Agents on graphs"))
    desk.configure(AGENTS, Topic("graphs", any=("graph",)))
    desk.run(since=desk.now.date())
    (waiting,) = outbox(desk).pending()
    assert waiting.topics == ("agents", "graphs")
    desk.box.down = None
    desk.run(since=desk.now.date())
    desk.run(since=desk.now.date())
    assert len(desk.box.messages) == 1

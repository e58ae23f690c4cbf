"""The attempts and channel statuses that a run stores, and the limits of messages."""

from datetime import timedelta

import pytest
from alert_setup import AGENTS, AlertSetup, FakeSender, make_channel

from papertrack.alerts import alert_run
from papertrack.alerts.alert_run import DEFAULT_CHANNELS, channels_of, dry_run, exclusive_run, retry
from papertrack.alerts.delivery import ChannelResult, DeliveryContext, deliver
from papertrack.config.channels import StdoutChannel
from papertrack.config.records import Config
from papertrack.errors import DeliveryError, LibraryBusy, LibraryError
from papertrack.library.deliveries import Batch, ChannelStatus
from papertrack.library.library import Library
from papertrack.library.outbox import Outbox
from papertrack.models import Topic
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import NOT_REFRESHED


@pytest.fixture
def alerts(tmp_path):
    """Alerts after their first run."""
    alerts = AlertSetup(tmp_path / "library", AGENTS)
    alerts.run()
    return alerts


def outbox(alerts):
    return Outbox(alerts.library)


def channel_status(alerts):
    return outbox(alerts).channel_statuses().get("main")


def attempts(alerts):
    return [
        (attempt.outcome, attempt.papers, attempt.problem) for attempt in outbox(alerts).attempts()
    ]


def delivery_result(alerts, *fetched, **more):
    (result,) = alerts.run(*fetched, **more).delivered
    return result


def test_a_delivered_message_is_recorded_with_its_papers(alerts):
    result = delivery_result(alerts, alerts.paper(1, upvotes=1), alerts.paper(2, upvotes=2))
    ids = ("2603.00002", "2603.00001")
    assert result == ChannelResult("main", 1, ids)
    assert attempts(alerts) == [("delivered", ids, None)]
    assert channel_status(alerts) == ChannelStatus(alerts.now.date())
    assert not outbox(alerts).pending()
    assert not outbox(alerts).batches()


def test_a_failure_is_recorded_with_start_count_and_reason(alerts):
    alerts.sender.failure = "refused"
    first = alerts.now
    result = delivery_result(alerts, alerts.paper(1))
    what = result.problem.what
    assert (result.messages, result.papers) == (0, ())
    assert attempts(alerts) == [("failed", ("2603.00001",), f"refused: {what}")]
    day = (first - timedelta(days=1)).date()
    status = channel_status(alerts)
    assert status._replace(last_due=day) == ChannelStatus(day, 1, first, first, what)
    alerts.now += timedelta(hours=1)
    delivery_result(alerts)
    assert channel_status(alerts)[1:] == (2, first, alerts.now, what)
    assert not outbox(alerts).batches()
    assert [delivery.batch for delivery in outbox(alerts).pending()] == [None]


def test_a_message_that_may_have_arrived_keeps_its_batch(alerts):
    alerts.sender.failure = "unknown"
    result = delivery_result(alerts, alerts.paper(1))
    assert attempts(alerts) == [("unknown", ("2603.00001",), f"timeout: {result.problem.what}")]
    (batch,) = outbox(alerts).batches()
    assert [delivery.batch for delivery in outbox(alerts).pending()] == [batch.id]


def test_messages_before_a_failure_count_as_delivered(alerts):
    alerts.configure(AGENTS, channels=[make_channel(one_by_one=True)])
    send = alerts.sender.send

    def send_once(message, seconds):
        if alerts.sender.messages:
            raise DeliveryError("main", "refused", "full")
        return send(message, seconds)

    alerts.sender.send = send_once
    result = delivery_result(
        alerts, *(alerts.paper(number, upvotes=number) for number in (1, 2, 3))
    )
    assert (result.messages, result.papers) == (1, ("2603.00003",))
    pending_ids = sorted(delivery.paper_id for delivery in outbox(alerts).pending())
    assert pending_ids == ["2603.00001", "2603.00002"]
    assert not outbox(alerts).batches()
    assert [outcome for outcome, _, _ in attempts(alerts)].count("failed") == 1


def test_the_notes_of_a_channel_are_reported_and_recorded(alerts):
    alerts.sender.send = lambda *_: ("cut short", "late")
    result = alerts.run(alerts.paper(1))
    assert result.delivered[0].notes == ("cut short", "late")
    assert result.notices == ("main: cut short", "main: late")
    assert attempts(alerts) == [("delivered", ("2603.00001",), "cut short; late")]


@pytest.mark.parametrize(("left", "seconds"), [(999.0, 60.0), (60.5, 60.0), (7.0, 7.0), (0.5, 0.5)])
def test_a_message_may_take_a_minute_or_the_time_left_for_the_run(alerts, left, seconds):
    limits = []
    alerts.put(alerts.paper(1))
    _queue_pending(alerts)
    alerts.sender.send = lambda _, seconds: limits.append(seconds) or ()
    _deliver(alerts, left)
    assert limits == [seconds]


@pytest.mark.parametrize("left", [0.0, -1.0])
def test_after_the_deadline_of_a_run_nothing_is_sent(alerts, left):
    alerts.put(alerts.paper(1))
    _queue_pending(alerts)
    (result,) = _deliver(alerts, left)
    assert result.problem.kind == "timeout"
    assert result.problem.what == "not sent: the deadline of the run has passed"
    assert alerts.sender.attempted_ids == []
    assert len(outbox(alerts).pending()) == 1


def _queue_pending(alerts):
    alerts.sender.failure = "refused"
    alerts.run()
    alerts.sender.failure = None
    alerts.sender.attempted_ids.clear()


def _deliver(alerts, left):
    tracker = Tracker(alerts.library, alerts.config.topics, alerts.now)
    context = DeliveryContext(
        tracker, lambda channel: alerts.senders[channel.name], alerts.now.date(), lambda: left
    )
    return deliver(context, channels_of(alerts.config))


@pytest.mark.parametrize(("count", "messages"), [(50, 1), (51, 2)])
def test_a_mail_has_at_most_fifty_papers_in_full(tmp_path, count, messages):
    alerts = AlertSetup(tmp_path / "library", AGENTS)
    alerts.run()
    alerts.sender.wants_html = True
    alerts.run(*(alerts.paper(number) for number in range(count)))
    assert len(alerts.sender.messages) == messages
    assert all(message.html for message in alerts.sender.messages)


def test_a_mail_with_more_papers_by_title_is_not_divided(tmp_path):
    alerts = AlertSetup(tmp_path / "library", AGENTS, channels=[make_channel(at_most=50)])
    alerts.run()
    alerts.sender.wants_html = True
    alerts.run(*(alerts.paper(number) for number in range(60)))
    assert len(alerts.sender.messages) == 1


def test_a_message_of_exactly_the_longest_length_is_not_divided(tmp_path):
    lengths = []
    for less in (0, 1):
        alerts = AlertSetup(tmp_path / str(less), AGENTS)
        alerts.run()
        if lengths:
            alerts.senders["main"] = FakeSender("main", max_length=lengths[0] - less)
        alerts.run(alerts.paper(1), alerts.paper(2))
        (message, *further) = alerts.sender.messages
        lengths = lengths or [max(len(message.text), len(message.markdown))]
    assert len(further) == 1
    alerts = AlertSetup(tmp_path / "just", AGENTS)
    alerts.run()
    alerts.senders["main"] = FakeSender("main", max_length=lengths[0])
    alerts.run(alerts.paper(1), alerts.paper(2))
    assert len(alerts.sender.messages) == 1


def test_a_channel_of_every_run_sends_trending_papers_only_with_news(tmp_path):
    alerts = AlertSetup(tmp_path / "library", AGENTS, channels=[make_channel(trending=2)])
    alerts.run(*(alerts.paper(number, title="T", upvotes=number) for number in range(5)))
    alerts.run()
    assert alerts.sender.messages == []
    alerts.run(alerts.paper(9))
    (message,) = alerts.sender.messages
    sections = [paper["section"] for paper in message.data["data"]]
    assert sections == ["new", "trending", "trending"]
    assert alerts.sender.paper_ids() == ["2603.00009"]


def test_a_new_daily_channel_sends_no_trending_papers_without_news(tmp_path):
    alerts = AlertSetup(
        tmp_path / "library", AGENTS, channels=[make_channel(every="day", trending=2)]
    )
    alerts.run(alerts.paper(1, title="T", upvotes=5))
    assert alerts.sender.messages == []
    alerts.pass_days()
    alerts.run()
    assert len(alerts.sender.messages) == 1


def test_a_channel_without_a_connection_fails_alone_and_can_be_retried(alerts):
    alerts.put(alerts.paper(1))

    def connect(_):
        raise DeliveryError("main", "configuration", "no password")

    tracker = Tracker(alerts.library, alerts.config.topics, alerts.now)
    context = DeliveryContext(tracker, connect, alerts.now.date(), lambda: 60.0)
    result = alert_run.run(context, alerts.config, lambda: (NOT_REFRESHED, ()))
    assert result.delivered[0].problem.kind == "configuration"
    assert len(outbox(alerts).pending()) == 1
    retried = retry(context._replace(connect=lambda _: alerts.sender), alerts.config)
    assert retried.delivered[0].papers == ("2603.00001",)
    assert (retried.started, retried.first) == ((), False)
    assert len(retried.notices) == 1


@pytest.mark.parametrize("error", [ValueError("digest secret"), RecursionError(), KeyError("x")])
@pytest.mark.parametrize("place", ["connect", "send"])
def test_an_exception_that_nobody_foresaw_stops_no_other_channel(tmp_path, error, place):
    channels = [make_channel("broken"), make_channel("main")]
    alerts = AlertSetup(tmp_path / "library", AGENTS, channels=channels)
    alerts.run()
    if place == "send":
        alerts.senders["broken"].send = _raiser(error)
    else:
        alerts.senders = _Senders(alerts.senders, error)
    result = alerts.run(alerts.paper(1))
    broken, main = result.delivered
    assert (broken.problem.kind, broken.messages) == ("unexpected", 0)
    assert broken.problem.what == f"unexpected: {type(error).__name__}, please report"
    assert (main.problem, main.papers) == (None, ("2603.00001",))
    assert outbox(alerts).channel_statuses()["broken"].failures == 1
    recorded = {attempt.channel: attempt for attempt in outbox(alerts).attempts()}
    assert recorded["main"].outcome == "delivered"
    if place == "send":
        assert recorded["broken"].problem == broken.problem.what


def _raiser(error):
    def raise_error(*_):
        raise error

    return raise_error


class _Senders(dict):
    """Senders of which one cannot be made."""

    def __init__(self, senders, error):
        super().__init__(senders)
        self.error = error

    def __getitem__(self, name):
        if name == "broken":
            raise self.error
        return super().__getitem__(name)


def test_a_daily_channel_that_fails_the_first_time_is_due_again_on_the_same_day(tmp_path):
    alerts = AlertSetup(tmp_path / "library", AGENTS, channels=[make_channel(every="day")])
    alerts.run()
    alerts.pass_days()
    alerts.sender.failure = "refused"
    alerts.run(alerts.paper(1))
    alerts.sender.failure = None
    alerts.run()
    assert alerts.sender.paper_ids() == ["2603.00001"]


def test_a_new_daily_channel_that_fails_at_once_is_due_again_on_the_same_day(tmp_path):
    alerts = AlertSetup(tmp_path / "library", AGENTS)
    alerts.run()
    alerts.configure(AGENTS, channels=[make_channel("new", every="day")])
    alerts.senders["new"].failure = "refused"
    alerts.run(alerts.paper(1))
    alerts.senders["new"].failure = None
    alerts.run()
    assert alerts.senders["new"].paper_ids() == ["2603.00001"]


def test_a_channel_with_nothing_to_send_is_not_connected_to(alerts):
    def connect(_):
        raise DeliveryError("main", "configuration", "no password")

    tracker = Tracker(alerts.library, alerts.config.topics, alerts.now)
    context = DeliveryContext(tracker, connect, alerts.now.date(), lambda: 60.0)
    result = alert_run.run(context, alerts.config, lambda: (NOT_REFRESHED, ()))
    assert result.delivered[0].problem is None


def test_a_dry_run_returns_what_a_run_would_deliver_and_changes_nothing(alerts):
    alerts.put(alerts.paper(1), alerts.paper(2, ago=3))
    tracker = Tracker(alerts.library, alerts.config.topics, alerts.now)
    for _ in range(2):
        deliveries = dry_run(tracker, alerts.config, None).deliveries
        assert [(item.channel, item.event, item.paper_id) for item in deliveries] == [
            ("main", "new", "2603.00001")
        ]
    day = (alerts.now - timedelta(days=3)).date()
    assert len(dry_run(tracker, alerts.config, day).deliveries) == 2
    assert len(dry_run(tracker, alerts.config, day + timedelta(days=1)).deliveries) == 1
    assert not outbox(alerts).pending()
    _queue_pending(alerts)
    assert len(dry_run(tracker, alerts.config, None).deliveries) == 1


def test_a_dry_run_before_the_first_run_finds_only_papers_since_the_day(tmp_path):
    alerts = AlertSetup(tmp_path / "library", AGENTS)
    alerts.put(alerts.paper(1))
    tracker = Tracker(alerts.library, alerts.config.topics, alerts.now)
    assert dry_run(tracker, alerts.config, None) == ((), ("agents",), True)
    assert len(dry_run(tracker, alerts.config, alerts.now.date()).deliveries) == 1


def test_without_channels_alerts_go_to_standard_output():
    assert channels_of(Config()) == DEFAULT_CHANNELS
    assert (StdoutChannel(name="stdout", type="stdout"),) == DEFAULT_CHANNELS


def test_a_second_run_at_the_same_time_is_refused_at_once(alerts):
    with exclusive_run(alerts.library):
        with pytest.raises(LibraryBusy) as caught:
            alerts.run()
        assert caught.value.what == "another `papertrack alert` is running"
        assert caught.value.why == f"in {alerts.library.folder}", "no time was waited"
    alerts.run()
    with exclusive_run(Library(None)), exclusive_run(Library(None)):
        pass


def test_a_run_needs_a_folder_and_creates_a_private_one(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"")
    with pytest.raises(LibraryError) as caught, exclusive_run(Library(str(path))):
        pass
    assert caught.value.what == f"cannot write the library at {path}"
    folder = tmp_path / "parent/library"
    with exclusive_run(Library(str(folder))):
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("ago", "new"), [(0, True), (1, True), (2, False)])
def test_papers_added_to_the_listing_of_the_day_before_the_first_run_are_news(alerts, ago, new):
    alerts.run(alerts.paper(1, ago=ago))
    assert alerts.sender.paper_ids() == ["2603.00001"] * new


@pytest.mark.parametrize(("days", "papers"), [(0, 0), (1, 0), (2, 1)])
def test_a_muted_topic_is_silent_until_the_end_of_its_last_day(alerts, days, papers):
    watches = outbox(alerts).watches()
    muted = watches["agents"]._replace(muted=(alerts.now + timedelta(days=1)).date())
    with alerts.library.transaction():
        outbox(alerts).save_watches([muted])
    alerts.pass_days(days)
    alerts.run(alerts.paper(1))
    assert len(alerts.sender.paper_ids()) == papers


@pytest.mark.parametrize(
    ("more", "fires"),
    [
        ({"version": 2, "updated": timedelta(hours=1)}, True),
        ({"version": 1, "updated": timedelta(hours=1)}, False),
        ({"version": 2, "updated": timedelta(0)}, False),
        ({"version": 2}, False),
    ],
)
def test_only_a_later_version_since_the_paper_was_first_seen_is_a_new_version(
    tmp_path, more, fires
):
    alerts = AlertSetup(tmp_path / "library", AGENTS._replace(when=("new version",)))
    alerts.run()
    first = alerts.now
    alerts.run(alerts.paper(1, source="arxiv"))
    if "updated" in more:
        more = more | {"updated": first + more["updated"]}
    alerts.now += timedelta(hours=2)
    alerts.run(alerts.paper(1, source="arxiv", **more))
    assert alerts.sender.paper_ids() == ["2603.00001"] * fires


@pytest.mark.parametrize(("upvotes", "fires"), [(49, False), (50, True), (51, True)])
def test_a_count_event_fires_at_its_number(tmp_path, upvotes, fires):
    alerts = AlertSetup(tmp_path / "library", AGENTS._replace(when=("upvotes >= 50",)))
    alerts.run()
    alerts.run(alerts.paper(1, upvotes=upvotes))
    assert alerts.sender.paper_ids() == ["2603.00001"] * fires


def test_each_paper_since_a_day_is_logged_as_queued(alerts, queued):
    alerts.put(alerts.paper(1), alerts.paper(2))
    alerts.configure(AGENTS, Topic("graphs", any=("graph",)))
    alerts.run(since=alerts.now.date())
    assert queued == alerts.sender.paper_ids() == ["2603.00001", "2603.00002"]


def test_a_pending_delivery_gains_topics_and_a_delivered_paper_is_not_repeated(alerts):
    alerts.sender.failure = "refused"
    alerts.run(alerts.paper(1, title="Agents on graphs"))
    alerts.configure(AGENTS, Topic("graphs", any=("graph",)))
    alerts.run(since=alerts.now.date())
    (pending,) = outbox(alerts).pending()
    assert pending.topics == ("agents", "graphs")
    alerts.sender.failure = None
    alerts.run(since=alerts.now.date())
    alerts.run(since=alerts.now.date())
    assert len(alerts.sender.messages) == 1


def test_a_batch_whose_papers_no_longer_exist_is_finished_without_a_message(alerts):
    with alerts.library.transaction():
        outbox(alerts).add_batches([Batch("id", "main", alerts.now, 1, 1, ("main\tnew\tgone",))])
    assert delivery_result(alerts).papers == ()
    assert alerts.sender.attempted_ids == []
    assert not outbox(alerts).batches()
    assert attempts(alerts) == [("delivered", (), None)]

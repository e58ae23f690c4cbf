"""Runs of alerts deliver everything new once and nothing old, even after failures and pauses."""

from datetime import timedelta

import pytest
from alert_setup import AGENTS, AlertSetup, make_channel

from papertrack.library.archive import restore, write_backup
from papertrack.matching.matcher import Matcher
from papertrack.models import Failure, Topic
from papertrack.tracker import Tracker
from papertrack.tracker.papers import Selection, list_papers


@pytest.fixture
def new_alerts(tmp_path):
    """Alerts before their first run."""
    return AlertSetup(tmp_path / "library", AGENTS)


@pytest.fixture
def alerts(new_alerts):
    """Alerts after their first run."""
    new_alerts.run()
    return new_alerts


def test_the_first_run_delivers_nothing_and_names_the_watched_topics(new_alerts):
    new_alerts.put(new_alerts.paper(1))
    result = new_alerts.run(new_alerts.paper(2), new_alerts.paper(3, ago=1))
    assert result.first
    assert result.started == ("agents",)
    assert new_alerts.run().started == ()
    assert new_alerts.sender.messages == []


def test_a_new_paper_is_delivered_once_and_only_if_it_matches(alerts):
    alerts.run(alerts.paper(1), alerts.paper(2, title="On graphs"))
    assert alerts.sender.paper_ids() == ["2603.00001"]
    alerts.run()
    alerts.pass_days()
    alerts.run(alerts.paper(1, upvotes=50), alerts.paper(3))
    assert alerts.sender.paper_ids() == ["2603.00001", "2603.00003"]


def test_papers_stored_by_other_commands_since_the_last_run_are_delivered(alerts):
    alerts.put(alerts.paper(1))
    alerts.run()
    assert alerts.sender.paper_ids() == ["2603.00001"]


def test_missed_days_are_delivered_completely_and_backfilled_older_days_are_not(alerts):
    alerts.pass_days(8)
    alerts.run(*(alerts.paper(number, ago=8 - number) for number in range(9)))
    assert sorted(alerts.sender.paper_ids()) == [f"2603.{number:05}" for number in range(9)]
    alerts.run(alerts.paper(20, ago=40))
    assert len(alerts.sender.paper_ids()) == 9


def test_a_clock_set_back_or_far_ahead_loses_and_repeats_nothing(alerts):
    alerts.pass_days(4000)
    alerts.run(alerts.paper(1))
    alerts.pass_days(-4003)
    alerts.run(alerts.paper(2, ago=-3))
    alerts.pass_days(3)
    alerts.run(alerts.paper(1), alerts.paper(2), alerts.paper(3))
    assert sorted(alerts.sender.paper_ids()) == ["2603.00001", "2603.00002", "2603.00003"]


def test_a_new_topic_is_announced_and_delivers_only_later_papers(alerts):
    alerts.put(alerts.paper(1, title="On graphs"))
    alerts.run()
    alerts.configure(AGENTS, Topic("graphs", any=("graph",)))
    assert alerts.run().started == ("graphs",)
    assert alerts.sender.messages == []
    alerts.run(alerts.paper(2, title="On graphs again"))
    assert alerts.sender.paper_ids() == ["2603.00002"]


def test_a_changed_topic_delivers_later_papers_and_those_its_old_rule_matched(alerts):
    alerts.put(alerts.paper(1))
    alerts.put(alerts.paper(2, title="On planning"))
    alerts.configure(AGENTS._replace(any=("planning",)))
    assert alerts.run(alerts.paper(3, title="Planning ahead")).started == ("agents",)
    assert sorted(alerts.sender.paper_ids()) == ["2603.00001", "2603.00003"]


def test_a_topic_changed_after_missed_days_loses_none_of_their_papers(alerts):
    alerts.run(alerts.paper(0))
    alerts.pass_days(8)
    alerts.configure(AGENTS._replace(any=("agent", "planning")))
    alerts.run(*(alerts.paper(number, ago=8 - number) for number in range(9)))
    assert sorted(alerts.sender.paper_ids()) == [f"2603.{number:05}" for number in range(9)]
    alerts.run(alerts.paper(20, ago=40))
    assert len(alerts.sender.paper_ids()) == 9


def test_since_delivers_stored_papers_from_a_day_on_once(new_alerts):
    papers = [new_alerts.paper(number, ago=number) for number in range(6)]
    new_alerts.run(*papers, since=(new_alerts.now - timedelta(days=3)).date())
    new_alerts.run(since=(new_alerts.now - timedelta(days=3)).date())
    assert sorted(new_alerts.sender.paper_ids()) == [f"2603.{number:05}" for number in range(4)]


def test_a_paper_of_three_topics_is_delivered_once_with_three_names(tmp_path):
    topics = [Topic(name, any=(name,)) for name in ("agents", "graphs", "planning")]
    alerts = AlertSetup(tmp_path / "library", *topics)
    alerts.run()
    alerts.run(alerts.paper(1, title="Agents planning on graphs"))
    (message,) = alerts.sender.messages
    (paper,) = message.data["data"]
    assert [topic["name"] for topic in paper["topics"]] == ["agents", "graphs", "planning"]


def test_a_removed_topic_delivers_nothing_more(alerts):
    alerts.put(alerts.paper(1))
    alerts.configure()
    alerts.run()
    assert alerts.sender.messages == []


def test_hidden_papers_and_revisions_are_not_news(alerts):
    paper = alerts.paper(1)
    alerts.put(paper)
    alerts.library.change_states([paper.paper.id], lambda _, state: state._replace(hidden=True))
    revised = alerts.paper(2, source="arxiv")
    alerts.run(revised._replace(listed=revised.listed._replace(kind="revised")))
    assert alerts.sender.messages == []


def test_a_channel_gets_the_topics_it_subscribes_to(tmp_path):
    graphs = Topic("graphs", any=("graph",))
    subscriptions = {"all": (), "some": ("graphs",), "no": ("none",)}
    channels = [make_channel(name, topics=topics) for name, topics in subscriptions.items()]
    alerts = AlertSetup(tmp_path / "library", AGENTS, graphs, channels=channels)
    alerts.run()
    alerts.run(alerts.paper(1), alerts.paper(2, title="Graphs"))
    assert {name: sorted(sender.paper_ids()) for name, sender in alerts.senders.items()} == {
        "all": ["2603.00001", "2603.00002"],
        "some": ["2603.00002"],
        "no": [],
    }


def test_a_failing_channel_stops_no_other_and_catches_up_in_one_digest(tmp_path):
    alerts = AlertSetup(
        tmp_path / "library", AGENTS, channels=(make_channel("dead"), make_channel("main"))
    )
    alerts.run()
    alerts.senders["dead"].failure = "refused"
    notices = []
    for number in range(7):
        alerts.pass_days()
        notices.append(alerts.run(alerts.paper(number)).notices)
    assert len(alerts.sender.messages) == 7
    assert [bool(lines) for lines in notices] == [True, *[False] * 6]
    alerts.senders["dead"].failure = None
    alerts.pass_days()
    (recovered,) = alerts.run().notices
    assert "dead works again" in recovered
    (digest,) = alerts.senders["dead"].messages
    assert sorted(alerts.senders["dead"].paper_ids()) == sorted(alerts.sender.paper_ids())
    assert "7 papers" in digest.subject


def test_a_channel_works_again_only_once_a_message_was_delivered(alerts):
    alerts.sender.failure = "refused"
    alerts.run(alerts.paper(1))
    alerts.configure(AGENTS, channels=(make_channel(send_days=("wed",)),))
    assert alerts.run().notices == ()
    alerts.pass_days(2)
    alerts.sender.failure = None
    (recovered,) = alerts.run().notices
    assert "works again" in recovered


def test_a_message_that_may_have_arrived_is_repeated_unchanged_with_its_id(alerts):
    alerts.sender.failure = "unknown"
    alerts.run(alerts.paper(1))
    alerts.pass_days()
    alerts.sender.failure = None
    alerts.run(alerts.paper(2))
    first, repeated, other = alerts.sender.messages
    assert (first.id, first.subject) == (repeated.id, repeated.subject)
    assert other.id != first.id
    assert alerts.sender.paper_ids() == ["2603.00001", "2603.00001", "2603.00002"]
    alerts.run()
    assert len(alerts.sender.messages) == 3


def test_a_channel_that_keeps_failing_is_paused_once_the_clock_advances(alerts):
    alerts.sender.failure = "refused"
    for number in range(14):
        assert not alerts.run(alerts.paper(number)).delivered[0].paused
    alerts.now += timedelta(minutes=1)
    assert alerts.run().delivered[0].paused
    assert len(alerts.sender.attempted_ids) == 14
    alerts.run(ignore_pauses=True)
    assert len(alerts.sender.attempted_ids) == 15
    alerts.sender.failure = None
    alerts.now += timedelta(hours=1)
    alerts.run()
    assert len(set(alerts.sender.paper_ids())) == 14


def test_an_outage_is_reported_when_it_lasts_and_when_it_is_over(alerts):
    failing = {"failures": (Failure("arxiv", "timeout", "no answer"),), "requested": ("arxiv",)}
    notice_counts = []
    for _ in range(5):
        alerts.now += timedelta(minutes=10)
        notice_counts.append(len(alerts.run(**failing).notices))
    assert notice_counts == [0, 0, 1, 0, 0]
    assert alerts.run().notices == ()
    (recovered,) = alerts.run(requested=("arxiv",)).notices
    assert "works again" in recovered
    assert alerts.run(**failing).notices == ()
    alerts.pass_days()
    (lasting,) = alerts.run(**failing).notices
    assert "no answer" in lasting


def test_a_restored_library_repeats_nothing(alerts, tmp_path):
    alerts.run(alerts.paper(1))
    write_backup(alerts.library, str(tmp_path / "all.zip"), alerts.now, lambda *_: None)
    restore(alerts.library, str(tmp_path / "all.zip"))
    alerts.run(alerts.paper(2))
    assert alerts.sender.paper_ids() == ["2603.00001", "2603.00002"]


def test_alerts_deliver_exactly_the_matches_of_list_and_why(tmp_path):
    titles = ("On agents", "Multi agent planning", "Reagents", "Real estate agents", "An agnet")
    topic = AGENTS._replace(none=("real estate agent",), when=("new",))
    alerts = AlertSetup(tmp_path / "library", topic)
    alerts.put(*(alerts.paper(number, title=title) for number, title in enumerate(titles * 4)))
    alerts.run(since=alerts.now.date())
    tracker = Tracker(alerts.library, (topic,), alerts.now)
    report = list_papers(tracker, Selection(topic="agents", everything=True))
    listed = {entry.paper.id for entry in report.sections[0].entries}
    explained = {
        entry.paper.id
        for entry in alerts.library.all_entries()
        if any(verdict.matched for verdict in Matcher([topic]).explain(entry.paper))
    }
    assert set(alerts.sender.paper_ids()) == listed == explained
    assert len(alerts.sender.paper_ids()) == len(explained)

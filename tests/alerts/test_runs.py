"""What a run of alerts delivers: everything new once, nothing old, whatever the days bring."""

from datetime import timedelta

import pytest
from desk import AGENTS, Desk, channel

from papertrack.library.archive import restore, write_backup
from papertrack.matching.matcher import Matcher
from papertrack.models import Failure, Topic
from papertrack.tracker import Tracker
from papertrack.tracker.papers import Selection, list_papers


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "library", AGENTS)


@pytest.fixture
def begun(desk):
    """After the first run."""
    desk.run()
    return desk


def test_the_first_run_delivers_nothing_old_and_names_what_it_watches(desk):
    desk.put(desk.paper(1))
    ran = desk.run(desk.paper(2), desk.paper(3, ago=1))
    assert ran.first
    assert ran.started == ("agents",)
    assert desk.run().started == ()
    assert desk.box.messages == []


def test_what_is_new_comes_once_and_what_does_not_match_never(begun):
    begun.run(begun.paper(1), begun.paper(2, title="On graphs"))
    assert begun.box.papers() == ["2603.00001"]
    begun.run()
    begun.pass_days()
    begun.run(begun.paper(1, upvotes=50), begun.paper(3))
    assert begun.box.papers() == ["2603.00001", "2603.00003"]


def test_what_another_command_stored_since_the_last_run_is_delivered(begun):
    begun.put(begun.paper(1))
    begun.run()
    assert begun.box.papers() == ["2603.00001"]


def test_days_slept_through_are_delivered_whole_and_a_back_fill_of_older_ones_is_not(begun):
    begun.pass_days(8)
    begun.run(*(begun.paper(number, ago=8 - number) for number in range(9)))
    assert sorted(begun.box.papers()) == [f"2603.{number:05}" for number in range(9)]
    begun.run(begun.paper(20, ago=40))
    assert len(begun.box.papers()) == 9


def test_a_clock_set_back_or_far_ahead_loses_and_repeats_nothing(begun):
    begun.pass_days(4000)
    begun.run(begun.paper(1))
    begun.pass_days(-4003)
    begun.run(begun.paper(2, ago=-3))
    begun.pass_days(3)
    begun.run(begun.paper(1), begun.paper(2), begun.paper(3))
    assert sorted(begun.box.papers()) == ["2603.00001", "2603.00002", "2603.00003"]


def test_a_new_topic_begins_quietly_and_says_so(begun):
    begun.put(begun.paper(1, title="On graphs"))
    begun.run()
    begun.configure(AGENTS, Topic("graphs", any=("graph",)))
    assert begun.run().started == ("graphs",)
    assert begun.box.messages == []
    begun.run(begun.paper(2, title="On graphs again"))
    assert begun.box.papers() == ["2603.00002"]


def test_a_changed_topic_begins_quietly_but_loses_nothing_of_what_came_before(begun):
    begun.put(begun.paper(1))
    begun.put(begun.paper(2, title="On planning"))
    begun.configure(AGENTS._replace(any=("planning",)))
    assert begun.run(begun.paper(3, title="Planning ahead")).started == ("agents",)
    assert sorted(begun.box.papers()) == ["2603.00001", "2603.00003"]


def test_a_topic_changed_after_days_slept_through_loses_none_of_them(begun):
    begun.run(begun.paper(0))
    begun.pass_days(8)
    begun.configure(AGENTS._replace(any=("agent", "planning")))
    begun.run(*(begun.paper(number, ago=8 - number) for number in range(9)))
    assert sorted(begun.box.papers()) == [f"2603.{number:05}" for number in range(9)]
    begun.run(begun.paper(20, ago=40))
    assert len(begun.box.papers()) == 9


def test_since_delivers_what_is_stored_from_a_day_on_once(desk):
    papers = [desk.paper(number, ago=number) for number in range(6)]
    desk.run(*papers, since=(desk.now - timedelta(days=3)).date())
    desk.run(since=(desk.now - timedelta(days=3)).date())
    assert sorted(desk.box.papers()) == [f"2603.{number:05}" for number in range(4)]


def test_a_paper_of_three_topics_comes_once_with_three_names(tmp_path):
    topics = [Topic(name, any=(name,)) for name in ("agents", "graphs", "planning")]
    desk = Desk(tmp_path / "library", *topics)
    desk.run()
    desk.run(desk.paper(1, title="Agents planning on graphs"))
    (message,) = desk.box.messages
    (paper,) = message.data["data"]
    assert [one["name"] for one in paper["topics"]] == ["agents", "graphs", "planning"]


def test_a_topic_taken_away_delivers_nothing_more(begun):
    begun.put(begun.paper(1))
    begun.configure()
    begun.run()
    assert begun.box.messages == []


def test_a_hidden_paper_and_a_mere_revision_are_no_news(begun):
    paper = begun.paper(1)
    begun.put(paper)
    begun.library.change_states([paper.paper.id], lambda _, state: state._replace(hidden=True))
    revised = begun.paper(2, source="arxiv")
    begun.run(revised._replace(listed=revised.listed._replace(kind="revised")))
    assert begun.box.messages == []


def test_a_channel_gets_the_topics_it_asks_for(tmp_path):
    graphs = Topic("graphs", any=("graph",))
    wanted = {"all": (), "some": ("graphs",), "no": ("none",)}
    channels = [channel(name, topics=topics) for name, topics in wanted.items()]
    desk = Desk(tmp_path / "library", AGENTS, graphs, channels=channels)
    desk.run()
    desk.run(desk.paper(1), desk.paper(2, title="Graphs"))
    assert {name: sorted(box.papers()) for name, box in desk.boxes.items()} == {
        "all": ["2603.00001", "2603.00002"],
        "some": ["2603.00002"],
        "no": [],
    }


def test_a_dead_channel_stops_no_other_and_catches_up_in_one_digest(tmp_path):
    desk = Desk(tmp_path / "library", AGENTS, channels=(channel("dead"), channel("box")))
    desk.run()
    desk.boxes["dead"].down = "refused"
    said = []
    for number in range(7):
        desk.pass_days()
        said.append(desk.run(desk.paper(number)).notices)
    assert len(desk.box.messages) == 7
    assert [bool(one) for one in said] == [True, *[False] * 6]
    desk.boxes["dead"].down = None
    desk.pass_days()
    (recovered,) = desk.run().notices
    assert "dead takes messages again" in recovered
    (digest,) = desk.boxes["dead"].messages
    assert sorted(desk.boxes["dead"].papers()) == sorted(desk.box.papers())
    assert "7 papers" in digest.subject


def test_a_failure_is_over_when_a_message_was_taken_and_not_before(begun):
    begun.box.down = "refused"
    begun.run(begun.paper(1))
    begun.configure(AGENTS, channels=(channel(send_days=("wed",)),))
    assert begun.run().notices == ()
    begun.pass_days(2)
    begun.box.down = None
    (recovered,) = begun.run().notices
    assert "takes messages again" in recovered


def test_a_message_that_may_have_arrived_is_sent_again_with_its_id_alone(begun):
    begun.box.down = "unknown"
    begun.run(begun.paper(1))
    begun.pass_days()
    begun.box.down = None
    begun.run(begun.paper(2))
    first, again, other = begun.box.messages
    assert (first.id, first.subject) == (again.id, again.subject)
    assert other.id != first.id
    assert begun.box.papers() == ["2603.00001", "2603.00001", "2603.00002"]
    begun.run()
    assert len(begun.box.messages) == 3


def test_a_channel_that_fails_for_long_rests_a_while_unless_the_clock_stands(begun):
    begun.box.down = "refused"
    for number in range(14):
        assert not begun.run(begun.paper(number)).delivered[0].paused
    begun.now += timedelta(minutes=1)
    assert begun.run().delivered[0].paused
    assert len(begun.box.tried) == 14
    begun.run(anyway=True)
    assert len(begun.box.tried) == 15
    begun.box.down = None
    begun.now += timedelta(hours=1)
    begun.run()
    assert len(set(begun.box.papers())) == 14


def test_an_outage_is_told_when_it_lasts_and_when_it_is_over(begun):
    down = {"failures": (Failure("arxiv", "timeout", "no answer"),), "asked": ("arxiv",)}
    said = []
    for _ in range(5):
        begun.now += timedelta(minutes=10)
        said.append(len(begun.run(**down).notices))
    assert said == [0, 0, 1, 0, 0]
    assert begun.run().notices == ()
    (over,) = begun.run(asked=("arxiv",)).notices
    assert "answers again" in over
    assert begun.run(**down).notices == ()
    begun.pass_days()
    (lasting,) = begun.run(**down).notices
    assert "no answer" in lasting


def test_a_restored_library_repeats_nothing(begun, tmp_path):
    begun.run(begun.paper(1))
    write_backup(begun.library, str(tmp_path / "all.zip"), begun.now, lambda *_: None)
    restore(begun.library, str(tmp_path / "all.zip"))
    begun.run(begun.paper(2))
    assert begun.box.papers() == ["2603.00001", "2603.00002"]


def test_alerts_deliver_just_what_list_and_why_call_matches(tmp_path):
    titles = ("On agents", "Multi agent planning", "Reagents", "Real estate agents", "An agnet")
    topic = AGENTS._replace(none=("real estate agent",), when=("new",))
    desk = Desk(tmp_path / "library", topic)
    desk.put(*(desk.paper(number, title=title) for number, title in enumerate(titles * 4)))
    desk.run(since=desk.now.date())
    tracker = Tracker(desk.library, (topic,), desk.now)
    matched = list_papers(tracker, Selection(topic="agents", everything=True)).sections[0].entries
    explained = {
        entry.paper.id
        for entry in desk.library.all_entries()
        if any(one.matched for one in Matcher([topic]).explain(entry.paper))
    }
    assert set(desk.box.papers()) == {entry.paper.id for entry in matched} == explained
    assert len(desk.box.papers()) == len(explained)

"""The topic "for you" of channels: the best new papers by the ranking, a few a day, each once."""

from datetime import timedelta

import pytest
from alert_setup import AGENTS, AlertSetup, make_channel
from invented import sighting

from papertrack.alerts.alert_run import dry_run
from papertrack.config.records import Alerts
from papertrack.library.deliveries import FOR_YOU_RULE
from papertrack.library.outbox import Outbox
from papertrack.models import Topic
from papertrack.tracker import Tracker
from papertrack.tracker.recommending import rank_recent

SUBJECTS = ("wet soil microbes", "qubits in cold cavities", "older legal precedents")
PER_DAY = 2


class Reader(AlertSetup):
    """A reader with ten starred papers of soil."""

    def __init__(self, folder, *topics, channels, stars=10):
        super().__init__(folder, *topics, channels=channels)
        self.config = self.config._replace(alerts=Alerts(channels=tuple(channels), for_you=PER_DAY))
        starred = [self.of(number, ago=9) for number in range(0, 3 * stars, 3)]
        self.put(*starred, *(self.of(number, ago=9) for number in range(1, 30, 3)))
        self.library.change_states(
            [item.paper.id for item in starred], lambda _, state: state._replace(starred=True)
        )
        self.run()

    def of(self, number, ago=0):
        """A paper; those whose number can be divided by three are of soil."""
        day, subject = (self.now - timedelta(days=ago)).date(), SUBJECTS[number % 3]
        item = sighting(f"2603.{number:05}", title=subject, day=day, at=self.now)
        abstract = f"{subject} near place{number}"
        return item._replace(paper=item.paper._replace(abstract=abstract))


@pytest.fixture
def reader(tmp_path):
    return Reader(tmp_path, channels=[make_channel(topics=("for you",))])


def test_the_best_papers_of_a_day_are_sent_and_no_more(reader):
    reader.run(*(reader.of(number) for number in range(40, 52)))
    sent = reader.sender.paper_ids()
    assert len(sent) == PER_DAY
    assert all(int(paper_id[5:]) % 3 == 0 for paper_id in sent)
    assert reader.sender.messages[0].subject == "papertrack: 2 papers for you"
    reader.run()
    assert len(reader.sender.paper_ids()) == PER_DAY


def test_the_next_day_sends_others_and_none_twice(reader):
    papers = [reader.of(number) for number in range(40, 52)]
    reader.run(*papers)
    reader.pass_days()
    reader.run(*papers)
    reader.pass_days()
    reader.run()
    sent = reader.sender.paper_ids()
    assert len(sent) == len(set(sent)) == 4
    assert {int(paper_id[5:]) for paper_id in sent} == {42, 45, 48, 51}


def test_a_failed_delivery_is_sent_by_the_next_run_and_counts_once(reader):
    reader.sender.failure = "refused"
    reader.run(*(reader.of(number) for number in range(40, 52)))
    reader.sender.failure = None
    reader.run()
    assert len(reader.sender.paper_ids()) == PER_DAY


def test_each_recommended_paper_is_logged_as_queued(reader, queued):
    reader.run(*(reader.of(number) for number in range(40, 52)))
    assert queued == reader.sender.paper_ids()


def test_the_message_has_the_reasons(reader):
    reader.run(reader.of(42))
    (message,) = reader.sender.messages
    assert "for you" in message.text
    assert "like 2603.00000" in " ".join(message.text.split())
    assert "like 2603.00000" in message.markdown


def test_a_dry_run_returns_recommended_papers_beside_the_news(tmp_path):
    channel = make_channel(topics=("law", "for you"))
    reader = Reader(tmp_path, Topic("law", any=("legal",)), channels=[channel])
    reader.put(*(reader.of(number) for number in (42, 45, 48, 50)))
    tracker = Tracker(reader.library, reader.config.topics, reader.now)
    rank_recent(tracker)
    deliveries = dry_run(tracker, reader.config, None).deliveries
    sent = sorted((item.paper_id, *item.topics) for item in deliveries)
    assert [topic for _, topic in sent] == [FOR_YOU_RULE, FOR_YOU_RULE, "law"]
    assert sent[-1] == ("2603.00050", "law")


def test_channels_that_do_not_name_it_get_no_recommended_papers(tmp_path):
    channels = [make_channel(topics=("for you",)), make_channel("other")]
    reader = Reader(tmp_path, channels=channels)
    reader.run(reader.of(42))
    assert reader.sender.paper_ids() == ["2603.00042"]
    assert reader.senders["other"].paper_ids() == []


def test_a_paper_that_matches_a_topic_of_the_channel_takes_no_place(tmp_path):
    soil = Topic("soil", any=("place42",))
    reader = Reader(tmp_path, soil, channels=[make_channel(topics=("soil", "for you"))])
    reader.run(*(reader.of(number) for number in (42, 45, 48)))
    assert set(reader.sender.paper_ids()) == {"2603.00042", "2603.00045", "2603.00048"}
    assert reader.sender.messages[0].subject == "papertrack: 3 papers for soil, for you"


def test_with_nine_stars_nothing_is_sent(tmp_path):
    reader = Reader(tmp_path, channels=[make_channel(topics=("for you",))], stars=9)
    reader.run(reader.of(42))
    assert reader.sender.messages == []


def test_nothing_is_sent_while_it_is_muted(reader):
    outbox = Outbox(reader.library)
    until = (reader.now + timedelta(days=1)).date()
    with reader.library.transaction():
        outbox.save_watches(watch._replace(muted=until) for watch in outbox.watches().values())
    reader.run(reader.of(42))
    assert reader.sender.messages == []
    reader.pass_days(2)
    reader.run(reader.of(45))
    assert "2603.00045" in reader.sender.paper_ids()


def test_a_topic_of_that_name_takes_precedence(tmp_path):
    named = AGENTS._replace(name="For You")
    reader = Reader(tmp_path, named, channels=[make_channel(topics=("for you",))])
    reader.run(reader.of(42), reader.paper(90))
    assert reader.sender.paper_ids() == ["2603.00090"]

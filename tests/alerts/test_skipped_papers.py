"""The log has a reason for each paper that is not delivered."""

from collections import defaultdict

import pytest
from alert_setup import AGENTS, AlertSetup, make_channel

from papertrack import log
from papertrack.models import Topic


class _Skips:
    """A log that keeps the reasons, with the events and papers that they concern."""

    def __init__(self):
        self.facts = []

    def write(self, _level, name, facts, _error=None):
        if name == "skip":
            self.facts.append(facts)

    def hide(self, *_secrets):
        """No fact of a skipped paper is secret."""

    def take(self):
        """The reasons since the last call, each with the numbers of papers.

        The key of a reason begins with the channel or the topic, and the event.
        """
        reasons = defaultdict(set)
        for facts in self.facts:
            assert facts["papers"] == len(facts["ids"])
            concerned = facts.get("channel") or facts["topic"]
            numbers = {int(paper_id[-5:]) for paper_id in facts["ids"]}
            reasons[concerned, facts["event"], facts["reason"]] |= numbers
        self.facts.clear()
        return dict(reasons)


@pytest.fixture
def skips():
    recorder = _Skips()
    log.enable(recorder)
    yield recorder
    log.disable()


def test_each_reason_against_the_event_of_a_topic_is_logged(tmp_path, skips):
    topic = AGENTS._replace(when=("new", "code appears"))
    alerts = AlertSetup(tmp_path / "library", topic)
    alerts.put(alerts.paper(1), alerts.paper(2, code_url="https://github.com/o/r"))
    alerts.run()
    skips.take()
    hidden, crossed = alerts.paper(3), alerts.paper(4, source="arxiv")
    alerts.put(hidden, crossed._replace(listed=crossed.listed._replace(kind="cross")))
    alerts.library.change_states([hidden.paper.id], lambda _, state: state._replace(hidden=True))
    alerts.run(alerts.paper(5, ago=1), alerts.paper(6, ago=2))
    assert alerts.sender.paper_ids() == ["2603.00005"]
    assert skips.take() == {
        ("agents", "new", "stored before the topic was watched"): {1, 2},
        ("agents", "new", "hidden"): {3},
        ("agents", "new", "not listed as new"): {4},
        ("agents", "new", "listed before the topic was watched"): {6},
        ("agents", "code appears", "has not happened"): {1, 4, 5, 6},
        ("agents", "code appears", "stored before the topic was watched"): {2},
        ("agents", "code appears", "hidden"): {3},
    }


def test_each_reason_against_the_queue_of_a_channel_is_logged(tmp_path, skips):
    channels = make_channel(), make_channel("graphs", topics=("graphs",))
    graphs = Topic("graphs", any=("graph",))
    alerts = AlertSetup(tmp_path / "library", AGENTS, graphs, channels=channels)
    alerts.run()
    alerts.senders["graphs"].failure = "refused"
    alerts.run(alerts.paper(1), alerts.paper(2, title="On graphs"))
    skips.take()
    alerts.run(alerts.paper(3, title="On dolls"))
    assert skips.take() == {
        ("main", "new", "already delivered"): {1, 2},
        ("graphs", "new", "the channel does not deliver the topic"): {1},
        ("graphs", "new", "already queued"): {2},
    }


@pytest.mark.parametrize(("ago", "reasons"), [(30, set()), (31, {"related, but listed long ago"})])
def test_a_related_paper_is_news_for_thirty_days(tmp_path, skips, ago, reasons):
    topic = Topic("graphs", any=("graph network",), breadth="related")
    alerts = AlertSetup(tmp_path / "library", topic)
    words = ("nodes", "edges", "vertices", "hops", "spectral")
    alerts.put(
        *(
            alerts.paper(number, title="Graph network", abstract=" ".join(words[number % 5 :]))
            for number in range(30)
        ),
        *(
            alerts.paper(number, title="Other", abstract=f"other{number % 7} other{number % 11}")
            for number in range(30, 120)
        ),
    )
    alerts.run()
    alerts.pass_days(90)
    skips.take()
    alerts.run(alerts.paper(200, title="Related", abstract=" ".join(words), ago=ago))
    assert {reason for _, _, reason in skips.take()} == reasons
    assert alerts.sender.paper_ids() == ([] if reasons else ["2603.00200"])

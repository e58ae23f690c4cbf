"""Alerts deliver papers that are related to a topic with `breadth: related`, after its matches."""

from datetime import timedelta
from random import Random

import pytest
from alert_setup import MONDAY, AlertSetup

from papertrack.alerts.alert_run import dry_run
from papertrack.models import Topic
from papertrack.tracker import Tracker

GRAPHS = Topic("graphs", any=("graph network",), breadth="related")
_NEAR = ["nodes", "edges", "vertices", "adjacency", "spectral", "laplacian", "subgraph", "hops"]
_OTHERS = [f"other{number}" for number in range(60)]


def _abstract(random, beginning, words):
    return f"{beginning} {', '.join(random.sample(words, 5))}."


@pytest.fixture
def alerts(tmp_path):
    """A topic with 30 stored papers among 180, watched since the first run."""
    random = Random(7)
    alerts = AlertSetup(tmp_path / "library", GRAPHS, Topic("logic", any=("logic",)))
    alerts.put(
        *(
            alerts.paper(
                number,
                title=f"N{number}",
                abstract=_abstract(random, "Graph network.", _NEAR)
                if number < 30
                else _abstract(random, "A text.", _OTHERS),
            )
            for number in range(180)
        ),
        alerts.paper(998, title="Old", abstract=_abstract(random, "Nothing.", _NEAR)),
    )
    alerts.run()
    assert alerts.sender.messages == []
    alerts.pass_days()
    return alerts


def _news(alerts):
    random = Random(8)
    near = _abstract(random, "A text.", _NEAR)
    return (
        alerts.paper(201, title="Related", abstract=near, upvotes=90),
        alerts.paper(202, title="Matching", abstract="On a graph network."),
        alerts.paper(203, title="Neither", abstract=_abstract(random, "A text.", _OTHERS)),
        alerts.paper(204, title="Both", abstract=f"Logic. {near}"),
    )


def test_related_papers_are_delivered_once_and_after_the_matches_in_their_own_section(alerts):
    alerts.run(*_news(alerts))
    (message,) = alerts.sender.messages
    papers = [(paper["title"], paper["event"]) for paper in message.data["data"]]
    assert papers == [
        ("Matching", "graphs"),
        ("Both", "logic"),
        ("Related", "Related to graphs"),
    ]
    assert [topic["name"] for topic in message.data["data"][-1]["related"]] == ["graphs"]
    assert "Related to graphs" in message.text
    alerts.pass_days()
    alerts.run(*_news(alerts))
    assert len(alerts.sender.messages) == 1


def test_a_dry_run_lists_related_papers(alerts):
    alerts.put(*_news(alerts))
    tracker = Tracker(alerts.library, alerts.config.topics, alerts.now)
    result = dry_run(tracker, alerts.config, None)
    assert {delivery.paper_id[-3:] for delivery in result.deliveries} == {"201", "202", "204"}


def test_since_delivers_stored_related_papers(alerts):
    alerts.run(since=MONDAY)
    titles = alerts.sender.messages[0].data["data"]
    assert titles[-1]["title"] == "Old"
    assert titles[-1]["event"] == "Related to graphs"
    assert len(titles) == 31


def test_topics_that_only_match_deliver_no_related_papers(alerts):
    alerts.configure(GRAPHS._replace(breadth="phrases"))
    alerts.run()
    alerts.pass_days()
    alerts.run(*_news(alerts))
    assert alerts.sender.paper_ids() == ["2603.00202"]


def test_related_papers_are_no_news_for_events_other_than_new(alerts):
    alerts.configure(GRAPHS._replace(when=("upvotes >= 50",)))
    alerts.run()
    alerts.pass_days()
    alerts.run(*_news(alerts))
    assert alerts.sender.messages == []


def test_a_paper_listed_long_ago_that_becomes_related_is_no_news(alerts):
    alerts.pass_days(60)
    related, *_ = _news(alerts)
    alerts.run(related._replace(listed=related.listed._replace(day=MONDAY + timedelta(days=9))))
    assert alerts.sender.messages == []

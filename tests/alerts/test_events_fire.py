"""Events of stored papers fire once for each paper, for topics and for starred papers."""

from datetime import timedelta

import pytest
from alert_setup import AGENTS, AlertSetup

from papertrack.models import PaperListing

CODE = "https://github.com/o/r"


def alerts_when(tmp_path, *when):
    alerts = AlertSetup(tmp_path / "library", AGENTS._replace(when=when))
    alerts.run()
    return alerts


def sighting_with(alerts, event):
    """A sighting of paper 1 in which the event has happened."""
    later = {"version": 2, "updated": alerts.now, "source": "arxiv"}
    return {
        "upvotes >= 50": alerts.paper(1, upvotes=50),
        "comments >= 2": alerts.paper(1, comments=2),
        "stars >= 10": alerts.paper(1, stars=10),
        "code appears": alerts.paper(1, code_url=CODE),
        "new version": alerts.paper(1, **later),
        "withdrawn": alerts.paper(1, withdrawn=True),
        "listed on arxiv": alerts.paper(1, source="arxiv"),
        "rising in top 1": alerts.paper(1, upvotes=900),
        "published": alerts.paper(1, journal_ref="JMLR 27"),
        "upvotes double": alerts.paper(1, upvotes=10),
    }[event]


EVENTS = (
    "upvotes >= 50",
    "comments >= 2",
    "stars >= 10",
    "code appears",
    "new version",
    "withdrawn",
    "listed on arxiv",
    "rising in top 1",
    "published",
    "upvotes double",
)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_fires_once_when_it_happens(tmp_path, event):
    alerts = alerts_when(tmp_path, event)
    other = alerts.paper(2, title="Graphs", upvotes=100)
    alerts.run(alerts.paper(1, upvotes=1, comments=1, stars=1), other)
    assert alerts.sender.messages == []
    alerts.now += timedelta(hours=1)
    alerts.run(sighting_with(alerts, event))
    alerts.pass_days()
    alerts.run(sighting_with(alerts, event))
    assert alerts.sender.paper_ids() == ["2603.00001"]
    assert event in alerts.sender.messages[0].data["data"][0]["event"]


@pytest.mark.parametrize(("days", "fires"), [(0, False), (1, True)])
def test_a_revision_of_the_day_on_which_a_paper_was_first_seen_is_no_later_version(
    tmp_path, days, fires
):
    alerts = alerts_when(tmp_path, "new version")
    paper = alerts.paper(1)
    alerts.run(paper)
    day = paper.listed.day + timedelta(days=days)
    alerts.pass_days(days)
    alerts.run(paper._replace(listed=PaperListing("arxiv", day, kind="revised"), source="arxiv"))
    assert bool(alerts.sender.messages) is fires


@pytest.mark.parametrize(("upvotes", "fires"), [(39, False), (40, True)])
def test_upvotes_have_doubled_from_exactly_twice_on(tmp_path, upvotes, fires):
    alerts = alerts_when(tmp_path, "upvotes double")
    for number in (20, upvotes):
        alerts.run(alerts.paper(1, upvotes=number))
        alerts.now += timedelta(hours=1)
    assert bool(alerts.sender.messages) is fires


@pytest.mark.parametrize("event", ["upvotes >= 50", "code appears", "withdrawn"])
def test_an_event_from_before_a_topic_was_watched_does_not_fire(tmp_path, event):
    alerts = AlertSetup(tmp_path / "library", AGENTS._replace(when=(event,)))
    alerts.put(sighting_with(alerts, event), alerts.paper(2))
    alerts.run()
    alerts.run(alerts.paper(2, upvotes=60, code_url=CODE, withdrawn=True))
    assert alerts.sender.paper_ids() == ["2603.00002"]


def test_a_new_paper_with_another_event_is_delivered_once(tmp_path):
    alerts = alerts_when(tmp_path, "new", "upvotes >= 50")
    alerts.run(alerts.paper(1, upvotes=70), alerts.paper(2))
    assert sorted(alerts.sender.paper_ids()) == ["2603.00001", "2603.00002"]
    alerts.run(alerts.paper(2, upvotes=60))
    assert alerts.sender.paper_ids()[2:] == ["2603.00002"]


@pytest.mark.parametrize("event", EVENTS)
def test_events_of_starred_papers_fire_after_the_star(tmp_path, event):
    alerts = AlertSetup(tmp_path / "library", starred=(event,))
    alerts.run()
    alerts.put(sighting_with(alerts, event), alerts.paper(2, upvotes=1), alerts.paper(3))
    star(alerts, 1, 2)
    alerts.run()
    assert alerts.sender.messages == []
    alerts.now += timedelta(hours=1)
    new = sighting_with(alerts, event)
    second = new._replace(paper=new.paper._replace(id="2603.00002", title="On agents"))
    if event.startswith("rising"):
        second = second._replace(observations=(new.observations[0]._replace(upvotes=990),))
    alerts.run(second)
    alerts.run()
    assert alerts.sender.paper_ids() == ["2603.00002"]


def test_a_paper_that_is_starred_during_a_run_is_watched_from_then_on(tmp_path):
    alerts = AlertSetup(tmp_path / "library", starred=("code appears",))
    alerts.put(alerts.paper(1))
    alerts.run()
    alerts.run(meanwhile=lambda: star(alerts, 1))
    alerts.put(alerts.paper(1, code_url=CODE))
    alerts.run()
    assert alerts.sender.paper_ids() == ["2603.00001"]


def star(alerts, *numbers):
    ids = [f"2603.{number:05}" for number in numbers]
    alerts.library.change_states(ids, lambda _, state: state._replace(starred=True))


def test_each_later_version_of_a_starred_paper_fires_once(tmp_path):
    alerts = AlertSetup(tmp_path / "library", starred=("new version", "upvotes double"))
    alerts.put(alerts.paper(1, version=1, source="arxiv", upvotes=10))
    star(alerts, 1)
    alerts.run()
    for version in (2, 2, 3, 4):
        alerts.pass_days()
        alerts.run(alerts.paper(1, source="arxiv", version=version, updated=alerts.now))
        alerts.run()
    sent = [paper["event"] for message in alerts.sender.messages for paper in message.data["data"]]
    assert sent == [
        "starred: new version",
        "starred: new version 3",
        "starred: new version 4",
    ]
    alerts.run(alerts.paper(1, upvotes=25))
    alerts.pass_days()
    alerts.run(alerts.paper(1, upvotes=60))
    sent = [paper["event"] for message in alerts.sender.messages for paper in message.data["data"]]
    assert sent[3:] == ["starred: upvotes double", "starred: upvotes double 60"]


def test_versions_from_before_the_watch_do_not_fire_later(tmp_path):
    alerts = AlertSetup(tmp_path / "library")
    alerts.put(alerts.paper(1, version=1, source="arxiv"))
    star(alerts, 1)
    alerts.pass_days()
    alerts.put(alerts.paper(1, source="arxiv", version=2, updated=alerts.now))
    alerts.configure(starred=("new version",))
    alerts.run()
    alerts.run()
    assert alerts.sender.messages == []
    alerts.pass_days()
    alerts.run(alerts.paper(1, source="arxiv", version=3, updated=alerts.now))
    alerts.run()
    (message,) = alerts.sender.messages
    assert message.data["data"][0]["event"] == "starred: new version 3"


def test_several_events_of_a_paper_are_all_named(tmp_path):
    alerts = AlertSetup(tmp_path / "library", starred=("new version", "published"))
    alerts.put(alerts.paper(1, version=1, source="arxiv"))
    star(alerts, 1)
    alerts.run()
    alerts.pass_days()
    later = {"version": 2, "updated": alerts.now, "journal_ref": "JMLR 27"}
    alerts.run(alerts.paper(1, source="arxiv", **later))
    (message,) = alerts.sender.messages
    assert message.data["data"][0]["event"] == "starred: new version, published"

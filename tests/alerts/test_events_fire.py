"""Events of papers that are known: each fires once a paper, for topics and for starred papers."""

from datetime import timedelta

import pytest
from desk import AGENTS, Desk

CODE = "https://github.com/o/r"


def watching(tmp_path, *when):
    desk = Desk(tmp_path / "library", AGENTS._replace(when=when))
    desk.run()
    return desk


def happens(desk, event):
    """What happens to the paper 1 that makes the event true."""
    later = {"version": 2, "updated": desk.now, "source": "arxiv"}
    return {
        "upvotes >= 50": desk.paper(1, upvotes=50),
        "comments >= 2": desk.paper(1, comments=2),
        "stars >= 10": desk.paper(1, stars=10),
        "code appears": desk.paper(1, code_url=CODE),
        "new version": desk.paper(1, **later),
        "withdrawn": desk.paper(1, withdrawn=True),
        "listed on arxiv": desk.paper(1, source="arxiv"),
        "rising in top 1": desk.paper(1, upvotes=900),
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
)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_fires_once_when_it_happens(tmp_path, event):
    desk = watching(tmp_path, event)
    other = desk.paper(2, title="Graphs", upvotes=100)
    desk.run(desk.paper(1, upvotes=1, comments=1, stars=1), other)
    assert desk.box.messages == []
    desk.now += timedelta(hours=1)
    desk.run(happens(desk, event))
    desk.pass_days()
    desk.run(happens(desk, event))
    assert desk.box.papers() == ["2603.00001"]
    assert event in desk.box.messages[0].data["data"][0]["event"]


@pytest.mark.parametrize("event", ["upvotes >= 50", "code appears", "withdrawn"])
def test_what_had_happened_before_a_topic_was_watched_is_no_news(tmp_path, event):
    desk = Desk(tmp_path / "library", AGENTS._replace(when=(event,)))
    desk.put(happens(desk, event), desk.paper(2))
    desk.run()
    desk.run(desk.paper(2, upvotes=60, code_url=CODE, withdrawn=True))
    assert desk.box.papers() == ["2603.00002"]


def test_a_new_paper_of_which_more_is_told_comes_once(tmp_path):
    desk = watching(tmp_path, "new", "upvotes >= 50")
    desk.run(desk.paper(1, upvotes=70), desk.paper(2))
    assert sorted(desk.box.papers()) == ["2603.00001", "2603.00002"]
    desk.run(desk.paper(2, upvotes=60))
    assert desk.box.papers()[2:] == ["2603.00002"]


@pytest.mark.parametrize("event", EVENTS)
def test_starred_papers_tell_what_happens_after_the_star(tmp_path, event):
    desk = Desk(tmp_path / "library", starred=(event,))
    desk.run()
    desk.put(happens(desk, event), desk.paper(2), desk.paper(3))
    star(desk, 1, 2)
    desk.run()
    assert desk.box.messages == []
    desk.now += timedelta(hours=1)
    new = happens(desk, event)
    again = new._replace(paper=new.paper._replace(id="2603.00002", title="On agents"))
    if event.startswith("rising"):
        again = again._replace(observations=(new.observations[0]._replace(upvotes=990),))
    desk.run(again)
    desk.run()
    assert desk.box.papers() == ["2603.00002"]


def star(desk, *numbers):
    ids = [f"2603.{number:05}" for number in numbers]
    desk.library.change_states(ids, lambda _, state: state._replace(starred=True))

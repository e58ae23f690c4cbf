"""What was missed is ranked, kept within a budget, and forgotten once it was seen."""

from datetime import date, timedelta

import pytest
from invented import DAY, NOW, put, sighting

from papertrack.calendar import Span
from papertrack.library.library import Library
from papertrack.library.seen import listing_days_since, load_seen, save_seen, unseen_days
from papertrack.models import Topic
from papertrack.tracker import Tracker
from papertrack.tracker.catchup import catch_up
from papertrack.tracker.editions import EditionRequest, today

TOPICS = (Topic("graphs", any=("graph",)),)
DAYS = [DAY - timedelta(days=back) for back in range(20, -1, -1)]
WORDS = ("ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay")


@pytest.fixture
def library():
    """A paper a day on twenty days, each with a title of its own."""
    library = Library(None)
    for number, day in enumerate(DAYS):
        title = f"{WORDS[number % 10]} {WORDS[number // 10]} {number}"
        put(library, sighting(f"2603.{number:05}", day=day, at=NOW, title=title, upvotes=1))
    return library


def _ids(report):
    return [entry.paper.id for section in report.sections for entry in section.entries]


def _caught_up(library, days, limit=None, topics=TOPICS, **options):
    return catch_up(Tracker(library, topics, NOW), days, limit, by_topic=False, **options)


def test_before_anything_was_seen_the_last_week_is_unseen(library):
    assert unseen_days(library, NOW) == DAYS[-7:]


def test_days_since_the_first_that_was_seen_are_unseen_until_they_are_seen(library):
    save_seen(library, [DAYS[5], DAYS[8]], NOW)
    assert unseen_days(library, NOW) == [*DAYS[6:8], *DAYS[9:]]
    save_seen(library, DAYS[6:], NOW)
    assert unseen_days(library, NOW) == []


def test_more_than_a_month_ago_nothing_is_unseen_and_old_days_are_forgotten(library):
    put(library, sighting("2602.00001", day=DAY - timedelta(days=40), title="Old"))
    save_seen(library, [DAY - timedelta(days=50)], NOW)
    assert unseen_days(library, NOW) == DAYS
    save_seen(library, [date(2020, 1, 1) + timedelta(days=back) for back in range(1000)], NOW)
    assert len(load_seen(library)) == 400
    assert min(load_seen(library)) > date(2021, 1, 1)


def test_matches_come_first_then_papers_by_their_trend_within_their_week(library):
    day = DAYS[-1]
    put(library, sighting("2603.90001", day=day, title="A graph", upvotes=0))
    put(library, sighting("2603.90002", day=day, title="Much voted", upvotes=500))
    put(library, sighting("2603.90003", day=DAYS[3], at=NOW, title="Old favourite", upvotes=90))
    ids = _ids(_caught_up(library, listing_days_since(library, DAYS[0], NOW)))
    assert ids[0] == "2603.90001"
    weeks = {day.isocalendar()[:2] for day in DAYS}
    assert set(ids[1 : 1 + len(weeks)]) >= {"2603.90002", "2603.90003"}


def test_read_hidden_and_similar_papers_are_left_out(library):
    marks = {"2603.00018": "read", "2603.00019": "hidden"}
    library.change_states(marks, lambda paper_id, state: state._replace(**{marks[paper_id]: True}))
    put(library, sighting("2603.90001", title="A series of surprising results, part one"))
    put(library, sighting("2603.90002", title="A series of surprising results, part two"))
    ids = _ids(_caught_up(library, DAYS[-3:]))
    assert set(ids) == {"2603.00020", "2603.90001"}


def test_the_budget_holds_and_what_is_left_out_is_counted(library):
    report = _caught_up(library, DAYS, limit=5)
    assert len(_ids(report)) == 5
    assert "16 left out" in report.headline


def test_the_table_counts_matches_of_a_topic_beyond_the_budget(library):
    for number in range(12):
        put(library, sighting(f"2603.9{number:04}", title=f"{WORDS[number % 10]}{number} graph"))
    report = catch_up(Tracker(library, TOPICS, NOW), DAYS, 10, by_topic=True)
    graphs, others = report.sections
    assert (len(graphs.entries), graphs.total) == (10, 12)
    assert (len(others.entries), others.total) == (0, 21)
    assert graphs.more == f"papertrack catchup --since {DAYS[0]} -t graphs"


@pytest.mark.parametrize("limit", [0, 1, 5])
def test_the_table_keeps_to_a_small_budget_and_says_what_is_left_out(library, limit):
    for number in range(12):
        put(library, sighting(f"2603.9{number:04}", title=f"{WORDS[number % 10]}{number} graph"))
    topics = (*TOPICS, Topic("text", any=("text",)))
    report = catch_up(Tracker(library, topics, NOW), DAYS, limit, by_topic=True)
    assert len(_ids(report)) == limit
    assert f"{33 - limit} left out" in report.headline
    assert report.notes


def test_the_headline_of_today_counts_earlier_unseen_days(library):
    request = EditionRequest(Span(DAY, DAY), by_topic=True)
    assert "unseen" not in today(Tracker(library, (), NOW), request).headline
    save_seen(library, [DAYS[5], DAYS[7]], NOW)
    unseen = len(DAYS[8:-1]) + 1
    headline = today(Tracker(library, (), NOW), request).headline
    assert f"{unseen} days unseen: papertrack catchup" in headline


def test_an_empty_day_shows_the_matches_of_the_last_listing_day(library):
    put(library, sighting("2603.90001", day=DAY, title="A graph"))
    tomorrow = DAY + timedelta(days=1)
    request = EditionRequest(Span(tomorrow, tomorrow), by_topic=True)
    report = today(Tracker(library, TOPICS, NOW + timedelta(days=1)), request)
    assert "matches of" in report.headline
    assert [entry.paper.id for entry in report.sections[0].entries] == ["2603.90001"]


def test_of_a_topic_only_its_papers_are_caught_up_on_and_nothing_counts_as_seen(library):
    for number in (1, 2, 3):
        title = f"{WORDS[number]} graph"
        put(library, sighting(f"2603.8000{number}", title=title, upvotes=number))
    tracker = Tracker(library, TOPICS, NOW).for_topic("graphs")
    report = catch_up(
        tracker, DAYS, 1, by_topic=True, command=("papertrack", "catchup", "--topic", "graphs")
    )
    (graphs,) = report.sections
    assert ([entry.paper.id for entry in graphs.entries], graphs.total) == (["2603.80003"], 3)
    assert graphs.more.startswith("papertrack catchup --topic graphs --since ")
    assert "3 unread papers" in report.headline
    assert report.notes == ()
    assert len(_ids(catch_up(tracker, DAYS, None, by_topic=False))) == 3

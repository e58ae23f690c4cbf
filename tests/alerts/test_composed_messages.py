"""What a message says: its subject, its sections and their order, and its data."""

from datetime import UTC, datetime, timedelta

import pytest

from papertrack.alerts import messages
from papertrack.library.deliveries import STARRED, Batch, Delivery
from papertrack.models import Entry, Match, Observation, Paper

NOW = datetime(2026, 3, 31, 8, tzinfo=UTC)


def entry(key, *, title="", upvotes=None, topics=(), score=100, **more):
    counts = () if upvotes is None else (Observation(NOW, upvotes),)
    matches = tuple(Match(name, name, "title", name, score) for name in topics)
    return Entry(
        Paper(key, title or f"Title {key}"), NOW, observations=counts, matches=matches, **more
    )


def delivery(key, *topics, event="new"):
    return Delivery("box", event, key, topics or ("agents",), NOW)


def batch(**more):
    known = {"id": "1", "channel": "box", "at": NOW, "part": 1, "parts": 1, "keys": ()}
    return Batch(**known | more)


def composed(deliveries, entries, *, topics=(), **more):
    return messages.compose(
        batch(**more), deliveries, {one.paper.id: one for one in entries}, NOW, topics
    )


def subject(deliveries, entries, **more):
    return messages.subject(composed(deliveries, entries, **more), batch(**more))


def sections(report):
    return [
        (one.title, [entry.paper.id for entry in one.entries], one.total, one.brief, one.kind)
        for one in report.sections
    ]


def test_the_subject_of_one_paper_is_its_title_with_the_topic():
    assert subject([delivery("a")], [entry("a")]) == "papertrack: Title a [agents]"


@pytest.mark.parametrize("length", [119, 120])
def test_a_title_of_120_characters_stands_whole_in_the_subject(length):
    title = "x" * length
    assert subject([delivery("a")], [entry("a", title=title)]) == f"papertrack: {title} [agents]"


def test_a_longer_title_is_cut_to_120_characters_in_the_subject():
    told = subject([delivery("a")], [entry("a", title="x" * 121)])
    assert told == f"papertrack: {'x' * 119}… [agents]"


def test_the_subject_of_several_papers_counts_them_and_names_up_to_three_topics_once():
    papers = [entry("a"), entry("b")]
    names = ["one", "two", "three"]
    both = [delivery("a", *names[:2]), delivery("b", *names[1:])]
    assert subject(both, papers) == "papertrack: 2 papers for one, two, three"
    more = [delivery("a", *names), delivery("b", "four")]
    assert subject(more, papers) == "papertrack: 2 papers for one, two, three and 1 more"


def test_the_subject_says_what_happened_to_a_starred_paper():
    told = subject([delivery("a", STARRED, "agents", event="code")], [entry("a")])
    assert told == "papertrack: Title a [starred, agents: code]"


def test_the_subject_of_a_part_says_which_of_how_many():
    told = subject([delivery("a")], [entry("a")], part=2, parts=3)
    assert told == "papertrack: Title a [agents] (2 of 3)"


def test_the_subject_without_news_counts_the_trending_papers():
    trending = {"trending": ("a", "b")}
    assert subject([], [entry("a")], **trending) == "papertrack: 1 trending paper"
    assert subject([], [entry("a"), entry("b")], **trending) == "papertrack: 2 trending papers"
    assert subject([], [], **trending) == "papertrack: nothing"


def test_sections_follow_the_order_of_the_topics_and_papers_keep_theirs():
    papers = [entry("a"), entry("b"), entry("c"), entry("d")]
    told = [
        delivery("a", "unknown"),
        delivery("b", "two", "one"),
        delivery("c", "one"),
        delivery("d", "two"),
    ]
    assert sections(composed(told, papers, topics=("one", "two"))) == [
        ("one", ["c"], 1, False, None),
        ("two", ["b", "d"], 2, False, None),
        ("unknown", ["a"], 1, False, None),
    ]


def test_beyond_the_limit_papers_stand_in_a_brief_section():
    papers = [entry("a"), entry("b"), entry("c")]
    told = [delivery(one.paper.id) for one in papers]
    assert sections(composed(told, papers, whole=1)) == [
        ("agents", ["a"], 1, False, None),
        ("More", ["b", "c"], 2, True, None),
    ]
    assert sections(composed(told, papers, whole=0)) == [("Papers", ["a", "b", "c"], 3, True, None)]
    assert sections(composed(told, papers, whole=3)) == sections(composed(told, papers))


def test_trending_papers_come_last_and_those_that_are_gone_are_left_out():
    report = composed([delivery("a")], [entry("a"), entry("b")], trending=("gone", "b"))
    assert sections(report)[1:] == [("Trending", ["b"], 1, False, "trending")]
    assert [one.section for part in report.sections for one in part.entries] == ["new", "trending"]


def test_a_delivery_of_a_paper_that_is_gone_is_left_out():
    assert sections(composed([delivery("gone"), delivery("a")], [entry("a")])) == [
        ("agents", ["a"], 1, False, None)
    ]


def test_a_paper_shows_the_matches_of_its_delivery_or_all_where_it_has_none_of_them():
    one = entry("a", topics=("agents", "graphs"))
    for topics, shown in ((("graphs",), ["graphs"]), ((STARRED,), ["agents", "graphs"])):
        (section,) = composed([delivery("a", *topics)], [one]).sections
        assert [match.topic for match in section.entries[0].matches] == shown


def test_a_paper_that_is_new_and_more_is_told_once_as_new():
    events = [delivery("a", event="code"), delivery("a"), delivery("a", event="version")]
    assert [one.event for one in messages.without_duplicates(events)] == ["new"]
    later = [delivery("a", event="code"), delivery("a", event="version")]
    assert [one.event for one in messages.without_duplicates(later)] == ["code"]


def test_most_upvotes_come_first_then_the_nearest_match_then_the_id_and_papers_gone_last():
    papers = [
        entry("d", upvotes=2),
        entry("c", upvotes=1),
        entry("b", topics=("agents",), score=90),
        entry("a", upvotes=0, topics=("agents", "graphs"), score=95),
        entry("f", upvotes=0),
        entry("e"),
    ]
    told = [delivery(key) for key in ("gone", "f", "e", "a", "b", "c", "d")]
    ordered = messages.best_first(told, {one.paper.id: one for one in papers})
    assert [one.paper_id for one in ordered] == ["d", "c", "a", "b", "e", "f", "gone"]


def test_events_of_one_paper_stand_in_their_own_order():
    told = [delivery("a", event="version"), delivery("a", event="code")]
    ordered = messages.best_first(told, {"a": entry("a")})
    assert [one.event for one in ordered] == ["code", "version"]


def test_a_message_has_its_text_its_markdown_and_its_page_where_that_is_wanted():
    report = composed([delivery("a")], [entry("a", topics=("agents",))])
    plain = messages.render(report, batch(), html=False)
    assert (plain.id, plain.at, plain.html) == ("1", NOW, None)
    assert plain.subject == "papertrack: Title a [agents]"
    local = NOW.astimezone()
    assert plain.markdown.startswith(f"# {local:%A} {local.date()}\n")
    assert "Title a" in plain.text
    page = messages.render(report, batch(), html=True).html
    assert "<html" in page
    assert "Title a" in page


def test_the_data_of_a_message_says_which_it_is_and_what_happened_to_each_paper():
    report = composed([delivery("a")], [entry("a")], part=1, parts=2)._replace(notes=("A note.",))
    message = messages.render(report, batch(part=1, parts=2), html=False)
    (paper,) = message.data.pop("data")
    assert (paper["id"], paper["event"]) == ("a", "agents")
    assert message.data == {
        "schema": 1,
        "command": "alert",
        "generated_at": "2026-03-31T08:00:00Z",
        "id": "1",
        "channel": "box",
        "subject": "papertrack: Title a [agents] (1 of 2)",
        "part": 1,
        "parts": 2,
        "errors": [],
        "notes": ["A note."],
    }


def test_papers_are_read_with_what_they_match_and_gained(tmp_path):
    from desk import AGENTS, Desk

    from papertrack.tracker import Tracker

    desk = Desk(tmp_path / "library", AGENTS)
    desk.put(desk.paper(1, upvotes=3), desk.paper(2, title="Other"))
    desk.now += timedelta(hours=20)
    desk.put(desk.paper(1, upvotes=10, ago=1))
    tracker = Tracker(desk.library, desk.config.topics, desk.now)
    found = messages.read_entries(tracker, ["2603.00001", "2603.00002", "gone"])
    assert {key: one.gained for key, one in found.items()} == {"2603.00001": 7, "2603.00002": None}
    assert [one.topic for one in found["2603.00001"].matches] == ["agents"]

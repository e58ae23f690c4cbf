"""The subject, sections and data of a message."""

from datetime import UTC, datetime, timedelta

import pytest

from papertrack.alerts import messages
from papertrack.library.deliveries import STARRED_RULE, Batch, Delivery
from papertrack.models import Entry, Match, Observation, Paper

NOW = datetime(2026, 3, 31, 8, tzinfo=UTC)


def entry(key, *, title="", upvotes=None, topics=(), score=100, **more):
    counts = () if upvotes is None else (Observation(NOW, upvotes),)
    matches = tuple(Match(name, name, "title", name, score) for name in topics)
    return Entry(
        Paper(key, title or f"Title {key}"), NOW, observations=counts, matches=matches, **more
    )


def delivery(key, *topics, event="new"):
    return Delivery("main", event, key, topics or ("agents",), NOW)


def batch(**more):
    fields = {"id": "1", "channel": "main", "at": NOW, "part": 1, "parts": 1, "keys": ()}
    return Batch(**fields | more)


def composed(deliveries, entries, *, topics=(), **more):
    return messages.compose(
        batch(**more), deliveries, {entry.paper.id: entry for entry in entries}, NOW, topics
    )


def subject(deliveries, entries, **more):
    return messages.subject(composed(deliveries, entries, **more), batch(**more))


def sections(report):
    return [
        (
            section.title,
            [entry.paper.id for entry in section.entries],
            section.total,
            section.brief,
            section.kind,
        )
        for section in report.sections
    ]


def test_the_subject_of_one_paper_is_its_title_with_the_topic():
    assert subject([delivery("a")], [entry("a")]) == "papertrack: Title a [agents]"


@pytest.mark.parametrize("length", [119, 120])
def test_a_title_of_120_characters_is_not_shortened_in_the_subject(length):
    title = "x" * length
    assert subject([delivery("a")], [entry("a", title=title)]) == f"papertrack: {title} [agents]"


def test_a_longer_title_is_shortened_to_120_characters_in_the_subject():
    line = subject([delivery("a")], [entry("a", title="x" * 121)])
    assert line == f"papertrack: {'x' * 119}… [agents]"


def test_the_subject_of_several_papers_counts_them_and_names_up_to_three_topics_once():
    papers = [entry("a"), entry("b")]
    names = ["one", "two", "three"]
    both = [delivery("a", *names[:2]), delivery("b", *names[1:])]
    assert subject(both, papers) == "papertrack: 2 papers for one, two, three"
    more = [delivery("a", *names), delivery("b", "four")]
    assert subject(more, papers) == "papertrack: 2 papers for one, two, three and 1 more"


def test_the_subject_names_the_event_of_a_starred_paper():
    line = subject([delivery("a", STARRED_RULE, "agents", event="code")], [entry("a")])
    assert line == "papertrack: Title a [starred, agents: code]"


def test_the_subject_of_a_part_has_its_number_and_the_number_of_parts():
    line = subject([delivery("a")], [entry("a")], part=2, parts=3)
    assert line == "papertrack: Title a [agents] (2 of 3)"


def test_the_subject_without_news_counts_the_trending_papers():
    trending = {"trending": ("a", "b")}
    assert subject([], [entry("a")], **trending) == "papertrack: 1 trending paper"
    assert subject([], [entry("a"), entry("b")], **trending) == "papertrack: 2 trending papers"
    assert subject([], [], **trending) == "papertrack: nothing"


def test_sections_follow_the_order_of_the_topics_and_papers_that_of_the_deliveries():
    papers = [entry("a"), entry("b"), entry("c"), entry("d")]
    deliveries = [
        delivery("a", "unknown"),
        delivery("b", "two", "one"),
        delivery("c", "one"),
        delivery("d", "two"),
    ]
    assert sections(composed(deliveries, papers, topics=("one", "two"))) == [
        ("one", ["c"], 1, False, None),
        ("two", ["b", "d"], 2, False, None),
        ("unknown", ["a"], 1, False, None),
    ]


def test_papers_beyond_the_limit_are_in_a_brief_section():
    papers = [entry("a"), entry("b"), entry("c")]
    deliveries = [delivery(paper.paper.id) for paper in papers]
    assert sections(composed(deliveries, papers, whole=1)) == [
        ("agents", ["a"], 1, False, None),
        ("More", ["b", "c"], 2, True, None),
    ]
    assert sections(composed(deliveries, papers, whole=0)) == [
        ("Papers", ["a", "b", "c"], 3, True, None)
    ]
    assert sections(composed(deliveries, papers, whole=3)) == sections(composed(deliveries, papers))


def test_trending_papers_come_last_without_those_no_longer_stored():
    report = composed([delivery("a")], [entry("a"), entry("b")], trending=("gone", "b"))
    assert sections(report)[1:] == [("Trending", ["b"], 1, False, "trending")]
    assert [entry.section for part in report.sections for entry in part.entries] == [
        "new",
        "trending",
    ]


def test_a_delivery_of_a_paper_no_longer_stored_is_left_out():
    assert sections(composed([delivery("gone"), delivery("a")], [entry("a")])) == [
        ("agents", ["a"], 1, False, None)
    ]


def test_a_paper_has_the_matches_of_its_delivery_or_all_if_there_are_none():
    paper = entry("a", topics=("agents", "graphs"))
    for topics, matched in ((("graphs",), ["graphs"]), ((STARRED_RULE,), ["agents", "graphs"])):
        (section,) = composed([delivery("a", *topics)], [paper]).sections
        assert [match.topic for match in section.entries[0].matches] == matched


def test_a_new_paper_with_other_events_is_listed_once_as_new():
    events = [delivery("a", event="code"), delivery("a"), delivery("a", event="version")]
    assert [item.event for item in messages.without_duplicates(events)] == ["new"]
    later = [delivery("a", event="code"), delivery("a", event="version")]
    assert [item.event for item in messages.without_duplicates(later)] == ["code, version"]


def test_papers_are_sorted_by_match_upvotes_and_id_with_those_no_longer_stored_last():
    papers = [
        entry("d", upvotes=2),
        entry("c", upvotes=1),
        entry("b", topics=("agents",), score=90),
        entry("a", upvotes=0, topics=("agents", "graphs"), score=95),
        entry("f", upvotes=0),
        entry("e"),
    ]
    deliveries = [delivery(key) for key in ("gone", "f", "e", "a", "b", "c", "d")]
    ordered = messages.best_first(deliveries, {paper.paper.id: paper for paper in papers})
    assert [item.paper_id for item in ordered] == ["a", "b", "d", "c", "e", "f", "gone"]


def test_only_the_matches_of_the_topics_of_a_delivery_decide_its_place():
    papers = [entry("a", topics=("agents",), score=92), entry("b", topics=("agents",), score=95)]
    other = papers[0]._replace(matches=(*papers[0].matches, papers[1].matches[0]))
    other = other._replace(matches=(other.matches[0], other.matches[1]._replace(topic="graphs")))
    ordered = messages.best_first([delivery("a"), delivery("b")], {"a": other, "b": papers[1]})
    assert [item.paper_id for item in ordered] == ["b", "a"]


def test_events_of_one_paper_are_sorted_by_name():
    deliveries = [delivery("a", event="version"), delivery("a", event="code")]
    ordered = messages.best_first(deliveries, {"a": entry("a")})
    assert [item.event for item in ordered] == ["code", "version"]


def test_a_message_has_text_and_markdown_and_on_request_html():
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


def test_the_data_of_a_message_identifies_it_and_has_the_event_of_each_paper():
    report = composed([delivery("a")], [entry("a")], part=1, parts=2)._replace(notes=("A note.",))
    message = messages.render(report, batch(part=1, parts=2), html=False)
    (paper,) = message.data.pop("data")
    assert (paper["id"], paper["event"]) == ("a", "agents")
    assert message.data == {
        "schema": 1,
        "command": "alert",
        "generated_at": "2026-03-31T08:00:00Z",
        "id": "1",
        "channel": "main",
        "subject": "papertrack: Title a [agents] (1 of 2)",
        "part": 1,
        "parts": 2,
        "errors": [],
        "notes": ["A note."],
    }


def test_entries_are_read_with_their_matches_and_gained_upvotes(tmp_path):
    from alert_setup import AGENTS, AlertSetup

    from papertrack.tracker import Tracker

    alerts = AlertSetup(tmp_path / "library", AGENTS)
    alerts.put(alerts.paper(1, upvotes=3), alerts.paper(2, title="Other"))
    alerts.now += timedelta(hours=20)
    alerts.put(alerts.paper(1, upvotes=10, ago=1))
    tracker = Tracker(alerts.library, alerts.config.topics, alerts.now)
    entries = messages.read_entries(tracker, ["2603.00001", "2603.00002", "gone"])
    assert {key: entry.gained for key, entry in entries.items()} == {
        "2603.00001": 7,
        "2603.00002": None,
    }
    assert [match.topic for match in entries["2603.00001"].matches] == ["agents"]

"""The edition as a person reads it: matches by topic, the other new papers, rising ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import DAY, HOUR, NOW, put, sighting

from papertrack.calendar import Span
from papertrack.library.library import Library
from papertrack.models import Topic
from papertrack.tracker import Tracker
from papertrack.tracker.editions import EditionRequest, today
from papertrack.tracker.topic_sections import Limits, _shares

TOPICS = (Topic("graphs", any=("graph",)), Topic("grammars", any=("grammar",)))


@pytest.fixture
def library():
    return Library(None)


def _edition(library, topics=TOPICS, **options):
    request = EditionRequest(Span(DAY, DAY), by_topic=True, **options)
    return today(Tracker(library, topics, NOW), request).sections


def _ids(section):
    return [int(entry.paper.id[-2:]) for entry in section.entries]


def _put_graphs(library, number):
    put(
        library,
        *(
            sighting(f"2603.000{index:02}", title="A graph", upvotes=index)
            for index in range(number)
        ),
    )


def test_each_topic_has_a_section_with_the_best_matches_first(library):
    put(
        library,
        sighting("2603.00001", title="Text", abstract="A graph.", upvotes=2),
        sighting("2603.00002", title="A graph", upvotes=1),
        sighting("2603.00003", title="A graph", upvotes=2),
        sighting("2603.00004", title="A grammar", upvotes=3),
        sighting("2603.00005", title="Nothing", upvotes=50),
    )
    graphs, grammars, others, rising = _edition(library)
    assert [section.title for section in (graphs, grammars)] == ["graphs", "grammars"]
    assert [section.detailed for section in (graphs, grammars, others, rising)] == [
        True,
        True,
        False,
        False,
    ]
    assert _ids(graphs) == [3, 2, 1], "by field and score, then upvotes"
    assert (_ids(grammars), _ids(others)) == ([4], [5])


def test_a_paper_of_two_topics_is_shown_once_with_both(library):
    put(library, sighting("2603.00001", title="Graph grammars", upvotes=1))
    first, *_ = _edition(library)
    assert _ids(first) == [1]
    assert {match.topic for match in first.entries[0].matches} == {"graphs", "grammars"}
    assert [section.title for section in _edition(library)].count("grammars") == 0


def test_rising_leaves_out_what_is_shown_above(library):
    _put_graphs(library, 30)
    put(library, sighting("2603.00077", day=DAY, title="Text", upvotes=7, at=NOW - 100 * HOUR))
    *above, rising = _edition(library, new_limit=5, trending_limit=50)
    shown = {paper for section in above for paper in _ids(section)}
    assert shown
    assert shown.isdisjoint(_ids(rising))
    assert rising.total == len(_ids(rising)) == 31 - len(shown)


def test_three_papers_of_each_topic_are_shown_whatever_the_limit_and_the_rest_is_counted(library):
    _put_graphs(library, 30)
    graphs, *_ = _edition(library, new_limit=1)
    assert (len(_ids(graphs)), graphs.total) == (3, 30)
    assert graphs.more == "papertrack today -t graphs"


def test_the_command_that_shows_all_selects_the_same_days_and_quotes_names(library):
    _put_graphs(library, 4)
    command = ("papertrack", "today", "--date", "2026-03-31")
    topics = (Topic("my graphs", any=("graph",)),)
    graphs, *_ = _edition(library, topics, new_limit=1, command=command)
    assert graphs.more == "papertrack today --date 2026-03-31 -t 'my graphs'"


def test_without_matches_all_new_papers_are_in_one_section(library):
    put(library, sighting("2603.00001", title="Text", upvotes=1))
    new, _ = _edition(library)
    assert (new.title, _ids(new)) == (f"New on {DAY}", [1])


def test_a_match_says_what_the_paper_is_about(library):
    put(
        library,
        sighting("2603.00001", title="Text", abstract="First. Then a graph appears. Last."),
    )
    graphs, *_ = _edition(library)
    assert graphs.entries[0].context == "Then a graph appears."


@given(st.lists(st.integers(0, 40), max_size=6), st.integers(0, 100))
def test_shares_are_fair(sizes, limit):
    """Each topic gets three or all, none more than it has, and no more than the limit is added."""
    shares = _shares(sizes, Limits(limit, None))
    least = [min(size, 3 if limit else 0) for size in sizes]
    assert all(low <= share <= size for low, share, size in zip(least, shares, sizes, strict=True))
    assert sum(shares) == max(sum(least), min(limit, sum(sizes)))
    unfilled = [share for share, size in zip(shares, sizes, strict=True) if share < size]
    if unfilled:
        assert max(shares) - min(unfilled) <= 1 or max(shares) <= 3

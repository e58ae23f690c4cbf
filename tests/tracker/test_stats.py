"""Statistics of a library: weeks, topics, reading and sources, and rising terms."""

from datetime import date, timedelta
from math import log, sqrt

import pytest
from invented import DAY, NOW, put, sighting

from papertrack.calendar import Span
from papertrack.library.library import Library
from papertrack.models import State, Topic
from papertrack.results import SourceStatus
from papertrack.tracker import Tracker
from papertrack.tracker.rising_terms import rising_terms, z_score
from papertrack.tracker.stats import library_stats

MONDAY = date(2026, 3, 30)
TOPICS = (Topic("graphs", any=("graph",)), Topic("agents", any=("agent",)))
SOURCES = (
    SourceStatus("huggingface", "HF", enabled=True),
    SourceStatus("arxiv", "arXiv", enabled=True),
)


def _library(*sightings):
    library = Library(None)
    put(library, *sightings)
    return library


def _stats(library, first=date(2026, 3, 18), topics=TOPICS):
    return library_stats(Tracker(library, topics, NOW), SOURCES, Span(first, DAY))


def test_papers_count_in_the_week_of_their_first_listing():
    library = _library(
        sighting("2603.00001", day=date(2026, 3, 16), title="A graph"),
        sighting("2603.00001", day=DAY, source="arxiv", title="A graph"),
        sighting("2603.00002", day=date(2026, 3, 22), title="Graphs of agents"),
        sighting("2603.00003", day=MONDAY, title="Something else"),
        sighting("2603.00004", day=date(2026, 3, 15), title="A graph of the week before"),
    )
    weeks = _stats(library).weeks
    assert [(str(week.monday), week.papers, week.matching) for week in weeks] == [
        ("2026-03-16", 2, 2),
        ("2026-03-23", 0, 0),
        ("2026-03-30", 1, 0),
    ]
    assert weeks[0].by_topic == (("graphs", 2), ("agents", 1))


def test_the_backlog_is_what_matches_or_is_starred_and_was_not_read():
    library = _library(
        *(sighting(f"2603.0000{number}", title="A graph") for number in range(1, 6)),
        sighting("2603.00006", title="Something else"),
    )
    marks = {
        "2603.00001": State(read=True, starred=True),
        "2603.00002": State(hidden=True),
        "2603.00003": State(starred=True, tags=("later",)),
    }
    library.change_states(marks, lambda paper_id, _: marks[paper_id])
    reading = _stats(library).reading
    assert reading._asdict() == {
        "starred": 2,
        "read": 1,
        "hidden": 1,
        "tagged": 1,
        "unread_starred": 1,
        "unread_matches": 3,
    }


def test_sources_have_the_papers_that_they_listed_in_the_span():
    library = _library(
        sighting("2603.00001"),
        sighting("2603.00002"),
        sighting("2603.00002", source="arxiv"),
        sighting("2602.00001", source="arxiv", day=date(2026, 2, 2)),
    )
    stats = _stats(library)
    assert {source.name: source.papers for source in stats.sources} == {
        "huggingface": 2,
        "arxiv": 1,
    }
    assert stats.papers == 3


def test_an_empty_library_has_weeks_without_papers_and_no_terms():
    stats = _stats(Library(None), topics=())
    assert [week.papers for week in stats.weeks] == [0, 0, 0]
    assert stats.rising.terms == ()


@pytest.fixture(scope="module")
def varied():
    """Twenty papers a week for thirteen weeks.

    All abstracts contain "neural network" and a quarter of them "graph". Six titles of the last
    week contain "test-time training", and a single earlier abstract does.
    """
    return _library(
        *(
            sighting(
                f"26{week:02}.{number:05}",
                day=DAY - timedelta(weeks=week),
                title="Test-time training" if week == 0 and number < 6 else f"Paper {number}",
                keywords=("neural network", *(("graph",) if number % 4 == 0 else ())),
                abstract="By test-time training." if (week, number) == (7, 7) else "A text.",
            )
            for week in range(13)
            for number in range(20)
        )
    )


def test_only_terms_that_became_more_frequent_rise(varied):
    rising = rising_terms(Tracker(varied, (), NOW), DAY)
    assert [term.phrase.lower() for term in rising.terms] == ["test-time training"]
    assert (rising.terms[0].papers, rising.terms[0].before) == (6, 1)
    assert (rising.papers, rising.before) == (20, 240)
    assert str(rising.recent) == "2026-03-25 to 2026-03-31"
    assert str(rising.baseline) == "2025-12-25 to 2026-03-24"


def test_without_earlier_papers_no_term_rises(varied):
    earliest = DAY - timedelta(weeks=12)
    assert rising_terms(Tracker(varied, (), NOW), earliest).terms == ()


def test_the_z_score_is_that_of_the_log_odds_ratio_with_an_informative_prior():
    # 6 of 20 against 14 of 180: the prior is a tenth of twenty papers, 2 with and 18 without.
    expected = (log(8 / 32) - log(16 / 184)) / sqrt(1 / 8 + 1 / 16)
    assert z_score(6, 20, 14, 180) == pytest.approx(expected)


@pytest.mark.parametrize("counts", [(0, 20, 0, 200), (20, 20, 200, 200)])
def test_a_term_of_no_paper_or_of_all_papers_has_no_score(counts):
    assert z_score(*counts) == 0


def test_equal_shares_have_no_score_and_smaller_ones_are_negative():
    assert z_score(2, 20, 20, 200) == pytest.approx(0)
    assert z_score(1, 20, 40, 200) < 0

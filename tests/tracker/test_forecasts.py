"""What a topic matches in the newest stored papers, counted before it is added."""

from datetime import timedelta

import pytest
from invented import DAY, NOW, put, sighting

from papertrack.library.library import Library
from papertrack.models import Topic
from papertrack.results import BroadPhrase, Forecast
from papertrack.tracker import Tracker
from papertrack.tracker.forecast import FORECAST_DAYS, forecast

FIRST = DAY - timedelta(days=FORECAST_DAYS - 1)


@pytest.fixture(scope="module")
def tracker():
    """120 papers: 6 on graphs, 7 on trees, of which one is on both; two of the last 90 days old."""
    library = Library(None)
    titles = [*["Graphs"] * 5, "Graphs and trees", *["Trees"] * 6, *["Nothing"] * 108]
    sightings = [
        sighting(f"2603.{number:05}", title=title, day=DAY - timedelta(days=number % 20))
        for number, title in enumerate(titles)
    ]
    put(library, *sightings)
    put(library, sighting("2512.00001", title="Old graphs", day=FIRST - timedelta(days=1)))
    return Tracker(library, (Topic("other", any=("nothing",)),), NOW)


def test_the_papers_of_the_last_90_days_are_counted(tracker):
    result = forecast(tracker, Topic("t", any=("graphs",)))
    assert result == Forecast(6, 120, FIRST, days=20, weeks=4)


def test_a_phrase_that_alone_matches_more_than_a_twentieth_of_the_papers_is_broad(tracker):
    result = forecast(tracker, Topic("t", any=("graphs", "trees")))
    assert (result.matched, result.broad) == (12, (BroadPhrase("trees", 7),))
    narrowed = forecast(tracker, Topic("t", any=("trees",), all=("graphs",)))
    assert (narrowed.matched, narrowed.broad) == (1, ())
    assert forecast(tracker, Topic("t", all=("trees",))).broad == (BroadPhrase("trees", 7),)
    assert forecast(tracker, Topic("t", all=("trees", "a"))).broad == ()


def test_a_few_papers_of_a_small_library_are_not_called_broad():
    library = Library(None)
    put(library, *(sighting(f"2603.0000{number}", title="Graphs") for number in range(4)))
    assert forecast(Tracker(library, (), NOW), Topic("t", any=("graphs",))).broad == ()


def test_topics_without_phrases_are_counted_in_the_same_days(tracker):
    by_author = forecast(tracker, Topic("t", authors=("Nobody Else",)))
    assert (by_author.matched, by_author.papers, by_author.since) == (0, 120, FIRST)


def test_without_papers_of_the_last_90_days_all_papers_are_counted(tracker):
    later = tracker._replace(now=NOW + timedelta(days=400))
    result = forecast(later, Topic("t", any=("graphs",)))
    assert (result.matched, result.papers, result.since) == (7, 121, None)

from datetime import timedelta

import pytest
from invented import DAY, HOUR, NOW, put, sighting

from papertrack.calendar import Span
from papertrack.library.library import Library
from papertrack.models import Topic
from papertrack.tracker import Tracker
from papertrack.tracker.editions import EditionRequest
from papertrack.tracker.rankings import trending

_MONTH = Span(DAY - timedelta(days=29), DAY)


def _request(**options):
    return EditionRequest(Span(DAY, DAY), **options)


def _ids(section):
    return [int(entry.paper.id[-1]) for entry in section.entries]


def _ranked(library, by, request=None, topics=(), **options):
    tracker = Tracker(library, topics, NOW)
    return trending(tracker, request or EditionRequest(_MONTH), by, **options)


def _put_counts(library, number, days_ago, **counts):
    """Put a paper that was listed some days ago; each count has its values by hours before now."""
    hours = {hour for values in counts.values() for hour in values}
    for hour in sorted(hours, reverse=True):
        values = {name: by_hour[hour] for name, by_hour in counts.items() if hour in by_hour}
        day = DAY - timedelta(days=days_ago)
        put(library, sighting(f"2603.0000{number}", day=day, at=NOW - hour * HOUR, **values))


@pytest.mark.parametrize(
    ("by", "order"),
    [("upvotes", [3, 1, 2]), ("stars", [1, 2]), ("comments", [2, 3, 1])],
)
def test_trending_by_a_count_ranks_by_its_last_known_value(by, order):
    library = Library(None)
    put(
        library,
        sighting("2603.00001", upvotes=5, comments=0, stars=900),
        sighting("2603.00002", upvotes=4, comments=7, stars=30),
        sighting("2603.00003", upvotes=6, comments=3),
        sighting("2603.00002", upvotes=3, at=NOW + HOUR),
    )
    tracker = Tracker(library, (), NOW + HOUR)
    report = trending(tracker, _request(), by)
    (section,) = report.sections
    assert _ids(section) == order
    assert by in report.headline
    first = section.entries[0]
    assert first.score == getattr(first.latest, by)


def test_trending_by_rising_ranks_by_score_with_the_gain_over_the_window():
    library = Library(None)
    put(
        library,
        sighting("2603.00001", upvotes=100, day=DAY - timedelta(days=6), at=NOW - 140 * HOUR),
        sighting("2603.00001", upvotes=104, at=NOW, day=DAY - timedelta(days=6)),
        sighting("2603.00002", upvotes=30),
    )
    week = Span(DAY - timedelta(days=6), DAY)
    (section,) = trending(Tracker(library, (), NOW), EditionRequest(week)).sections
    assert [(entry.paper.id[-1], entry.gained) for entry in section.entries] == [
        ("2", None),
        ("1", 4),
    ]
    (day,) = trending(Tracker(library, (), NOW), _request()).sections
    assert _ids(day) == [2]


@pytest.fixture
def gaining():
    """Papers that gained upvotes or stars: 1 and 2 for weeks, 3 and 4 since yesterday."""
    library = Library(None)
    _put_counts(library, 1, 20, upvotes={30: 50, 6: 60}, stars={30: 10, 6: 12})
    _put_counts(library, 2, 10, upvotes={24: 5, 0: 25}, stars={24: 7, 0: 7})
    _put_counts(library, 3, 1, upvotes={24: 0, 0: 90}, stars={24: 100, 0: 150})
    _put_counts(library, 4, 1, upvotes={0: 300}, stars={0: 999})
    _put_counts(library, 5, 12, upvotes={40: 9, 10: 4})
    _put_counts(library, 6, 25, upvotes={20 * 24: 1, 18 * 24: 90})
    return library


def test_late_papers_are_those_that_gain_after_their_first_days(gaining):
    """Not new ones, ones that lose, and ones whose last count says nothing of now."""
    (section,) = _ranked(gaining, "late").sections
    assert [(entry.paper.id[-1], entry.score) for entry in section.entries] == [
        ("2", 20.0),
        ("1", 10.0),
    ]


def test_code_is_ranked_by_stars_gained_a_day(gaining):
    (section,) = _ranked(gaining, "code").sections
    assert [(entry.paper.id[-1], entry.score) for entry in section.entries] == [
        ("3", 50.0),
        ("1", 2.0),
    ]


def test_without_gains_the_report_says_what_a_gain_needs(gaining):
    report = _ranked(gaining, "code", _request())
    assert report.sections[0].total == 0
    assert "two observations" in report.notes[0]
    assert "empty" in _ranked(Library(None), "late").notes[0]


def test_a_ranking_may_be_of_one_topic(gaining):
    put(gaining, sighting("2603.00002", title="Graphs", day=DAY - timedelta(days=10)))
    topics = (Topic("graphs", any=("graph",)),)
    for by in ("rising", "late", "upvotes"):
        (section,) = _ranked(gaining, by, EditionRequest(_MONTH, topic="graphs"), topics).sections
        assert _ids(section) == [2]
        assert section.total == 1


@pytest.fixture
def two_weeks():
    """Upvotes: 1 leads in both weeks, 2 and 3 change places, 4 is new, 5 has left the 30 days."""
    library = Library(None)
    for number, (days_ago, before, now) in enumerate(
        [(20, 80, 90), (20, 60, 61), (20, 50, 70), (2, None, 65), (33, 55, 56)], 1
    ):
        values = {8 * 24: before, 1: now} if before else {1: now}
        _put_counts(library, number, days_ago, upvotes=values)
    return library


def test_weekly_compares_with_the_ranks_of_a_week_before(two_weeks):
    now, gone = _ranked(two_weeks, "upvotes", weekly=True).sections
    assert [(int(entry.paper.id[-1]), entry.rank_before) for entry in now.entries] == [
        (1, 1),
        (3, 4),
        (4, None),
        (2, 2),
    ]
    assert [(int(entry.paper.id[-1]), entry.rank_before) for entry in gone.entries] == [(5, 3)]


def test_papers_that_fell_out_of_the_shown_ones_are_gone(two_weeks):
    request = EditionRequest(_MONTH, trending_limit=2)
    now, gone = _ranked(two_weeks, "upvotes", request, weekly=True).sections
    assert (_ids(now), _ids(gone)) == ([1, 3], [2])
    assert now.total == 4


def test_counts_after_the_week_before_do_not_change_its_ranks(two_weeks):
    _put_counts(two_weeks, 2, 20, upvotes={0: 1000})
    now, _ = _ranked(two_weeks, "upvotes", weekly=True).sections
    assert (_ids(now)[0], now.entries[0].rank_before) == (2, 2)

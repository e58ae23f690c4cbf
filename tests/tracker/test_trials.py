"""Trials: what a topic would have sent of the stored papers, compared with another rule."""

from datetime import UTC, date, datetime

import pytest
from invented import put, sighting

from papertrack.library.library import Library
from papertrack.models import Topic
from papertrack.results import TrialWeek
from papertrack.tracker import Tracker
from papertrack.tracker.papers import Selection, list_papers
from papertrack.tracker.trial import run_trial

NOW = datetime(2026, 3, 31, 18, tzinfo=UTC)
RULE = Topic("rag", any=("retrieval",), none=("rag doll",), threshold=95)


def _paper(number, day, title, **more):
    return sighting(f"2603.{number:05}", day=day, at=NOW, title=title, **more)


@pytest.fixture(scope="module")
def tracker():
    library = Library(None)
    put(
        library,
        _paper(1, date(2026, 3, 10), "Retrieval for all", categories=("cs.CL",)),
        _paper(2, date(2026, 3, 17), "Retrieval of a rag doll"),
        _paper(3, date(2026, 3, 18), "On retreival", authors=("Ada One",)),
        _paper(4, date(2026, 3, 30), "Graphs", abstract="Retrieval of graphs."),
        _paper(5, date(2026, 3, 31), "Nothing of it"),
        _paper(6, date(2026, 3, 31), "Retreival of a rag doll"),
    )
    return Tracker(library, (), NOW)


def _numbers(papers):
    return [int(paper.id[-1]) for paper in papers]


def test_papers_are_counted_by_week_and_weeks_without_a_match_count_too(tracker):
    trial = run_trial(tracker, RULE)
    assert _numbers(trial.sent) == [4, 1]
    assert trial.weeks == (
        TrialWeek(date(2026, 3, 9), 1),
        TrialWeek(date(2026, 3, 16), 0),
        TrialWeek(date(2026, 3, 30), 1),
    )
    assert trial.a_week == pytest.approx(2 / 3)


def test_near_misses_score_just_below_the_threshold_and_are_not_excluded(tracker):
    trial = run_trial(tracker, RULE)
    assert _numbers(trial.near) == [3]
    (near,) = trial.near
    assert (near.match.phrase, near.match.matched) == ("retrieval", "retreival")
    assert near.why_not == f"scores {near.match.score}, below 95"
    assert near.match.score < 95


def test_papers_are_also_counted_at_other_thresholds(tracker):
    counts = dict(run_trial(tracker, RULE._replace(threshold=93)).at_thresholds)
    assert list(counts) == [100, 95, 93, 90, 85, 80]
    for threshold, papers in counts.items():
        assert papers == len(run_trial(tracker, RULE._replace(threshold=threshold)).sent)
    assert (counts[100], counts[90]) == (2, 3)


def test_new_and_lost_papers_are_the_differences_from_the_present_rule_with_the_reason(tracker):
    draft = Topic("rag", any=("retrieval",), none=("for all",), threshold=90)
    trial = run_trial(tracker, draft, RULE)
    assert _numbers(trial.new) == [6, 3, 2]
    assert _numbers(trial.lost) == [1]
    assert trial.lost[0].why_not == "excluded: 'for all' matches 'for all'"
    assert trial.lost[0].match.matched == "Retrieval"
    lacking = run_trial(tracker, RULE._replace(any=("graphs",)), RULE)
    assert [paper.why_not for paper in lacking.lost] == ["does not match the rule"]


def test_a_rule_compared_with_itself_has_no_differences(tracker):
    trial = run_trial(tracker, RULE, RULE)
    assert (trial.new, trial.lost) == ((), ())


def test_weeks_count_back_from_the_current_one(tracker):
    assert _numbers(run_trial(tracker, RULE, weeks=1).sent) == [4]
    assert _numbers(run_trial(tracker, RULE, weeks=4).sent) == [4, 1]
    assert [week.monday for week in run_trial(tracker, RULE, weeks=1).weeks] == [date(2026, 3, 30)]


@pytest.mark.parametrize("threshold", [0, 80, 90, 94, 95, 100])
@pytest.mark.parametrize(
    "rule",
    [
        {"any": ("retrieval",)},
        {"any": ("retrieval", "graphs"), "none": ("rag doll", "retrieval")},
        {"any": ("nothing",), "all": ("of it",)},
        {"all": ("retrieval", "of")},
        {"any": ("graphs",), "authors": ("Ada One", "A. One")},
        {"any": ("retrieval",), "categories": ("cs",)},
        {"categories": ("cs.CL",)},
        {"categories": ("cs.CL",), "none": ("retrieval",)},
        {"any": ("zebra",)},
    ],
)
def test_a_trial_sends_exactly_the_papers_that_list_shows_for_the_topic(tracker, rule, threshold):
    topic = Topic("t", **rule, threshold=threshold)
    selection = Selection(topic="t", everything=True)
    listed = list_papers(tracker._replace(topics=(topic,)), selection)
    assert sorted(paper.id for paper in run_trial(tracker, topic).sent) == sorted(
        entry.paper.id for entry in listed.sections[0].entries
    )

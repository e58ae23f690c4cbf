"""A topic held against the stored past: what it would have sent, and what another would."""

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


def paper(number, day, title, **more):
    return sighting(f"2603.{number:05}", day=day, at=NOW, title=title, **more)


@pytest.fixture(scope="module")
def tracker():
    library = Library(None)
    put(
        library,
        paper(1, date(2026, 3, 10), "Retrieval for all", categories=("cs.CL",)),
        paper(2, date(2026, 3, 17), "Retrieval of a rag doll"),
        paper(3, date(2026, 3, 18), "On retreival", authors=("Ada One",)),
        paper(4, date(2026, 3, 30), "Graphs", abstract="Retrieval of graphs."),
        paper(5, date(2026, 3, 31), "Nothing of it"),
        paper(6, date(2026, 3, 31), "Retreival of a rag doll"),
    )
    return Tracker(library, (), NOW)


def numbers(found):
    return [int(one.id[-1]) for one in found]


def test_papers_are_counted_by_the_week_they_came_in_and_weeks_without_any_count_too(tracker):
    trial = run_trial(tracker, RULE)
    assert numbers(trial.sent) == [4, 1]
    assert trial.weeks == (
        TrialWeek(date(2026, 3, 9), 1),
        TrialWeek(date(2026, 3, 16), 0),
        TrialWeek(date(2026, 3, 30), 1),
    )
    assert trial.a_week == pytest.approx(2 / 3)


def test_near_misses_score_just_below_the_threshold_and_are_not_excluded(tracker):
    trial = run_trial(tracker, RULE)
    assert numbers(trial.near) == [3]
    (near,) = trial.near
    assert (near.match.phrase, near.match.matched) == ("retrieval", "retreival")
    assert near.why_not == f"scores {near.match.score}, below 95"
    assert near.match.score < 95


def test_the_same_is_counted_at_other_thresholds(tracker):
    at = dict(run_trial(tracker, RULE._replace(threshold=93)).at_thresholds)
    assert list(at) == [100, 95, 93, 90, 85, 80]
    for threshold, papers in at.items():
        assert papers == len(run_trial(tracker, RULE._replace(threshold=threshold)).sent)
    assert (at[100], at[90]) == (2, 3)


def test_new_and_lost_are_told_against_the_present_rule_with_the_reason(tracker):
    draft = Topic("rag", any=("retrieval",), none=("for all",), threshold=90)
    trial = run_trial(tracker, draft, RULE)
    assert numbers(trial.new) == [6, 3, 2]
    assert numbers(trial.lost) == [1]
    assert trial.lost[0].why_not == "excluded: 'for all' met 'for all'"
    assert trial.lost[0].match.matched == "Retrieval"
    lacking = run_trial(tracker, RULE._replace(any=("graphs",)), RULE)
    assert [one.why_not for one in lacking.lost] == ["lacks what the rule asks for"]


def test_a_rule_compared_with_itself_loses_and_wins_nothing(tracker):
    trial = run_trial(tracker, RULE, RULE)
    assert (trial.new, trial.lost) == ((), ())


def test_weeks_count_back_from_the_present_one(tracker):
    assert numbers(run_trial(tracker, RULE, weeks=1).sent) == [4]
    assert numbers(run_trial(tracker, RULE, weeks=4).sent) == [4, 1]
    assert [one.monday for one in run_trial(tracker, RULE, weeks=1).weeks] == [date(2026, 3, 30)]


@pytest.mark.parametrize("threshold", [0, 80, 90, 94, 95, 100])
@pytest.mark.parametrize(
    "said",
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
def test_it_sends_the_very_papers_that_list_has_of_the_topic(tracker, said, threshold):
    topic = Topic("t", **said, threshold=threshold)
    selection = Selection(topic="t", everything=True)
    whole = list_papers(tracker._replace(topics=(topic,)), selection)
    assert [one.id for one in run_trial(tracker, topic).sent] == [
        one.paper.id for one in whole.sections[0].entries
    ]

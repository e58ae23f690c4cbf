"""Topics that also want what is related to them: found from what their own papers say."""

import os
from datetime import date, timedelta
from random import Random

import pytest
from invented import DAY, NOW, put, sighting

from papertrack.calendar import Span
from papertrack.library.library import Library
from papertrack.library.relevance import FILE, load_models
from papertrack.models import Topic
from papertrack.results import TrialWeek
from papertrack.tracker import Tracker
from papertrack.tracker.editions import EditionRequest, today
from papertrack.tracker.papers import Selection, list_papers
from papertrack.tracker.search import search
from papertrack.tracker.trial import run_trial
from papertrack.tracker.verdicts import explain

_ODD = ["the", "we", "a", "method", "results", "data", "study", "large", "new", "paper", "task"]
_NEAR = ["nodes", "edges", "vertices", "adjacency", "spectral", "laplacian", "subgraph", "hops"]
TOPIC = Topic(
    "graphs", any=("graph network",), none=("rag doll",), categories=("cs",), breadth="related"
)


def _said(random, words):
    return " ".join(random.sample(words, 5) + random.sample(_ODD, 6))


def _papers():
    """Forty papers that match, ten that say the same without the phrase, two of which are excluded
    or outside, and 250 that say something else.
    """
    random = Random(7)
    others = [f"other{number}" for number in range(60)]
    for number in range(40):
        yield f"1{number:04}", f"Graph network: {_said(random, _NEAR)}", ("cs.LG",)
    for number in range(10):
        more = "rag doll" if number == 8 else ""
        category = "math.CO" if number == 9 else "cs.LG"
        yield f"2{number:04}", f"{_said(random, _NEAR)} {more}", (category,)
    for number in range(250):
        yield f"3{number:04}", _said(random, others), ("cs.LG",)


def _library(folder):
    library = Library(folder and str(folder))
    put(
        library,
        *(
            sighting(
                f"2603.{key}", title=f"Number {key}", abstract=said, categories=cats, upvotes=1
            )
            for key, said, cats in _papers()
        ),
    )
    return library


@pytest.fixture(scope="module")
def tracker(tmp_path_factory):
    return Tracker(_library(tmp_path_factory.mktemp("related")), (TOPIC,), NOW)


MATCHING = {f"2603.1{number:04}" for number in range(40)}
RELATED = {f"2603.2{number:04}" for number in range(8)}


def _ids(section):
    return {one.paper.id for one in section.entries}


def test_what_says_the_same_without_the_phrase_is_related_and_stands_apart(tracker):
    matched, related = list_papers(tracker, Selection("graphs", everything=True)).sections
    assert _ids(matched) == MATCHING
    assert _ids(related) == RELATED
    assert not any(one.matches for one in listed_again(tracker).entries)


def listed_again(tracker):
    return list_papers(tracker, Selection("graphs", everything=True)).sections[1]


def test_what_the_topic_excludes_or_is_outside_of_is_not_related(tracker):
    assert not {"2603.20008", "2603.20009"} & _ids(listed_again(tracker))


def test_every_question_has_the_same_matches_and_the_same_related_papers(tracker):
    edition = today(tracker, EditionRequest(Span(DAY, DAY))).sections[0]
    entries = list(edition.entries)
    assert {one.paper.id for one in entries if one.matches} == MATCHING
    assert {one.paper.id for one in entries if one.related} == RELATED
    assert edition.matched == len(MATCHING)
    of_topic = today(tracker, EditionRequest(Span(DAY, DAY), topic="graphs")).sections[0]
    assert _ids(of_topic) == MATCHING | RELATED
    explained = explain(tracker, sorted(MATCHING | RELATED))
    assert {one.entry.paper.id for one in explained if one.verdicts[0].matched} == MATCHING
    assert {one.entry.paper.id for one in explained if one.entry.related} == RELATED
    assert _ids(search(tracker, "topic:graphs").sections[0]) == MATCHING
    recent = list_papers(tracker, Selection("graphs")).sections
    assert [_ids(one) for one in recent] == [MATCHING, RELATED]


def test_matches_come_first_then_what_is_related_then_the_others(tracker):
    entries = today(tracker, EditionRequest(Span(DAY, DAY))).sections[0].entries
    order = [2 if one.matches else 1 if one.related else 0 for one in entries]
    assert order == sorted(order, reverse=True)


def test_matches_are_the_same_as_without_related_papers(tracker):
    plain = tracker._replace(topics=(TOPIC._replace(breadth="phrases"),))
    (section,) = list_papers(plain, Selection("graphs", everything=True)).sections
    assert _ids(section) == MATCHING
    assert not any(one.related for one in plain.with_matches(plain.library.briefs(DAY)))


def test_what_is_related_says_why(tracker):
    for one in listed_again(tracker).entries:
        (related,) = one.related
        assert related.topic == "graphs"
        assert related.score >= related.least > 0
        assert set(related.words) <= set(_NEAR)


def test_a_trial_has_them_apart_by_week_and_keeps_no_model_of_a_draft(tmp_path):
    tracker = Tracker(_library(tmp_path), (), NOW)
    trial = run_trial(tracker, TOPIC)
    assert {one.id for one in trial.sent} == MATCHING
    assert {one.id for one in trial.related} == RELATED
    assert trial.weeks == (TrialWeek(date(2026, 3, 30), len(MATCHING), len(RELATED)),)
    assert not (tmp_path / FILE).exists()
    assert trial.related == run_trial(tracker._replace(topics=(TOPIC,)), TOPIC, weeks=1).related
    after = tracker._replace(now=NOW + timedelta(weeks=1))
    assert run_trial(after, TOPIC, weeks=1).related == ()
    assert run_trial(tracker, TOPIC._replace(breadth="phrases")).related == ()


def test_a_trial_says_why_nothing_can_be_related(tracker):
    few = run_trial(tracker, Topic("one paper", any=("number 30001",), breadth="related"))
    assert (len(few.sent), few.related) == (1, ())
    assert few.note.startswith("too few papers match")


def test_a_topic_with_few_papers_has_nothing_related(tracker):
    rare = tracker._replace(topics=(Topic("rare", any=("other1",), breadth="related"),))
    narrow = Topic("one paper", any=("number 30001",), breadth="related")
    sections = list_papers(
        rare._replace(topics=(narrow,)), Selection("one", everything=True)
    ).sections
    assert [_ids(one) for one in sections] == [{"2603.30001"}]


def test_a_model_is_kept_and_one_that_is_lost_or_damaged_is_made_anew(tmp_path):
    tracker = Tracker(_library(tmp_path), (TOPIC,), NOW)
    (before,) = tracker.relevance().models
    assert load_models(tracker.library) == (before,)
    for text in ("", "[", "[[1]]", '{"a": 1}'):
        (tmp_path / FILE).write_text(text)
        assert tracker.relevance().models == (before,)
    os.unlink(tmp_path / FILE)
    assert tracker.relevance().models == (before,)
    assert tracker.relevance(make=False).models == (before,)


def test_a_library_that_grew_gets_a_new_model_and_marks_that_follow_from_it(tmp_path):
    tracker = Tracker(_library(tmp_path), (TOPIC,), NOW)
    old = tracker.relevance()
    tracker.update_relevance()
    assert tracker.relevance() == old
    more = (sighting(f"2603.4{n:04}", abstract="graph network cliques") for n in range(150))
    put(tracker.library, *(one for one in more))
    tracker.update_relevance()
    assert tracker.relevance().models[0].papers > old.models[0].papers
    assert tracker.relevance().fingerprint != old.fingerprint


def test_papers_that_come_before_there_is_a_model_wait_for_the_first_look(tmp_path):
    tracker = Tracker(_library(tmp_path), (TOPIC,), NOW)
    with tracker.library.transaction():
        tracker.cache_matches([DAY])
    assert not (tmp_path / FILE).exists()
    marked = tracker.with_matches(tracker.library.briefs(DAY))
    assert {one.paper.id for one in marked if one.related} == RELATED

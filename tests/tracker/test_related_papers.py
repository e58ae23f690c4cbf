"""Topics with related papers, which are found from the words of the topic's own papers."""

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

_COMMON_WORDS = [
    "the",
    "we",
    "a",
    "method",
    "results",
    "data",
    "study",
    "large",
    "new",
    "paper",
    "task",
]
_GRAPH_WORDS = [
    "nodes",
    "edges",
    "vertices",
    "adjacency",
    "spectral",
    "laplacian",
    "subgraph",
    "hops",
]
TOPIC = Topic(
    "graphs", any=("graph network",), none=("rag doll",), categories=("cs",), breadth="related"
)


def _abstract(random, words):
    return " ".join(random.sample(words, 5) + random.sample(_COMMON_WORDS, 6))


def _papers():
    """Forty papers that match, ten with the same words but not the phrase, and 250 others.

    Of the ten, one is excluded by the topic, and one is outside of its categories.
    """
    random = Random(7)
    other_words = [f"other{number}" for number in range(60)]
    for number in range(40):
        yield f"1{number:04}", f"Graph network: {_abstract(random, _GRAPH_WORDS)}", ("cs.LG",)
    for number in range(10):
        excluding = "rag doll" if number == 8 else ""
        category = "math.CO" if number == 9 else "cs.LG"
        yield f"2{number:04}", f"{_abstract(random, _GRAPH_WORDS)} {excluding}", (category,)
    for number in range(250):
        yield f"3{number:04}", _abstract(random, other_words), ("cs.LG",)


def _library(folder):
    library = Library(folder and str(folder))
    put(
        library,
        *(
            sighting(
                f"2603.{key}",
                title=f"Number {key}",
                abstract=abstract,
                categories=categories,
                upvotes=1,
            )
            for key, abstract, categories in _papers()
        ),
    )
    return library


@pytest.fixture(scope="module")
def tracker(tmp_path_factory):
    return Tracker(_library(tmp_path_factory.mktemp("related")), (TOPIC,), NOW)


MATCHING = {f"2603.1{number:04}" for number in range(40)}
RELATED = {f"2603.2{number:04}" for number in range(8)}


def _ids(section):
    return {entry.paper.id for entry in section.entries}


def test_papers_with_the_same_words_but_not_the_phrase_are_related_and_listed_apart(tracker):
    matched, related = list_papers(tracker, Selection("graphs", everything=True)).sections
    assert _ids(matched) == MATCHING
    assert _ids(related) == RELATED
    assert not any(entry.matches for entry in _related_section(tracker).entries)


def _related_section(tracker):
    return list_papers(tracker, Selection("graphs", everything=True)).sections[1]


def test_papers_excluded_by_the_topic_or_outside_of_its_categories_are_not_related(tracker):
    assert not {"2603.20008", "2603.20009"} & _ids(_related_section(tracker))


def test_all_commands_have_the_same_matches_and_the_same_related_papers(tracker):
    edition = today(tracker, EditionRequest(Span(DAY, DAY))).sections[0]
    entries = list(edition.entries)
    assert {entry.paper.id for entry in entries if entry.matches} == MATCHING
    assert {entry.paper.id for entry in entries if entry.related} == RELATED
    assert edition.matched == len(MATCHING)
    of_topic = today(tracker, EditionRequest(Span(DAY, DAY), topic="graphs")).sections[0]
    assert _ids(of_topic) == MATCHING | RELATED
    explanations = explain(tracker, sorted(MATCHING | RELATED))
    assert {item.entry.paper.id for item in explanations if item.verdicts[0].matched} == MATCHING
    assert {item.entry.paper.id for item in explanations if item.entry.related} == RELATED
    assert _ids(search(tracker, "topic:graphs").sections[0]) == MATCHING
    recent = list_papers(tracker, Selection("graphs")).sections
    assert [_ids(section) for section in recent] == [MATCHING, RELATED]


def test_matches_come_first_then_related_papers_then_the_others(tracker):
    entries = today(tracker, EditionRequest(Span(DAY, DAY))).sections[0].entries
    order = [2 if entry.matches else 1 if entry.related else 0 for entry in entries]
    assert order == sorted(order, reverse=True)


def test_matches_are_the_same_as_without_related_papers(tracker):
    plain = tracker._replace(topics=(TOPIC._replace(breadth="phrases"),))
    (section,) = list_papers(plain, Selection("graphs", everything=True)).sections
    assert _ids(section) == MATCHING
    assert not any(entry.related for entry in plain.with_matches(plain.library.briefs(DAY)))


def test_a_related_paper_has_its_score_and_the_words_behind_it(tracker):
    for entry in _related_section(tracker).entries:
        (related,) = entry.related
        assert related.topic == "graphs"
        assert related.score >= related.least > 0
        assert set(related.words) <= set(_GRAPH_WORDS)


def test_a_trial_counts_related_papers_by_week_and_caches_no_model_of_a_draft(tmp_path):
    tracker = Tracker(_library(tmp_path), (), NOW)
    trial = run_trial(tracker, TOPIC)
    assert {paper.id for paper in trial.sent} == MATCHING
    assert {paper.id for paper in trial.related} == RELATED
    assert trial.weeks == (TrialWeek(date(2026, 3, 30), len(MATCHING), len(RELATED)),)
    assert not (tmp_path / FILE).exists()
    assert trial.related == run_trial(tracker._replace(topics=(TOPIC,)), TOPIC, weeks=1).related
    next_week = tracker._replace(now=NOW + timedelta(weeks=1))
    assert run_trial(next_week, TOPIC, weeks=1).related == ()
    assert run_trial(tracker, TOPIC._replace(breadth="phrases")).related == ()


def test_a_trial_without_related_papers_has_a_note_with_the_reason(tracker):
    few = run_trial(tracker, Topic("one paper", any=("number 30001",), breadth="related"))
    assert (len(few.sent), few.related) == (1, ())
    assert few.note.startswith("too few papers match")


def test_a_topic_with_few_papers_has_no_related_papers(tracker):
    rare = tracker._replace(topics=(Topic("rare", any=("other1",), breadth="related"),))
    narrow = Topic("one paper", any=("number 30001",), breadth="related")
    sections = list_papers(
        rare._replace(topics=(narrow,)), Selection("one", everything=True)
    ).sections
    assert [_ids(section) for section in sections] == [{"2603.30001"}]


def test_a_model_is_cached_and_trained_again_if_the_cache_is_lost_or_damaged(tmp_path):
    tracker = Tracker(_library(tmp_path), (TOPIC,), NOW)
    (before,) = tracker.relevance().models
    assert load_models(tracker.library) == (before,)
    for text in ("", "[", "[[1]]", '{"a": 1}'):
        (tmp_path / FILE).write_text(text)
        assert tracker.relevance().models == (before,)
    os.unlink(tmp_path / FILE)
    assert tracker.relevance().models == (before,)
    assert tracker.relevance(train=False).models == (before,)


def test_a_library_that_has_grown_gets_a_new_model_with_another_fingerprint(tmp_path):
    tracker = Tracker(_library(tmp_path), (TOPIC,), NOW)
    old = tracker.relevance()
    tracker.update_relevance()
    assert tracker.relevance() == old
    more = (sighting(f"2603.4{n:04}", abstract="graph network cliques") for n in range(150))
    put(tracker.library, *more)
    tracker.update_relevance()
    assert tracker.relevance().models[0].papers > old.models[0].papers
    assert tracker.relevance().fingerprint != old.fingerprint


def test_papers_stored_before_there_is_a_model_are_matched_by_the_next_command(tmp_path):
    tracker = Tracker(_library(tmp_path), (TOPIC,), NOW)
    with tracker.library.transaction():
        tracker.cache_matches([DAY])
    assert not (tmp_path / FILE).exists()
    entries = tracker.with_matches(tracker.library.briefs(DAY))
    assert {entry.paper.id for entry in entries if entry.related} == RELATED

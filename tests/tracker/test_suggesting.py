"""Suggestions: what sets starred papers apart, and what goes with a topic."""

from math import log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import NOW, put, sighting

from papertrack.library.library import Library
from papertrack.models import State, Topic
from papertrack.tracker import Tracker
from papertrack.tracker.suggestions import ENOUGH, log_likelihood, suggest_terms, suggest_topics

_WORDS = [f"common{number}" for number in range(40)]
TOPIC = Topic("rag", any=("RAG",))


def _abstract(random, number):
    said = {0: "Speculative decoding with a Draft Model. ", 1: "Protein folding, amino acids. "}
    begins = said.get(number % 40, "")
    if number % 25 == 2:
        begins = "RAG by dense retrieval, "
    elif number % 50 == 3:
        begins = "A RAG doll, plush toys, "
    return begins + ", ".join(random.sample(_WORDS, 6))


@pytest.fixture(scope="module")
def tracker():
    """Four hundred papers, of which ten are on decoding and ten on proteins; a topic with sixteen
    on retrieval and eight on dolls. Those on decoding and six on proteins are starred.
    """
    random, library = Random(3), Library(None)
    put(
        library,
        *(
            sighting(f"2603.{number:05}", title=f"N{number}", abstract=_abstract(random, number))
            for number in range(400)
        ),
    )
    chosen = [f"2603.{number:05}" for number in (*range(0, 400, 40), *range(1, 240, 40))]
    library.change_states(chosen, lambda _id, _state: State(starred=True))
    return Tracker(library, (TOPIC,), NOW)


def test_each_interest_becomes_a_topic_with_what_its_papers_say(tracker):
    drafts = suggest_topics(tracker)
    assert drafts.starred == 16
    assert [set(one.topic.any) for one in drafts.drafts] == [
        {"Draft Model", "Speculative decoding"},
        {"Protein folding", "amino acids"},
    ]
    (decoding, protein) = (one.terms[0] for one in drafts.drafts)
    assert (decoding.papers, decoding.others) == (10, 0)
    assert (protein.papers, protein.others) == (6, 4)
    assert decoding.ratio > protein.ratio > 0


def test_what_a_topic_says_already_is_not_suggested(tracker):
    watched = tracker._replace(topics=(Topic("mine", any=("draft models", "amino acid")),))
    said = {phrase for one in suggest_topics(watched).drafts for phrase in one.topic.any}
    assert said == {"Speculative decoding", "Protein folding"}


def test_few_starred_papers_suggest_nothing():
    library = Library(None)
    put(library, sighting("2603.00001", abstract="One paper"))
    library.change_states(["2603.00001"], lambda _id, _state: State(starred=True))
    drafts = suggest_topics(Tracker(library, (), NOW))
    assert drafts.starred < ENOUGH
    assert drafts.drafts == ()


def test_a_topic_is_told_what_goes_with_it_and_what_stands_aside(tracker):
    found = suggest_terms(tracker, TOPIC)
    assert found.papers == 24
    assert {"dense retrieval"} <= {one.phrase for one in found.add}
    hidden = [f"2603.{number:05}" for number in range(3, 400, 50)]
    tracker.library.change_states(hidden, lambda _id, state: state._replace(hidden=True))
    excluded = {one.phrase: one for one in suggest_terms(tracker, TOPIC).exclude}
    assert (excluded["plush toys"].papers, excluded["plush toys"].others) == (8, 0)
    assert set(excluded["plush toys"].ids) == set(hidden)
    tracker.library.change_states(hidden, lambda _id, state: state._replace(hidden=False))


def _of_binomials(said, of, share):
    """The logarithm of what such a count has for likelihood, as Dunning writes it."""
    return said * log(share) + (of - said) * log(1 - share)


@pytest.mark.parametrize(("said", "of", "others", "rest"), [(10, 100, 10, 1000), (3, 7, 40, 900)])
def test_the_ratio_is_twice_that_of_the_likelihoods_of_two_binomials(said, of, others, rest):
    alike = (said + others) / (of + rest)
    apart = _of_binomials(said, of, said / of) + _of_binomials(others, rest, others / rest)
    together = _of_binomials(said, of, alike) + _of_binomials(others, rest, alike)
    assert log_likelihood(said, of, others, rest) == pytest.approx(2 * (apart - together))


counts = st.integers(0, 50)


@given(counts, counts, counts, counts)
def test_the_ratio_is_zero_for_equal_shares_and_its_sign_says_who_says_it_more(a, b, c, d):
    said, of, others, rest = a, a + b + 1, c, c + d + 1
    ratio = log_likelihood(said, of, others, rest)
    assert ratio == pytest.approx(-log_likelihood(others, rest, said, of), abs=1e-6)
    if said * rest > others * of:
        assert ratio >= 0

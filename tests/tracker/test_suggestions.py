"""Suggestions: topics drafted from starred papers, and terms for an existing topic."""

from math import log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import NOW, put, sighting

from papertrack.library.library import Library
from papertrack.models import State, Topic
from papertrack.tracker import Tracker
from papertrack.tracker.suggestions import MIN_PAPERS, log_likelihood, suggest_terms, suggest_topics

_WORDS = [f"common{number}" for number in range(40)]
TOPIC = Topic("rag", any=("RAG",))


def _abstract(random, number):
    interests = {
        0: "Speculative decoding with a Draft Model. ",
        1: "Protein folding, amino acids. ",
    }
    beginning = interests.get(number % 40, "")
    if number % 25 == 2:
        beginning = "RAG with passages by dense retrieval, evidence, facts, citations, grounds, "
    elif number % 100 == 4:
        beginning = "Passages with evidence by dense retrieval, facts, citations, grounds, "
    elif number % 50 == 3:
        beginning = "A RAG doll, plush toys, "
    return beginning + ", ".join(random.sample(_WORDS, 6))


@pytest.fixture(scope="module")
def tracker():
    """Four hundred papers: ten on decoding, all starred, and ten on proteins, six starred.

    The topic has sixteen papers on retrieval and eight on dolls.
    """
    random, library = Random(3), Library(None)
    put(
        library,
        *(
            sighting(f"2603.{number:05}", title=f"N{number}", abstract=_abstract(random, number))
            for number in range(400)
        ),
    )
    starred = [f"2603.{number:05}" for number in (*range(0, 400, 40), *range(1, 240, 40))]
    library.change_states(starred, lambda _id, _state: State(starred=True))
    return Tracker(library, (TOPIC,), NOW)


def test_each_interest_becomes_a_topic_with_the_terms_of_its_papers(tracker):
    suggestions = suggest_topics(tracker)
    assert suggestions.starred == 16
    assert [set(draft.topic.any) for draft in suggestions.drafts] == [
        {"Draft Model", "Speculative decoding"},
        {"Protein folding", "amino acids"},
    ]
    (decoding, protein) = (draft.terms[0] for draft in suggestions.drafts)
    assert (decoding.papers, decoding.others) == (10, 0)
    assert (protein.papers, protein.others) == (6, 4)
    assert decoding.ratio > protein.ratio > 0


def test_phrases_of_existing_topics_are_not_suggested(tracker):
    watched = tracker._replace(topics=(Topic("mine", any=("draft models", "amino acid")),))
    phrases = {phrase for draft in suggest_topics(watched).drafts for phrase in draft.topic.any}
    assert phrases == {"Speculative decoding", "Protein folding"}


def test_few_starred_papers_suggest_nothing():
    library = Library(None)
    put(library, sighting("2603.00001", abstract="One paper"))
    library.change_states(["2603.00001"], lambda _id, _state: State(starred=True))
    suggestions = suggest_topics(Tracker(library, (), NOW))
    assert suggestions.starred < MIN_PAPERS
    assert suggestions.drafts == ()


def test_a_topic_gets_terms_to_add_and_terms_of_hidden_papers_to_exclude(tracker):
    suggestions = suggest_terms(tracker, TOPIC)
    assert suggestions.papers == 24
    assert {"dense retrieval"} <= {term.phrase for term in suggestions.add}
    hidden = [f"2603.{number:05}" for number in range(3, 400, 50)]
    tracker.library.change_states(hidden, lambda _id, state: state._replace(hidden=True))
    excluded = {term.phrase: term for term in suggest_terms(tracker, TOPIC).exclude}
    assert (excluded["plush toys"].papers, excluded["plush toys"].others) == (8, 0)
    assert set(excluded["plush toys"].ids) == set(hidden)
    tracker.library.change_states(hidden, lambda _id, state: state._replace(hidden=False))


def _log_binomial(with_term, papers, share):
    """The log-likelihood of a count, in Dunning's notation log L(p, k, n)."""
    return with_term * log(share) + (papers - with_term) * log(1 - share)


@pytest.mark.parametrize(
    ("with_term", "papers", "others_with_term", "others"), [(10, 100, 10, 1000), (3, 7, 40, 900)]
)
def test_the_ratio_is_twice_the_log_of_the_likelihood_ratio_of_two_binomials(
    with_term, papers, others_with_term, others
):
    share = (with_term + others_with_term) / (papers + others)
    different = _log_binomial(with_term, papers, with_term / papers) + _log_binomial(
        others_with_term, others, others_with_term / others
    )
    equal = _log_binomial(with_term, papers, share) + _log_binomial(others_with_term, others, share)
    ratio = log_likelihood(with_term, papers, others_with_term, others)
    assert ratio == pytest.approx(2 * (different - equal))


counts = st.integers(0, 50)


@given(counts, counts, counts, counts)
def test_the_ratio_is_antisymmetric_and_positive_if_the_term_is_more_frequent_in_the_group(
    with_term, without_term, others_with_term, others_without_term
):
    papers = with_term + without_term + 1
    others = others_with_term + others_without_term + 1
    ratio = log_likelihood(with_term, papers, others_with_term, others)
    reverse = log_likelihood(others_with_term, others, with_term, papers)
    assert ratio == pytest.approx(-reverse, abs=1e-6)
    if with_term * others > others_with_term * papers:
        assert ratio >= 0


def _library(*groups):
    """A library with groups of papers: how many, the beginning of each, and its own vocabulary."""
    random, library = Random(5), Library(None)
    sightings = []
    for count, beginning, kind in groups:
        for _ in range(count):
            words = random.sample([f"{kind}{number}" for number in range(12)], 6)
            text = f"{beginning}, {', '.join(words)}."
            number = len(sightings)
            sightings.append(sighting(f"2603.{number:05}", title=f"N{number}", abstract=text))
    put(library, *sightings)
    return Tracker(library, (), NOW)


ATTACKS = (20, "An adversarial attack", "robust"), (300, "Nothing", "other")


def test_a_part_of_a_phrase_is_suggested_only_if_it_adds_similar_papers():
    similar, others = (8, "An adversarial example", "robust"), (8, "A heart attack", "heart")
    tracker = _library(*ATTACKS, similar, others)
    suggestions = suggest_terms(tracker, Topic("t", any=("adversarial attack",)))
    term = suggestions.add[0]
    assert (term.phrase, term.adds) == ("adversarial", 8)
    assert "attack" not in {term.phrase for term in suggestions.add}
    assert len(term.titles) == 3
    assert set(term.titles) <= {f"N{number}" for number in range(320, 328)}


@pytest.mark.parametrize(("added", "phrases"), [(2, []), (3, ["adversarial"]), (41, [])])
def test_no_term_is_suggested_that_adds_almost_nothing_or_more_than_twice_the_papers(
    added, phrases
):
    tracker = _library(*ATTACKS, (added, "An adversarial example", "robust"))
    suggestions = suggest_terms(tracker, Topic("t", any=("adversarial attack",)))
    suggested = [term.phrase for term in suggestions.add]
    assert [phrase for phrase in suggested if phrase == "adversarial"] == phrases


def test_a_typical_term_is_suggested_only_if_it_adds_clearly_similar_papers():
    own = (20, "Speech recognition by conformers with whispering", "speech")
    others = (
        (300, "Nothing", "other"),
        (8, "Recognition: speech by conformers", "speech"),
        (8, "Whispering", "leaf"),
    )
    suggestions = suggest_terms(_library(own, *others), Topic("t", any=("speech recognition",)))
    assert ("conformers", 8) in {(term.phrase, term.adds) for term in suggestions.add}
    assert "whispering" not in {term.phrase for term in suggestions.add}


@pytest.mark.parametrize(
    ("other", "phrases"), [("automatic speech recognition", ["ASR"]), ("attack success rate", [])]
)
def test_an_acronym_that_other_papers_define_differently_is_not_suggested(other, phrases):
    groups = [
        (20, "Speech recognition, automatic speech recognition (ASR)", "speech"),
        (6, "Recognition, automatic, speech: ASR", "speech"),
        (2, f"The {other} (ASR)", "speech"),
        (300, "Nothing", "other"),
    ]
    topic = Topic("t", any=("speech recognition",), none=("nothing at all",))
    suggestions = suggest_terms(_library(*groups), topic)
    assert [term.phrase for term in suggestions.add if term.phrase == "ASR"] == phrases


def test_starred_papers_do_not_suggest_an_acronym_with_two_definitions():
    tracker = _library(
        (6, "Attack success rate (ASR), ASR", "robust"),
        (20, "Automatic speech recognition (ASR)", "speech"),
        (300, "Nothing", "other"),
    )
    starred = [f"2603.{number:05}" for number in range(6)]
    tracker.library.change_states(starred, lambda _id, _state: State(starred=True))
    phrases = {phrase for draft in suggest_topics(tracker).drafts for phrase in draft.topic.any}
    assert "attack success rate" in {phrase.lower() for phrase in phrases}
    assert "ASR" not in phrases

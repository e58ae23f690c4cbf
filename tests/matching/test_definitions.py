"""Short names that a paper defines match like their long forms, and the other way round."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papertrack.matching.definitions import definitions
from papertrack.matching.matcher import Matcher
from papertrack.models import Paper, Topic


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("We use retrieval-augmented generation (RAG).", "RAG", "retrieval-augmented generation"),
        ("so Low-Rank Adaptation (LoRA) is", "LoRA", "Low-Rank Adaptation"),
        ("all large language models (LLMs)", "LLM", "large language models"),
        ("the vision\ntransformer (ViT)", "ViT", "vision transformer"),
        (
            "reinforcement learning from human feedback (RLHF)",
            "RLHF",
            "reinforcement learning from human feedback",
        ),
    ],
)
def test_a_short_name_in_brackets_stands_for_the_words_before_it(text, short, long):
    assert list(definitions(text)) == [(short, long)]


@pytest.mark.parametrize(
    "text", ["RAG", "(RAG)", "we study it (RAG)", "a model (see below)", "an option (a)", "A (I)"]
)
def test_a_text_without_a_definition_yields_none(text):
    assert list(definitions(text)) == []


@given(st.text("ab RAG(-) ", max_size=40))
@example(")AA(AA)")
def test_a_long_form_is_in_the_text_and_its_first_word_has_a_part_with_the_first_letter(text):
    for short, long in definitions(text):
        assert long in " ".join(text.split())
        first_letters = {part[:1] for part in re.split(r"[-()]", long.split()[0].lower())}
        assert short[0].lower() in first_letters


def _best_match(phrase, title, abstract):
    (match,) = Matcher([Topic("topic", any=(phrase,))]).match(Paper("1", title, abstract=abstract))
    return match.field, match.matched, match.score


def test_a_defined_short_name_matches_its_long_form_and_the_other_way_round():
    defined = "We use Retrieval-Augmented Generation (RAG) well."
    phrase = "retrieval augmented generation"
    assert _best_match(phrase, "RAGs for all", defined) == ("title", "RAGs", 100)
    title = "Retrieval augmented generation for all"
    assert _best_match("RAG", title, defined) == ("title", "Retrieval augmented generation", 100)


def test_a_defined_name_is_found_anywhere_in_another_field():
    defined = "We use Retrieval-Augmented Generation (RAG) well."
    phrase = "retrieval augmented generation"
    assert _best_match(phrase, "Why we need RAGs", defined) == ("title", "RAGs", 100)
    title = "Why we need retrieval augmented generation"
    assert _best_match("RAG", title, defined) == ("title", phrase, 100)


def test_a_short_name_without_a_definition_does_not_match_its_long_form():
    phrase = "retrieval augmented generation"
    field, _, _ = _best_match(phrase, "RAG for all", "Retrieval augmented generation, well.")
    assert field == "abstract"


def test_a_short_name_for_more_than_the_phrase_does_not_match_it():
    defined = "Deep reinforcement learning (DRL) is reinforcement learning."
    assert _best_match("reinforcement learning", "DRL for all", defined)[0] == "abstract"

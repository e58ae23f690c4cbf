"""The terms of a text that may be proposed as phrases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.matching.terms import MAX_WORDS, is_part_of, parts_of, terms
from papertrack.text import fold


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Retrieval-augmented generation", ("retrieval", "augmented", "generation")),
        ("of large language models, which", ("large", "language", "model")),
        ("the state of the world", ()),
        ("(RAG)", ("rag",)),
        ("mixture of experts", ("mixture", "of", "expert")),
    ],
)
def test_a_term_is_a_run_of_words_with_the_last_in_the_singular(text, term):
    text_terms = terms(text)
    assert term in text_terms or not term
    assert not any({"the", "which"} & set(other) for other in text_terms)


def test_no_term_crosses_a_clause_or_begins_or_ends_inside_a_hyphenated_word():
    text_terms = terms("On graphs. State-of-the-art baselines (LoRA) win")
    assert ("baseline",) in text_terms
    assert not {("art", "baseline"), ("graph", "state"), ("lora", "win")} & text_terms.keys()


def test_a_single_word_is_a_term_if_it_has_four_letters_or_is_an_acronym():
    text_terms = terms("web data, RAG")
    assert {("data",), ("rag",), ("web", "data")} == text_terms.keys()


def test_a_term_has_at_most_four_words():
    assert {len(term) for term in terms("large sparse graph neural networks")} == {1, 2, 3, 4}


def test_a_term_is_reported_in_its_first_spelling():
    assert terms("uses vision-language models", "Vision-Language Models")[
        "vision", "language", "model"
    ] == ("vision-language models")


def test_the_parts_of_a_term_are_terms():
    assert parts_of(("large", "languages", "model")) == {
        ("large", "language"),
        ("languages", "model"),
        ("large",),
        ("language",),
        ("model",),
    }
    assert is_part_of(("language",), ("large", "languages", "model"))
    assert not is_part_of(("model",), ("model",))


@given(st.text(st.sampled_from("aB-.('s e\u00e9\u01c5 \n7of"), max_size=40))
def test_every_term_is_contained_in_its_text(text):
    for term, spelling in terms(text).items():
        assert 0 < len(term) <= MAX_WORDS
        assert fold(spelling.split()[0]) in fold(text)

"""The terms of a text: what of it may be a phrase to watch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.matching.terms import LONGEST, parts_of, terms, within
from papertrack.text import fold


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("Retrieval-augmented generation", ("retrieval", "augmented", "generation")),
        ("of large language models, which", ("large", "language", "model")),
        ("the state of the world", ()),
        ("(RAG)", ("rag",)),
        ("mixture of experts", ("mixture", "of", "expert")),
    ],
)
def test_runs_of_words_are_terms_the_last_word_in_the_singular(text, has):
    found = terms(text)
    assert has in found or not has
    assert not any({"the", "which"} & set(term) for term in found)


def test_no_term_crosses_a_clause_or_begins_or_ends_in_a_hyphenated_word():
    found = terms("On graphs. State-of-the-art baselines (LoRA) win")
    assert ("baseline",) in found
    assert not {("art", "baseline"), ("graph", "state"), ("lora", "win")} & found.keys()


def test_a_term_is_told_as_it_is_first_written():
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
    assert within(("language",), ("large", "languages", "model"))
    assert not within(("model",), ("model",))


@given(st.text(st.sampled_from("aB-.('s e\u00e9\u01c5 \n7of"), max_size=40))
def test_every_term_is_said_by_the_text_it_comes_from(text):
    for term, written in terms(text).items():
        assert 0 < len(term) <= LONGEST
        assert fold(written.split()[0]) in fold(text)

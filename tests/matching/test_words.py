"""Folding and plain forms: what counts as the same word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.matching.words import TokenizedText, acronym_base, is_acronym, normal_form, singular
from papertrack.text import fold


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.characters())
def test_a_folded_character_is_stable(character):
    assert fold(fold(character)) == fold(character)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_folds_to_lower_case(text):
    assert fold(text) == text.lower()


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Schr\u00f6dinger", "schrodinger"),
        ("Schro\u0308dinger", "schrodinger"),
        ("\ufb01ne", "fine"),
        ("\uff27\uff30\uff35", "gpu"),
        ("STRASSE", "strasse"),
        ("Stra\u00dfe", "strasse"),
        ("\u0130stanbul", "istanbul"),
    ],
)
def test_accents_ligatures_widths_and_case_fold_away(written, folded):
    assert fold(written) == folded


@given(st.text())
def test_any_text_has_words_and_every_word_a_plain_form(text):
    wording = TokenizedText(text)
    assert all(isinstance(normal_form(word), str) for word in wording.words)
    if wording.words:
        assert wording.text_between(0, 1) == " ".join(wording.words[0].split())


@given(
    st.lists(st.sampled_from(["word", "it's", "\u2019s", " ", "-", "\n", "s", "\u0301", "'", "."]))
)
def test_what_is_between_words_and_the_words_are_the_text(parts):
    text = "".join(parts)
    wording = TokenizedText(text)
    if wording.words:
        last = len(wording.words) - 1
        between = [wording.separator_after(at) for at in reversed(range(last))][::-1]
        pieces = [part for pair in zip(wording.words, between, strict=False) for part in pair]
        whole = "".join([*pieces, wording.words[-1]])
        assert whole in text
        assert TokenizedText(text).text_between(0, last + 1) == " ".join(whole.split())


@pytest.mark.parametrize(
    ("several", "one"),
    [
        ("networks", "network"),
        ("categories", "category"),
        ("meshes", "mesh"),
        ("losses", "loss"),
        ("boxes", "box"),
        ("databases", "database"),
        ("llms", "llm"),
        ("gpus", "gpu"),
        ("matrices", "matrix"),
        ("hypotheses", "hypothesis"),
        ("metrics", "metric"),
    ],
)
def test_plurals_have_their_singular(several, one):
    assert singular(several) == one


@pytest.mark.parametrize(
    "word", ["loss", "bias", "corpus", "analysis", "series", "physics", "news", "rl", "gas"]
)
def test_words_that_only_look_like_plurals_stay(word):
    assert singular(word) == word


@pytest.mark.parametrize(
    ("british", "other"),
    [
        ("Quantisation", "quantization"),
        ("optimised", "optimized"),
        ("modelling", "modeling"),
        ("behaviours", "behavior"),
        ("centre", "center"),
        ("dialogue", "dialog"),
        ("analyse", "analyze"),
    ],
)
def test_british_and_american_endings_are_one(british, other):
    assert normal_form(british) == normal_form(other)


@pytest.mark.parametrize("word", ["noise", "raised", "selling", "four", "hour", "tree", "source"])
def test_words_that_only_look_british_stay(word):
    assert normal_form(word) == word


@pytest.mark.parametrize("word", ["RAG", "LoRA", "ViT", "RL", "GAN", "LLMs", "3D", "BERT"])
def test_short_names_with_capitals_inside_are_acronyms(word):
    assert is_acronym(word)


@pytest.mark.parametrize("word", ["rag", "Graph", "model", "ControlNet", "DIFFUSION"])
def test_other_words_are_no_acronyms(word):
    assert not is_acronym(word)


def test_only_a_small_s_is_an_acronyms_plural():
    assert (acronym_base("LLMs"), acronym_base("GPS"), acronym_base("bus")) == ("LLM", "GPS", "bus")

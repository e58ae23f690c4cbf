"""Tokenizing, folding and normal forms: which words are equal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.matching.plurals import singular
from papertrack.matching.words import TokenizedText, acronym_base, is_acronym, normal_form
from papertrack.text import fold


@given(st.text())
def test_folding_a_folded_text_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.characters())
def test_folding_a_folded_character_changes_nothing(character):
    assert fold(fold(character)) == fold(character)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_folds_to_lower_case(text):
    assert fold(text) == text.lower()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Schr\u00f6dinger", "schrodinger"),
        ("Schro\u0308dinger", "schrodinger"),
        ("\ufb01ne", "fine"),
        ("\uff27\uff30\uff35", "gpu"),
        ("STRASSE", "strasse"),
        ("Stra\u00dfe", "strasse"),
        ("\u0130stanbul", "istanbul"),
        ("كِتَاب", "كتاب"),
        ("كـــتاب", "كتاب"),
        ("أحمد إلى آخر ٱلله", "احمد الى اخر الله"),
        ("کتابی", "كتابي"),
        ("שָׁלוֹם", "שלום"),
        ("\ufb2a\ufb4b", "שו"),
        ("ܫܠܳܡܳܐ", "ܫܠܡܐ"),
        ("бє\u0301ж", "бєж"),
        ("Ёлка ѝ", "елка и"),
        ("ｶﾞｲﾄﾞ", "ガイド"),
    ],
)
def test_folding_removes_accents_vowel_points_ligatures_widths_and_case(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    "pair",
    [
        *(
            "йи",
            "їі",
            "ўу",
            "ѓг",
            "ќк",
            "ӂж",
            "ӣи",
            "かが",
            "はぱ",
            "ハバ",
            "가나",
            "ئي",
            "ؤو",
            "ةه",
        ),
        *("ىي", "कक़", "กก่"),
    ],
)
def test_folding_keeps_letters_and_vowel_signs_of_their_own(pair):
    one, other = pair[0], pair[1:]
    assert fold(one) != fold(other)
    assert fold(unicodedata.normalize("NFD", other)) == fold(other)


@given(st.text())
def test_any_text_can_be_tokenized_and_every_word_has_a_normal_form(text):
    tokens = TokenizedText(text)
    assert all(isinstance(normal_form(word), str) for word in tokens.words)
    if tokens.words:
        assert tokens.text_between(0, 1) == " ".join(tokens.words[0].split())


@given(
    st.lists(st.sampled_from(["word", "it's", "\u2019s", " ", "-", "\n", "s", "\u0301", "'", "."]))
)
def test_words_and_separators_together_are_the_text(parts):
    text = "".join(parts)
    tokens = TokenizedText(text)
    if tokens.words:
        last = len(tokens.words) - 1
        separators = [tokens.separator_after(index) for index in reversed(range(last))][::-1]
        pieces = [piece for pair in zip(tokens.words, separators, strict=False) for piece in pair]
        joined = "".join([*pieces, tokens.words[-1]])
        assert joined in text
        assert TokenizedText(text).text_between(0, last + 1) == " ".join(joined.split())


def test_beside_a_word_are_two_characters_before_it_and_four_after_it():
    tokens = TokenizedText("[=(one)?!.;two")
    assert (tokens.before(0), tokens.after(0)) == ("=(", ")?!.")
    assert (tokens.before(1), tokens.after(1)) == (".;", "")
    assert TokenizedText("x").before(0) == ""


@pytest.mark.parametrize(
    ("plural", "base"),
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
def test_a_plural_has_its_singular(plural, base):
    assert singular(plural) == base


@pytest.mark.parametrize(
    "word", ["loss", "bias", "corpus", "analysis", "series", "physics", "news", "rl", "gas"]
)
def test_a_word_that_only_resembles_a_plural_is_its_own_singular(word):
    assert singular(word) == word


@pytest.mark.parametrize(
    ("british", "american"),
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
def test_british_and_american_endings_have_the_same_normal_form(british, american):
    assert normal_form(british) == normal_form(american)


@pytest.mark.parametrize("word", ["noise", "raised", "selling", "four", "hour", "tree", "source"])
def test_a_word_that_only_resembles_british_spelling_is_its_own_normal_form(word):
    assert normal_form(word) == word


@pytest.mark.parametrize("word", ["RAG", "LoRA", "ViT", "RL", "GAN", "LLMs", "3D", "BERT"])
def test_a_short_name_with_capitals_inside_is_an_acronym(word):
    assert is_acronym(word)


@pytest.mark.parametrize("word", ["rag", "Graph", "model", "ControlNet", "DIFFUSION"])
def test_another_word_is_not_an_acronym(word):
    assert not is_acronym(word)


def test_only_a_lower_case_s_is_the_plural_of_an_acronym():
    assert (acronym_base("LLMs"), acronym_base("GPS"), acronym_base("bus")) == ("LLM", "GPS", "bus")

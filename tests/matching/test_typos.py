"""Which unknown words are treated as typos of watched words."""

import json
import lzma
from collections import Counter

import pytest
from build_vocabulary import confusable, dictionary_words, known_words, main, misspellings
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from papertrack.matching.typos import TypoFinder, edits_up_to, respelled
from papertrack.matching.vocabulary import is_known
from papertrack.text import fold_word


@pytest.mark.parametrize(
    ("typo", "watched"),
    [
        ("detecton", "detection"),
        ("detectiom", "detection"),
        ("dettection", "detection"),
        ("detectoin", "detection"),
        ("edtection", "detection"),
        ("tuinng", "tuning"),
        ("Transfomers", "transformer"),
    ],
)
def test_one_edit_in_a_word_of_six_letters_is_corrected(typo, watched):
    assert TypoFinder([watched]).corrections(typo, fold_word(typo)) == {watched: 1}


def test_a_watched_word_is_not_a_typo_of_itself():
    assert TypoFinder(["retreival"]).corrections("retreival", "retreival") == {}


def test_two_edits_are_corrected_only_from_ten_letters_on():
    assert TypoFinder(["reinforcement"]).corrections("renforcemnt", "renforcemnt") == {
        "reinforcement": 2
    }
    assert TypoFinder(["learning"]).corrections("lerningg", "lerningg") == {}


def test_shorter_words_are_never_corrected():
    assert TypoFinder(["graph", "agent"]).corrections("grpah", "grpah") == {}


@pytest.mark.parametrize(
    ("typo", "watched"), [("cloulds", "cloud"), ("clojuds", "cloud"), ("Agetns", "agent")]
)
def test_a_plural_of_six_letters_is_corrected(typo, watched):
    assert TypoFinder([watched]).corrections(typo, fold_word(typo)) == {watched: 1}


@pytest.mark.parametrize(
    ("word", "watched"),
    [("couds", "cloud"), ("nodls", "model"), ("allies", "alloy")],
)
def test_only_regular_plurals_of_six_letters_and_more_are_longer_words(word, watched):
    assert TypoFinder([watched]).corrections(word, fold_word(word)) == {}


@pytest.mark.parametrize(
    ("word", "watched"),
    [
        ("transition", "translation"),
        ("neutral", "neural"),
        ("production", "prediction"),
        ("quantification", "quantization"),
        ("promoting", "prompting"),
        ("stimulation", "simulation"),
        ("retention", "attention"),
        ("priming", "pruning"),
        ("comprehension", "compression"),
        ("recession", "regression"),
        ("casual", "causal"),
    ],
)
def test_a_known_word_is_not_a_typo_of_a_similar_word(word, watched):
    assert TypoFinder([watched]).corrections(word, fold_word(word)) == {}


@pytest.mark.parametrize("word", ["RegNet", "ReStNet", "RexNets"])
def test_a_name_with_capitals_inside_is_not_a_typo_of_a_similar_name(word):
    assert TypoFinder(["resnet"]).corrections(word, fold_word(word)) == {}


@pytest.mark.parametrize("word", ["resnet2", "r\u00e9gnetz", "resnetq2"])
def test_a_word_with_digits_or_non_ascii_letters_is_not_a_typo(word):
    assert TypoFinder(["resnet"]).corrections(word, fold_word(word)) == {}


@pytest.mark.parametrize(
    ("word", "watched"), [("unquantizable", "quantizable"), ("deblurrer", "deblurred")]
)
def test_a_derived_word_is_not_a_typo_of_its_root(word, watched):
    assert TypoFinder([watched]).corrections(word, fold_word(word)) == {}


def test_a_typo_is_corrected_to_the_closest_known_word_only():
    for word in ("simualtion", "simulatio"):
        assert TypoFinder(["stimulation"]).corrections(word, word) == {}
    assert TypoFinder(["simulation"]).corrections("simualtion", "simualtion") == {"simulation": 1}


@pytest.mark.parametrize(
    ("phrase", "meant"),
    [
        ("video generaton", ["video generation", "video generator"]),
        ("Difusion", ["diffusion"]),
        ("world models", []),
        ("Mamba", []),
        ("DeepSeek", []),
        ("", []),
    ],
)
def test_a_phrase_with_an_unknown_word_may_mean_known_ones(phrase, meant):
    assert respelled(phrase) == meant


def test_common_misspellings_are_not_in_the_vocabulary():
    assert not any(map(is_known, ("langauge", "signficant", "seperate", "aligment")))


def test_the_vocabulary_is_sorted_and_lower_case_and_all_of_it_is_known():
    words = known_words()
    assert words == sorted(set(words))
    assert all(word.isalpha() and word.islower() for word in words)
    assert all(map(is_known, words))
    parts = {word[:end] for word in words for end in range(len(word))}
    assert not any(map(is_known, parts.difference(words)))


@given(st.text("abc", max_size=8), st.text("abc", max_size=8), st.integers(0, 3))
def test_edits_are_those_of_optimal_string_alignment(word, other, most):
    edits = edits_up_to(most, word, other)
    assert min(edits, most + 1) == OSA.distance(word, other, score_cutoff=most)


@given(st.text())
def test_any_text_is_accepted_as_a_word(word):
    assert isinstance(is_known(word), bool)
    assert isinstance(TypoFinder(["detection"]).corrections(word, fold_word(word)), dict)


def test_the_builder_leaves_out_rare_typos_of_frequent_words():
    counts = Counter(language=9000, langauge=5, retention=9000, retension=3, retensioned=2)
    assert misspellings(counts) == {"langauge"}


def test_the_builder_keeps_words_of_one_record_two_edits_from_a_frequent_word():
    counts = Counter(regression=9000, recession=1, regresion=1, zeppelins=1)
    assert confusable(counts) == {"recession"}


def test_the_builder_adds_usual_words_that_could_be_typos_of_frequent_ones():
    counts = Counter(structure=9000, regression=9000, cloud=9000)
    usual = dict.fromkeys(("stricture", "recession", "clout", "clouts", "zeppelins"), 9000)
    assert dictionary_words(counts, usual) == {"stricture", "recession", "clouts"}
    assert dictionary_words(counts, dict.fromkeys(usual, 50)) == set()


def test_the_builder_reads_plain_and_compressed_files(tmp_path, capsys):
    dictionary = tmp_path / "english.json"
    dictionary.write_text('{"grapes": 9000}', encoding="utf-8")
    record = json.dumps({"title": "Sparse graphs", "abstract": "Of {T}ransformers."}) + "\n"
    (tmp_path / "one.jsonl").write_text(record, encoding="utf-8")
    with lzma.open(tmp_path / "two.jsonl.xz", "wt", encoding="utf-8") as packed:
        packed.write(record)
    main(dictionary, [tmp_path / "one.jsonl", tmp_path / "two.jsonl.xz"])
    assert capsys.readouterr().out == "gra phs\nspa rse\n"

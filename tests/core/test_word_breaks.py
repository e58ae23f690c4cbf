"""Words in every script: vowel signs belong to them, and some scripts have no spaces."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.word_breaks import breaks_at_spaces, spaced, words_in


def words(text):
    return [match[0] for match in words_in(text)]


def test_every_combining_mark_belongs_to_the_letter_before_it():
    characters = map(chr, [*range(0x300, 0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x10000)])
    marks = [char for char in characters if unicodedata.category(char) in ("Mn", "Mc")]
    assert len(marks) > 1000
    assert [mark for mark in marks if words(f"a{mark}b") != [f"a{mark}b"]] == []


def test_no_sign_or_space_belongs_to_a_word():
    characters = map(chr, [*range(0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x10000)])
    signs = [char for char in characters if unicodedata.category(char)[0] in "PSZ"]
    assert len(signs) > 1000
    assert [sign for sign in signs if words(f"a{sign}b\u0e01") != ["a", "b", "\u0e01"]] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("deep_learning, R2-D2", ["deep", "learning", "R2", "D2"]),
        ("用LLM生成2张图", ["用", "LLM", "生", "成", "2", "张", "图"]),
        ("ガイドと言語", ["ガ", "イ", "ド", "と", "言", "語"]),
        ("한국어 모델", ["한", "국", "어", "모", "델"]),
        (
            unicodedata.normalize("NFD", "한국"),
            [unicodedata.normalize("NFD", syllable) for syllable in "한국"],
        ),
        ("การ", ["กา", "ร"]),
        ("हिन्दी की", ["हिन्दी", "की"]),
        ("عِلْم الحاسوب", ["عِلْم", "الحاسوب"]),
        ("שָׁלוֹם", ["שָׁלוֹם"]),
        ("na\u0308ive β", ["na\u0308ive", "β"]),
        ("A.I. in the U.S.A.", ["A.I.", "in", "the", "U.S.A."]),
        ("i.i.d., i.e. 3.5 or C. elegans", ["i.i.d.", "i", "e", "3", "5", "or", "C", "elegans"]),
        ("N.L.P.综述", ["N.L.P.", "综", "述"]),
    ],
)
def test_the_words_of_each_script(text, found):
    assert words(text) == found


def test_spaces_are_added_only_around_characters_that_are_words():
    assert spaced("用LLM生成 a graph").split() == ["用", "LLM", "生", "成", "a", "graph"]
    assert spaced("हिन्दी की") == "हिन्दी की"


@given(st.text())
def test_the_quick_test_never_changes_the_words(text):
    """A text that is said to break at spaces has the same words when that is in doubt."""
    if breaks_at_spaces(text):
        assert words(text) == words(f"{text} \u0e01")[:-1]

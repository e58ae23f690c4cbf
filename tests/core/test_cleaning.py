"""Cleaning, shortening and folding text."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.text import clean, fold, shorten

# `clean` also removes the noncharacters of the first plane, and format characters that Unicode 15
# added, which are unassigned in an older Python.
_NONCHARACTERS = {*map(chr, range(0xFDD0, 0xFDF0)), "\ufffe", "\uffff"}
_SINCE_UNICODE_15 = set(map(chr, range(0x13439, 0x13440)))


def _is_invisible(character):
    return unicodedata.category(character) in ("Cc", "Cf", "Cs")


def test_only_controls_formats_surrogates_and_noncharacters_are_removed():
    """Of all code points; white space is replaced with the space."""
    characters = [chr(point) for point in range(sys.maxunicode + 1)]
    removed = set(characters) - set(clean("".join(characters)))
    expected = {char for char in characters if _is_invisible(char) or char.isspace()} - {" "}
    assert removed - _SINCE_UNICODE_15 == (expected | _NONCHARACTERS) - _SINCE_UNICODE_15


def test_every_white_space_character_separates_words():
    spaces = [char for char in map(chr, range(sys.maxunicode + 1)) if char.isspace()]
    assert len(spaces) > 20
    assert {clean(f"a{space}b") for space in spaces} == {"a b"}


@given(st.text(st.characters(codec=None) | st.sampled_from("\x1b\u202e\ud800 \n\t"), max_size=40))
def test_cleaned_text_is_one_visible_line_and_cleaning_it_again_changes_nothing(text):
    cleaned = clean(text)
    assert not any(map(_is_invisible, cleaned))
    assert cleaned == " ".join(cleaned.split())
    assert clean(cleaned) == cleaned


@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S", "M"]), min_size=1)))
def test_visible_words_are_not_changed(words):
    assert clean(" ".join(words)) == " ".join(words)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Attention\n  Is All\tYou Need", "Attention Is All You Need"),
        ("red \x1b[31malert\x1b[0m", "red [31malert[0m"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("next\x85line para\u2029graph", "next line para graph"),
        ("tag \U000e0041\U000e007f!", "tag !"),
        ("  two  spaces ", "two spaces"),
        ("", ""),
    ],
)
def test_text_is_cleaned_as_in_these_examples(text, cleaned):
    assert clean(text) == cleaned


@given(st.text(), st.integers(1, 30))
def test_shortened_text_fits_and_ends_with_an_ellipsis_if_it_was_cut(text, length):
    short = shorten(text, length)
    assert len(short) <= length
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@given(st.text())
def test_folding_folded_text_changes_nothing(text):
    assert fold(fold(text)) == fold(text)

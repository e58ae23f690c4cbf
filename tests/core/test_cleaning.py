import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.text import clean, fold, shorten

# What clean takes away besides controls, formats and surrogates: the noncharacters of the first
# plane, and format characters that Unicode 15 brought and an older Python does not know.
_NONCHARACTERS = {*map(chr, range(0xFDD0, 0xFDF0)), "\ufffe", "\uffff"}
_SINCE_UNICODE_15 = set(map(chr, range(0x13439, 0x13440)))


def _is_invisible(character):
    return unicodedata.category(character) in ("Cc", "Cf", "Cs")


def test_exactly_controls_formats_surrogates_and_noncharacters_go():
    """Over all code points; of white space, only the space remains."""
    everything = [chr(point) for point in range(sys.maxunicode + 1)]
    gone = set(everything) - set(clean("".join(everything)))
    expected = {one for one in everything if _is_invisible(one) or one.isspace()} - {" "}
    assert gone - _SINCE_UNICODE_15 == (expected | _NONCHARACTERS) - _SINCE_UNICODE_15


def test_white_space_of_every_kind_parts_words():
    spaces = [one for one in map(chr, range(sys.maxunicode + 1)) if one.isspace()]
    assert len(spaces) > 20
    assert {clean(f"a{space}b") for space in spaces} == {"a b"}


@given(st.text(st.characters(codec=None) | st.sampled_from("\x1b\u202e\ud800 \n\t"), max_size=40))
def test_cleaned_text_is_one_visible_line_and_stays_so(text):
    cleaned = clean(text)
    assert not any(map(_is_invisible, cleaned))
    assert cleaned == " ".join(cleaned.split())
    assert clean(cleaned) == cleaned


@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S", "M"]), min_size=1)))
def test_visible_words_are_kept_as_they_are(words):
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
def test_cleaning_by_example(text, cleaned):
    assert clean(text) == cleaned


@given(st.text(), st.integers(1, 30))
def test_shortened_text_fits_and_says_that_it_was_cut(text, length):
    short = shorten(text, length)
    assert len(short) <= length
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)

"""Cleaning, shortening and folding text."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.text import MAX_LENGTH, clean, clean_lines, fold, shorten
from papertrack.word_breaks import words_in

# `clean` also removes the noncharacters of the first plane, and format characters that Unicode 15
# added, which are unassigned in an older Python.
_NONCHARACTERS = {*map(chr, range(0xFDD0, 0xFDF0)), "\ufffe", "\uffff"}
_SINCE_UNICODE_15 = set(map(chr, range(0x13439, 0x13440)))


# https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt: those of the property
# Default_Ignorable_Code_Point that are letters, marks or unassigned; and Braille's blank.
_UNSEEN = set(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u2800\u3164\uffa0"
).union(map(chr, (*range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000))))
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"  # seen in some places


def _is_invisible(character):
    return unicodedata.category(character) in ("Cc", "Cf", "Cs") or character in _UNSEEN


def _is_removed(character):
    is_invisible = _is_invisible(character) or character in _NONCHARACTERS
    return is_invisible or (character.isspace() and character != " ")


def test_only_controls_formats_surrogates_noncharacters_and_the_unseen_are_removed():
    """Of all code points; white space is replaced with the space."""
    removed = {char for char in map(chr, range(sys.maxunicode + 1)) if _is_removed(char)}
    assert [char for char in removed if char in clean(f"a{char}b")] == []
    # The others many at a time, as a million calls take seconds.
    for start in range(0, sys.maxunicode + 1, 1024):
        kept = {*map(chr, range(start, start + 1024))} - removed - _SINCE_UNICODE_15
        assert kept <= {*clean(f"a{'ba'.join(kept)}b")}


def test_every_white_space_character_separates_words():
    spaces = [char for char in map(chr, range(sys.maxunicode + 1)) if char.isspace()]
    assert len(spaces) > 20
    assert {clean(f"a{space}b") for space in spaces} == {"a b"}


@given(st.text(st.characters(codec=None) | st.sampled_from("\x1b\u202e\ud800 \n\t"), max_size=40))
def test_cleaned_text_is_one_visible_line_and_cleaning_it_again_changes_nothing(text):
    cleaned = clean(text)
    assert not any(char not in _JOINERS and _is_invisible(char) for char in cleaned)
    assert cleaned == " ".join(cleaned.split())
    assert clean(cleaned) == cleaned


@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S", "M"]), min_size=1)))
def test_visible_words_are_not_changed(words):
    words = ["".join(char for char in word if char not in _UNSEEN) or "x" for word in words]
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
        ("Agents\U000e0151\U000e0152 x", "Agents x"),
        ("A\ufe00\ufe01B", "AB"),
        ("\u3164\u115f\u1160\uffa0\u2800 \u034f\u17b4\u180b", ""),
        ("A" + "\u0301" * 3000 + "!", "A" + "\u0301" * 8 + "!"),
        ("a\u2800b", "a b"),
        # Joiners and selectors stay where they are seen.
        ("\U0001f469\u200d\U0001f52c", "\U0001f469\u200d\U0001f52c"),
        ("\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),
        ("a\u200db\u200c \u200d", "ab"),
        ("a\ufe0f\u200d\u2764", "a\u2764"),
        ("  two  spaces ", "two spaces"),
        ("", ""),
    ],
)
def test_text_is_cleaned_as_in_these_examples(text, cleaned):
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("naïve  “text”", "naïve  “text”"),
        ("  naïve ", "  naïve"),
        ("naïve \n\tlines\n\n", "naïve\n    lines"),
        ("naïve\x1b[2J\u202e\x7f", "naïve[2J"),
        ("ï" + "\u0301" * 9, "ï" + "\u0301" * 8),
        ("a\u0301" * 9, "a\u0301" * 9),
    ],
)
def test_lines_are_cleaned_and_stay_lines(text, cleaned):
    assert clean_lines(text) == cleaned


@given(st.text(), st.integers(1, 30))
def test_shortened_text_fits_and_ends_with_an_ellipsis_if_it_was_cut(text, length):
    short = shorten(text, length)
    assert len(short) <= length
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@given(st.text() | st.text("\u0671\u0627\u0653\u0654\u064b\u0438\u0306\u0308\u0435"))
def test_folding_folded_text_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def test_a_text_from_outside_has_a_limited_length():
    assert len(clean("x" * 10**6)) == MAX_LENGTH
    assert clean(clean("x " * 10**6)) == clean("x " * 10**6)


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_words_are_the_same_with_and_without_joiners(joiner):
    text = f"\u0645\u06cc{joiner}\u062e\u0648\u0627\u0647\u0645"
    assert clean(text) == text
    assert fold(text) == fold(text.replace(joiner, ""))
    assert [word[0] for word in words_in(f"{text} \u0628")] == [text, "\u0628"]

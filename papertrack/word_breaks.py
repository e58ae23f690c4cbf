"""Where the words of a text begin and end, in every script.

A word is a run of letters and digits; a vowel sign or accent belongs to the letter before it. An
abbreviation such as A.I. is one word, with its dots.
Chinese, Japanese, Korean and Thai are written without spaces, or with endings joined to a word:
there each character is a word, so that phrases are found inside running text.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from papertrack.text import not_ascii

# The combining marks (Mn and Mc) of the first plane, the vowels and finals of decomposed Hangul,
# and the letters between them. Written out because deriving them from unicodedata would slow
# down every start; a test compares them with it.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711-\u07f3\u07fd\u0816-\u082d"
    "\u0859-\u085b\u0898-\u08e1\u08e3-\u0963\u0981-\u09e3\u09fe-\u0a75\u0a81-\u0ae3\u0afa-\u0b63"
    "\u0b82-\u0bd7\u0c00-\u0c63\u0c81-\u0c83\u0cbc-\u0d4d\u0d57-\u0d63\u0d81-\u0df3\u0e31-\u0e3a"
    "\u0e47-\u0e4e\u0eb1-\u0ecd\u0f18\u0f19\u0f35\u0f37\u0f39\u0f3e-\u0f84\u0f86-\u0fbc\u0fc6"
    "\u102b-\u103e\u1056-\u109d\u1160-\u135f\u1712-\u1734\u1752-\u17d3\u17dd\u180b-\u180d"
    "\u180f-\u193b\u1a17-\u1a1b\u1a55-\u1a7f\u1ab0-\u1abd\u1abf-\u1b44\u1b6b-\u1b73\u1b80-\u1bf3"
    "\u1c24-\u1c37\u1cd0-\u1cd2\u1cd4-\u1dff\u20d0-\u20dc\u20e1\u20e5-\u20f0\u2cef-\u2cf1"
    "\u2d7f-\u2dff\u302a-\u302f\u3099\u309a\ua66f\ua674-\ua67d\ua69e-\ua6f1\ua802-\ua827\ua82c"
    "\ua880-\ua8c5\ua8e0-\ua8f1\ua8ff-\ua92d\ua947-\ua953\ua980-\ua9c0\ua9e5-\uaa4d\uaa7b-\uaac1"
    "\uaaeb-\uaaef\uaaf5\uaaf6\uabe3-\uabea\uabec-\uabed\ufb1e\ufe00-\ufe0f\ufe20-\ufe2f"
    "\uff9e\uff9f"  # the voicing marks of half-width kana
)
# Thai, decomposed and composed Hangul, kana, bopomofo and Han.
_UNSPACED = (
    "\u0e01-\u0e30\u0e40-\u0e46\u1100-\u115f\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u3096"
    "\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
_JOINER = "[\u200c\u200d]"  # within words of Arabic and Indic scripts
_CHARACTER = f"[{_UNSPACED}][{_MARKS}]*"
# Two capitals, or three other letters: "i.i.d.", but not "e.g.", which would be the name EG.
_ABBREVIATED = r"(?<!\w)(?:(?:[A-Z]\.)+[A-Z]|(?:[a-z]\.){2,}[a-z])(?:\.|(?!\w))"
_ABBREVIATION = re.compile(_ABBREVIATED)
# A cheap test for one, which begins with a dot, as that is found much faster.
_LAST_LETTER = re.compile(r"\.(?:[A-Z]|[a-z]\.[a-z])(?!\w)")
_LETTERS_AND_DIGITS = re.compile(r"[^\W_]+")
_ASCII_BREAKS = "".join(char if char.isalnum() else " " for char in map(chr, range(128)))


@cache
def _every_script() -> re.Pattern[str]:
    """The words of all scripts; compiling it takes 5 ms, and few texts need it."""
    letter = rf"[^\W_{_UNSPACED}]"
    return re.compile(rf"{_CHARACTER}|{letter}(?:{letter}|[{_MARKS}]|{_JOINER}(?={letter}))*")


@cache
def _with_abbreviations(words: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(f"{_ABBREVIATED}|{words.pattern}")


@cache
def _unspaced_character() -> re.Pattern[str]:
    return re.compile(_CHARACTER)


def breaks_at_spaces(text: str) -> bool:
    """Whether the words of a text are all runs of letters and digits; False if in doubt."""
    if text.isascii():
        return True
    return not any(
        # Between these lie Greek, the first letters of Cyrillic, and punctuation.
        "\u0300" <= char < "\u0370" or "\u0483" <= char < "\u2000" or char >= "\u20d0"
        for char in not_ascii(text)
    )


def words_in(text: str) -> Iterator[re.Match[str]]:
    """Return the words of a text in order, as matches with their places."""
    words = _words(text)
    return (_with_abbreviations(words) if _LAST_LETTER.search(text) else words).finditer(text)


def abbreviations(text: str) -> Iterable[re.Match[str]]:
    """Return the abbreviations with dots between their letters, as matches with their places."""
    return _ABBREVIATION.finditer(text) if _LAST_LETTER.search(text) else ()


def without_dots(text: str) -> str:
    """Return a text with its abbreviations written without dots: AI for A.I."""
    if not _LAST_LETTER.search(text):
        return text
    return _ABBREVIATION.sub(lambda match: match[0].replace(".", ""), text)


def split_words(text: str) -> list[str]:
    """Return the words of a text in order; much faster than `words_in`.

    The letters of an abbreviation are words of their own, unless its dots were removed.
    """
    if text.isascii():
        return text.translate(_ASCII_BREAKS).split()  # in half of the expression's time
    words: list[str] = _words(text).findall(text)
    return words


def _words(text: str) -> re.Pattern[str]:
    return _LETTERS_AND_DIGITS if breaks_at_spaces(text) else _every_script()


def is_unspaced(character: str) -> bool:
    """Whether a character is a word, as it belongs to a script without spaces."""
    return not breaks_at_spaces(character) and bool(_unspaced_character().match(character))


def spaced(text: str) -> str:
    """Return a text with a space around each character that is a word."""
    if breaks_at_spaces(text):
        return text
    return _unspaced_character().sub(r" \g<0> ", text).replace("  ", " ")

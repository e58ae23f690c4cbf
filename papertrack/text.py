"""Cleaning text from outside, once, when it is read, and folding text for comparison."""

import re

# Every character of the Unicode categories Cc, Cf and Cs, and the noncharacters of the first plane:
# controls, escapes, bidi overrides, invisible tags, lone surrogates. They are written out because
# deriving them from unicodedata would slow down every start; a test compares them with it.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ud800-\udfff\ufdd0-\ufdef"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]+"
)
_ACCENTS = re.compile("[\u0300-\u036f]+")


def clean(text: str) -> str:
    """Return a text as one line of visible characters.

    White space and line ends become single spaces; control, bidi and other invisible characters are
    removed.
    """
    # Invisible characters are not printable, and isprintable() is much faster than searching.
    if text.isprintable() and "  " not in text:
        return text.strip()
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_INVISIBLE.sub("", line).split())


def clean_lines(text: str) -> str:
    """Return a text cleaned like `clean`, but with its lines and indentation."""
    lines = [_INVISIBLE.sub("", line.expandtabs(4)).rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip("\n")


def shorten(text: str, length: int) -> str:
    """Return a text cut to at most `length` characters, with an ellipsis if it was cut."""
    return text if len(text) <= length else text[: max(0, length - 1)].rstrip() + "…"


def fold(text: str) -> str:
    """Return a text for comparison: in compatibility form (NFKD), case-folded, without accents.

    Folding a folded text changes nothing. Only Latin, Greek and Cyrillic accents (U+0300 to U+036F)
    are removed, because the vowel signs of other scripts are essential to their words.
    """
    if text.isascii():
        return text.lower()
    from unicodedata import normalize  # Most text is ASCII and never needs it.

    # Case folding may produce accents (İ), and an accent may fold to a letter (U+0345), so the text
    # is decomposed before and after it, as in Unicode's own NFKC_Casefold.
    folded = normalize("NFKD", normalize("NFKD", text).casefold())
    return normalize("NFKD", _ACCENTS.sub("", folded).casefold())

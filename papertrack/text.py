"""Text from strangers: cleaning it once, at the door, and folding it for comparison."""

import re

# Every character of the Unicode categories Cc, Cf and Cs and the noncharacters at the end of the
# first plane: controls, escapes, bidi overrides, invisible tags, lone surrogates. Written out, as
# importing unicodedata and walking the table would cost each start; a test compares the two.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ud800-\udfff\ufdd0-\ufdef"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]+"
)
_ACCENTS = re.compile("[\u0300-\u036f]+")


def clean(text: str) -> str:
    """One line of visible text: white space and line ends become single spaces, control, bidi and
    other invisible characters go.
    """
    # Nothing invisible is printable, and telling that is far quicker than looking for it.
    if text.isprintable() and "  " not in text:
        return text.strip()
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_INVISIBLE.sub("", line).split())


def clean_lines(text: str) -> str:
    """Lines of visible text: as `clean`, but what the writer divided and indented stays so."""
    lines = [_INVISIBLE.sub("", line.expandtabs(4)).rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip("\n")


def shorten(text: str, length: int) -> str:
    """`text` cut to `length` characters, the cut marked with an ellipsis."""
    return text if len(text) <= length else text[: max(0, length - 1)].rstrip() + "…"


def fold(text: str) -> str:
    """`text` as it is compared: compatible forms united (NFKD), case folded, accents gone.

    Folding twice changes nothing. Only Latin, Greek and Cyrillic accents (U+0300 to U+036F) go;
    the vowel signs of other scripts are letters to their readers and stay.
    """
    if text.isascii():
        return text.lower()
    from unicodedata import normalize  # ASCII text, the usual one, never needs it

    # Case folding may bring new accents (İ) and a lone accent may fold to a letter (U+0345), so
    # decomposing stands on both sides of it, as in Unicode's own NFKC_Casefold.
    folded = normalize("NFKD", normalize("NFKD", text).casefold())
    return normalize("NFKD", _ACCENTS.sub("", folded).casefold())

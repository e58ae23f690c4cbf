"""Cleaning text from outside, once, when it is read; reading its TeX; folding it for comparison."""

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
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_MAX_ESCAPES = 3  # Services escape texts twice, and a text may contain an escape itself.
# Letters that Unicode does not decompose, and how people type them on other keyboards.
_STROKED = dict(zip("łøđðħŧıȷŋƀɨɫ", "loddhtijnbil", strict=True)) | {
    "æ": "ae", "œ": "oe", "þ": "th"
}  # fmt: skip
_STROKED_LETTER = re.compile("[łøđðħŧıȷŋƀɨɫæœþ]")
# A Greek letter alone is a symbol, whose name people type: β-VAE is beta-VAE.
_GREEK_SYMBOL = re.compile("(?<![\u0370-\u03ff])[\u03b1-\u03c9](?![\u0370-\u03ff])")
_GREEK_NAMES = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        (
            *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota"),
            *("kappa", "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau"),
            *("upsilon", "phi", "chi", "psi", "omega"),
        ),
        strict=True,
    )
)
_TEX_OF_A_PAGE, _TEX_OF_A_TEXT = 50_000, 2_500  # characters of TeX; the former take a second


def clean(text: str) -> str:
    """Return a text as one line of visible characters.

    White space and line ends become single spaces; control, bidi and other invisible characters are
    removed. HTML escapes, which remain if a service escaped a text twice, are decoded.
    """
    if "&" in text:
        text = _unescaped(text)
    # Invisible characters are not printable, and isprintable() is much faster than searching.
    if text.isprintable() and "  " not in text:
        return text.strip()
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_INVISIBLE.sub("", line).split())


def _unescaped(text: str) -> str:
    """Return a text without HTML escapes, so that cleaning a cleaned text changes nothing."""
    for _ in range(_MAX_ESCAPES):
        if not _ENTITY.search(text):
            break
        from html import unescape

        text = _ENTITY.sub(lambda entity: unescape(entity[0]), text)
    return text


def clean_lines(text: str) -> str:
    """Return a text cleaned like `clean`, but with its lines and indentation."""
    lines = [_INVISIBLE.sub("", line.expandtabs(4)).rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip("\n")


def shorten(text: str, length: int) -> str:
    """Return a text cut to at most `length` characters, with an ellipsis if it was cut."""
    return text if len(text) <= length else text[: max(0, length - 1)].rstrip() + "…"


def may_have_tex(text: str) -> bool:
    """Whether reading the TeX of a text may change it. Nearly all texts are sorted out by this."""
    # A chain, as a loop over the marks takes three times as long.
    return (
        "\\" in text
        or "$" in text
        or "{" in text
        or "^" in text
        or "~" in text
        or "`" in text
        or "<" in text
        or "--" in text
    )


class TexReader:
    """Converts the TeX in the texts of a page, as much of it as takes about a second.

    TeX beyond that, or that cannot be converted, stays as it is.
    """

    __slots__ = ("_characters",)

    @classmethod
    def of_a_text(cls) -> "TexReader":
        """A reader for the parts of one text, which reads as much as `readable`."""
        return cls(_TEX_OF_A_TEXT)

    def __init__(self, characters: int = _TEX_OF_A_PAGE) -> None:
        self._characters = characters

    def read(self, text: str) -> str:
        """Return a text as people read it: "H$_2$O" as "H₂O"."""
        if not may_have_tex(text):
            return text
        from papertrack.tex import as_text  # Few texts need it, and the import is slow.

        read, characters = as_text(text, self._characters)
        self._characters -= characters
        return read


def readable(text: str) -> str:
    """Return a text as people read it; see TexReader. The result depends only on the text."""
    return TexReader(_TEX_OF_A_TEXT).read(text) if may_have_tex(text) else text


def fold(text: str) -> str:
    """Return a text for comparison: in compatibility form (NFKD), case-folded, without accents.

    Stroked letters become plain ones, and a Greek letter alone its name. Folding a folded text
    changes nothing. Only Latin, Greek and Cyrillic accents (U+0300 to U+036F) are removed, because
    the vowel signs of other scripts are essential to their words.
    """
    if text.isascii():
        return text.lower()
    from unicodedata import normalize  # Most text is ASCII and never needs it.

    # Case folding may produce accents (İ), and an accent may fold to a letter (U+0345), so the text
    # is decomposed before and after it, as in Unicode's own NFKC_Casefold.
    folded = normalize("NFKD", normalize("NFKD", text).casefold())
    folded = normalize("NFKD", _ACCENTS.sub("", folded).casefold())
    if folded.isascii():
        return folded
    folded = _STROKED_LETTER.sub(_plain_letters, folded)
    # Composed again, so that Korean syllables and voiced kana stay single characters.
    return normalize("NFC", _GREEK_SYMBOL.sub(_greek_name, folded))


def _plain_letters(letter: re.Match[str]) -> str:
    return _STROKED[letter[0]]


def _greek_name(letter: re.Match[str]) -> str:
    return _GREEK_NAMES.get(letter[0], letter[0])

"""Cleaning text from outside, once, when it is read; reading its TeX; folding it for comparison."""

import re
from functools import cache

MAX_LENGTH = 50_000  # characters of a text from outside; abstracts have up to 5,000

# Every character of the Unicode categories Cc, Cf and Cs, and the noncharacters of the first plane:
# controls, escapes, bidi overrides, lone surrogates. And what Unicode calls default ignorable, and
# the fillers of Hangul, which nobody sees although they are letters or marks: variation selectors
# and tags can hide a text within another. They are written out because deriving them from
# unicodedata would slow down every start; a test compares them with it.
_UNSEEN_MARKS = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff"
)
_CONTROLS = (
    "\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ud800-\udfff\ufdd0-\ufdef"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
)
# Braille's blank is a letter that is seen as a space.
_BLANK = "\u2800"
# A joiner changes how letters of these scripts are written, and joins emoji to one; a variation
# selector chooses between the two looks of a symbol. Elsewhere nobody sees them.
_JOINED = (
    "\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc"
)
_SYMBOL = (
    "\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u27bf\u2900-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff"
)
_SEEN = (
    f"(?<=[{_JOINED}])[\u200c\u200d](?=[{_JOINED}])"
    f"|(?:(?<=[{_SYMBOL}])|(?<=[{_SYMBOL}]\ufe0f))\u200d(?=[{_SYMBOL}])"
    f"|(?<=[{_SYMBOL}])[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)"
)
_NOT_ASCII = re.compile("([^\x00-\x7f]+)")
_MOST_MARKS = 8  # on one letter; more would cover the lines above and below it


@cache
def _invisible() -> re.Pattern[str]:
    # Compiled when it is needed, which is rare, because that takes a while.
    return re.compile(f"({_SEEN})|[{_UNSEEN_MARKS}{_CONTROLS}]|({_BLANK})")


@cache
def _unseen_letters() -> frozenset[str]:
    """What nobody sees although `isprintable` says that it is printable."""
    ranges = (
        *((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800)),
        *((0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF)),
    )
    return frozenset(chr(point) for first, last in ranges for point in range(first, last + 1))


@cache
def _many_marks() -> re.Pattern[str]:
    """Runs of characters that are not letters, digits or blanks, and so may be marks."""
    return re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS + 1}}}")


# Accents. Those of Cyrillic are removed after composing, as \u0439 is a letter of its own.
_ACCENTS = re.compile("(?<![\u0400-\u052f\u0300-\u036f])[\u0300-\u036f]+")
_CYRILLIC_ACCENTS = re.compile("[\u0300-\u036f]+")
# The vowel points of Hebrew, Arabic and Syriac, which most texts leave out, and the tatweel, which
# only makes a word longer. The hamza and madda (U+0653 to U+0655) are points of an alef alone.
_VOWEL_POINTS = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u08d3-\u08e1\u08e3-\u08ff]+"
)
_ALEF_POINTS = re.compile("(?<=\u0627)[\u0653-\u0655]+")
_ABJAD = re.compile("[\u0590-\u08ff]")
_JOINERS = re.compile("[\u200c\u200d\ufe0e\ufe0f]+")  # those that `clean` may leave
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_MAX_ESCAPES = 3  # Services escape texts twice, and a text may contain an escape itself.
# Letters that Unicode does not decompose, and how people type them on other keyboards.
_STROKED = dict(zip("łøđðħŧıȷŋƀɨɫ", "loddhtijnbil", strict=True)) | {
    "æ": "ae", "œ": "oe", "þ": "th"
}  # fmt: skip
_STROKED_LETTER = re.compile("[łøđðħŧıȷŋƀɨɫæœþ]")
# Letters that are typed without their dots or accents, and the letters of two keyboards for Arabic.
_SAME_LETTER = str.maketrans("ёѐѝ\u0671\u06a9\u06cc", "ееи\u0627\u0643\u064a")
# A Greek letter alone is a symbol, whose name people type: β-VAE is beta-VAE.
# How these letters are written on keyboards without them: Schroedinger, Aalborg.
_SPELLED_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}
    | {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)
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
_ASCII = bytes(range(128))
_PRINTABLE_ASCII = bytes(range(ord(" "), ord("~") + 1))
_JSON_OF_PLAIN_TEXTS = _PRINTABLE_ASCII.replace(b"&", b"\n")
_SHORT = 64  # characters of a text for which str.isprintable() is the quickest
_TEX_OF_A_PAGE, _TEX_OF_A_TEXT = 50_000, 2_500  # characters of TeX; the former take a second


def clean(text: str) -> str:
    """Return a text as one line of visible characters, of at most MAX_LENGTH characters.

    White space and line ends become single spaces; control, bidi and other invisible characters are
    removed. HTML escapes, which remain if a service escaped a text twice, are decoded.
    """
    if len(text) > MAX_LENGTH:
        text = text[: MAX_LENGTH - 1] + "…"
    if "&" in text:
        text = _unescaped(text)
    if "  " not in text and is_visible(text):
        return text.strip()
    line = " ".join(text.split())
    return line if is_visible(line) else " ".join(visible(line).split())


def is_visible(text: str) -> bool:
    """Whether all characters of a text are seen, and no letter has too many marks: see `visible`.

    Not so for line ends and for spaces other than that of ASCII.
    """
    return is_printable_ascii(text) or (text.isprintable() and _is_seen(text))


def is_printable_ascii(text: str) -> bool:
    """Whether a text has only printable ASCII characters."""
    if len(text) <= _SHORT:
        return text.isascii() and text.isprintable()
    # Of long texts, str.isprintable() takes four times as long.
    return text.isascii() and not text.encode().translate(None, _PRINTABLE_ASCII)


def has_plain_texts(line: bytes) -> bool:
    """Whether all texts in a line of JSON are printable ASCII, with line ends and tabs at most.

    Texts with HTML escapes are not plain.
    """
    if line.translate(None, _JSON_OF_PLAIN_TEXTS):
        return False
    if b"\\" not in line:
        return True
    for escaped in (b"\\\\", b"\\n", b'\\"', b"\\t"):
        line = line.replace(escaped, b"")
    return b"\\" not in line


def unusual_characters(text: str) -> str:
    """Return the characters of a text that are not printable ASCII, in order."""
    return unusual_in_utf8(text.encode(errors="surrogatepass"))


def unusual_in_utf8(encoded: bytes) -> str:
    """As `unusual_characters`, of a text in UTF-8 that may have lone surrogates."""
    return _without(encoded, _PRINTABLE_ASCII)


def not_ascii(text: str) -> str:
    """Return the characters of a text that are not ASCII, in order."""
    return _without(text.encode(errors="surrogatepass"), _ASCII)


def _without(encoded: bytes, characters: bytes) -> str:
    """A text without these ASCII characters: in a fifth of the time of a search for the others."""
    return encoded.translate(None, characters).decode(errors="surrogatepass")


def visible(line: str) -> str:
    """Return a line without the characters that nobody sees, and with at most 8 marks on a letter.

    Joiners and variation selectors stay where they change what is seen.
    """
    if is_visible(line):
        return line
    seen = _invisible().sub(lambda match: match[1] or (match[2] and " ") or "", line)
    return seen if seen.isascii() else _with_few_marks(seen)


def _is_seen(line: str) -> bool:
    """Whether all characters of a printable line are seen, and no letter has too many marks."""
    characters = set(not_ascii(line))
    if not characters.isdisjoint(_unseen_letters()):
        return False
    # Between these lie Greek, the first letters of Cyrillic, and punctuation, which are no marks.
    return not (
        any(
            "\u0300" <= char < "\u0370" or "\u0483" <= char < "\u2000" or char >= "\u20d0"
            for char in characters
        )
        and _many_marks().search(line)
    )


def _with_few_marks(text: str) -> str:
    if not _many_marks().search(text):
        return text
    from unicodedata import category  # as in `fold`

    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if category(char).startswith("M") else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


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
    # Most abstracts are one line with few letters that are not ASCII.
    unusual = unusual_characters(text)
    if unusual.isprintable() and _is_seen(unusual) and not text.endswith(" "):
        return text
    lines = [visible(line.expandtabs(4)).rstrip() for line in text.splitlines()]
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
    changes nothing. Only accents (U+0300 to U+036F) and the vowel points of Hebrew, Arabic and
    Syriac are removed, because the signs of other scripts are essential to their words. So are the
    accents of Cyrillic letters (й, ї, ў), apart from ё.
    """
    if text.isascii():
        return text.lower()
    # Only characters beyond ASCII depend on their neighbours, as accents do; and normalizing a
    # whole text takes far longer.
    parts = _NOT_ASCII.split(text)
    parts[::2] = map(str.lower, parts[::2])
    parts[1::2] = map(_fold_unicode, parts[1::2])
    return "".join(parts)


def fold_word(word: str) -> str:
    """Return a word folded for comparison, an abbreviation without its dots."""
    return fold(word.replace(".", ""))


def _fold_unicode(text: str) -> str:
    """Return a text without ASCII characters for comparison; see `fold`."""
    from unicodedata import normalize  # Most text is ASCII and never needs it.

    text = _JOINERS.sub("", text)
    # Case folding may produce accents (İ), and an accent may fold to a letter (U+0345), so the text
    # is decomposed before and after it, as in Unicode's own NFKC_Casefold.
    folded = normalize("NFKD", normalize("NFKD", text).casefold())
    folded = normalize("NFKD", _ACCENTS.sub("", folded).casefold())
    if folded.isascii():
        return folded
    folded = _STROKED_LETTER.sub(_plain_letters, folded)
    if _ABJAD.search(folded):
        folded = _ALEF_POINTS.sub("", _VOWEL_POINTS.sub("", folded.translate(_SAME_LETTER)))
    # Composed again, so that Korean syllables and voiced kana stay single characters.
    folded = normalize("NFC", _GREEK_SYMBOL.sub(_greek_name, folded))
    return _CYRILLIC_ACCENTS.sub("", folded).translate(_SAME_LETTER)


def spelled_out(text: str) -> str:
    """Return a text with ae for ä, oe for ö and ø, ue for ü and aa for å."""
    if text.isascii():
        return text
    from unicodedata import normalize  # as in `fold`

    return normalize("NFC", text).translate(_SPELLED_OUT)


def _plain_letters(letter: re.Match[str]) -> str:
    return _STROKED[letter[0]]


def _greek_name(letter: re.Match[str]) -> str:
    return _GREEK_NAMES.get(letter[0], letter[0])

"""LaTeX in ASCII: letters with accents and other characters as commands.

The eight bits of a letter in UTF-8 are several letters to the original BibTeX, which cuts labels
between them, sorts them last and prints an error for those of some styles.
"""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from unicodedata import normalize

if TYPE_CHECKING:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

_CHARACTER = re.compile(r"[^\x00-\x7f]|[A-Za-z](?=[\u0300-\u036f])")
_CHARACTER_WITH_MARKS = re.compile(rf"(?:{_CHARACTER.pattern})[\u0300-\u036f]*")
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u",
    "\u0307": ".", "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d",
    "\u0327": "c", "\u0328": "k", "\u0331": "b",
}  # fmt: skip
_BELOW = frozenset("dckb")
# LaTeX takes the dot off an i below the accents of Latin-1. A command for the dotless letter would
# stay one in Biber and Zotero, so it is used below other accents only.
_OVER_I = frozenset("`'^\"")
_DOTLESS = {"i": r"\i", "j": r"\j"}
# Commands that LaTeX has only with another package or font encoding. The letters are read as ASCII.
_NOT_IN_LATEX = re.compile(r"\\(?:cyr|CYR|mathscr|mathfrak|mathbb|ding|Elz|fontencoding|char)")


def ascii_latex(text: str) -> str:
    """Write the characters of a text that are not ASCII as commands of LaTeX.

    Letters that LaTeX has no command for, such as Cyrillic, are transliterated.
    """
    return text if text.isascii() else _CHARACTER_WITH_MARKS.sub(lambda m: _command(m[0]), text)


@lru_cache(4096)
def _command(characters: str) -> str:
    return _accented(characters) or _encoded(characters) or _transliterated(characters)


def _accented(characters: str) -> str:
    r"""A letter with accents that are commands: {\'e}, {\c s}; "" for all others."""
    letter, *marks = list(normalize("NFD", characters))
    if not letter.isascii() or not marks or not _ACCENTS.keys() >= {*marks}:
        return ""
    commands = [_ACCENTS[mark] for mark in marks]
    has_dot = commands[0] in _BELOW or (letter == "i" and commands[0] in _OVER_I)
    text = letter if has_dot else _DOTLESS.get(letter, letter)
    for command in commands:
        argument = text if text in (letter, _DOTLESS.get(letter)) else f"{{{text}}}"
        text = f"\\{command}{' ' * command.isalpha()}{argument}"
    return f"{{{text}}}"


def _encoded(characters: str) -> str:
    """The command for a single character; "" if LaTeX has none."""
    if len(characters) > 1:
        return "".join(map(_command, characters))
    text = str(_encoder().unicode_to_latex(characters))
    return text if text.isascii() and not _NOT_IN_LATEX.search(text) else ""


def _transliterated(characters: str) -> str:
    from anyascii import anyascii

    from papertrack.escaping import latex

    return latex(anyascii(characters))


@cache
def _encoder() -> "UnicodeToLatexEncoder":
    from pylatexenc.latexencode import UnicodeToLatexEncoder

    return UnicodeToLatexEncoder(
        replacement_latex_protection="braces-all",
        unknown_char_policy="keep",
        unknown_char_warning=False,
    )

"""Text and names for BibTeX: TeX that is safe stays as written, everything else is escaped.

Titles and names come from strangers, so only formulas and commands that merely print something are
kept: a bibliography must not read files or define commands.
"""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from papertrack.escaping import latex
from papertrack.people import PersonName, parse_name
from papertrack.tex import (
    ACCENTS,
    LETTERS,
    TEXT_STYLES,
    Piece,
    is_printing,
    pieces,
    typeset,
)
from papertrack.text import TexReader

if TYPE_CHECKING:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

_WORD = re.compile(r"\S+")
_ESCAPED = frozenset("%&$#_")
# Replaces spaces inside formulas while words are separated; cleaned text has no control characters.
_INNER_SPACE = "\x00"


def bibtex_text(text: str) -> str:
    """Return a text in LaTeX; characters other than ASCII stay as they are."""
    return _text(text, TexReader.of_a_text())


def bibtex_title(title: str) -> str:
    """A title in LaTeX with capitalised names in braces, so that styles keep them: {BERT}."""
    reader = TexReader.of_a_text()
    text = "".join(_atom(piece, reader) for piece in pieces(typeset(title)))
    words = _WORD.sub(lambda match: _protect_capitals(match[0]), text)
    return words.replace(_INNER_SPACE, " ")


def bibtex_people(names: list[str]) -> str:
    """Names joined by "and", in ASCII as far as LaTeX has their letters.

    Groups are in braces, and names that BibTeX would divide differently are "von Last, Jr, First".
    ASCII, because BibTeX without Unicode support truncates names in labels between bytes.
    """
    return " and ".join(map(_bibtex_name, names))


def _text(text: str, reader: TexReader) -> str:
    return "".join(_piece(piece, reader) for piece in pieces(typeset(text)))


def _atom(piece: Piece, reader: TexReader) -> str:
    text = _piece(piece, reader)
    return text if piece.kind == "text" else text.replace(" ", _INNER_SPACE)


def _piece(piece: Piece, reader: TexReader) -> str:
    content = "".join(piece.arguments)
    if piece.kind == "math" and is_printing(content):
        return piece.source
    if piece.kind == "group":
        return f"{{{_text(content, reader)}}}"
    if piece.kind == "command":
        if piece.name in _ESCAPED or (
            piece.name in ACCENTS | LETTERS and is_printing(piece.source)
        ):
            return piece.source
        if piece.name in TEXT_STYLES and piece.arguments:
            return f"\\{piece.name}{{{_text(content, reader)}}}"
        return latex(reader.read(piece.source))
    return latex(piece.source)


def _protect_capitals(word: str) -> str:
    if word[1:] == word[1:].lower():
        return word
    # BibTeX treats a brace followed by a backslash as an accented letter, whose case it may change.
    return f"{{{{{word}}}}}" if word.startswith("\\") else f"{{{word}}}"


def _bibtex_name(name: str) -> str:
    person = parse_name(name)
    if person.is_group:
        return f"{{{_ascii(name)}}}"
    if not person.given:
        return _joined(person.particles, _family(person))
    if _is_divided_alike(person):
        return _ascii(name)
    family = _joined(person.particles, _family(person))
    return ", ".join(filter(None, (family, _ascii(person.suffix), _ascii(person.given))))


def _is_divided_alike(person: PersonName) -> bool:
    """Whether BibTeX finds the same parts in the name without commas."""
    return (
        not person.suffix
        and " " not in person.family
        and person.particles == person.particles.lower()
        and not any(word[0].islower() for word in person.given.split())
    )


def _family(person: PersonName) -> str:
    """The family name, in braces if BibTeX would treat a part of it as particles or "others"."""
    words = person.family.split()
    is_split = any(word[0].islower() for word in words[:-1]) or person.family.lower() == "others"
    return f"{{{_ascii(person.family)}}}" if is_split else _ascii(person.family)


def _joined(particles: str, family: str) -> str:
    return f"{_ascii(particles)} {family}" if particles else family


def _ascii(text: str) -> str:
    return "".join(map(_ascii_letter, bibtex_text(text)))


@lru_cache(1024)
def _ascii_letter(char: str) -> str:
    """A letter with an accent or a stroke as a command of LaTeX in braces; others stay."""
    if char.isascii():
        return char
    from unicodedata import name

    if not name(char, "").startswith("LATIN"):
        return char
    text = _encoder().unicode_to_latex(char)
    return str(text)


@cache
def _encoder() -> "UnicodeToLatexEncoder":
    from pylatexenc.latexencode import UnicodeToLatexEncoder

    return UnicodeToLatexEncoder(
        replacement_latex_protection="braces-all",
        unknown_char_policy="keep",
        unknown_char_warning=False,
    )

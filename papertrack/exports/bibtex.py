"""Text and names for BibTeX: TeX that is safe stays as written, everything else is escaped.

Titles and names are untrusted, so only formulas and commands that merely print text are kept: a
bibliography must not read files or define commands.
"""

import re
from collections.abc import Iterable

from papertrack.escaping import latex
from papertrack.exports.ascii_latex import ascii_latex
from papertrack.people import PersonName, author_names, parse_name
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

_WORD = re.compile(r"\S+")
# The punctuation before and after a word stays outside of its braces: BibTeX keeps a capital after
# a colon only if it sees the colon.
_EDGES = re.compile(r"([(\[\"'`“\u2018]*)(.*?)([)\]\"'”\u2019:;,.!?]*)", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]+")
_ENDS_A_SENTENCE = (":", "?", "!", ".", "—", "\u2013")
_LONG_WORD = 4  # letters, of a word that title case writes with a capital
_ESCAPED = frozenset("%&$#_")
# Replaces spaces inside formulas while words are separated; cleaned text has no control characters.
_INNER_SPACE = "\x00"


def bibtex_text(text: str, utf8: bool = False) -> str:  # noqa: FBT001, FBT002  # a filter of templates
    """Return a text in LaTeX; in ASCII unless `utf8` keeps its letters."""
    return _encoded(_read(" ".join(text.split())), utf8=utf8)


def bibtex_plain(text: str, utf8: bool = False) -> str:  # noqa: FBT001, FBT002
    """Return a text without TeX, such as a tag, in LaTeX."""
    return _encoded(latex(text), utf8=utf8)


def bibtex_title(title: str, utf8: bool = False) -> str:  # noqa: FBT001, FBT002
    """A title in LaTeX with names in braces, so that styles keep their capitals: {BERT}."""
    reader = TexReader.of_a_text()
    text = "".join(_atom(piece, reader) for piece in pieces(typeset(title)))
    words = _protect_names(_WORD.findall(text))
    return _encoded(" ".join(words).replace(_INNER_SPACE, " "), utf8=utf8)


def bibtex_people(names: list[str], utf8: bool = False) -> str:  # noqa: FBT001, FBT002
    """Names joined by "and"; in ASCII unless `utf8` keeps their letters.

    Groups are in braces, and names that BibTeX would divide differently are "von Last, Jr, First".
    ASCII, because BibTeX without Unicode support truncates names in labels between bytes.
    """
    return _encoded(" and ".join(map(_bibtex_name, author_names(names))), utf8=utf8)


def bibtex_verbatim(text: str) -> str:
    """Return a DOI or an address as styles want it, unescaped; percent-encoded if it must be."""
    from urllib.parse import quote

    return quote(text, safe="!\"#$%&'()*+,/:;<=>?@[]^`|~")


def _encoded(text: str, *, utf8: bool) -> str:
    return text if utf8 else ascii_latex(text)


def _read(text: str) -> str:
    return _text(text, TexReader.of_a_text())


def _text(text: str, reader: TexReader) -> str:
    return "".join(_piece(piece, reader) for piece in pieces(typeset(text)))


def _atom(piece: Piece, reader: TexReader) -> str:
    text = _piece(piece, reader)
    return text if piece.kind == "text" else text.replace(" ", _INNER_SPACE)


def _piece(piece: Piece, reader: TexReader) -> str:
    content = "".join(piece.arguments)
    if piece.kind == "math":
        is_kept = is_printing(content, is_formula=True)
        return piece.source if is_kept else latex(reader.read(piece.source))
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


def _protect_names(words: list[str]) -> Iterable[str]:
    """The words of a title, with braces around those that are written with capitals anywhere."""
    long_words = [word for word in words[1:] if len(word) >= _LONG_WORD and word.isalpha()]
    lower = sum(map(str.islower, long_words))
    # Where most words are in lower case, those with a capital are names: Fermi liquids.
    has_names = lower > len(long_words) - lower
    for number, word in enumerate(words):
        is_first = not number or words[number - 1].endswith(_ENDS_A_SENTENCE)
        following = words[number + 1] if number + 1 < len(words) else ""
        before, core, after = _parts(word)
        is_name = has_names and not is_first and core[:1].isupper()
        if core == "A":  # the article, or as in: hepatitis A in adults
            is_kept = not is_first and following[:1] == following[:1].lower()
        else:
            is_kept = is_name or _has_own_capitals(core)
        yield f"{before}{_braced(core)}{after}" if is_kept else word


def _parts(word: str) -> tuple[str, str, str]:
    match = _EDGES.fullmatch(word)
    return (match[1], match[2], match[3]) if match else ("", word, "")


def _has_own_capitals(word: str) -> bool:
    """Whether a word has capitals that no title case gives it: LoRA, Q-learning, T5."""
    if word[1:] != word[1:].lower():
        return True
    is_single = any(len(part) == 1 and part.isupper() for part in _LETTERS.findall(word))
    return is_single or (word != word.lower() and any(map(str.isdigit, word)))


def _braced(word: str) -> str:
    # BibTeX treats a brace followed by a backslash as an accented letter, whose case it may change.
    return f"{{{{{word}}}}}" if word.startswith("\\") else f"{{{word}}}"


def _bibtex_name(name: str) -> str:
    person = parse_name(name)
    if person.is_group:
        return f"{{{_read(name)}}}"
    if not person.given:
        return _joined(person.particles, _family(person))
    if _is_divided_alike(person):
        return _read(name)
    family = _joined(person.particles, _family(person))
    return ", ".join(filter(None, (family, _read(person.suffix), _read(person.given))))


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
    return f"{{{_read(person.family)}}}" if is_split else _read(person.family)


def _joined(particles: str, family: str) -> str:
    return f"{_read(particles)} {family}" if particles else family

"""Dividing a text into plain text and pieces of TeX.

Texts of arXiv are plain text with some TeX in it, and not all of it is valid. So each piece is
recognised by itself, and what does not look like TeX, such as the prices $5 and $10, is plain text.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_LONGEST_PIECE = 1000  # characters of a formula or an argument
_DEEPEST = 10  # levels of braces
# Each alternative begins with the same set of characters, which `re` finds quickly.
_START = re.compile(
    r"[\\${_^](?:(?<=\\)(?:(?P<name>[A-Za-z]+)\*?|(?P<symbol>.))|(?P<dollar>(?<=\$)\$?)"
    r"|(?P<brace>(?<=\{)(?<![\w)\]][_^]\{))|(?P<script>(?<=[\w)\]][_^])(?=\{)))"
)
_BRACES = re.compile(r"\\.|[{}]")
_DOLLAR = re.compile(r"\\.|\$\$?")
_ARGUMENT = re.compile(r"\s?\[[^][{}]{0,40}\](?=\{)|(?=\{)")
_LETTER = re.compile(r"\s?(?:\\[ij](?![A-Za-z])|[^\W\d_])")
_SYMBOL_ACCENTS = frozenset("'`^\"~=.")
_LETTER_ACCENTS = frozenset("uvHtcdbrk")
ACCENTS = _SYMBOL_ACCENTS | _LETTER_ACCENTS
_MATH_BRACKETS = {"(": r"\)", "[": r"\]"}
_WORD = re.compile(r"(?<![\\A-Za-z])[a-z]{2,}(?![A-Za-z])|[A-Za-z]{4,}")
_NOT_WORDS = re.compile(r"\\[A-Za-z]+|\{[^{}]*\}")
_TEX_CHARACTER = re.compile(r"[\\^_{}]")
_TWO_WORDS = re.compile(r"[A-Za-z]{2}.*[^A-Za-z][A-Za-z]{2}")
_MAX_WORDS = 3  # of a formula, outside braces

PieceKind = Literal["text", "math", "script", "command", "group"]


class Piece(NamedTuple):
    """A part of a text.

    `source` is the piece as written. `name` is the name of a command, such as "textbf" or "%", and
    `arguments` are the contents of the braces after it. A group, a formula and a script outside a
    formula have their content as the only argument.
    """

    kind: PieceKind
    source: str
    name: str = ""
    arguments: tuple[str, ...] = ()


def pieces(text: str) -> Iterator[Piece]:
    """Yield the pieces of a text in order; their sources joined are the text."""
    at = copied = 0
    while start := _START.search(text, at):
        piece = _piece(text, start)
        if piece is None:
            at = start.end()
            continue
        if copied < start.start():
            yield Piece("text", text[copied : start.start()])
        yield piece
        at = copied = start.start() + len(piece.source)
    if copied < len(text):
        yield Piece("text", text[copied:])


def _piece(text: str, start: re.Match[str]) -> Piece | None:
    if start["dollar"] is not None:
        return _formula(text, start)
    if start["brace"] is not None:
        end = _group_end(text, start.start())
        source = text[start.start() : end]
        return Piece("group", source, "", (source[1:-1],)) if end else None
    if start["script"] is not None:
        end = _group_end(text, start.end())
        source = text[start.start() : end]
        return Piece("script", source, "", (source,)) if end else None
    if start["symbol"] in _MATH_BRACKETS:
        return _bracketed(text, start, _MATH_BRACKETS[start["symbol"]])
    return _command(text, start)


def _formula(text: str, start: re.Match[str]) -> Piece | None:
    """The formula between two dollar signs, None if it does not look like one."""
    limit = start.end() + _LONGEST_PIECE
    ends = (end for end in _DOLLAR.finditer(text, start.end(), limit) if end[0][0] == "$")
    end = next(ends, None)
    if end is None or end.start() == start.end():
        return None
    if len(end[0]) > len(start[0]):  # "$a$$b$" is two formulas.
        stop = end.start() + 1
    elif len(end[0]) < len(start[0]):
        return None
    else:
        stop = end.end()
    content = text[start.end() : end.start()]
    if not _is_math(content, text[stop : stop + 1]):
        return None
    return Piece("math", text[start.start() : stop], "", (content,))


def _is_math(content: str, following: str) -> bool:
    """Whether a text between two dollar signs is a formula, and not prices or shell variables."""
    words = len(_WORD.findall(_NOT_WORDS.sub("", content)))
    if _TEX_CHARACTER.search(content):
        return words <= _MAX_WORDS
    if content[0].isdigit() and (following.isdigit() or _TWO_WORDS.search(content)):
        return False
    if content[-1].isspace() and (words or following.isalnum()) and not content[:1].isspace():
        return False
    if content[0].isspace() and words:
        return False
    return words <= _MAX_WORDS


def _bracketed(text: str, start: re.Match[str], closing: str) -> Piece | None:
    end = text.find(closing, start.end(), start.end() + _LONGEST_PIECE)
    if end < 0:
        return None
    return Piece("math", text[start.start() : end + 2], "", (text[start.end() : end],))


def _command(text: str, start: re.Match[str]) -> Piece:
    """A command with the groups that follow it directly."""
    name, at = start["name"] or start["symbol"], start.end()
    if name in ACCENTS and (letter := _LETTER.match(text, at)):
        # A letter accent needs a space before its letter, else it would be another command.
        return Piece("command", text[start.start() : letter.end()], name, (letter[0].strip(),))
    arguments: list[str] = []
    while opening := _ARGUMENT.match(text, at):
        end = _group_end(text, opening.end())
        if not end or (start["symbol"] and (arguments or name not in _SYMBOL_ACCENTS)):
            break
        arguments.append(text[opening.end() + 1 : end - 1])
        at = end
    return Piece("command", text[start.start() : at], name, tuple(arguments))


def _group_end(text: str, start: int) -> int:
    """The end of the group whose brace opens at `start`; 0 if it is unclosed, long or deep."""
    depth = 0
    for brace in _BRACES.finditer(text, start, start + _LONGEST_PIECE):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            return brace.end()
        if depth > _DEEPEST:
            break
    return 0

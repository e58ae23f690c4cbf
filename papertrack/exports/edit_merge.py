"""A new export into an old file: the reader's words stay, papertrack's lines are replaced.

What stands outside the marks stays as it is, byte for byte, but for the counts in front matter.
Between them every line without a checksum of papertrack's is the reader's (see `markers`); it stays
beneath the heading or the paper under which it stands. A paper that is told no more goes, unless
the reader ticked it or wrote something beneath it: then it stays where it was.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from papertrack.errors import UsageError
from papertrack.exports.markers import (
    BEGIN,
    BEGINS,
    END,
    PAPER,
    bare,
    box,
    checksum,
    own_beginning,
)

_PAPER = "paper "
_LINE_END = re.compile(r"\r\n|\n|\r")
# Not $, before which a line may only end in \n.
_ENDS = r"(?![^\r\n])"
_FRONT = re.compile(
    rf"\ufeff?---[ \t]*(?:\r\n|\n|\r)(.*?)^---[ \t]*{_ENDS}", re.DOTALL | re.MULTILINE
)
# What papertrack goes on counting; the other keys of front matter are the reader's once written.
_COUNTED = re.compile(
    rf"^(version|updated|upvotes|comments|code_stars):[^\r\n]*{_ENDS}"
    r"(?!(?:\r\n|\n|\r)[ \t-](?!--))",
    re.MULTILINE,
)


class _Piece(NamedTuple):
    """A heading or a paper: its lines as they stand, and of them what the reader wrote behind
    papertrack's and beneath them; the empty lines that follow.
    """

    name: str
    lines: list[str]
    sums: Sequence[str]
    behind: dict[int, str]
    beneath: list[str]
    after: list[str]

    @property
    def is_paper(self) -> bool:
        return self.name.startswith(_PAPER)

    @property
    def tick(self) -> str:
        """What stands in the box of a paper."""
        return box(self.lines[0]) if self.is_paper else " "

    @property
    def is_marked(self) -> bool:
        """Whether the reader did anything with it."""
        return bool(self.tick != " " or self.behind or self.beneath)


def merge_edits(old: str, new: str) -> str:
    """What the file is to say that said `old`, where `new` is what an empty one would say.

    Writing the same again changes nothing. Raises UsageError where the marks of `old` are missing
    or damaged, so that nobody can tell whose words are whose.
    """
    if old == new or not old.strip("\ufeff \t\r\n"):
        return new
    begin, end = _marks(old)
    new_begin, new_end = _marks(new)
    known = _pieces(old[begin.end() : end.start()], end[1].split())
    fresh = _pieces(new[new_begin.end() : new_end.start()], new_end[1].split())
    lines = [BEGINS, *_woven(known, fresh), new_end[0]]
    before = _counted(old[: begin.start()], new[: new_begin.start()])
    return before + _line_end(old).join(lines) + old[end.end() :]


def _marks(text: str) -> tuple[re.Match[str], re.Match[str]]:
    begins, ends = list(BEGIN.finditer(text)), list(END.finditer(text))
    if len(begins) == len(ends) == 1 and begins[0].end() <= ends[0].start():
        return begins[0], ends[0]
    if not begins and not ends:
        raise UsageError(
            "it does not have papertrack's marks, so its words are somebody else's",
            next_step=f"write {BEGINS} and <!-- papertrack end --> on two lines of it"
            " to have papers between them, or name another file",
        )
    raise UsageError(
        f"it has {len(begins)} marks where papertrack's lines begin and {len(ends)} where they end",
        next_step=f"leave one line {BEGINS} and one line <!-- papertrack end --> around them",
    )


def _pieces(text: str, sums: Sequence[str]) -> list[_Piece]:
    """The pieces between the marks; the first has only what stands before all others."""
    pieces = [_piece("", [], ())]
    empty: list[str] = []
    lines = _LINE_END.split(text)
    for number, line in enumerate(lines):
        if not line.strip():
            # Beside the marks there is always a line end, which is no empty line.
            empty += [""] if 0 < number < len(lines) - 1 else []
            continue
        # Most lines are what papertrack wrote of the paper above them.
        own = checksum(line) in pieces[-1].sums[1:]
        if begun := None if own else _begun(line, sums):
            pieces[-1].after[:] = empty
            pieces.append(begun)
        else:
            _add(pieces[-1], line, empty)
        empty = []
    pieces[-1].after[:] = empty
    return pieces


def _piece(name: str, lines: list[str], sums: Sequence[str]) -> _Piece:
    return _Piece(name, lines, sums, {}, [], [])


def _begun(line: str, sums: Sequence[str]) -> _Piece | None:
    """The piece that begins with this line, if one does."""
    if found := PAPER.search(line):
        return _paper(line, found)
    own = _own(line, sums)
    if own is None:
        return None
    piece = _piece(own[0], [line], ())
    if own[1]:
        piece.behind[0] = own[1]
    return piece


def _paper(line: str, found: re.Match[str]) -> _Piece:
    piece = _piece(_PAPER + found[1], [line], found[2].split())
    said, behind = bare(line[: found.start()]), line[found.end() :].rstrip()
    length = own_beginning(said, piece.sums[:1])
    if length is not None:
        behind = said[length:] + behind
    elif said:
        piece.beneath.append(f"  {said}")
    if behind:
        piece.behind[0] = behind
    return piece


def _add(piece: _Piece, line: str, empty: Sequence[str]) -> None:
    """Take in a line that begins nothing: one of papertrack's of a paper, or one of the reader."""
    piece.lines.extend([*empty, line])
    own = _own(line, piece.sums[1:])
    if own is None:
        piece.beneath.extend([*empty, line])
    elif own[1]:
        piece.behind[piece.sums.index(own[0], 1)] = own[1]


def _own(line: str, sums: Sequence[str]) -> tuple[str, str] | None:
    """The checksum by which a line is papertrack's, and what the reader wrote behind it."""
    said = bare(line)
    length = own_beginning(said, sums)
    return None if length is None else (checksum(said[:length]), said[length:])


def _woven(known: Sequence[_Piece], fresh: Sequence[_Piece]) -> Iterator[str]:
    """The lines between the marks: those of the new pieces, with what the old ones had of the
    reader.
    """
    had: dict[str, list[_Piece]] = {}
    kept: dict[str, list[str]] = {}
    names = {piece.name for piece in fresh}
    last = known[0].name
    for piece in known:
        if piece.name in names:
            had.setdefault(piece.name, []).append(piece)
            last = piece.name
        elif piece.is_marked:
            kept.setdefault(last, []).extend(_left(piece))
    for piece in fresh:
        yield from _renewed(piece, had.pop(piece.name, []))
        yield from kept.pop(piece.name, [])
        yield from piece.after


def _left(piece: _Piece) -> list[str]:
    """What stays of a piece that is told no more: a paper as it is, of a heading the reader's."""
    if piece.is_paper:
        return piece.lines
    return [*(words.strip() for words in piece.behind.values()), *piece.beneath]


def _renewed(piece: _Piece, old: Sequence[_Piece]) -> Iterator[str]:
    """The lines of a piece with the reader's words of before."""
    behind = {number: words for one in old for number, words in one.behind.items()}
    tick = next((one.tick for one in old if one.tick != " "), " ")
    for number, line in enumerate(piece.lines):
        shown = line if number else line.replace("[ ]", f"[{tick}]", 1)
        yield shown.rstrip() + behind.pop(number) if number in behind else shown
    yield from (f"  {words.strip()}" for words in behind.values())
    for one in old:
        yield from one.beneath


def _line_end(text: str) -> str:
    """How most lines of a text end."""
    found = _LINE_END.findall(text)
    return max(("\n", "\r\n", "\r"), key=found.count)


def _counted(old: str, new: str) -> str:
    """The old beginning of a file, with the new counts in its front matter."""
    front, fresh = _FRONT.match(old), _FRONT.match(new)
    if front is None or fresh is None:
        return old
    counts = {found[1]: found[0] for found in _COUNTED.finditer(fresh[1])}
    counted = _COUNTED.sub(lambda found: counts.get(found[1], found[0]), front[1])
    return old[: front.start(1)] + counted + old[front.end(1) :]

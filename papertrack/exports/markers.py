"""Markers in markdown files, by which papertrack recognises its own lines in a later export.

They are HTML comments, which markdown viewers do not show:

    <!-- papertrack begin -->
    - [ ] A title <!-- papertrack paper 2603.10165 5d41402abc 7d793037a0 -->
      facts about the paper
    <!-- papertrack end 9b74c9897b -->

The hexadecimal numbers are checksums of the lines that papertrack wrote. The first line of a paper
has those of the paper's lines, the end marker those of all others, such as headings. A line
without a checksum is the reader's.

A paper has a box to tick or, because Logseq does not recognise boxes as tasks, a task of Logseq:
`- TODO A title` becomes `- DONE A title`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Literal
from urllib.parse import quote, unquote

_CHECKSUMS = r"((?: [0-9a-f]{10})*)"
# A title may have the text of a marker; its "<" is escaped with a backslash.
_COMMENT = r"(?<!\\)<!-- papertrack"
BEGIN_PATTERN = re.compile(rf"{_COMMENT} begin -->")
END_PATTERN = re.compile(rf"{_COMMENT} end{_CHECKSUMS} -->")
PAPER_PATTERN = re.compile(rf"{_COMMENT} paper ([^\s<>-]+){_CHECKSUMS} -->")
BEGIN_MARKER = "<!-- papertrack begin -->"
END_MARKER = "<!-- papertrack end -->"
TickStyle = Literal["boxes", "logseq"]
_LONGEST_OWN = 100_000  # characters of a line that papertrack may have written
# The text before a paper that the reader has not ticked.
UNTICKED: Mapping[TickStyle, str] = {"boxes": "[ ]", "logseq": "TODO"}
# The states of a task in Logseq, with the character that a box has instead.
_TASKS = {
    **dict.fromkeys(("TODO", "LATER", "WAITING", "WAIT"), " "),
    **dict.fromkeys(("DOING", "NOW", "STARTED", "IN-PROGRESS"), "/"),
    **dict.fromkeys(("CANCELED", "CANCELLED"), "-"),
    "DONE": "x",
}
_TASK_OF_BOX = {"x": "DONE", "X": "DONE", "/": "DOING", "-": "CANCELED"}
# Characters that formatters of markdown take away or add without a change of meaning: backslashes
# of escapes, and angle brackets around addresses.
FORMATTING_SIGNS = "\\<>"
_LEFT_OUT = str.maketrans("", "", FORMATTING_SIGNS)
# Formatters align the cells of a table with spaces and hyphens.
_CELL_EDGE, _RULE = re.compile(r"\s*\|\s*"), re.compile(r"-{3,}")
# A bullet with its tick: a box, a task of Logseq with its priority, or both, as Logseq puts a task
# before a box. Editors may change the bullet, and readers may write other characters into the box.
_BULLET = re.compile(
    r"\s*(?:[-*+]\s+(?P<tick>"
    rf"(?P<task>(?P<state>{'|'.join(_TASKS)})(?:\s+\[#[A-C]\])?(?:\s+|$))?"
    r"(?:\[(?P<box>.)\](?:\s+|$))?))?"
)


def paper_marker(paper_id: str) -> str:
    """The marker on the first line of a paper, without checksums."""
    # Hyphens are percent-encoded, because two of them could end the comment.
    return f"<!-- papertrack paper {quote(paper_id, safe='/:').replace('-', '%2D')} -->"


def tick_of(line: str) -> str:
    """The box or task at the start of a line, such as "[x]", "DONE" or "TODO [#A]"; "" without."""
    return (_bullet(line)["tick"] or "").rstrip()


def is_ticked(line: str) -> bool:
    """Whether a line has a ticked box, or a task of Logseq that is done."""
    bullet = _bullet(line)
    return bullet["state"] == "DONE" or bullet["box"] in ("x", "X")


def with_tick(line: str, tick: str) -> str:
    """The first line of a paper with the reader's tick, converted to the tick style of the line."""
    own, readers = tick_of(line), _bullet(f"- {tick}")
    if own in _TASKS:
        task = (readers["task"] or "").rstrip() or _TASK_OF_BOX.get(readers["box"])
        return line.replace(own, task or f"{own} {tick}", 1)
    # A task with a box or a priority stays as it is, as boxes have no equivalent.
    return line.replace(own, f"[{_TASKS[tick]}]" if tick in _TASKS else tick, 1)


def bare(line: str) -> str:
    """A line without its bullet, its tick and surrounding white space.

    Of the row of a table, what aligns its cells is left out, too.
    """
    text = line[_bullet(line).end() :].rstrip()
    if text.startswith("|"):
        text = _RULE.sub("---", _CELL_EDGE.sub("|", text))
    return text


def _bullet(line: str) -> re.Match[str]:
    return next(_BULLET.finditer(line))  # It matches at the start of every line.


def checksum(line: str) -> str:
    """The checksum of a line, in ten hexadecimal digits.

    Bullet, indentation and what formatters change do not count.
    """
    return _checksums(bare(line))[0]


def checksums(line: str) -> tuple[str, str]:
    """The checksum of a line, and that of papertrack 0.1, which counted what formatters change."""
    return _checksums(bare(line))


def own_beginning(
    line: str, sums: Iterable[str], appendable: Collection[str] | None = None
) -> tuple[int, str] | None:
    """How many characters of a bare line papertrack wrote, and the checksum of these.

    The reader appended the others. None if no beginning of the line has one of these checksums.
    `appendable` are those of lines to which the reader may have appended something, by default all:
    trying every beginning is slow.
    """
    known = set(sums)
    if not known:
        return None
    for digits in _checksums(line):  # quick, and true of almost all lines
        if digits in known:
            return len(line), digits
    beginnings = known if appendable is None else known.intersection(appendable)
    running, former = blake2b(digest_size=5), blake2b(digest_size=5)
    for length, character in enumerate(line[:_LONGEST_OWN] if beginnings else "", 1):
        running.update(_encoded(character.translate(_LEFT_OUT)))
        former.update(_encoded(character))
        for digits in (running.hexdigest(), former.hexdigest()):
            if digits in beginnings:
                return length, digits
    return None


def paper_of(line: str) -> str | None:
    """The id of the paper whose first line this is, or None."""
    match = PAPER_PATTERN.search(line)
    return unquote(match[1]) if match else None


def ticked_papers(text: str) -> tuple[str, ...]:
    """The ids of the ticked papers, each once, in the order of the text."""
    lines = filter(is_ticked, text.splitlines())
    return tuple(dict.fromkeys(paper for line in lines if (paper := paper_of(line)) is not None))


def with_checksums(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a new file, adding checksums to the markers.

    Indented lines after the first line of a paper belong to that paper.
    """
    is_inside, other_sums, paper_lines = False, list[str](), list[str]()
    for line in lines:
        if paper_lines and not line.startswith("  "):
            yield from _paper_with_checksums(paper_lines)
            paper_lines = []
        if line == END_MARKER:
            yield _add_to_marker(END_MARKER, dict.fromkeys(other_sums))
        elif paper_lines or PAPER_PATTERN.search(line):
            paper_lines.append(line)
        else:
            if is_inside and line:
                other_sums.append(checksum(line))
            is_inside = is_inside or line == BEGIN_MARKER
            yield line


def _paper_with_checksums(lines: list[str]) -> Iterator[str]:
    first = lines[0]
    title = PAPER_PATTERN.split(first)[0]
    yield _add_to_marker(first, map(checksum, (title, *lines[1:])))
    yield from lines[1:]


def _add_to_marker(line: str, sums: Iterable[str]) -> str:
    before, end, after = line.rpartition(" -->")
    return before + "".join(f" {digits}" for digits in sums) + end + after


def _checksums(text: str) -> tuple[str, str]:
    return _digest(text.translate(_LEFT_OUT)), _digest(text)


def _digest(text: str) -> str:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=5).hexdigest()


def _encoded(text: str) -> bytes:
    return text.encode(errors="surrogatepass")

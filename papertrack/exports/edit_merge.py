"""Merging a new export into a file that its reader has edited.

Text outside the begin and end markers stays as it is, byte for byte, except for the counts and the
names of former keys in front matter. Between the markers, a line without one of papertrack's
checksums is the reader's (see `markers`); it stays below the heading or paper that it follows. A
paper that is not in the new export is removed, unless the reader ticked it or wrote something
there; then it stays in place.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from papertrack.errors import UsageError
from papertrack.exports.markers import (
    BEGIN_MARKER,
    BEGIN_PATTERN,
    END_MARKER,
    END_PATTERN,
    FORMATTING_SIGNS,
    PAPER_PATTERN,
    UNTICKED,
    bare,
    checksum,
    checksums,
    own_beginning,
    tick_of,
    with_tick,
)

_PAPER = "paper "
_HARD_BREAK = "\\"  # what formatters write for two spaces at the end of a line
_LINE_END = re.compile(r"\r\n|\n|\r")
# Used instead of $, which matches before \n but not before \r.
_END_OF_LINE = r"(?![^\r\n])"
_FRONT_MATTER = re.compile(
    rf"\ufeff?---[ \t]*(?:\r\n|\n|\r)(.*?)^---[ \t]*{_END_OF_LINE}", re.DOTALL | re.MULTILINE
)
# The keys of front matter that an export updates; the reader may edit all others.
_COUNT = re.compile(
    rf"^(version|updated|upvotes|comments|code_stars):[^\r\n]*{_END_OF_LINE}"
    r"(?!(?:\r\n|\n|\r)[ \t-](?!--))",
    re.MULTILINE,
)

# The keys `paper_id` and `paper_url` of notes were `id` and `url` in papertrack 0.1. Editors may
# remove the quotes. A `url` without a host is the reader's, as it is the path of a page to Hugo.
_PAPER_KEY = re.compile(r"^paper_(?:id|url):", re.MULTILINE)
_PAPER_ID = re.compile(rf'^paper_id: "([^\r\n]*)"{_END_OF_LINE}', re.MULTILINE)
_FORMER_URL = re.compile(r"""^url(?=:[ \t]+(?:["']?https?://|null\b))""", re.MULTILINE)


class _Block(NamedTuple):
    """A heading or a paper with the lines below it, up to the next block.

    `sums` are the checksums of a paper's lines. `appended` is text of the reader at the end of
    papertrack's lines, by line number; `below` are whole lines of the reader. `blank` are the blank
    lines after the block.
    """

    name: str
    lines: list[str]
    sums: Sequence[str]
    appended: dict[int, str]
    below: list[str]
    blank: list[str]

    @property
    def is_paper(self) -> bool:
        return self.name.startswith(_PAPER)

    @property
    def tick(self) -> str:
        """The box or task of a paper that the reader changed; "" for an untouched one."""
        tick = tick_of(self.lines[0]) if self.is_paper else ""
        return "" if tick in UNTICKED.values() else tick

    @property
    def is_edited(self) -> bool:
        """Whether the reader ticked it or wrote something in it."""
        return bool(self.tick or self.appended or self.below)


def merge_edits(old: str, new: str) -> str:
    """Merge the new rendering into the old text, keeping the reader's edits.

    Merging the same rendering again changes nothing. Raises UsageError if markers of `old` are
    missing or damaged, because they distinguish papertrack's lines from the reader's.
    """
    if old == new or not old.strip("\ufeff \t\r\n"):
        return new
    begin, end = _find_markers(old)
    new_begin, new_end = _find_markers(new)
    old_blocks = _parse_blocks(old[begin.end() : end.start()], end[1].split())
    new_blocks = _parse_blocks(new[new_begin.end() : new_end.start()], new_end[1].split())
    lines = [BEGIN_MARKER, *_merge_blocks(old_blocks, new_blocks), new_end[0]]
    before = _update_front_matter(old[: begin.start()], new[: new_begin.start()])
    return before + _line_end(old).join(lines) + old[end.end() :]


def _find_markers(text: str) -> tuple[re.Match[str], re.Match[str]]:
    begins, ends = _all_markers(text, 0)
    front = _FRONT_MATTER.match(text)
    if front and (len(begins) > 1 or len(ends) > 1):
        # A title in the front matter may have the text of a marker.
        begins, ends = _all_markers(text, front.end())
    if len(begins) == len(ends) == 1 and begins[0].end() <= ends[0].start():
        return begins[0], ends[0]
    if not begins and not ends:
        raise UsageError(
            "it has no papertrack markers, so it may be a file of yours",
            next_step=f"add the lines {BEGIN_MARKER} and {END_MARKER} where the papers should go,"
            " or name another file",
        )
    raise UsageError(
        f"it has {len(begins)} begin and {len(ends)} end markers",
        next_step=f"keep one line {BEGIN_MARKER} and, below it, one line {END_MARKER}",
    )


def _all_markers(text: str, start: int) -> tuple[list[re.Match[str]], list[re.Match[str]]]:
    return list(BEGIN_PATTERN.finditer(text, start)), list(END_PATTERN.finditer(text, start))


def _parse_blocks(text: str, sums: Sequence[str]) -> list[_Block]:
    """The blocks between the markers. The first holds the lines above all headings and papers."""
    blocks = [_new_block("", [], ())]
    blank: list[str] = []
    lines = _LINE_END.split(text)
    changed = _ChangedLines(lines)
    for number, line in enumerate(lines):
        if not line.strip():
            # The first and the last line are the rest of the lines that hold the markers.
            blank += [""] if 0 < number < len(lines) - 1 else []
            continue
        # A quick test, true of most lines: papertrack wrote the line as part of the paper above.
        is_own = checksum(line) in blocks[-1].sums[1:]
        if block := None if is_own else _start_block(line, sums, changed):
            blocks[-1].blank[:] = blank
            blocks.append(block)
        else:
            _add_line(blocks[-1], line, blank, changed)
        blank = []
    blocks[-1].blank[:] = blank
    return blocks


class _ChangedLines:
    """Finds the lines of papertrack that are no longer as it wrote them.

    Only the beginnings of lines are compared with these: trying every beginning of megabytes of the
    reader's own text would take long. A paper's lines are looked for up to the next paper.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._by_paper: dict[str, set[str]] = {}
        self._all: set[str] = set()
        paper = self._by_paper.setdefault("", set())
        for line in lines:
            if marker := PAPER_PATTERN.search(line):
                paper = self._by_paper.setdefault(_PAPER + marker[1], set())
            paper.update(checksums(line))
            self._all.update(checksums(line))

    def of_paper(self, block: "_Block") -> set[str]:
        """The checksums of lines of a paper that are changed or missing."""
        return set(block.sums[1:]) - self._by_paper.get(block.name, set())

    def of_others(self, line: str, sums: Sequence[str]) -> set[str]:
        """The same for headings and other lines; headings may be repeated."""
        return set(sums) if line.lstrip().startswith("#") else set(sums) - self._all


def _new_block(name: str, lines: list[str], sums: Sequence[str]) -> _Block:
    return _Block(name, lines, sums, {}, [], [])


def _start_block(line: str, sums: Sequence[str], changed: _ChangedLines) -> _Block | None:
    """The block that starts with this line, or None if it starts none."""
    if marker := PAPER_PATTERN.search(line):
        return _start_paper(line, marker)
    own = _split_own(line, sums, changed.of_others(line, sums))
    if own is None:
        return None
    block = _new_block(own.name, [line], ())
    if own.appended:
        block.appended[0] = own.appended
    return block


def _start_paper(line: str, marker: re.Match[str]) -> _Block:
    block = _new_block(_PAPER + marker[1], [line], marker[2].split())
    title, appended = bare(line[: marker.start()]), line[marker.end() :].rstrip()
    appended = "" if appended == _HARD_BREAK else appended
    if own := own_beginning(title, block.sums[:1]):
        appended = title[own[0] :] + appended
    elif title:
        block.below.append(f"  {title}")
    if appended:
        block.appended[0] = appended
    return block


def _add_line(block: _Block, line: str, blank: Sequence[str], changed: _ChangedLines) -> None:
    """Add a line that starts no block: one that papertrack wrote for a paper, or the reader's."""
    block.lines.extend([*blank, line])
    own = _split_own(line, block.sums[1:], changed.of_paper(block))
    if own is None:
        block.below.extend([*blank, line])
    elif own.appended:
        block.appended[block.sums.index(own.sum, 1)] = own.appended


class _OwnLine(NamedTuple):
    """A line of papertrack, by its checksum, its sum in the file and what the reader appended."""

    name: str
    sum: str
    appended: str


def _split_own(line: str, sums: Sequence[str], appendable: Collection[str]) -> _OwnLine | None:
    """What papertrack wrote and the reader appended, None if papertrack did not write the line."""
    text = bare(line)
    own = own_beginning(text, sums, appendable)
    if own is None:
        return None
    length, digits = own
    return _OwnLine(checksum(text[:length]), digits, text[length:])


def _merge_blocks(old: Sequence[_Block], new: Sequence[_Block]) -> Iterator[str]:
    """The lines between the markers: those of the new blocks, with the edits of the old ones."""
    by_name: dict[str, list[_Block]] = {}
    retained: dict[str, list[str]] = {}
    new_names = {block.name for block in new}
    last_name = old[0].name
    for block in old:
        if block.name in new_names:
            by_name.setdefault(block.name, []).append(block)
            last_name = block.name
        elif block.is_edited:
            retained.setdefault(last_name, []).extend(_retained_lines(block))
    for block in new:
        yield from _merge_block(block, by_name.pop(block.name, []))
        yield from retained.pop(block.name, [])
        yield from block.blank


def _retained_lines(block: _Block) -> list[str]:
    """What stays of an edited block that is not in the new export.

    A paper stays whole; of a heading, only the reader's text stays.
    """
    if block.is_paper:
        return block.lines
    return [*(text.strip() for text in block.appended.values()), *block.below]


def _merge_block(new: _Block, old: Sequence[_Block]) -> Iterator[str]:
    """The lines of a new block with the edits of the old blocks of that name."""
    appended = {number: text for block in old for number, text in block.appended.items()}
    tick = next((block.tick for block in old if block.tick), "")
    for number, line in enumerate(new.lines):
        merged = line if number or not tick else with_tick(line, tick)
        if number in appended:
            merged = merged.rstrip() + _without_own_ending(appended.pop(number), line)
        yield merged
    yield from (f"  {text.strip()}" for text in appended.values())
    for block in old:
        yield from block.below


def _without_own_ending(appended: str, line: str) -> str:
    """What the reader appended to a line, without the signs that papertrack's line ends with.

    Checksums leave these signs out, so that they seem to be appended. Formatters may have removed
    their backslashes.
    """
    own = line.rstrip()
    if marker := PAPER_PATTERN.search(own):
        own = own[: marker.start()].rstrip()
    ending = own[len(own.rstrip(FORMATTING_SIGNS)) :]
    if appended.startswith(ending):
        return appended.removeprefix(ending)
    return appended.removeprefix(ending.replace("\\", ""))


def _line_end(text: str) -> str:
    """The most frequent line end of a text."""
    ends = _LINE_END.findall(text)
    return max(("\n", "\r\n", "\r"), key=ends.count)


def _update_front_matter(old: str, new: str) -> str:
    """The old text above the markers, with the new counts and keys in its front matter."""
    old_front, new_front = _FRONT_MATTER.match(old), _FRONT_MATTER.match(new)
    if old_front is None or new_front is None:
        return old
    counts = {match[1]: match[0] for match in _COUNT.finditer(new_front[1])}
    updated = _COUNT.sub(lambda match: counts.get(match[1], match[0]), old_front[1])
    updated = _rename_former_keys(updated, new_front[1])
    return old[: old_front.start(1)] + updated + old[old_front.end(1) :]


def _rename_former_keys(old: str, new: str) -> str:
    """The old front matter of a note with today's names of papertrack's keys."""
    paper_id = _PAPER_ID.search(new)
    if paper_id is None or _PAPER_KEY.search(old):
        return old
    value = rf"""["']?{re.escape(paper_id[1])}["']?[ \t]*{_END_OF_LINE}"""
    renamed = re.sub(rf"^id(?=:[ \t]+{value})", "paper_id", old, flags=re.MULTILINE)
    return _FORMER_URL.sub("paper_url", renamed)

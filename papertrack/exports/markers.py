"""The marks by which papertrack knows its own lines in a markdown file again.

They are HTML comments, which no reader of markdown shows:

    <!-- papertrack begin -->
    - [ ] A title <!-- papertrack paper 2603.10165 5d41402abc 7d793037a0 -->
      what is told of the paper
    <!-- papertrack end 9b74c9897b -->

The numbers are checksums of the lines that papertrack wrote: of a paper's own lines at its first,
of all others, as headings, at the end. A line without one is the reader's, whatever it says.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from urllib.parse import quote, unquote

_SUMS = r"((?: [0-9a-f]{10})*)"
BEGIN = re.compile(r"<!-- papertrack begin -->")
END = re.compile(rf"<!-- papertrack end{_SUMS} -->")
PAPER = re.compile(rf"<!-- papertrack paper ([^\s<>-]+){_SUMS} -->")
BEGINS = "<!-- papertrack begin -->"
ENDS = "<!-- papertrack end -->"
# A bullet with its box: editors change the bullet, readers what is in the box.
_BULLET = re.compile(r"\s*(?:[-*+]\s+(?:\[(.)\](?:\s+|$))?)?")


def paper_mark(paper_id: str) -> str:
    """The mark at the first line of a paper, without checksums."""
    # Two hyphens may end a comment, so that an id could.
    return f"<!-- papertrack paper {quote(paper_id, safe='/:').replace('-', '%2D')} -->"


def box(line: str) -> str:
    """What stands in the box at the beginning of a line; a space where there is none."""
    found = _BULLET.match(line)
    return (found and found[1]) or " "


def bare(line: str) -> str:
    """A line without its bullet, its box, and the white space around it."""
    return _BULLET.sub("", line, count=1).rstrip()


def checksum(line: str) -> str:
    """What a line says, in ten digits, whatever its bullet and its indentation."""
    return _digits(bare(line))


def own_beginning(line: str, sums: Iterable[str]) -> int | None:
    """How many characters of a bare line papertrack wrote: all, or less where the reader added to
    its end; None where none of these checksums is that of its beginning.
    """
    known, summed = set(sums), blake2b(digest_size=5)
    if not known or _digits(line) in known:  # as nearly always
        return len(line) if known else None
    for number, character in enumerate(line, 1):
        summed.update(character.encode(errors="surrogatepass"))
        if summed.hexdigest() in known:
            return number
    return None


def paper_of(line: str) -> str | None:
    """The id of the paper whose first line this is."""
    found = PAPER.search(line)
    return unquote(found[1]) if found else None


def ticked(text: str) -> tuple[str, ...]:
    """The ids of the papers whose box is ticked, each once, in the order of the text."""
    lines = (line for line in text.splitlines() if box(line) in "xX")
    return tuple(dict.fromkeys(paper for line in lines if (paper := paper_of(line)) is not None))


def with_checksums(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a new file with their checksums, as they come. What follows the first line of a
    paper and is indented is that paper's.
    """
    within, frame, block = False, list[str](), list[str]()
    for line in lines:
        if block and not line.startswith("  "):
            yield from _sealed_paper(block)
            block = []
        if line == ENDS:
            yield ENDS.replace(" -->", "".join(f" {one}" for one in dict.fromkeys(frame)) + " -->")
            within = False
        elif PAPER.search(line) or block:
            block.append(line)
        else:
            if within and line:
                frame.append(checksum(line))
            within = within or line == BEGINS
            yield line


def _sealed_paper(block: list[str]) -> Iterator[str]:
    first = block[0]
    sums = [checksum(first[: first.index("<!-- papertrack paper")]), *map(checksum, block[1:])]
    before, end, behind = first.rpartition(" -->")
    yield before + "".join(f" {one}" for one in sums) + end + behind
    yield from block[1:]


def _digits(text: str) -> str:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=5).hexdigest()

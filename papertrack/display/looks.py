"""The looks of everything drawn for a terminal: styles by their meaning, the console, rows.

All drawings take their styles from here, so that a colour has one meaning everywhere.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from papertrack.display import DrawStyle

HEADING = VALUE = "bold"
MATCHED = "bold not dim"
SECONDARY = "dim"
TOPIC = "magenta"
GAIN = BAR = "green"
CODE = "blue"
GOOD, UNSURE, BAD = "green", "yellow", "red"

GAP = "  "
INDENT = 4  # cells
_LEAST_LAST = 24  # cells of a last column; with fewer it goes below the others
_DEFAULT_WIDTH, _HEIGHT = 80, 25


def new_console(out: TextIO, draw_style: DrawStyle) -> Console:
    """A console that prints text literally: no markup, no emoji codes, no highlighting."""
    width = _terminal_width(out)
    return _Console(
        file=out,
        highlight=False,
        markup=False,
        emoji=False,
        no_color=not draw_style.color or None,
        width=width,
        height=_HEIGHT if width else None,  # Without it, rich takes 80 columns for a dumb terminal.
    )


def _terminal_width(out: TextIO) -> int | None:
    """The width where rich does not find it: of dumb terminals, and with COLUMNS=0."""
    if os.environ.get("COLUMNS") != "0" and os.environ.get("TERM") not in ("dumb", "unknown"):
        return None
    columns = os.environ.get("COLUMNS", "0")
    if columns.isdecimal() and int(columns):
        return int(columns)
    for stream in (out, sys.stdout, sys.stderr, sys.stdin):
        with suppress(OSError, ValueError, AttributeError):
            return os.get_terminal_size(stream.fileno()).columns or _DEFAULT_WIDTH
    return _DEFAULT_WIDTH


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Raise the error, which the command line handles for all formats."""
        raise  # noqa: PLE0704  # rich calls this while handling a BrokenPipeError


_PLAIN = Console(no_color=True, highlight=False)  # wraps text


def wrapped(text: Text, width: int) -> list[Text]:
    """The lines of a text in so many cells; words that are longer are divided."""
    lines = list(text.wrap(_PLAIN, max(width, 1), overflow="fold")) or [text]
    for line in lines:
        line.rstrip()
    return lines


def indented(text: Text, width: int, indent: int = INDENT) -> Iterator[Text]:
    """The lines of a text, each indented by so many of the `width` cells."""
    indent = min(indent, width // 2)
    for line in wrapped(text, width - indent):
        yield Text(" " * indent).append_text(line)


def aligned(rows: Iterable[Sequence[Text]], width: int) -> Iterator[Text]:
    """Lines of rows with aligned columns, of which the last wraps.

    Where the last column would have less than 24 of the `width` cells, it goes below the others.
    """
    cells = [list(row) for row in rows]
    widths = [max(cell_len(cell.plain) for cell in column) for column in zip(*cells, strict=True)]
    start = sum(width + len(GAP) for width in widths[:-1])
    beside = bool(widths) and width - start >= min(widths[-1], _LEAST_LAST)
    for *columns, last in cells:
        line = Text()
        for cell, column_width in zip(columns, widths, strict=False):
            line.append_text(cell).append(" " * (column_width - cell_len(cell.plain)) + GAP)
        if beside:
            first, *below = wrapped(last, width - start)
            line.append_text(first).rstrip()
            yield line
            below = [Text(" " * start).append_text(text) for text in below]
        else:
            below = list(indented(last, width)) if last else []
            line.rstrip()
            yield from wrapped(line, width) if line else ()
        yield from below

"""Names and values in two columns, for a terminal."""

from collections.abc import Iterable
from typing import TextIO

from rich.text import Text

from papertrack.display import DrawStyle
from papertrack.display.looks import SECONDARY, aligned, new_console


def draw_pairs(pairs: Iterable[tuple[str, str]], out: TextIO, draw_style: DrawStyle) -> None:
    """Draw a line for each pair, with the name dimmed."""
    console = new_console(out, draw_style)
    rows = [(Text(name, SECONDARY), Text(value)) for name, value in pairs]
    for line in aligned(rows, console.width):
        console.print(line, soft_wrap=True)

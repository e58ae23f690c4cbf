"""Names and values in two columns, for a terminal."""

from collections.abc import Iterable
from typing import TextIO

from rich.text import Text

from papertrack.display import DrawStyle
from papertrack.display.tables import new_console


def draw_pairs(pairs: Iterable[tuple[str, str]], out: TextIO, draw_style: DrawStyle) -> None:
    """Draw a line for each pair, with the name dimmed."""
    pairs = list(pairs)
    console = new_console(out, draw_style)
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        console.print(Text.assemble((name.ljust(width + 2), "dim"), value))

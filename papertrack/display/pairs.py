"""Names with what they stand for, in two columns, for a terminal."""

from collections.abc import Iterable
from typing import TextIO

from rich.text import Text

from papertrack.display import DrawStyle
from papertrack.display.tables import new_console


def draw_pairs(pairs: Iterable[tuple[str, str]], out: TextIO, look: DrawStyle) -> None:
    """A line for each pair: the name, dim, and what it stands for."""
    pairs = list(pairs)
    console = new_console(out, look)
    width = max((len(name) for name, _ in pairs), default=0)
    for name, said in pairs:
        console.print(Text.assemble((name.ljust(width + 2), "dim"), said))

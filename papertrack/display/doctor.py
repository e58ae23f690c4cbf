"""The results of `doctor`, for a terminal."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import TextIO

from rich.table import Table
from rich.text import Text

from papertrack.display import DrawStyle
from papertrack.display.tables import new_console
from papertrack.results import CheckResult

_SYMBOLS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "problem": ("✗", "bold red")}


def draw_results(results: Sequence[CheckResult], out: TextIO, draw_style: DrawStyle) -> None:
    """Draw the results by area, each with its state and the next step below it."""
    console = new_console(out, draw_style)
    areas = list(dict.fromkeys(result.area for result in results))
    by_area = sorted(results, key=lambda result: areas.index(result.area))
    for area, group in groupby(by_area, attrgetter("area")):
        console.print(Text(area, "bold"))
        for result in group:
            symbol, style = _SYMBOLS[result.state]
            line = Table.grid(padding=(0, 1))
            line.add_row(" ", Text(symbol, style), Text(result.message, overflow="fold"))
            console.print(line)
            if result.next_step:
                console.print(Text(f"     → {result.next_step}", "dim"), soft_wrap=True)

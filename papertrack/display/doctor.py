"""The results of `doctor`, for a terminal."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import TextIO

from rich.text import Text

from papertrack.display import DrawStyle
from papertrack.display.looks import (
    BAD,
    GOOD,
    HEADING,
    SECONDARY,
    UNSURE,
    aligned,
    new_console,
)
from papertrack.results import CheckResult

_SYMBOLS = {"ok": ("✓", GOOD), "warning": ("!", UNSURE), "problem": ("✗", f"bold {BAD}")}


def draw_results(results: Sequence[CheckResult], out: TextIO, draw_style: DrawStyle) -> None:
    """Draw the results by area, each with its state and the next step below it."""
    console = new_console(out, draw_style)
    areas = list(dict.fromkeys(result.area for result in results))
    by_area = sorted(results, key=lambda result: areas.index(result.area))
    for area, group in groupby(by_area, attrgetter("area")):
        console.print(Text(area, HEADING))
        for result in group:
            symbol, style = _SYMBOLS[result.state]
            row = (Text(f"  {symbol}", style), Text(result.message))
            lines = [*aligned([row], console.width)]
            if result.next_step:
                lines.append(Text(f"     → {result.next_step}", SECONDARY))
            for line in lines:
                console.print(line, soft_wrap=True)

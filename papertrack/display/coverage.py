"""Coverage as calendars, and the list of sources, for a terminal."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import TextIO

from rich.text import Text

from papertrack.display import DrawStyle
from papertrack.display.looks import (
    BAD,
    GAP,
    GOOD,
    HEADING,
    SECONDARY,
    UNSURE,
    aligned,
    new_console,
    print_lines,
)
from papertrack.results import DayCoverage, SourceStatus

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LABEL, _CELL = 12, 8  # cells of a week's Monday, and of a day
_NARROW_LABEL, _NARROW_CELL = 7, 4
_SYMBOLS = {
    "complete": ("●", GOOD),
    "partial": ("◐", UNSURE),
    "stale": ("◔", UNSURE),
    "failed": ("✗", BAD),
    "missing": ("○", BAD),
    "quiet": ("·", SECONDARY),
}


def draw_calendar(
    rows: Sequence[DayCoverage], titles: dict[str, str], out: TextIO, draw_style: DrawStyle
) -> None:
    """Draw a calendar for each source and category, with a line for each week.

    `titles` are the titles of the sources by name.
    """
    console = new_console(out, draw_style)
    narrow = console.width < _LABEL + len(_DAYS) * _CELL
    for (source, category), days in groupby(rows, key=lambda row: (row.source, row.category)):
        heading = " ".join(filter(None, (titles.get(source, source), category)))
        listed = list(days)
        console.print(_heading(heading, listed))
        print_lines(console, [_calendar(listed, narrow=narrow)])
    legend = GAP.join(f"{symbol} {state}" for state, (symbol, _) in _SYMBOLS.items())
    console.print(Text(legend, style=SECONDARY))


def _heading(heading: str, days: Sequence[DayCoverage]) -> Text:
    counts = {state: sum(day.state == state for day in days) for state in _SYMBOLS}
    summary = " · ".join(f"{number} {state}" for state, number in counts.items() if number)
    return Text.assemble((heading, HEADING), (GAP + summary, SECONDARY))


def _calendar(days: Sequence[DayCoverage], *, narrow: bool) -> Text:
    label, cell = (_NARROW_LABEL, _NARROW_CELL) if narrow else (_LABEL, _CELL)
    text = Text()
    names = "".join(name[: cell - 1].ljust(cell) for name in _DAYS).rstrip()
    text.append(" " * label + names + "\n", SECONDARY)
    by_day = {row.day: row for row in days}
    for monday in sorted({day - timedelta(days=day.weekday()) for day in by_day}):
        text.append(f"{monday:%d %b}" if narrow else str(monday), style=SECONDARY)
        text.append(" " * (label - len(text.plain.rpartition("\n")[2])))
        for number in range(len(_DAYS)):
            day = by_day.get(monday + timedelta(days=number))
            text.append_text(_cell(day, cell, "" if narrow else " "))
        text.rstrip()
        text.append("\n")
    return text


def _cell(day: DayCoverage | None, width: int, space: str) -> Text:
    if day is None:
        return Text(" " * width)
    symbol, style = _SYMBOLS[day.state]
    text = f"{symbol}{space}{day.papers}" if day.papers else symbol
    return Text(text.ljust(width), style=style)


def draw_sources(
    sources: Iterable[SourceStatus], ages: Iterable[str], out: TextIO, draw_style: DrawStyle
) -> None:
    """Draw a line for each source.

    `ages` are the times since the last requests, such as "2 h ago", and "" for none.
    """
    console = new_console(out, draw_style)
    rows = [
        (_source_name(source), Text(source.title), Text(_details(source, age), SECONDARY))
        for source, age in zip(sources, ages, strict=True)
    ]
    print_lines(console, aligned(rows, console.width))


def _source_name(source: SourceStatus) -> Text:
    if source.enabled:
        return Text.assemble(("● ", GOOD), (source.name, HEADING))
    return Text.assemble(("○ ", SECONDARY), source.name)


def _details(source: SourceStatus, age: str) -> str:
    details = (
        "on" if source.enabled else "off",
        f"checked {age}" if age else "never checked" if source.enabled else "",
        f"{source.gaps} with gaps" if source.gaps else "",
        f"{source.papers:,} paper{'s' * (source.papers != 1)}" if source.papers else "",
        f"ranks {source.ranked:,} paper{'s' * (source.ranked != 1)}" if source.ranked else "",
        " ".join(source.categories),
    )
    return " · ".join(filter(None, details))

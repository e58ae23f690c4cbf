"""Coverage as calendars, and the list of sources, for a terminal."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import TextIO

from rich.text import Text

from papertrack.display import DrawStyle
from papertrack.display.tables import new_console
from papertrack.results import DayCoverage, SourceStatus

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CELL_WIDTH = 8
_SYMBOLS = {
    "complete": ("●", "green"),
    "partial": ("◐", "yellow"),
    "stale": ("◔", "yellow"),
    "failed": ("✗", "red"),
    "missing": ("○", "red"),
    "quiet": ("·", "dim"),
}


def draw_calendar(
    rows: Sequence[DayCoverage], titles: dict[str, str], out: TextIO, draw_style: DrawStyle
) -> None:
    """Draw a calendar for each source and category, with a line for each week.

    `titles` are the titles of the sources by name.
    """
    console = new_console(out, draw_style)
    for (source, category), days in groupby(rows, key=lambda row: (row.source, row.category)):
        heading = " ".join(filter(None, (titles.get(source, source), category)))
        console.print(_calendar(heading, list(days)), soft_wrap=True)
    legend = Text(
        "  ".join(f"{symbol} {state}" for state, (symbol, _) in _SYMBOLS.items()), style="dim"
    )
    console.print(legend)


def _calendar(heading: str, days: Sequence[DayCoverage]) -> Text:
    counts = {state: sum(day.state == state for day in days) for state in _SYMBOLS}
    summary = " · ".join(f"{number} {state}" for state, number in counts.items() if number)
    text = Text()
    text.append(heading, style="bold")
    text.append(f"  {summary}\n", style="dim")
    text.append(
        " " * 12 + "".join(name.ljust(_CELL_WIDTH) for name in _DAYS).rstrip() + "\n",
        "not bold dim",
    )
    by_day = {row.day: row for row in days}
    for monday in sorted({day - timedelta(days=day.weekday()) for day in by_day}):
        text.append(f"{monday}  ", style="dim")
        for number in range(len(_DAYS)):
            text.append_text(_cell(by_day.get(monday + timedelta(days=number))))
        text.rstrip()
        text.append("\n")
    return text


def _cell(day: DayCoverage | None) -> Text:
    if day is None:
        return Text(" " * _CELL_WIDTH)
    symbol, style = _SYMBOLS[day.state]
    text = f"{symbol} {day.papers}" if day.papers else symbol
    return Text(text.ljust(_CELL_WIDTH), style=style)


def draw_sources(
    rows: Iterable[SourceStatus], ages: Iterable[str], out: TextIO, draw_style: DrawStyle
) -> None:
    """Draw a line for each source.

    `ages` are the times since the last requests, such as "2 h ago", and "" for none.
    """
    console = new_console(out, draw_style)
    for source, age in zip(rows, ages, strict=True):
        text = Text()
        text.append("● " if source.enabled else "○ ", style="green" if source.enabled else "dim")
        text.append(source.name.ljust(13), style="bold" if source.enabled else "dim")
        text.append(source.title.ljust(26), style="" if source.enabled else "dim")
        details = [
            "on" if source.enabled else "off",
            f"checked {age}" if age else "never checked" if source.enabled else "",
            f"{source.gaps} with gaps" if source.gaps else "",
            f"{source.papers:,} papers" if source.papers else "",
            " ".join(source.categories),
        ]
        text.append(" · ".join(detail for detail in details if detail), style="dim")
        text.truncate(console.width, overflow="ellipsis")
        console.print(text, soft_wrap=True)

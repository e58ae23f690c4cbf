"""Coverage as a calendar, and the sources as a table, for a terminal."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import TextIO

from rich.text import Text

from papertrack.display import DrawStyle
from papertrack.display.tables import new_console
from papertrack.results import DayCoverage, SourceStatus

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CELL = 8
_MARKS = {
    "complete": ("●", "green"),
    "partial": ("◐", "yellow"),
    "failed": ("✗", "red"),
    "missing": ("○", "red"),
    "quiet": ("·", "dim"),
}


def draw_calendar(
    rows: Sequence[DayCoverage], titles: dict[str, str], out: TextIO, look: DrawStyle
) -> None:
    """A calendar for each source and category, a line a week; `titles` names the sources."""
    console = new_console(out, look)
    for (source, category), days in groupby(rows, key=lambda one: (one.source, one.category)):
        heading = " ".join(filter(None, (titles.get(source, source), category)))
        console.print(_calendar(heading, list(days)), soft_wrap=True)
    legend = Text("  ".join(f"{mark} {state}" for state, (mark, _) in _MARKS.items()), style="dim")
    console.print(legend)


def _calendar(heading: str, days: Sequence[DayCoverage]) -> Text:
    counted = {state: sum(one.state == state for one in days) for state in _MARKS}
    summary = " · ".join(f"{number} {state}" for state, number in counted.items() if number)
    text = Text()
    text.append(heading, style="bold")
    text.append(f"  {summary}\n", style="dim")
    text.append(
        " " * 12 + "".join(name.ljust(_CELL) for name in _DAYS).rstrip() + "\n", "not bold dim"
    )
    by_day = {one.day: one for one in days}
    for monday in sorted({day - timedelta(days=day.weekday()) for day in by_day}):
        text.append(f"{monday}  ", style="dim")
        for number in range(len(_DAYS)):
            text.append_text(_cell(by_day.get(monday + timedelta(days=number))))
        text.rstrip()
        text.append("\n")
    return text


def _cell(one: DayCoverage | None) -> Text:
    if one is None:
        return Text(" " * _CELL)
    mark, style = _MARKS[one.state]
    shown = f"{mark} {one.papers}" if one.papers else mark
    return Text(shown.ljust(_CELL), style=style)


def draw_sources(
    rows: Iterable[SourceStatus], asked: Iterable[str], out: TextIO, look: DrawStyle
) -> None:
    """A line a source: on or off, how it is doing; `asked` says how long ago each was."""
    console = new_console(out, look)
    for one, when in zip(rows, asked, strict=True):
        text = Text()
        text.append("● " if one.enabled else "○ ", style="green" if one.enabled else "dim")
        text.append(one.name.ljust(13), style="bold" if one.enabled else "dim")
        text.append(one.title.ljust(26), style="" if one.enabled else "dim")
        facts = [
            "on" if one.enabled else "off",
            f"asked {when}" if when else "never asked" if one.enabled else "",
            f"{one.gaps} with gaps" if one.gaps else "",
            f"{one.papers:,} papers" if one.papers else "",
            " ".join(one.categories),
        ]
        text.append(" · ".join(fact for fact in facts if fact), style="dim")
        text.truncate(console.width, overflow="ellipsis")
        console.print(text, soft_wrap=True)

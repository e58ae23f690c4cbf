"""The attempts of `alert log`, for a terminal."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TextIO

from rich.text import Text

from papertrack.display import DrawStyle
from papertrack.display.looks import BAD, GOOD, SECONDARY, UNSURE, aligned, new_console

_STYLES = {"delivered": GOOD, "failed": BAD, "unknown": UNSURE}
_PAPERS_SHOWN = 3


def draw_attempts(
    attempts: Iterable[Mapping[str, Any]], now: datetime, out: TextIO, draw_style: DrawStyle
) -> None:
    """Draw a line for each attempt, in local time."""
    console = new_console(out, draw_style)
    rows = [
        (
            Text(_local_time(attempt["at"], now), SECONDARY),
            Text(attempt["channel"]),
            Text(attempt["outcome"], _STYLES.get(attempt["outcome"], "")),
            _papers_and_problem(attempt),
        )
        for attempt in attempts
    ]
    for line in aligned(rows, console.width):
        console.print(line, soft_wrap=True)
    if not rows:
        console.print(Text("No deliveries yet.", SECONDARY))


def _local_time(moment: datetime, now: datetime) -> str:
    local = moment.astimezone()
    year = "" if local.year == now.astimezone().year else f" {local.year}"
    return f"{local.day:>2} {local:%b}{year} {local:%H:%M}"


def _papers_and_problem(attempt: Mapping[str, Any]) -> Text:
    papers = list(attempt["papers"])
    more = f" and {len(papers) - _PAPERS_SHOWN} more" if len(papers) > _PAPERS_SHOWN else ""
    listed = ", ".join(papers[:_PAPERS_SHOWN]) + more
    problem = attempt["problem"] or ""
    return Text.assemble((problem, BAD), ": " if problem and listed else "", (listed, SECONDARY))

"""The attempts of `alert log`, for a terminal."""

from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from papertrack.display import DrawStyle
from papertrack.display.tables import new_console

_COLORS = {"delivered": "green", "failed": "red", "unknown": "yellow"}
_PAPERS_SHOWN = 3


def draw_attempts(attempts: Iterable[Mapping[str, Any]], out: TextIO, *, color: bool) -> None:
    """Draw a line for each attempt, in local time."""
    console = new_console(out, DrawStyle(color))
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("when", "channel", "outcome", "papers", "why"):
        table.add_column(name, overflow="fold" if name in ("papers", "why") else "ellipsis")
    for attempt in attempts:
        papers = list(attempt["papers"])
        more = f" and {len(papers) - _PAPERS_SHOWN} more" if len(papers) > _PAPERS_SHOWN else ""
        table.add_row(
            Text(f"{attempt['at'].astimezone():%Y-%m-%d %H:%M}", "dim"),
            Text(attempt["channel"]),
            Text(attempt["outcome"], _COLORS.get(attempt["outcome"], "")),
            Text(", ".join(papers[:_PAPERS_SHOWN]) + more),
            Text(attempt["problem"] or ""),
        )
    if table.row_count:
        console.print(table)
    else:
        console.print(Text("No deliveries yet.", "dim"))

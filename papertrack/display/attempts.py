"""Attempts to deliver, drawn for a terminal."""

from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from papertrack.display import DrawStyle
from papertrack.display.tables import new_console

_COLORS = {"delivered": "green", "failed": "red", "unknown": "yellow"}
_SHOWN = 3


def draw_attempts(attempts: Iterable[Mapping[str, Any]], out: TextIO, *, color: bool) -> None:
    """A line an attempt, in local time; "unknown" is one that may have arrived."""
    console = new_console(out, DrawStyle(color))
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("when", "channel", "outcome", "papers", "why"):
        table.add_column(name, overflow="fold" if name in ("papers", "why") else "ellipsis")
    for one in attempts:
        papers = list(one["papers"])
        more = f" and {len(papers) - _SHOWN} more" if len(papers) > _SHOWN else ""
        table.add_row(
            Text(f"{one['at'].astimezone():%Y-%m-%d %H:%M}", "dim"),
            Text(one["channel"]),
            Text(one["outcome"], _COLORS.get(one["outcome"], "")),
            Text(", ".join(papers[:_SHOWN]) + more),
            Text(one["problem"] or ""),
        )
    if table.row_count:
        console.print(table)
    else:
        console.print(Text("Nothing was delivered yet.", "dim"))

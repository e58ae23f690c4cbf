"""Papers in full for a terminal: a grid of fields, and the abstract below."""

from typing import TextIO

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from papertrack.display import SAMPLE, DrawStyle
from papertrack.display.plain import card
from papertrack.display.tables import new_console
from papertrack.models import Entry, Report


def draw(report: Report, out: TextIO, draw_style: DrawStyle) -> None:
    """Draw each paper of a report as a card."""
    console = new_console(out, draw_style)
    if report.sample:
        console.print(Text(SAMPLE, style="bold"))
    for section in report.sections:
        for entry in section.entries:
            console.print(_card(entry))


def _card(entry: Entry) -> Group:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in card(entry):
        if value and name not in ("title", "abstract"):
            grid.add_row(Text(name), Text(value))
    parts: list[Text | Padding | Table] = [Text(entry.paper.title, style="bold"), grid]
    if entry.paper.abstract:
        parts.append(Padding(Text(entry.paper.abstract), (1, 0, 1, 2)))
    return Group(*parts)

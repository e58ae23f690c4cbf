"""Papers in full for a terminal: title and authors, a grid of facts, summary, abstract and note."""

from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from papertrack import facts
from papertrack.display import SAMPLE, DrawStyle
from papertrack.display.plain import card
from papertrack.display.tables import new_console
from papertrack.identifiers import is_arxiv, pdf_url
from papertrack.models import Entry, Report

_MAX_AUTHORS = 20
_TEXT_WIDTH = 84  # cells: lines of about 80 are the easiest to read
_NOT_IN_GRID = {"id", "title", "authors", "page", "tldr", "abstract", "note"}


def draw(report: Report, out: TextIO, draw_style: DrawStyle) -> None:
    """Draw each paper of a report as a card."""
    console = new_console(out, draw_style)
    if report.sample:
        console.print(Text(SAMPLE, style="bold"))
    for section in report.sections:
        for entry in section.entries:
            card_width = min(console.width, _TEXT_WIDTH)
            console.print(Group(*_card(entry, draw_style)), width=card_width)


def _card(entry: Entry, draw_style: DrawStyle) -> Iterator[RenderableType]:
    values = dict(card(entry))
    yield Text(entry.paper.title, style="bold")
    if entry.paper.authors:
        yield Text(_authors(entry.paper.authors))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text("id"), Text(values["id"]))
    for name, value in values.items():
        if value and name not in _NOT_IN_GRID:
            grid.add_row(Text(name), Text(value))
    links = list(_links(entry))
    for number, url in enumerate(links):
        style = Style(link=url) if draw_style.links and url.isascii() else Style()
        grid.add_row(Text("" if number else "links"), Text(url, style=style))
    yield Padding(grid, (1, 0, 0, 0))
    for name in ("tldr", "abstract", "note"):
        if values.get(name):
            label = Text("" if name == "abstract" else f"{name}: ", style="dim")
            yield Padding(label.append(values[name], style="not dim"), (1, 0, 0, 2))
    yield Text()


def _authors(names: Sequence[str]) -> str:
    more = len(names) - _MAX_AUTHORS
    return ", ".join(names[:_MAX_AUTHORS]) + (f" +{more}" if more > 0 else "")


def _links(entry: Entry) -> Iterator[str]:
    paper_id = entry.paper.id
    if url := facts.page_url(entry):
        yield url
    if is_arxiv(paper_id):
        if facts.page_url(entry) != f"https://arxiv.org/abs/{paper_id}":
            yield f"https://arxiv.org/abs/{paper_id}"
        yield pdf_url(paper_id) or ""
        yield f"https://arxiv.org/html/{paper_id}"

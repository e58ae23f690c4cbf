"""Papers in full for a terminal: title and authors, a grid of facts, summary, abstract and note."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TextIO

from rich.style import Style
from rich.text import Text

from papertrack import facts
from papertrack.display import SAMPLE, DrawStyle
from papertrack.display.looks import HEADING, SECONDARY, aligned, indented, new_console, wrapped
from papertrack.display.plain import card, events
from papertrack.identifiers import is_arxiv, pdf_url
from papertrack.models import Entry, Report

_MAX_AUTHORS = 20
_TEXT_WIDTH = 82  # cells: indented by two, lines of 80, the easiest to read
_NOT_IN_GRID = {"id", "title", "authors", "page", "tldr", "abstract", "note", "since starred"}
_CHANGES = (("[-", "-]", "red"), ("{+", "+}", "green"))


def draw(report: Report, out: TextIO, draw_style: DrawStyle) -> None:
    """Draw each paper of a report as a card."""
    console = new_console(out, draw_style)
    if report.sample:
        console.print(Text(SAMPLE, style=HEADING))
    for section in report.sections:
        for entry in section.entries:
            width = min(console.width, _TEXT_WIDTH)
            for line in _card(entry, report.generated_at, width, draw_style):
                console.print(line, soft_wrap=True)


def _card(entry: Entry, now: datetime, width: int, draw_style: DrawStyle) -> Iterator[Text]:
    values = dict(card(entry, now))
    yield from wrapped(Text(entry.paper.title, style=HEADING), width)
    if entry.paper.authors:
        yield from wrapped(Text(_authors(entry.paper.authors)), width)
    shown = {"id": values["id"]}
    shown |= {name: value for name, value in values.items() if value and name not in _NOT_IN_GRID}
    rows = [(Text(name, SECONDARY), Text(value)) for name, value in shown.items()]
    for number, line in enumerate(events(entry)):
        rows.append((Text("" if number else "since starred", SECONDARY), _with_changes(line)))
    for number, url in enumerate(_links(entry)):
        style = Style(link=url) if draw_style.links and url.isascii() else Style()
        rows.append((Text("" if number else "links", SECONDARY), Text(url, style)))
    yield Text()
    yield from aligned(rows, width)
    for name in ("tldr", "abstract", "note"):
        if values.get(name):
            label = Text("" if name == "abstract" else f"{name}: ", SECONDARY)
            yield Text()
            yield from indented(label.append(values[name], style="not dim"), width, 2)
    yield Text()


def _with_changes(line: str) -> Text:
    """A line in which words that were removed and added have colors."""
    text = Text(line)
    for start, end, style in _CHANGES:
        text.highlight_regex(f"{re.escape(start)}.*?{re.escape(end)}", style)
    return text


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

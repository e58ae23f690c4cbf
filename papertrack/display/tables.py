"""Tables of papers for a terminal.

The lines are laid out here instead of by rich.table, which would cost 26 ms more, twice the time
of a bare Python (24 instead of 3 ms for 30 papers, and 6 ms to import). No cell wraps: a column is
as wide as its widest cell, and the titles get the remaining width. Text of papers is never
interpreted as markup.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from papertrack import facts
from papertrack.display import SAMPLE, DrawStyle
from papertrack.models import Entry, Report, Section

_WIDE = 120
_VERY_WIDE = 160
_NARROWEST_TITLE = 10
_GAP = "  "
_INDENT = "    "
_EMPTY_CELLS = ("", "-")


class _Column(NamedTuple):
    """A column of a table, shown on terminals of at least `min_terminal_width` cells."""

    header: str
    cell: Callable[[Entry], str]
    style: str = ""
    align_right: bool = False
    max_width: int = 1000
    min_terminal_width: int = 0
    highlighted: frozenset[str] = frozenset()


def draw(report: Report, out: TextIO, draw_style: DrawStyle) -> None:
    """Draw a report in the width of the terminal."""
    console = new_console(out, draw_style)
    sections = [_section(section, console.width, report.words) for section in report.sections]
    if report.sample:
        console.print(Text(SAMPLE, style="bold"))
    if report.headline:
        console.print(Text(report.headline, style="dim"))
    for section in sections:
        console.print(section, soft_wrap=True)
    empty_texts = {section.empty_text for section in report.sections if not section.total}
    for note in report.notes:
        if note not in empty_texts:
            console.print(Text(note, style="dim"))


def new_console(out: TextIO, draw_style: DrawStyle) -> Console:
    """A console that prints text literally: no markup, no emoji codes, no highlighting."""
    return _Console(
        file=out, highlight=False, markup=False, emoji=False, no_color=not draw_style.color or None
    )


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Raise the error, which the command line handles for all formats."""
        raise  # noqa: PLE0704  # rich calls this while handling a BrokenPipeError


def _section(section: Section, width: int, words: frozenset[str]) -> Text:
    lines = [Text(f"\n{section.title}", style="bold")] if section.title else []
    if not section.total:
        lines.append(Text(f"{_GAP}{section.empty_text}", style="dim"))
    entries = tuple(section.entries)
    if entries:
        lines += _rows(entries, _columns(section, width, words), width, words)
    if left := section.total - len(entries):
        lines.append(Text(f"{_GAP}{left:,} more: --limit {section.total}", style="dim"))
    return Text("\n").join(lines)


def _rows(
    entries: Sequence[Entry], columns: Sequence[_Column], width: int, words: frozenset[str]
) -> list[Text]:
    columns = [
        column
        for column in columns
        if width >= column.min_terminal_width
        and any(column.cell(entry) not in _EMPTY_CELLS for entry in entries)
    ]
    cells = [[column.cell(entry) for column in columns] for entry in entries]
    widths = _widths(columns, cells, width)
    header_columns = [column._replace(style="dim") for column in columns]
    lines = [_line([column.header for column in columns], header_columns, widths)]
    for entry, row in zip(entries, cells, strict=True):
        line = _line(row, columns, widths)
        if entry.state.read:
            line.stylize("dim")
        lines.append(line)
        if entry.context:
            lines.append(_context(entry.context, words, width))
    return lines


def _context(context: str, words: frozenset[str], width: int) -> Text:
    line = _highlight(_INDENT + context, words, "dim", "bold not dim")
    line.truncate(width, overflow="ellipsis")
    return line


def _highlight(text: str, words: frozenset[str], style: str, highlight_style: str) -> Text:
    highlighted = Text(text, style=style, no_wrap=True)
    if words:
        from papertrack.searching.highlighting import spans  # used by searches only

        for first, last in spans(text, words):
            highlighted.stylize(highlight_style, first, last)
    return highlighted


def _widths(columns: Sequence[_Column], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """The widths of the columns.

    Titles get the width that the other columns leave. If that is too little, the widest of the
    other columns shrink.
    """
    widths = [
        min(
            column.max_width,
            max(cell_len(column.header), *(cell_len(row[number]) for row in cells)),
        )
        for number, column in enumerate(columns)
    ]
    title = next(number for number, column in enumerate(columns) if column.header == "Title")
    longest_title = widths[title]
    widths[title] = 0
    available = width - len(_GAP) * (len(columns) - 1)
    while sum(widths) > available - _NARROWEST_TITLE and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    widths[title] = max(min(longest_title, available - sum(widths)), 1)
    return widths


def _line(row: Sequence[str], columns: Sequence[_Column], widths: Sequence[int]) -> Text:
    line = Text(no_wrap=True)
    for number, (cell, column, width) in enumerate(zip(row, columns, widths, strict=True)):
        text = _highlight(cell, column.highlighted, column.style, "bold")
        text.truncate(width, overflow="ellipsis")
        padding = " " * (width - text.cell_len)
        line.append(padding if column.align_right else "")
        line.append_text(text)
        if number < len(columns) - 1:
            line.append(_GAP if column.align_right else padding + _GAP)
    return line


def _columns(section: Section, width: int, words: frozenset[str]) -> Sequence[_Column]:
    """All columns, of which `_rows` drops the empty ones and those that need a wider terminal."""
    trending = section.kind == "trending"
    return (
        _Column(" ", _symbols, "magenta"),
        _Column("▲", facts.upvotes, "bold", align_right=True),
        _Column("Gain", facts.signed_gain, "green", align_right=True),
        _Column("", facts.sparkline if trending else _empty),
        _Column("Title", lambda entry: entry.paper.title, highlighted=words),
        _topic(width),
        _Column("By", facts.authors, "dim", max_width=24, min_terminal_width=_WIDE),
        _Column("From", _organization, "dim", max_width=20, min_terminal_width=_VERY_WIDE),
        _Column("✎", facts.comments, "dim", align_right=True, min_terminal_width=_WIDE),
        _Column("Code", _code, "blue", align_right=True, min_terminal_width=_WIDE),
        _Column("Day", _day, "dim", min_terminal_width=0 if section.kind != "new" else _VERY_WIDE),
        _Column("Id", lambda entry: entry.paper.id, "dim", max_width=width // 4),
    )


def _topic(width: int) -> _Column:
    """The topics, with the matched words on a very wide terminal."""
    if width >= _VERY_WIDE:
        return _Column("Topic", facts.reasons, "magenta", max_width=44)
    return _Column("Topic", facts.topics, "magenta", max_width=24 if width >= _WIDE else 14)


def _symbols(entry: Entry) -> str:
    match_symbol = "●" if entry.matches else "○" if entry.related else ""
    return ("★" if entry.state.starred else "") + match_symbol


def _empty(_: Entry) -> str:
    return ""


def _organization(entry: Entry) -> str:
    return entry.paper.organization or ""


def _day(entry: Entry) -> str:
    day = facts.newest_listing_day(entry)
    return f"{day:%m-%d}" if day else ""


def _code(entry: Entry) -> str:
    return (facts.stars(entry) or "yes") if entry.paper.code_url else ""

"""The widgets: the list, the paper, the sections, and single lines. They draw lines of text.

Each draws only the lines that are seen, so that a list of any length is as quick as a short one.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.color import Color
from textual.events import Click
from textual.filter import LineFilter
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from papertrack.browse.detail import Detail
from papertrack.browse.paper_list import OpenList
from papertrack.browse.rows import row, waiting_row
from papertrack.browse.sections import SectionKey
from papertrack.display.looks import HEADING, SECONDARY, wrapped
from papertrack.text import clean, visible

_CURSOR = Style(reverse=True, color="default", bgcolor="default")
_INACTIVE_CURSOR = Style(bold=True, underline=True)
_WHEEL_LINES = 3
_MAX_MESSAGE = 3  # lines


class CleanFilter(LineFilter):
    """Removes from all that is drawn what could act on the terminal.

    Texts are cleaned where they are read and again before they are laid out; this is the last
    place, which whatever any widget draws must pass.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # its signature
        """Return the segments with only visible characters."""
        if all(visible(text) == text for text, _, _ in segments):
            return segments
        return [segment._replace(text=visible(segment.text)) for segment in segments]


class LineView(Widget, inherit_bindings=False):
    """A view of lines from `top` on, each drawn when it is seen.

    It scrolls by itself: Textual would lay out the whole screen again whenever the number of lines
    changes, which takes longer than a key may.
    """

    class LineClicked(Message):
        """A line was clicked."""

        def __init__(self, view: "LineView", number: int, column: int) -> None:
            super().__init__()
            self.view, self.number, self.column = view, number, column

        @property
        def control(self) -> "LineView":
            """The view."""
            return self.view

    def __init__(self, name: str | None = None) -> None:
        super().__init__(id=name)
        self.top = 0

    def line(self, number: int, width: int) -> Text:
        """The text of a line."""
        raise NotImplementedError

    def line_count(self) -> int:
        """The number of lines."""
        raise NotImplementedError

    @property
    def rows(self) -> int:
        """The number of lines that fit into the view."""
        return max(self.size.height, 1)

    def scroll_lines_to(self, top: int) -> None:
        """Show the lines from this one on, but no empty page."""
        top = max(0, min(top, self.line_count() - self.rows))
        if top != self.top:
            self.top = top
            self.refresh()
            self.scrolled()

    def scrolled(self) -> None:
        """Do what follows from other lines being seen."""

    def render_line(self, y: int) -> Strip:
        """Draw the line in a row of the view."""
        width, number = self.size.width, self.top + y
        if not 0 <= number < self.line_count():
            return Strip.blank(width, self.rich_style)
        text = self.line(number, width)
        text.stylize_before(text.style)  # `render` leaves out the style of the whole text.
        strip = Strip(text.render(self.app.console))
        return strip.adjust_cell_length(width).apply_style(self.rich_style)

    def refresh_rows(self, *numbers: int) -> None:
        """Draw these lines again if they are seen."""
        width = self.size.width
        for number in numbers:
            if 0 <= number - self.top < self.rows:
                self.refresh(Region(0, number - self.top, width, 1))

    def on_click(self, event: Click) -> None:
        """Tell which line was clicked."""
        offset = event.get_content_offset(self)
        if offset and offset.y + self.top < self.line_count():
            self.post_message(self.LineClicked(self, offset.y + self.top, offset.x))

    def on_mouse_scroll_down(self) -> None:
        """Scroll with the wheel."""
        self.scroll_lines_to(self.top + _WHEEL_LINES)

    def on_mouse_scroll_up(self) -> None:
        """Scroll back with the wheel."""
        self.scroll_lines_to(self.top - _WHEEL_LINES)


class ListView(LineView, can_focus=True):
    """The list of papers."""

    class RowsSeen(Message):
        """Rows came into view whose entries may have to be read."""

    def __init__(self, papers: OpenList, now: Callable[[], datetime], name: str) -> None:
        super().__init__(name)
        self.papers, self._now = papers, now
        self._selected: set[str] = set()
        self._cursor = 0  # as it was drawn

    def show(self, papers: OpenList) -> None:
        """Show another list from its beginning."""
        self.papers, self.top = papers, 0
        self.update_rows()

    def update_rows(self) -> None:
        """Draw what the cursor and the selection have changed, and bring the cursor into view."""
        selected = self.papers.selected
        if selected == self._selected and self.papers.cursor != self._cursor:
            self.refresh_rows(self._cursor, self.papers.cursor)
        else:
            self.refresh()
        self._selected, self._cursor = selected, self.papers.cursor
        self.reveal_cursor()

    def reveal_cursor(self) -> None:
        """Scroll so far that the cursor is seen."""
        cursor = self.papers.cursor
        if cursor < self.top:
            self.scroll_lines_to(cursor)
        elif cursor >= self.top + self.rows:
            self.scroll_lines_to(cursor - self.rows + 1)

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self.reveal_cursor()
        self.scrolled()

    def scrolled(self) -> None:
        """Ask for the entries of the rows that are seen now."""
        self.post_message(self.RowsSeen())

    def line_count(self) -> int:
        """One line a paper."""
        return len(self.papers)

    def line(self, number: int, width: int) -> Text:
        """The row of a paper, inverted at the cursor."""
        paper_id = self.papers.ids[number]
        entry = self.papers.entry(paper_id)
        if entry is None:
            text = waiting_row(width)
        else:
            picked = paper_id in self._selected
            text = row(entry, width, self._now(), self.papers.contents.words, picked=picked)
        if number == self.papers.cursor:
            text.stylize(_CURSOR if self.has_focus else _INACTIVE_CURSOR)
        return text

    def on_focus(self) -> None:
        """Show that keys go to the list."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self.refresh()


class DetailView(LineView):
    """The paper at the cursor."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.detail = Detail()

    def show(self, detail: Detail, *, from_top: bool = True) -> None:
        """Show a paper."""
        self.detail = detail
        self.top = 0 if from_top else max(0, min(self.top, len(detail.lines) - self.rows))
        self.refresh()

    def line_count(self) -> int:
        """The number of lines of the paper."""
        return len(self.detail.lines)

    def line(self, number: int, width: int) -> Text:
        """A line of the paper."""
        text = self.detail.lines[number].copy()
        text.truncate(width)
        return text

    def link_at(self, number: int) -> str | None:
        """The address of the link on a line, if there is one."""
        if number in self.detail.link_lines:
            return self.detail.links[self.detail.link_lines.index(number)]
        return None

    @property
    def at_end(self) -> bool:
        """Whether the last line is seen."""
        return self.top + self.rows >= self.line_count()


class SectionView(LineView):
    """The sections and topics with their numbers of papers."""

    def __init__(self, keys: Sequence[SectionKey], name: str) -> None:
        super().__init__(name)
        self.keys = list(keys)
        self.counts: Mapping[SectionKey, int] = {}
        self.current = self.keys[0] if self.keys else None

    def line_count(self) -> int:
        """The sections, and an empty line and a heading before the topics."""
        return len(self._lines())

    def line(self, number: int, width: int) -> Text:
        """A section with its number of papers on the right."""
        key = self._lines()[number]
        if not isinstance(key, SectionKey):
            return Text(key, SECONDARY)
        number_text = f"{self.counts[key]:,}" if key in self.counts else ""
        text = Text(clean(key.title))
        text.truncate(max(width - cell_len(number_text) - 2, 1), overflow="ellipsis")
        text.append(" " * (width - 1 - text.cell_len - cell_len(number_text)))
        text.append(number_text, SECONDARY).append(" ")
        if key == self.current:
            text.stylize(_INACTIVE_CURSOR)
        return text

    @property
    def topics(self) -> list[SectionKey]:
        """The topics."""
        return [key for key in self.keys if key.kind == "topic"]

    def key_at(self, number: int) -> SectionKey | None:
        """The section on a line, if it is one."""
        key = self._lines()[number]
        return key if isinstance(key, SectionKey) else None

    def _lines(self) -> list[SectionKey | str]:
        topics = self.topics
        others = [key for key in self.keys if key.kind != "topic"]
        heading: list[SectionKey | str] = ["", "Topics"] if topics else []
        return [*others, *heading, *topics]


class BarLine(LineView):
    """A single line, cut to the width."""

    DEFAULT_CSS = "BarLine { height: 1; }"
    text: reactive[str] = reactive("")
    look: ClassVar[str] = SECONDARY

    def line_count(self) -> int:
        """One line."""
        return 1

    def line(self, number: int, width: int) -> Text:  # noqa: ARG002  # as above
        """The line."""
        text = Text(clean(self.text), self.look)
        text.truncate(width, overflow="ellipsis")
        return text


class MessageLine(BarLine):
    """The status in a line, or a message in as many as three."""

    def watch_text(self) -> None:
        """Take as many lines as the text needs."""
        width = max(self.size.width, 1)
        self.styles.height = max(1, min(len(wrapped(Text(clean(self.text)), width)), _MAX_MESSAGE))

    def line_count(self) -> int:
        """The lines of the text."""
        return _MAX_MESSAGE

    def line(self, number: int, width: int) -> Text:
        """A line of the text."""
        lines = wrapped(Text(clean(self.text), self.look), width)
        return lines[number] if number < len(lines) else Text()


class HeadingLine(BarLine):
    """The title of the list."""

    look = HEADING


Shortcuts = Callable[[], Sequence[tuple[str, str]]]


class KeyLine(BarLine):
    """The keys to know, as many as fit."""

    def __init__(self, shortcuts: Shortcuts, name: str) -> None:
        super().__init__(name)
        self._shortcuts = shortcuts

    def line(self, number: int, width: int) -> Text:  # noqa: ARG002  # as above
        """The keys with what they do."""
        text = Text()
        for key, label in self._shortcuts():
            if text.cell_len + cell_len(key + label) + 3 <= width:
                text.append(key, HEADING).append(f" {label}  ", SECONDARY)
        return text

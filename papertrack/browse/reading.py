"""The reader without its marks: the layout, the lists, the paper at the cursor, and moving."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from functools import partial
from typing import Any, ClassVar, cast

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.containers import Container, Horizontal
from textual.events import Event, Key, Paste, Resize
from textual.filter import LineFilter
from textual.screen import Screen

from papertrack.browse.desk import Desk
from papertrack.browse.detail import Detail, detail, detail_of_text
from papertrack.browse.paper_list import OpenList
from papertrack.browse.prompts import ActionProvider, PromptLine
from papertrack.browse.sections import (
    Contents,
    SectionKey,
    count_papers,
    read_papers,
    read_section,
    section_keys,
)
from papertrack.browse.status import Health, heading_text, read_health, status_text
from papertrack.browse.theme import TERMINAL
from papertrack.browse.threads import Threads
from papertrack.browse.views import (
    CleanFilter,
    DetailView,
    HeadingLine,
    KeyLine,
    ListView,
    MessageLine,
    SectionView,
)
from papertrack.config.browse_keys import BROWSE_KEYS, all_browse_keys, key_cap, textual_names
from papertrack.errors import PapertrackError
from papertrack.models import Entry
from papertrack.tracker.wording import count

WIDE = 100  # columns from which the paper is beside the list
_WATCH_SECONDS = 2.0
_SEARCH_DELAY = 0.01  # seconds without another letter
_ROWS_AT_ONCE = 6
_ACTIONS = {key.action for key in all_browse_keys()}
_EMPTY = OpenList(SectionKey("today"), Contents("Today"))


class MainScreen(Screen[None], inherit_bindings=False):
    """The only screen but the help; all its keys are those of the app."""


class ReadingApp(App[None], inherit_bindings=False):
    """Shows lists of papers and the paper at the cursor."""

    CSS = """
    Screen { background: ansi_default; color: ansi_default; overflow: hidden; }
    #sections { width: 24; border-right: solid ansi_bright_black; }
    #panes { layout: vertical; }
    #papers { height: 1fr; }
    #paper { height: 1fr; border-top: solid ansi_bright_black; padding: 0 1; }
    .-wide #panes { layout: horizontal; }
    .-wide #papers { width: 1fr; height: 1fr; }
    .-wide #paper { width: 1fr; height: 1fr; border-top: none;
        border-left: solid ansi_bright_black; }
    .-zoomed #papers { display: none; }
    .-zoomed #paper { border: none; }
    #bottom { dock: bottom; height: auto; layout: vertical; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            # With priority, a key acts before the next is looked at: what follows `/` is text.
            Binding(
                textual_names(item.keys), item.action, show=False, priority=True, id=item.action
            )
            for item in all_browse_keys()
        ),
        Binding("ctrl+c", "leave", show=False, priority=True),
    ]
    COMMANDS: ClassVar[set[type[Provider]]] = {ActionProvider}  # type: ignore[assignment]  # fewer than Textual's
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "f1"
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [  # type: ignore[misc]
        (0, "-narrow"),
        (WIDE, "-wide"),
    ]

    notice_seconds = 6.0  # that a message is shown

    def __init__(self, desk: Desk, start: SectionKey, since: date | None = None) -> None:
        super().__init__(ansi_color=True)
        self.register_theme(TERMINAL)
        self.theme = TERMINAL.name
        self.desk, self.since = desk, since
        self.threads = Threads()
        self.papers = _EMPTY
        self.health: Health | None = None
        self.failure: Exception | None = None
        self.related: tuple[str, tuple[Entry, ...]] = ("", ())
        self.explanation = ("", "")  # the id of a paper, and the text shown in its place
        self._start, self.before_search = start, start
        self.shows_sections: bool | None = None  # None: by the width
        self._stamp = 0
        self._reported_damage = 0
        self._notice: object = None
        self.list_view = ListView(self.papers, desk.now, "list")
        self.paper_view = DetailView("paper")
        self.section_view = SectionView([start], "sections")
        self.heading_line = HeadingLine("heading")
        self.status_line = MessageLine("status")
        self.prompt = PromptLine(self.answer)
        self.set_keymap({action: textual_names(keys) for action, keys in desk.keys.items()})

    # --- what Textual asks for

    def get_default_screen(self) -> Screen[None]:
        """The screen without keys of its own."""
        return MainScreen(id="_default")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key acts: not while a text is typed, and not on another screen."""
        if action in _ACTIONS and (self.prompt.is_asking or len(self.screen_stack) > 1):
            return False
        return super().check_action(action, parameters)

    async def on_event(self, event: Event) -> None:
        """Let keys and pasted text act on a question one after the other.

        Textual would hand an Enter or Backspace from widget to widget while later letters, which
        are not handed on, are inserted before it acts.
        """
        is_text = isinstance(event, Key | Paste) and not event.is_forwarded
        if is_text and self.prompt.is_asking and len(self.screen_stack) == 1:
            await self.prompt.take(cast("Key | Paste", event))
        else:
            await super().on_event(event)

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's filters, and the one that removes what could act on the terminal."""
        return [*super().get_line_filters(), CleanFilter()]

    def compose(self) -> ComposeResult:
        """The sections beside the list and the paper, and the lines at the bottom."""
        with Horizontal():
            yield self.section_view
            with Container(id="panes"):
                with Container(id="papers"):
                    yield self.heading_line
                    yield self.list_view
                yield self.paper_view
        with Container(id="bottom"):
            yield self.prompt
            yield self.status_line
            yield KeyLine(self._shortcuts, "keys")

    def on_mount(self) -> None:
        """Read the first list, then the numbers of the others."""
        self.list_view.focus()
        self._stamp = self._library_stamp()
        self.open_section(self._start)
        self.set_interval(_WATCH_SECONDS, self.watch_library)

    def on_resize(self, event: Resize) -> None:
        """Show the sections where there is room, unless the reader decided."""
        if self.shows_sections is None:
            self.section_view.display = event.size.width >= WIDE
        self.call_after_refresh(self.show_paper, from_top=False)

    def _handle_exception(self, error: Exception) -> None:
        """End with a bug, which the command line reports; Textual would print a traceback."""
        self.failure = self._exception = self.failure or error
        self._exception_event.set()
        self._return_code = 1
        self._close_messages_no_wait()

    # --- lists

    def open_section(self, key: SectionKey) -> None:
        """Read and show a section."""
        self.section_view.current = key
        self.section_view.refresh()
        if key.kind != "search":
            self.before_search = key
        self.heading_line.text = f"{key.title}  reading…"
        self.workers.cancel_group(self, "rows")  # of the list shown before
        self.begin("section", partial(self._open, key))

    async def _open(self, key: SectionKey) -> None:
        if key.kind == "search":
            await asyncio.sleep(_SEARCH_DELAY)
        before = self.papers
        with self.reporting():
            since = self.since
            contents = await self.threads.run(
                "reading", lambda: read_section(self.desk.tracker(), key, since)
            )
            self.show_list(OpenList(key, contents))
            if contents.note:
                self.notice(contents.note)
        if self.papers is before:  # after an error
            self.fill()
        if self.health is None:
            self.count_again()

    def show_list(self, papers: OpenList) -> None:
        """Show a list from its beginning."""
        self.papers = papers
        self.list_view.show(papers)
        self.moved()
        self.fill()

    def on_list_view_rows_seen(self) -> None:
        """Read the entries of rows that came into view."""
        self.fill()

    def fill(self) -> None:
        """Read the entries of the rows in view, then those of the pages around them."""
        self.begin("rows", self._fill)

    async def _fill(self) -> None:
        papers, rows = self.papers, self.list_view.rows
        top = self.list_view.top
        with self.reporting():
            # A few at a time, so that the first are seen early and the next search waits for few.
            for begin, end in ((top, top + 2 * rows), (top - rows, top)):
                for first in range(begin, end, _ROWS_AT_ONCE):
                    await self._read(papers, papers.missing(first, _ROWS_AT_ONCE))

    async def _read(self, papers: OpenList, ids: list[str]) -> list[Entry]:
        """Read these papers, show them if their list is still shown, and return them."""
        if not ids:
            return []
        known = papers.known(ids)
        entries = await self.threads.run(
            "reading", lambda: read_papers(self.desk.tracker(), ids, known)
        )
        papers.store(entries)
        if papers is self.papers:
            self.list_view.refresh()
            if papers.current_id in ids:
                self.show_paper(from_top=False)
        return entries

    def begin(
        self, group: str, work: Callable[[], Coroutine[Any, Any, None]], *, exclusive: bool = True
    ) -> None:
        """Begin to work beside the keys; if `exclusive`, instead of earlier work of the group."""
        self.run_worker(
            cast("Callable[[], Awaitable[None]]", work), group=group, exclusive=exclusive
        )

    def count_again(self) -> None:
        """Read the state of the sources and the numbers of papers again."""
        self.begin("counts", self._count)

    async def _count(self) -> None:
        """Read the state of the sources, and the numbers of papers one by one."""
        with self.reporting():
            tracker = await self.threads.run("counting", self.desk.tracker)
            self.health = await self.threads.run("counting", lambda: read_health(tracker))
            self.section_view.keys = section_keys(tracker)
            self.section_view.refresh()
            self.update_status()
            counts = count_papers(tracker, self.since)
            while number := await self.threads.run("counting", lambda: next(counts, None)):
                self.section_view.counts = {**self.section_view.counts, number[0]: number[1]}
                self.section_view.refresh()

    # --- the paper at the cursor

    def moved(self) -> None:
        """Show the paper at the cursor after the cursor has moved."""
        self.list_view.update_rows()
        self.update_status()
        self.show_paper()

    def show_paper(self, *, from_top: bool = True) -> None:
        """Show the paper at the cursor, as far as it is known.

        If it is shown again not `from_top`, what explains it stays in its place.
        """
        if from_top:
            self.explanation = ("", "")
        entry = self.papers.current
        self.paper_view.show(self._detail(entry) if entry else Detail(), from_top=from_top)

    def _detail(self, entry: Entry) -> Detail:
        width = max(self.paper_view.size.width or self.size.width, 20)
        explained, text = self.explanation
        if explained == entry.paper.id:
            return detail_of_text(text, width)
        paper_id, related = self.related
        return detail(
            entry,
            self.desk.now(),
            width,
            self.papers.contents.words,
            related if paper_id == entry.paper.id else (),
        )

    def answer(self, text: str | None) -> None:
        """Use the answer to a question."""

    # --- lines at the bottom

    def notice(self, text: str) -> None:
        """Show a message instead of the status for some seconds."""
        self._notice = notice = object()
        self.status_line.text = text

        def end() -> None:
            if notice is self._notice:
                self._notice = None
                self.update_status()

        self.set_timer(self.notice_seconds, end)

    def update_status(self) -> None:
        """Show the position, the selection and the sources, unless a message is shown."""
        self.heading_line.text = heading_text(self.papers)
        if self._notice is None:
            self.status_line.text = status_text(self.papers, self.health)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Show errors of the library, of sources and of input as messages."""
        try:
            yield
        except PapertrackError as error:
            self.notice("; ".join(error.lines()))
        if len(self.desk.damage) > self._reported_damage:
            self._reported_damage = len(self.desk.damage)
            damage = self.desk.damage[-1]
            name = os.path.basename(damage.path)
            self.notice(f"{name} {damage.why}; see `papertrack library verify`")

    def _shortcuts(self) -> list[tuple[str, str]]:
        keys = [key for group in BROWSE_KEYS.values() for key in group if key.label]
        # The keys to leave and for help come first, so that they are always there.
        keys.sort(key=lambda key: key.action not in ("quit", "help"))
        return [(self.shown_keys(key.action)[0], key.label) for key in keys]

    def shown_keys(self, action: str) -> list[str]:
        """The keys of an action, as they are written on keyboards."""
        (key,) = (key for key in all_browse_keys() if key.action == action)
        return list(map(key_cap, self.desk.keys.get(action) or key.keys))

    # --- what other programs store

    def watch_library(self) -> None:
        """See whether a program, perhaps this one, has changed the library."""
        stamp = self._library_stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self.begin("changes", self._take_over)

    def _library_stamp(self) -> int:
        """The time of the last change: each replaces files in the folder. 0 without a folder."""
        with suppress(OSError):
            return os.stat(self.desk.folder).st_mtime_ns
        return 0

    async def _take_over(self) -> None:
        """Show what was stored: new papers in their places, and states; the cursor stays."""
        papers, since = self.papers, self.since
        with self.reporting():
            if papers.key.kind != "search":
                contents = await self.threads.run(
                    "counting", lambda: read_section(self.desk.tracker(), papers.key, since)
                )
                self._add(papers, contents)
            shown = papers.ids[self.list_view.top :][: self.list_view.rows]
            entries = await self.threads.run(
                "counting", lambda: list(self.desk.tracker().library.entries(shown).values())
            )
            papers.store_states(entries)
            self.list_view.refresh()
        self.count_again()

    def _add(self, papers: OpenList, contents: Contents) -> None:
        before = papers.cursor
        added = papers.add(contents)
        if not added or papers is not self.papers:
            return
        top = self.list_view.top + papers.cursor - before
        self.list_view.scroll_lines_to(top)
        self.list_view.update_rows()
        self.update_status()
        self.notice(f"{count(added, 'new paper')} in {papers.key.title}")
        self.fill()

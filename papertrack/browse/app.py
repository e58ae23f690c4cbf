"""The reader: marks, notes, and what is done with papers."""

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import NamedTuple

from papertrack.browse.desk import Page
from papertrack.browse.detail import links_of, phrases_of
from papertrack.browse.moving import MovingApp
from papertrack.browse.prompts import Question
from papertrack.browse.sections import related_papers
from papertrack.display.verdicts import verdict_lines
from papertrack.library.library import Library
from papertrack.library.undo import undo_last
from papertrack.models import Entry, State
from papertrack.text import clean, readable, shorten
from papertrack.tracker import marks
from papertrack.tracker.papers import show
from papertrack.tracker.refresh import RefreshResult
from papertrack.tracker.verdicts import explain
from papertrack.tracker.wording import count

_TITLE = 50  # characters in a message
_REST_SECONDS = 0.4  # of the cursor, before related papers are searched for
_ENDING_SIGNALS = ("SIGTERM", "SIGHUP", "SIGINT")


class Written(NamedTuple):
    """A change that was written: a message about it, and its papers as they are now."""

    message: str
    entries: Sequence[Entry] = ()


class BrowseApp(MovingApp):
    """The reader. After `run`, `ended_by` is the signal that ended it, and `failure` a bug."""

    ended_by: int | None = None

    def on_mount(self) -> None:
        """Begin, and end in order when a signal asks for it."""
        super().on_mount()
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for name in _ENDING_SIGNALS:
                number = getattr(signal, name, None)
                with suppress(NotImplementedError):  # on Windows
                    if number is not None:
                        loop.add_signal_handler(number, self._end_by_signal, number)

    def _end_by_signal(self, number: int) -> None:
        self.ended_by = number
        self.begin("end", self.action_quit, exclusive=False)

    async def action_quit(self) -> None:
        """Write what was begun, and end."""
        self.notice("writing the last change…")
        await self.threads.finish_writing()
        self.threads.end()
        if self._driver and not self.is_headless:
            # tmux 3.3 leaves rows of a screen that was resized on the one that it gives back.
            self._driver.write("\x1b[H\x1b[2J")
        self.exit()

    async def action_leave(self) -> None:
        """End, whatever is shown."""
        await self.action_quit()

    # --- marks

    @property
    def targets(self) -> list[str]:
        """The papers that a key acts on; none while another list than the shown one is read."""
        return self.papers.targets if self.papers.key == self.section_view.current else []

    def action_star(self) -> None:
        """Star the papers, or unstar them if all are starred."""
        self._toggle("star", "unstar", lambda state: state.starred)

    def action_read(self) -> None:
        """Mark the papers as read, or unread if all are read, and go on."""
        self._toggle("read", "unread", lambda state: state.read, advances=True)

    def action_hide(self) -> None:
        """Hide the papers, or show them again if all are hidden, and go on."""
        self._toggle("hide", "unhide", lambda state: state.hidden, advances=True)

    def action_select(self) -> None:
        """Begin or end the selection of a range."""
        self.papers.toggle_range()
        self.moved()

    def action_pick(self) -> None:
        """Select the paper at the cursor, or no longer, and go on."""
        self.papers.pick()
        self.action_down()

    def action_undo(self) -> None:
        """Undo the last change of marks, tags or notes, here or by a command."""
        self.begin("writes", partial(self._write, self._undo), exclusive=False)

    def _toggle(
        self, on: str, off: str, is_set: Callable[[State], bool], *, advances: bool = False
    ) -> None:
        """Mark the papers, or take the mark from them if all have it when it is written."""
        ids = self.targets
        shown = [entry.state for key in ids if (entry := self.papers.entry(key))]
        moves_on = advances and not all(map(is_set, shown)) and not self.papers.selected

        def choose(library: Library) -> marks.Mark:
            states = [library.state(key) for key in ids]
            return marks.MARKS[off if all(map(is_set, states)) else on]

        self._mark(choose, ids)
        if moves_on:
            self.action_down()

    def _mark(self, choose: Callable[[Library], marks.Mark], ids: Sequence[str]) -> None:
        """Write a mark at once, and end the selection."""
        if not ids:
            return

        def work() -> Written:
            tracker = self.desk.tracker()
            mark = choose(tracker.library)
            result = marks.apply_mark(tracker.library, mark, ids, tracker.now)
            done = mark.done if result.changed else f"nothing changed ({mark.done} before)"
            return Written(f"{done}: {_titles(result.entries)}", result.entries)

        self.begin("writes", partial(self._write, work), exclusive=False)
        if self.papers.clear_selection():
            self.moved()

    def _undo(self) -> Written:
        tracker = self.desk.tracker()
        change = undo_last(tracker.library)
        if change is None:
            return Written("nothing to undo")
        entries = tuple(tracker.library.entries(change.before).values())
        return Written(f"undone: {change.action}: {_titles(entries)}", entries)

    async def _write(self, work: Callable[[], Written]) -> None:
        """Write a change in its thread, and show the papers as they are then."""
        with self.reporting():
            written = await self.threads.run("writing", work)
            self.papers.store_states(written.entries)
            self.list_view.refresh()
            self.notice(written.message)
            if self.papers.current_id in {entry.paper.id for entry in written.entries}:
                self.show_paper(from_top=False)

    # --- questions

    def action_tag(self) -> None:
        """Ask for a tag, and offer those in use."""
        if self.targets:
            self._ask("tag", Question("tag (-TAG removes it)"))
            self.begin("question", self._offer_tags)

    async def _offer_tags(self) -> None:
        with self.reporting():
            states = await self.threads.run(
                "reading", lambda: self.desk.tracker().library.states().values()
            )
            if self.question == "tag":
                tags = {tag for state in states for tag in state.tags}
                self.prompt.offer(tuple(sorted(tags)))

    async def action_topic(self) -> None:
        """Ask for a phrase of the paper to add to a topic: the clicked word comes first."""
        for entry in await self._read_entries(self._current_ids()):
            phrases = [*filter(None, [self.word]), *phrases_of(entry)]
            self._ask("phrase", Question("phrase", phrases[0], tuple(dict.fromkeys(phrases))))

    async def action_links(self) -> None:
        """Ask which link to open."""
        if await self._read_entries(self._current_ids()):
            self._ask("link", Question("link number", "1"))

    def action_export(self) -> None:
        """Ask for the file to export to."""
        if self.targets:
            self._ask("export", Question("export to", "papers.md"))

    def _ask(self, name: str, question: Question) -> None:
        self.question = name
        self.prompt.ask(question)

    def answered(self, question: str, text: str) -> None:
        """Use the answer to a question."""
        text = text.strip()
        if not text:
            return
        with self.reporting():
            if question == "tag":
                remove = text.startswith("-")
                tag = marks.tag_mark(text.removeprefix("-"), remove=remove)
                self._mark(lambda _: tag, self.targets)
            elif question == "phrase":
                self._phrase = text
                names = tuple(topic.value for topic in self.section_view.topics)
                self._ask("topic", Question(f"topic for {shorten(text, 30)!r}", text, names))
            elif question == "topic":
                self._do(lambda: self.desk.add_phrase(text, self._phrase))
            elif question == "link":
                self._open_numbered_link(text)
            elif question == "export":
                ids = self.targets
                self._do(lambda: self.desk.export(show(self.desk.tracker(), ids), text))

    _phrase = ""  # to be added to a topic

    def _do(self, work: Callable[[], str]) -> None:
        """Do something in the writing thread, show its message, and count again."""

        async def run() -> None:
            with self.reporting():
                self.notice(await self.threads.run("writing", work))
                self.count_again()

        self.begin("writes", run, exclusive=False)

    async def action_note(self) -> None:
        """Let the reader write the note of the paper at the cursor in an editor."""
        for entry in await self._read_entries(self._current_ids()):
            self._edit_note(entry)

    def _edit_note(self, entry: Entry) -> None:
        with self.reporting(), self._terminal_lent():
            text = self.desk.edit_note(entry)
            self._mark(lambda _: marks.note_mark(text), [entry.paper.id])

    @contextmanager
    def _terminal_lent(self) -> Iterator[None]:
        """Lend the terminal to another program, if there is one."""
        if self._driver is None or not self._driver.can_suspend:
            yield
            return
        lent = ExitStack()
        lent.enter_context(self.suspend())
        try:
            yield
        finally:
            lent.close()  # without the exception, after which Textual would not take it back

    # --- other programs

    async def action_open(self) -> None:
        """Open the papers in the browser."""
        await self._open_pages("page")

    async def action_pdf(self) -> None:
        """Open the PDFs of the papers."""
        await self._open_pages("pdf")

    async def _open_pages(self, page: Page) -> None:
        entries = await self._read_entries(self.targets)
        urls = [url for entry in entries if (url := self.desk.address(entry, page))]
        if entries and not urls:
            self.notice(f"no {'PDF' if page == 'pdf' else page} is known for this paper")
        for url in urls:
            self.open_link(url)
        if urls and self.desk.reads_on_open:
            self._mark(lambda _: marks.MARKS["read"], [entry.paper.id for entry in entries])

    def open_link(self, url: str) -> None:
        """Open an address in the browser, or show it where there is none."""

        async def run() -> None:
            opened = await self.threads.run("fetching", lambda: self.desk.open_address(url))
            self.notice(f"opened {url}" if opened else f"no browser; the address is {url}")

        self.begin("links", run, exclusive=False)

    def _open_numbered_link(self, text: str) -> None:
        links = links_of(self.papers.current) if self.papers.current else []
        if text.isdecimal() and 1 <= int(text) <= len(links):
            self.open_link(links[int(text) - 1])
        else:
            self.notice(f"there is no link {text}; links are numbered 1 to {len(links)}")

    async def action_copy_link(self) -> None:
        """Copy the addresses of the papers."""
        entries = await self._read_entries(self.targets)
        urls = [url for entry in entries if (url := self.desk.address(entry, "page"))]
        if urls:
            self._copy(lambda: "\n".join(urls), count(len(urls), "address", "addresses"))

    def action_cite(self) -> None:
        """Copy the papers as BibTeX."""
        if ids := self.targets:
            self._copy(
                lambda: self.desk.references(show(self.desk.tracker(), ids)),
                count(len(ids), "reference"),
            )

    def _copy(self, text_of: Callable[[], str], what: str) -> None:
        """Copy a text with a program, else through the terminal."""

        async def run() -> None:
            with self.reporting():
                text = await self.threads.run("reading", text_of)
                if not await self.threads.run("fetching", lambda: self.desk.copy(text)):
                    self.copy_to_clipboard(text)
                self.notice(f"copied {what}")

        self.begin("copy", run, exclusive=False)

    def _current_ids(self) -> list[str]:
        return [self.papers.current_id] if self.papers.current_id else []

    async def _read_entries(self, ids: Sequence[str]) -> list[Entry]:
        """The entries of these papers; those that the list has not read yet are read first."""
        entries = {key: entry for key in ids if (entry := self.papers.entry(key))}
        with self.reporting():
            read = await self._read(self.papers, [key for key in ids if key not in entries])
            entries.update((entry.paper.id, entry) for entry in read)
        return [entries[key] for key in ids if key in entries]

    def action_why(self) -> None:
        """Show why the paper matches topics, or does not, in its place, or the paper again."""
        paper_id = self.papers.current_id
        if paper_id and paper_id == self.explanation[0]:
            self.show_paper()
        elif paper_id:
            self.begin("paper", partial(self._explain, paper_id))

    async def _explain(self, paper_id: str) -> None:
        def work() -> list[str]:
            tracker = self.desk.tracker()
            return list(verdict_lines(explain(tracker, [paper_id]), "plain", tracker.now))

        with self.reporting():
            lines = await self.threads.run("reading", work)
            if paper_id == self.papers.current_id:
                self.explanation = (paper_id, "".join(lines))
                self.paper_view.top = 0
                self.show_paper(from_top=False)

    # --- the network

    def action_refresh(self) -> None:
        """Fetch what is due, in the background."""
        self.notice("fetching…")
        self.begin("refresh", self._refresh)

    async def _refresh(self) -> None:
        def progress(done: int, papers: int) -> None:
            text = f"fetching… {count(done, 'listing')}, {count(papers, 'paper')}"
            self.call_from_thread(self.notice, text)

        with self.reporting():
            result = await self.threads.run("fetching", lambda: self.desk.refresh(progress))
            self.notice(_refreshed(result))
            if result.not_stored:
                raise result.not_stored

    # --- related papers

    def moved(self) -> None:
        """Show the paper, and search for related ones once the cursor rests."""
        super().moved()
        paper_id = self.papers.current_id

        def search() -> None:
            if paper_id and paper_id == self.papers.current_id != self.related[0]:
                self.begin("related", partial(self._relate, paper_id))

        self.set_timer(_REST_SECONDS, search)

    async def _relate(self, paper_id: str) -> None:
        entry = self.papers.entry(paper_id)
        if entry is None:
            return
        with self.reporting():
            related = await self.threads.run(
                "counting", lambda: related_papers(self.desk.tracker(), entry.paper)
            )
            self.related = (paper_id, tuple(related))
            if related and paper_id == self.papers.current_id:
                self.show_paper(from_top=False)


def _titles(entries: Sequence[Entry]) -> str:
    """The title of a paper, or how many papers there are."""
    if len(entries) != 1:
        return count(len(entries), "paper")
    return shorten(clean(readable(entries[0].paper.title)), _TITLE)


def _refreshed(result: RefreshResult) -> str:
    """What a refresh has done, in a line."""
    failures = [f"{failure.source}: {failure.message}" for failure in result.failures]
    if not (result.listings or failures):
        return "everything is up to date"
    return "; ".join([f"fetched {count(result.papers, 'paper')}, {result.new:,} new", *failures])

"""Moving in the reader: papers, pages, sections, search, mouse, help."""

from textual.widget import Widget

from papertrack.browse.prompts import HelpScreen, PromptLine, Question
from papertrack.browse.reading import ReadingApp
from papertrack.browse.sections import SectionKey
from papertrack.browse.views import DetailView, LineView, ListView, SectionView
from papertrack.word_breaks import words_in


class MovingApp(ReadingApp):
    """A reader that can be moved in."""

    word = ""  # clicked in the paper

    # --- papers

    def action_down(self) -> None:
        """Go to the next paper."""
        self.papers.move(1)
        self.moved()

    def action_up(self) -> None:
        """Go to the previous paper."""
        self.papers.move(-1)
        self.moved()

    def action_first(self) -> None:
        """Go to the first paper."""
        self.papers.move_to(0)
        self.moved()

    def action_last(self) -> None:
        """Go to the last paper."""
        self.papers.move_to(len(self.papers) - 1)
        self.moved()

    def action_page_down(self) -> None:
        """Go a page down."""
        self.papers.move(self.list_view.rows)
        self.moved()

    def action_page_up(self) -> None:
        """Go a page up."""
        self.papers.move(-self.list_view.rows)
        self.moved()

    def action_read_on(self) -> None:
        """Scroll the paper a page down; at its end go to the next paper."""
        if self.paper_view.at_end:
            self.action_down()
        else:
            self._scroll_paper(1)

    def action_read_back(self) -> None:
        """Scroll the paper a page up."""
        self._scroll_paper(-1)

    def _scroll_paper(self, pages: int) -> None:
        view = self.paper_view
        view.scroll_lines_to(view.top + pages * max(view.rows - 1, 1))

    def action_zoom(self) -> None:
        """Give the paper all the room, or the list its part again."""
        self.screen.toggle_class("-zoomed")
        self.call_after_refresh(self.moved)

    # --- sections

    def action_sidebar(self) -> None:
        """Show the sections, or fold them away."""
        self.shows_sections = not self.section_view.display
        self.section_view.display = self.shows_sections
        self.call_after_refresh(self.show_paper, from_top=False)

    def action_next_section(self) -> None:
        """Open the next section or topic."""
        self._step_section(1)

    def action_previous_section(self) -> None:
        """Open the previous section or topic."""
        self._step_section(-1)

    def _step_section(self, step: int) -> None:
        keys = self.section_view.keys
        current = self.section_view.current
        at = keys.index(current) + step if current in keys else 0
        self.open_section(keys[at % len(keys)])

    # --- search

    def action_search(self) -> None:
        """Search as the reader types."""
        is_search = self.papers.key.kind == "search"
        self.question = "search"
        self.prompt.ask(Question("search", self.papers.key.value if is_search else ""))

    question = ""  # what the prompt asks for

    def on_prompt_line_changed(self, event: PromptLine.Changed) -> None:
        """Search for what has been typed so far."""
        if self.question == "search":
            self._search(event.text)

    def _search(self, text: str) -> None:
        self.open_section(SectionKey("search", text) if text.strip() else self.before_search)

    def answer(self, text: str | None) -> None:
        """Go back to the list, and use the answer."""
        question, self.question = self.question, ""
        self.prompt.close()
        self.screen.set_focus(self.list_view)
        if question == "search":
            if text is None or SectionKey("search", text) != self.section_view.current:
                self._search(text or "")
        elif text is not None:
            self.answered(question, text)

    def answered(self, question: str, text: str) -> None:
        """Use the answer to a question."""

    def action_clear(self) -> None:
        """End the selection, else the search."""
        if self.papers.clear_selection():
            self.moved()
        elif self.screen.has_class("-zoomed"):
            self.action_zoom()
        elif self.papers.key.kind == "search":
            self._search("")

    # --- mouse

    def on_line_view_line_clicked(self, event: LineView.LineClicked) -> None:
        """Go to the paper or section, or open the link, that was clicked."""
        view: Widget = event.view
        if isinstance(view, ListView):
            self.papers.move_to(event.number)
            self.moved()
        elif isinstance(view, SectionView) and (key := view.key_at(event.number)):
            self.open_section(key)
        elif isinstance(view, DetailView):
            line = view.detail.lines[event.number].plain
            words = [
                word[0] for word in words_in(line) if word.start() <= event.column < word.end()
            ]
            self.word = words[0] if words else ""
            if url := view.link_at(event.number):
                self.open_link(url)

    def open_link(self, url: str) -> None:
        """Open an address in the browser."""

    # --- help

    def action_help(self) -> None:
        """Show all keys."""
        self.push_screen(HelpScreen(self.shown_keys))

    def action_palette(self) -> None:
        """Show all actions by name."""
        self.action_command_palette()

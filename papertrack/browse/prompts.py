"""The line to type in, and the screens of keys and actions."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.containers import Horizontal
from textual.events import Key, Paste
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from papertrack.browse.views import BarLine, LineView
from papertrack.config.browse_keys import BROWSE_KEYS, all_browse_keys
from papertrack.display.looks import HEADING, SECONDARY
from papertrack.text import visible

_MAX_TYPED = 1000  # characters that can be added to a text
KeysOf = Callable[[str], Sequence[str]]  # the keys of an action, to show


class Question(NamedTuple):
    """What the line asks for: a label, the text it begins with, and texts to choose from."""

    label: str
    text: str = ""
    choices: tuple[str, ...] = ()


class PromptInput(Input):
    """An input without borders that takes only visible characters; Enter is for its line."""

    async def action_submit(self) -> None:
        """Answer at once; a message would be late for the next key."""
        if isinstance(self.parent, PromptLine):
            self.parent.action_answer()

    def validate_value(self, value: str) -> str:
        """Return the text without what could act on the terminal."""
        return visible(value)


class PromptLine(Horizontal):
    """A line that asks for a text: Enter answers, Escape cancels, Up and Down choose."""

    DEFAULT_CSS = """
    PromptLine { height: 1; display: none; }
    PromptLine BarLine { width: auto; }
    PromptLine Input { border: none; height: 1; padding: 0; width: 1fr; background: ansi_default; }
    PromptLine Input:focus { border: none; }
    """
    BINDINGS = [  # noqa: RUF012  # as Textual declares it
        Binding("escape", "cancel", show=False),
        Binding("down", "choose(1)", show=False),
        Binding("up", "choose(-1)", show=False),
    ]

    class Changed(Message):
        """The text changed while it is typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, on_answer: Callable[[str | None], None]) -> None:
        """Ask nothing yet; `on_answer` gets the text, None if the reader cancelled."""
        super().__init__(id="prompt")
        self._on_answer = on_answer
        self._label = BarLine("prompt-label")
        self._input = PromptInput(id="prompt-input", select_on_focus=False)
        self._input.cursor_blink = False
        self._choices: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """The label and the input."""
        yield self._label
        yield self._input

    def ask(self, question: Question) -> None:
        """Show the line and give it the keys."""
        self._choices = question.choices
        self._label.text = f"{question.label}: "
        self._label.styles.width = len(question.label) + 2
        with self._input.prevent(Input.Changed):
            self._input.value = question.text
        self._input.cursor_position = len(question.text)
        # Each key draws and searches for the whole text, so that a key that hangs would block.
        self._input.max_length = len(question.text) + _MAX_TYPED
        self.display = True
        # At once: `focus` would do it later, and letters typed meanwhile would be keys of the list.
        self.screen.set_focus(self._input)

    async def take(self, event: Key | Paste) -> None:
        """Add a character or the first line of a pasted text, or do what the key is bound to."""
        self.screen.set_focus(self._input)  # a click may have taken it away
        if isinstance(event, Paste):
            text = "".join(event.text.splitlines()[:1])
        else:
            text = event.character or "" if event.is_printable else ""
        if text:
            self._input.replace(text, *self._input.selection)
        elif isinstance(event, Key) and (bound := self.screen.active_bindings.get(event.key)):
            await self.app.run_action(bound.binding.action, bound.node)

    def offer(self, choices: tuple[str, ...]) -> None:
        """Let Up and Down choose between these texts."""
        self._choices = choices

    @property
    def text(self) -> str:
        """What has been typed."""
        return self._input.value

    @property
    def is_asking(self) -> bool:
        """Whether the line is shown."""
        return bool(self.display)

    def close(self) -> None:
        """Hide the line."""
        self.display = False

    def action_answer(self) -> None:
        """Answer with the text."""
        self._on_answer(self._input.value)

    def action_cancel(self) -> None:
        """Answer nothing."""
        self._on_answer(None)

    def action_choose(self, step: int) -> None:
        """Replace the text by the next of the choices."""
        if self._choices:
            value = self._input.value
            at = self._choices.index(value) + step if value in self._choices else min(step, 0)
            self._input.value = self._choices[at % len(self._choices)]
            self._input.cursor_position = len(self._input.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell what was typed."""
        event.stop()
        self.post_message(self.Changed(event.value))


class KeysView(LineView, can_focus=True):
    """The keys by heading."""

    def __init__(self, keys_of: KeysOf) -> None:
        super().__init__()
        self._lines = list(_help_lines(keys_of))

    def line_count(self) -> int:
        """One line a key."""
        return len(self._lines)

    def line(self, number: int, width: int) -> Text:
        """A key with what it does."""
        text = self._lines[number].copy()
        text.truncate(width, overflow="ellipsis")
        return text


class HelpScreen(Screen[None], inherit_bindings=False):
    """All keys."""

    CSS = "HelpScreen { overflow: hidden; } HelpScreen KeysView { height: 1fr; }"

    BINDINGS = [  # noqa: RUF012  # as Textual declares it
        # With priority, a key acts before the next is looked at, which may be one of the list.
        Binding("escape,q,question_mark,enter", "app.pop_screen", show=False, priority=True),
        Binding("j,down,space", "scroll(1)", show=False, priority=True),
        Binding("k,up", "scroll(-1)", show=False, priority=True),
    ]

    def __init__(self, keys_of: KeysOf) -> None:
        super().__init__()
        self._view = KeysView(keys_of)

    def compose(self) -> ComposeResult:
        """The keys, and how to leave."""
        yield self._view
        closing = BarLine()
        closing.text = "q or Escape: back    the same keys in commands: papertrack help"
        yield closing

    def action_scroll(self, lines: int) -> None:
        """Scroll the keys."""
        self._view.scroll_lines_to(self._view.top + lines)


def _help_lines(keys_of: KeysOf) -> Iterable[Text]:
    caps = {key.action: ", ".join(keys_of(key.action)) for key in all_browse_keys()}
    width = max(map(len, caps.values()))
    for heading, keys in BROWSE_KEYS.items():
        yield Text(heading, HEADING)
        for key in keys:
            yield Text(f"  {caps[key.action]:<{width}}  ").append(key.description)
        yield Text()
    yield Text("In commands: list, star, read, hide, tag, note, undo, search, open, cite, why,")
    yield Text("topics add, fetch, export; `papertrack today` shows the same papers.", SECONDARY)


class ActionProvider(Provider):
    """The actions of the command palette."""

    async def discover(self) -> Hits:
        """All actions."""
        for action, description in _actions():
            yield DiscoveryHit(description, self._command(action))

    async def search(self, query: str) -> Hits:
        """The actions whose description is similar to the query."""
        matcher = self.matcher(query)
        for action, description in _actions():
            if (score := matcher.match(description)) > 0:
                yield Hit(score, matcher.highlight(description), self._command(action))

    def _command(self, action: str) -> Callable[[], object]:
        return lambda: self.app.run_action(action)


def _actions() -> Sequence[tuple[str, str]]:
    return [
        (key.action, key.description)
        for group in BROWSE_KEYS.values()
        for key in group
        if key.action != "palette"
    ]

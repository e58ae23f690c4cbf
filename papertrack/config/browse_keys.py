"""The keys of `papertrack browse`: what each does, and which keys do it unless configured."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

# The names of keys with a sign, as Textual calls them.
_SIGNS = {
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "minus": "-",
    "comma": ",",
    "full_stop": ".",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}
_CAPS = {"pageup": "Page Up", "pagedown": "Page Down"}
_NAMES = (
    *("enter", "tab", "space", "escape", "backspace", "delete", "insert", "home", "end"),
    *(
        "pageup",
        "pagedown",
        "up",
        "down",
        "left",
        "right",
        *(f"f{number}" for number in range(1, 13)),
    ),
)
# A character, or the name of another key, with ctrl, alt or shift held.
KEY_PATTERN = rf"[!-~]|((ctrl|alt|shift)\+)*([a-z0-9]|{'|'.join(_NAMES)})"


class BrowseKey(NamedTuple):
    """An action with its keys.

    `label` is what the line of keys at the bottom says, and `description` what the help says.
    """

    action: str
    keys: tuple[str, ...]
    label: str
    description: str


# By heading, in the order of the help.
BROWSE_KEYS: dict[str, tuple[BrowseKey, ...]] = {
    "Move": (
        BrowseKey("down", ("j", "down"), "", "next paper"),
        BrowseKey("up", ("k", "up"), "", "previous paper"),
        BrowseKey("first", ("g", "home"), "", "first paper"),
        BrowseKey("last", ("G", "end"), "", "last paper"),
        BrowseKey("page_down", ("ctrl+f", "pagedown"), "", "a page down"),
        BrowseKey("page_up", ("ctrl+b", "pageup"), "", "a page up"),
        BrowseKey("read_on", ("space",), "read on", "scroll the paper, at its end the next paper"),
        BrowseKey("read_back", ("-",), "", "scroll the paper back"),
        BrowseKey("zoom", ("enter",), "full", "show the paper in full, or the list again"),
        BrowseKey("next_section", ("]", "tab"), "", "next section or topic"),
        BrowseKey("previous_section", ("[", "shift+tab"), "", "previous one"),
        BrowseKey("sidebar", ("b",), "", "show or fold the sections and topics"),
    ),
    "Mark": (
        BrowseKey("star", ("s",), "star", "star, or unstar"),
        BrowseKey("read", ("r",), "read", "mark as read, or unread"),
        BrowseKey("hide", ("h",), "hide", "hide, or show again"),
        BrowseKey("tag", ("t",), "tag", "add a tag; -TAG removes it"),
        BrowseKey("note", ("n",), "note", "write a note in $EDITOR"),
        BrowseKey("undo", ("u",), "undo", "undo the last change"),
        BrowseKey("select", ("v",), "", "select several papers: begin, move, then a key"),
        BrowseKey("pick", ("x",), "", "select this paper, or not"),
        BrowseKey("clear", ("escape",), "", "end the selection or the search"),
    ),
    "Use": (
        BrowseKey("search", ("/",), "search", "search the library as you type"),
        BrowseKey("open", ("o",), "open", "open in the browser"),
        BrowseKey("pdf", ("p",), "", "open the PDF"),
        BrowseKey("cite", ("c",), "", "copy as BibTeX"),
        BrowseKey("copy_link", ("y",), "", "copy the address"),
        BrowseKey("links", ("l",), "", "open a link of the paper by its number"),
        BrowseKey("why", ("w",), "why", "why it matches your topics, or does not"),
        BrowseKey("topic", ("T",), "", "add a phrase of the paper to a topic"),
        BrowseKey("refresh", ("R",), "refresh", "fetch what is out of date"),
        BrowseKey("export", ("e",), "", "export to a file: .md, .bib, .ris, .html, .csv, .jsonl"),
        BrowseKey("palette", (":", "ctrl+p"), "", "all actions by name"),
        BrowseKey("help", ("?",), "help", "these keys"),
        BrowseKey("quit", ("q",), "quit", "quit"),
    ),
}


def all_browse_keys() -> tuple[BrowseKey, ...]:
    """All actions, in the order of the help."""
    return tuple(key for group in BROWSE_KEYS.values() for key in group)


def key_cap(key: str) -> str:
    """Return a key as it is written on keyboards: Ctrl+F, Page Down, but j and J."""
    if len(key) == 1:
        return key
    return "+".join(_CAPS.get(part, part.capitalize()) for part in key.split("+"))


def textual_names(keys: Sequence[str]) -> str:
    """Keys as Textual names them, separated by commas."""
    names = {sign: name for name, sign in _SIGNS.items()}
    return ",".join(names.get(key, key) for key in keys)


def clashing_keys(configured: Mapping[str, Sequence[str]]) -> tuple[str, str, str] | None:
    """A key that two actions have, and the actions; None if there is none.

    A configured key replaces all keys of its action.
    """
    actions: dict[str, str] = {}
    for item in all_browse_keys():
        for key in configured.get(item.action, item.keys):
            if key in actions:
                return key, actions[key], item.action
            actions[key] = item.action
    return None

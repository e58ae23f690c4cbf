"""The keys of `papertrack browse`: what each does, and which keys do it unless configured."""

from typing import NamedTuple


class BrowseKey(NamedTuple):
    """An action with its keys, named as Textual names them, separated by commas.

    `label` is what the line of keys at the bottom says, and `description` what the help says.
    """

    action: str
    keys: str
    label: str
    description: str


# By heading, in the order of the help.
BROWSE_KEYS: dict[str, tuple[BrowseKey, ...]] = {
    "Move": (
        BrowseKey("down", "j,down", "", "next paper"),
        BrowseKey("up", "k,up", "", "previous paper"),
        BrowseKey("first", "g,home", "", "first paper"),
        BrowseKey("last", "G,end", "", "last paper"),
        BrowseKey("page_down", "ctrl+f,pagedown", "", "a page down"),
        BrowseKey("page_up", "ctrl+b,pageup", "", "a page up"),
        BrowseKey("read_on", "space", "read on", "scroll the paper, at its end the next paper"),
        BrowseKey("read_back", "minus", "", "scroll the paper back"),
        BrowseKey("zoom", "enter", "full", "show the paper in full, or the list again"),
        BrowseKey("next_section", "right_square_bracket,tab", "", "next section or topic"),
        BrowseKey("previous_section", "left_square_bracket,shift+tab", "", "previous one"),
        BrowseKey("sidebar", "b", "", "show or fold the sections and topics"),
    ),
    "Mark": (
        BrowseKey("star", "s", "star", "star, or unstar"),
        BrowseKey("read", "r", "read", "mark as read, or unread"),
        BrowseKey("hide", "h", "hide", "hide, or show again"),
        BrowseKey("tag", "t", "tag", "add a tag; -TAG removes it"),
        BrowseKey("note", "n", "note", "write a note in $EDITOR"),
        BrowseKey("undo", "u", "undo", "undo the last change"),
        BrowseKey("select", "v", "", "select several papers: begin, move, then a key"),
        BrowseKey("pick", "x", "", "select this paper, or not"),
        BrowseKey("clear", "escape", "", "end the selection or the search"),
    ),
    "Use": (
        BrowseKey("search", "slash", "search", "search the library as you type"),
        BrowseKey("open", "o", "open", "open in the browser"),
        BrowseKey("pdf", "p", "", "open the PDF"),
        BrowseKey("cite", "c", "", "copy as BibTeX"),
        BrowseKey("copy_link", "y", "", "copy the address"),
        BrowseKey("links", "l", "", "open a link of the paper by its number"),
        BrowseKey("why", "w", "why", "why it matches your topics, or does not"),
        BrowseKey("topic", "T", "", "add a phrase of the paper to a topic"),
        BrowseKey("refresh", "R", "refresh", "fetch what is out of date"),
        BrowseKey("export", "e", "", "export to a file: .md, .bib, .ris, .html, .csv, .jsonl"),
        BrowseKey("palette", "colon,ctrl+p", "", "all actions by name"),
        BrowseKey("help", "question_mark", "help", "these keys"),
        BrowseKey("quit", "q,ctrl+c", "quit", "quit"),
    ),
}


def all_browse_keys() -> tuple[BrowseKey, ...]:
    """All actions, in the order of the help."""
    return tuple(key for group in BROWSE_KEYS.values() for key in group)

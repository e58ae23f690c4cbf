"""What the reader does with papers: star, read, hide, and back."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from papertrack.library.library import Library
from papertrack.models import Entry, State


class Mark(NamedTuple):
    """One thing a reader can do: the command, the word for it done, the change, its opposite."""

    command: str
    done: str
    change: Callable[[State], State]
    undo: str


MARKS = {
    mark.command: mark
    for mark in (
        Mark("star", "starred", lambda state: state._replace(starred=True), "unstar"),
        Mark("unstar", "no longer starred", lambda state: state._replace(starred=False), "star"),
        Mark("read", "read", lambda state: state._replace(read=True), "unread"),
        Mark("unread", "unread again", lambda state: state._replace(read=False), "read"),
        Mark("hide", "hidden", lambda state: state._replace(hidden=True), "unhide"),
        Mark("unhide", "shown again", lambda state: state._replace(hidden=False), "hide"),
    )
}


def apply_mark(library: Library, mark: Mark, paper_ids: Sequence[str]) -> tuple[int, list[Entry]]:
    """Apply a mark in one write: how many papers it altered, and all of them as they are now."""
    altered = library.change_states(paper_ids, lambda _, state: mark.change(state))
    return altered, list(library.entries(paper_ids).values())

"""The reader's marks on papers: star, read, hide, and their opposites."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from papertrack.library.library import Library
from papertrack.models import Entry, State


class Mark(NamedTuple):
    """A mark: its command, the word for a marked paper, the change, and the opposite command."""

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
    """Mark papers in one transaction: the number of changed papers, and all entries after it."""
    changed = library.change_states(paper_ids, lambda _, state: mark.change(state))
    return changed, list(library.entries(paper_ids).values())

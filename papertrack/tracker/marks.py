"""Changing the reader's marks, tags and notes on papers; `library.undo` reverts changes."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from papertrack.errors import UsageError
from papertrack.library.library import Library
from papertrack.library.paper_events import follow_starred
from papertrack.library.undo import Change, record
from papertrack.models import Entry, State
from papertrack.text import clean

_LONGEST_TAG = 60  # characters


class Mark(NamedTuple):
    """A change of a paper's state: its command, the word for changed papers, and the change."""

    command: str
    done: str
    change: Callable[[State], State]


class MarkResult(NamedTuple):
    """The result of a mark: how many papers it changed, and all its papers as they are now."""

    changed: int
    entries: tuple[Entry, ...]


MARKS = {
    mark.command: mark
    for mark in (
        Mark("star", "starred", lambda state: state._replace(starred=True)),
        Mark("unstar", "no longer starred", lambda state: state._replace(starred=False)),
        Mark("read", "read", lambda state: state._replace(read=True)),
        Mark("unread", "unread again", lambda state: state._replace(read=False)),
        Mark("hide", "hidden", lambda state: state._replace(hidden=True)),
        Mark("unhide", "shown again", lambda state: state._replace(hidden=False)),
    )
}


def tag_mark(text: str, *, remove: bool = False) -> Mark:
    """The mark that adds a tag, or removes it. Raises UsageError if it cannot be a tag."""
    tag = clean(text).strip().removeprefix("#")
    if not tag or len(tag) > _LONGEST_TAG or "," in tag or tag.split() != [tag]:
        raise UsageError(
            f"not a valid tag: {text!r}", next_step="write a word without spaces or commas"
        )
    if remove:
        return Mark("untag", f"no longer tagged {tag}", lambda state: _without_tag(state, tag))
    return Mark("tag", f"tagged {tag}", lambda state: _with_tag(state, tag))


def combine(marks: Sequence[Mark]) -> Mark:
    """A mark that makes the changes of several marks, so that a single undo reverts them."""

    def change(state: State) -> State:
        for mark in marks:
            state = mark.change(state)
        return state

    return Mark(marks[0].command, ", ".join(mark.done for mark in marks), change)


def note_mark(text: str, *, append: bool = False) -> Mark:
    """The mark that sets the note of a paper, adds a line to it, or removes it if empty."""
    note = text.strip()

    def change(state: State) -> State:
        lines = [state.note, note] if append else [note]
        return state._replace(note="\n".join(filter(None, lines)) or None)

    return Mark("note", "noted" if note else "note removed", change)


def apply_mark(library: Library, mark: Mark, paper_ids: Sequence[str], now: datetime) -> MarkResult:
    """Mark papers in one transaction, as a change that `undo` reverts. Raises LibraryError.

    What happens to papers that it stars is noticed from `now` on.
    """
    with library.transaction():
        before = {key: entry.state for key, entry in library.entries(paper_ids).items()}
        changing = {key: state for key, state in before.items() if mark.change(state) != state}
        library.change_states(changing, lambda _, state: mark.change(state))
        if changing:
            record(library, Change(mark.done, changing))
        starred = [key for key, state in before.items() if state.starred]
        follow_starred(library, changing, starred, now)
    return MarkResult(len(changing), tuple(library.entries(paper_ids).values()))


def _with_tag(state: State, tag: str) -> State:
    return state if tag in state.tags else state._replace(tags=(*state.tags, tag))


def _without_tag(state: State, tag: str) -> State:
    return state._replace(tags=tuple(other for other in state.tags if other != tag))

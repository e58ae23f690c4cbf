"""The reader's last changes of marks, tags and notes, in the table `reading.undo`.

A row holds the states before a change, so that it can be undone. The last change has the highest
number; the oldest rows are removed.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from papertrack.library import entry_rows, table_names
from papertrack.library.library import Library, rejecting_foreign_rows
from papertrack.library.row_values import text
from papertrack.models import State

MAX_CHANGES = 20


class Change(NamedTuple):
    """A change: what was done in a few words, and the states of its papers before it."""

    action: str
    before: Mapping[str, State]


def parse_row(row: Mapping[str, Any]) -> Change:
    """Return the change of a row. Raises KeyError, TypeError, ValueError, AttributeError."""
    before = {key: entry_rows.from_state_row(state) for key, state in row["before"].items()}
    return Change(text(row["action"]), before)


def record(library: Library, change: Change) -> None:
    """Store a change as the last one; within the transaction that makes it."""
    rows = {key: entry_rows.to_state_row(state) for key, state in change.before.items()}
    numbers = _numbers(library)
    number = (numbers[-1] if numbers else 0) + 1
    library.database.put(
        table_names.UNDO, {f"{number:09}": {"action": change.action, "before": rows}}
    )
    old = [*numbers, number][:-MAX_CHANGES]
    library.database.remove(table_names.UNDO, (f"{number:09}" for number in old))


def undo_last(library: Library) -> Change | None:
    """Restore the states before the last change, and remove it; None if there is no change.

    Raises LibraryBusy, LibraryError.
    """
    with library.transaction():
        numbers = _numbers(library)
        if not numbers:
            return None
        key = f"{numbers[-1]:09}"
        with rejecting_foreign_rows(table_names.UNDO):
            change = parse_row(library.database.row(table_names.UNDO, key) or {})
        library.change_states(change.before, lambda paper_id, _: change.before[paper_id])
        library.database.remove(table_names.UNDO, [key])
        return change


def rename_in_changes(library: Library, old: str, new: str) -> None:
    """Let the changes of a paper be those of its new id; within a transaction."""
    with rejecting_foreign_rows(table_names.UNDO):
        rows = dict(library.database.rows(table_names.UNDO))
    renamed = {}
    for key, row in rows.items():
        if old in row["before"]:
            before = {
                new if paper == old else paper: state for paper, state in row["before"].items()
            }
            renamed[key] = {
                **row,
                "before": before | {new: row["before"].get(new, row["before"][old])},
            }
    library.database.put(table_names.UNDO, renamed)


def _numbers(library: Library) -> list[int]:
    with rejecting_foreign_rows(table_names.UNDO):
        return sorted(int(key) for key, _ in library.database.rows(table_names.UNDO))

"""The list of papers that the reader moves in: cursor, selection, and the entries read so far."""

from collections.abc import Iterable, Sequence

from papertrack.browse.sections import Contents, SectionKey
from papertrack.models import Entry

_KEPT = 1500  # entries, about 10 MB


class OpenList:
    """The papers of a section by id, with a cursor and a selection.

    Entries are read when their rows are shown, and the oldest are dropped. Papers are never removed
    from a list that is shown, so that nothing moves under the cursor: new papers are inserted, and
    the others are dropped when the section is opened again.
    """

    def __init__(self, key: SectionKey, contents: Contents) -> None:
        self.key = key
        self.contents = contents
        self.ids: list[str] = list(contents.ids)
        self.cursor = 0
        self.picked: set[str] = set()
        self._anchor: str | None = None
        self._known = {entry.paper.id: entry for entry in contents.known}
        self._entries: dict[str, Entry] = {}

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def current_id(self) -> str | None:
        """The id of the paper at the cursor; None if the list is empty."""
        return self.ids[self.cursor] if self.ids else None

    @property
    def current(self) -> Entry | None:
        """The entry at the cursor; None if it has not been read yet."""
        return self.entry(self.current_id) if self.current_id else None

    def entry(self, paper_id: str) -> Entry | None:
        """The entry of a paper as far as it is known."""
        return self._entries.get(paper_id) or self._known.get(paper_id)

    def is_complete(self, paper_id: str) -> bool:
        """Whether the complete entry of a paper has been read."""
        return paper_id in self._entries

    def missing(self, first: int, count: int) -> list[str]:
        """The ids of these rows whose complete entries have not been read."""
        rows = self.ids[max(first, 0) : max(first, 0) + count]
        return [paper_id for paper_id in rows if paper_id not in self._entries]

    def known(self, ids: Iterable[str]) -> list[Entry]:
        """The entries that the section has ranked, of these papers."""
        return [self._known[paper_id] for paper_id in ids if paper_id in self._known]

    def store(self, entries: Iterable[Entry]) -> None:
        """Keep entries that were read; drop the oldest of too many."""
        for entry in entries:
            self._entries.pop(entry.paper.id, None)
            self._entries[entry.paper.id] = entry
        while len(self._entries) > _KEPT:
            del self._entries[next(iter(self._entries))]

    def store_states(self, entries: Iterable[Entry]) -> None:
        """Take over the reader's state of papers after a change."""
        for entry in entries:
            for stored in (self._entries, self._known):
                if old := stored.get(entry.paper.id):
                    stored[entry.paper.id] = old._replace(state=entry.state)

    def forget(self) -> None:
        """Drop all entries that were read, so that they are read again."""
        self._entries.clear()

    def move_to(self, row: int) -> None:
        """Move the cursor to a row, or to the nearest if there is none."""
        self.cursor = max(0, min(row, len(self.ids) - 1))

    def move(self, rows: int) -> None:
        """Move the cursor down, or up if negative."""
        self.move_to(self.cursor + rows)

    def add(self, contents: Contents) -> int:
        """Insert papers that are new in the section; return how many there were.

        The cursor stays on its paper.
        """
        present = set(self.ids)
        current = self.current_id
        merged: list[str] = list(self.ids)
        added = [paper_id for paper_id in contents.ids if paper_id not in present]
        if added:
            merged = _merged(self.ids, contents.ids, present)
        self.ids = merged
        self.contents = contents
        self._known = {entry.paper.id: entry for entry in contents.known} | {
            key: entry for key, entry in self._known.items() if key in present
        }
        if current is not None:
            self.cursor = merged.index(current)
        return len(added)

    # --- selection

    @property
    def is_selecting(self) -> bool:
        """Whether a range of papers is being selected."""
        return self._anchor is not None

    @property
    def selected(self) -> set[str]:
        """The ids of all selected papers: those picked, and the range from its beginning on."""
        return self.picked | set(self._range())

    @property
    def targets(self) -> list[str]:
        """The papers that a key acts on, in order: the selected ones, else that at the cursor."""
        selected = self.selected
        if selected:
            return [paper_id for paper_id in self.ids if paper_id in selected]
        return [self.current_id] if self.current_id else []

    def toggle_range(self) -> None:
        """Begin to select a range at the cursor, or add the range to the picked papers."""
        if self._anchor is None:
            self._anchor = self.current_id
        else:
            self.picked |= set(self._range())
            self._anchor = None

    def pick(self) -> None:
        """Select the paper at the cursor, or no longer."""
        if self.current_id:
            self.picked ^= {self.current_id}

    def clear_selection(self) -> bool:
        """End the selection; return whether there was one."""
        had_selection = bool(self.picked or self._anchor)
        self.picked.clear()
        self._anchor = None
        return had_selection

    def _range(self) -> Sequence[str]:
        if self._anchor is None:
            return ()
        first, last = sorted((self.ids.index(self._anchor), self.cursor))
        return self.ids[first : last + 1]


def _merged(old: Sequence[str], new: Sequence[str], present: set[str]) -> list[str]:
    """The old ids in their order, each new one behind the paper that it follows in `new`."""
    after: dict[str | None, list[str]] = {}
    previous: str | None = None
    for paper_id in new:
        if paper_id in present:
            previous = paper_id
        else:
            after.setdefault(previous, []).append(paper_id)
    merged = list(after.get(None, ()))
    for paper_id in old:
        merged.append(paper_id)
        merged += after.get(paper_id, ())
    return merged

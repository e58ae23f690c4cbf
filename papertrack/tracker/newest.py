"""All papers of a library, the newest first, read day by day.

The first papers come without reading the rest of the library, however large it is.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from heapq import heappop, heappush
from typing import NamedTuple

from papertrack.library import table_names
from papertrack.library.library import Library
from papertrack.models import Entry


class PapersOfDay(NamedTuple):
    """The sorted ids of the papers last listed on a day, and some of their entries by id.

    These have their state, but not the ranks and counts of their listings.
    """

    ids: list[str]
    entries: dict[str, Entry]


def newest_first(library: Library, kept: int) -> Iterator[PapersOfDay]:
    """All papers by `Entry.last_listed`, the latest first; of each day `kept` entries at most."""
    walk = _Walk(library, kept)
    while walk.days:
        yield walk.papers_of_next_day()


class _Walk:
    """A walk over the days of a library, the latest first.

    A paper is in the papers table of the first day that was known when it was stored, and in the
    listing of each of its days. `days` are those to visit, as negative ordinals, since a heap has
    the least first.
    """

    def __init__(self, library: Library, kept: int) -> None:
        self._library, self._kept, self._outlined = library, kept, not kept
        self._tables: dict[int, list[str]] = defaultdict(list)
        for table in library.papers_tables():
            self._tables[-table_names.day_of(table).toordinal()].append(table)
        listed = (-day.toordinal() for day in library.listing_days())
        self._known = {*self._tables, *listed}
        self.days = sorted(self._known)
        self._postponed: dict[int, set[str]] = defaultdict(set)
        self._yielded: set[str] = set()
        self._states = library.states()

    def papers_of_next_day(self) -> PapersOfDay:
        """The papers last listed on the next day."""
        day = heappop(self.days)
        order, kept = list[tuple[int, str]](), list[Entry]()
        for entry in self._entries_on(day):
            last = -entry.last_listed.toordinal()
            if last > day:
                self._postpone(entry.paper.id, last)
                continue
            order.append((last, entry.paper.id))
            if len(kept) < self._kept:
                kept.append(entry)
        ids = [paper_id for _, paper_id in sorted(order)]
        self._yielded.update(ids)
        entries = {entry.paper.id: entry for entry in kept}
        for paper_id in self._states.keys() & entries.keys():
            entries[paper_id] = entries[paper_id]._replace(state=self._states[paper_id])
        return PapersOfDay(ids, entries)

    def _entries_on(self, day: int) -> Iterator[Entry]:
        """The papers of a day's tables and of its listing, and those postponed to it."""
        ids = self._library.listed_ids(date.fromordinal(-day)) | self._postponed.pop(day, set())
        ids -= self._yielded
        for table in self._tables.pop(day, []):
            for entry in self._library.indexed_records(table, outlined=self._outlined):
                ids.discard(entry.paper.id)
                if entry.paper.id not in self._yielded:
                    yield entry
        for table, only in self._library.locate(ids).items():
            yield from self._library.records(table, only, outlined=self._outlined)

    def _postpone(self, paper_id: str, day: int) -> None:
        """Have a paper found on the earlier day on which it was last listed."""
        self._postponed[day].add(paper_id)
        if day not in self._known:
            self._known.add(day)
            heappush(self.days, day)

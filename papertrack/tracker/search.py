"""Searching everything stored: what a query means for the papers of a library."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from papertrack import source_registry
from papertrack.calendar import parse_day, utc_day
from papertrack.errors import UsageError
from papertrack.matching.names import name_score
from papertrack.models import Entry, Report, Section, State
from papertrack.searching import search as ranked_search
from papertrack.searching.highlighting import excerpt
from papertrack.searching.query import Filter, parse, words_of
from papertrack.text import fold
from papertrack.tracker import MANY, Tracker
from papertrack.tracker.editions import GAIN_WITHIN
from papertrack.tracker.wording import check_source, count
from papertrack.trending import gained

if TYPE_CHECKING:
    from papertrack.library.library import Library
    from papertrack.library.search_index import SearchIndex

_MARKS: dict[str, Callable[[State], bool]] = {
    "read": lambda state: state.read,
    "starred": lambda state: state.starred,
    "hidden": lambda state: state.hidden,
}
_IS = ("unread", *_MARKS)


def search(
    tracker: Tracker, text: str, since: date | None = None, limit: int | None = None
) -> Report:
    """Stored papers by relevance to a query, whatever the reader marked on them; the newest first
    where it has only filters. Raises UsageError for a filter that means nothing.
    """
    query = parse(text)
    since_too = (Filter("since", since.isoformat()),) if since else ()
    said = tracker.search_index()
    within = _within(tracker, said, query.filters + since_too)
    read = _Read(tracker.library, said)
    found = ranked_search(query, said, read.texts, within, limit)
    entries = read.entries([hit.number for hit in found.hits])
    shown = (
        one._replace(
            score=hit.score if query.words else None,
            context=excerpt(one.paper.abstract or "", found.words),
            gained=gained(one.observations, GAIN_WITHIN),
        )
        for hit, one in zip(found.hits, entries, strict=True)
        if one
    )
    headline = f"{count(found.total, 'paper')} for {text!r}"
    section = Section("", tracker.match(shown, many=len(found.hits) > MANY), found.total)
    return Report("search", tracker.now, headline, (section,), words=found.words)


class _Read:
    """The papers of a library by their numbers, each read once."""

    def __init__(self, library: "Library", said: "SearchIndex") -> None:
        self._library, self._said = library, said
        self._known: dict[str, Entry] = {}

    def entries(self, numbers: Sequence[int]) -> list[Entry | None]:
        """Whole entries, None for one that was removed meanwhile."""
        ids = self._said.ids(numbers)
        self._known |= self._library.entries(one for one in ids if one not in self._known)
        return [self._known.get(one) for one in ids]

    def texts(self, numbers: Sequence[int]) -> list[str]:
        """What papers say, "" for one that was removed meanwhile."""
        papers = [entry and entry.paper for entry in self.entries(numbers)]
        return [
            " ".join((one.title, *one.keywords, one.abstract or "")) if one else ""
            for one in papers
        ]


def _within(tracker: Tracker, said: "SearchIndex", filters: Iterable[Filter]) -> set[int] | None:
    """The numbers of the papers that pass each filter, None for all."""
    passing = []
    for one in filters:
        found = _passing(tracker, said, one)
        passing.append(_others(said, found) if one.excluded else found)
    return reduce(set.intersection, passing) if passing else None


def _passing(tracker: Tracker, said: "SearchIndex", asked: Filter) -> set[int]:
    if asked.field == "author":
        return said.having("authors", _is_by(asked.value))
    if asked.field == "cat":
        return said.having("categories", _is_in(asked.value))
    if asked.field == "source":
        return said.having("sources", _is_from(asked.value))
    if asked.field == "topic":
        return said.numbers(one.paper.id for one in tracker.for_topic(asked.value).matching())
    if asked.field == "is":
        return _marked(tracker, said, asked.value.casefold())
    first = parse_day(asked.value, utc_day(tracker.now)).toordinal()
    return {number for number, day in enumerate(said.days) if day >= first}


def _is_by(person: str) -> Callable[[str], bool]:
    """Whether one of some folded names, a line each, is that of a person."""
    last = " ".join(words_of(person.partition(",")[0])[-1:])
    # Most names are told apart by the last name alone, which takes far less time.
    return lambda names: last in names and any(name_score(person, one) for one in names.split("\n"))


def _is_in(category: str) -> Callable[[str], bool]:
    """Whether one of some folded categories, a line each, is a category (cs.CL) or in one (cs)."""
    wanted = fold(category).removesuffix("*").removesuffix(".")
    return lambda names: any(
        one == wanted or one.startswith(wanted + ".") for one in names.split("\n")
    )


def _is_from(source: str) -> Callable[[str], bool]:
    """Return whether a source is one of some folded names of sources, a line each.

    Raises UsageError for a source that no paper can come from.
    """
    wanted = fold(source)
    check_source(next((name for name in source_registry.names() if fold(name) == wanted), wanted))
    return lambda names: wanted in names.split("\n")


def _marked(tracker: Tracker, said: "SearchIndex", mark: str) -> set[int]:
    if mark not in _IS:
        raise UsageError(
            f"papers cannot be asked for with is:{mark}",
            next_step=f"write {', '.join(f'is:{one}' for one in _IS)}",
        )
    has = _MARKS["read" if mark == "unread" else mark]
    states = tracker.library.states()
    found = said.numbers(paper_id for paper_id, state in states.items() if has(state))
    return _others(said, found) if mark == "unread" else found


def _others(said: "SearchIndex", found: set[int]) -> set[int]:
    return {number for number, length in enumerate(said.lengths) if length} - found

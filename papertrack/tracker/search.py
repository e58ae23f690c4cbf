"""Search all stored papers: evaluate the filters of a query and rank the papers that pass."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from papertrack import source_registry
from papertrack.calendar import parse_day, utc_day
from papertrack.errors import UsageError
from papertrack.highlighting import excerpt
from papertrack.matching.names import last_word, name_score
from papertrack.models import Entry, Report, Section, State
from papertrack.searching import search as ranked_search
from papertrack.searching.query import Filter, parse_query
from papertrack.text import fold, readable
from papertrack.tracker import MANY_PAPERS, Tracker
from papertrack.tracker.editions import GAIN_WITHIN
from papertrack.tracker.wording import check_source, count
from papertrack.trending import upvote_gain

if TYPE_CHECKING:
    from papertrack.library.library import Library
    from papertrack.library.search_index import SearchIndex

_MARKS: dict[str, Callable[[State], bool]] = {
    "read": lambda state: state.read,
    "starred": lambda state: state.starred,
    "hidden": lambda state: state.hidden,
}
_IS_VALUES = ("unread", *_MARKS)


def search(
    tracker: Tracker, text: str, since: date | None = None, limit: int | None = None
) -> Report:
    """The stored papers that match a query, read and hidden ones too, by relevance.

    A query of filters alone lists the newest papers first. Raises UsageError for an invalid
    filter.
    """
    query = parse_query(text)
    since_filter = (Filter("since", since.isoformat()),) if since else ()
    index = tracker.search_index()
    within = _apply_filters(tracker, index, query.filters + since_filter)
    reader = _PaperReader(tracker.library, index)
    result = ranked_search(query, index, reader.texts, within, limit)
    entries = reader.entries([hit.number for hit in result.hits])
    shown = (
        entry._replace(
            score=hit.score if query.words else None,
            context=excerpt(readable(entry.paper.abstract or ""), result.words),
            gained=upvote_gain(entry.observations, GAIN_WITHIN),
        )
        for hit, entry in zip(result.hits, entries, strict=True)
        if entry
    )
    headline = f"{count(result.total, 'paper')} for {text!r}"
    section = Section("", tracker.match(shown, many=len(result.hits) > MANY_PAPERS), result.total)
    return Report("search", tracker.now, headline, (section,), words=result.words)


class _PaperReader:
    """Reads papers by their numbers in the search index, each of them once."""

    def __init__(self, library: "Library", index: "SearchIndex") -> None:
        self._library, self._index = library, index
        self._entries: dict[str, Entry] = {}

    def entries(self, numbers: Sequence[int]) -> list[Entry | None]:
        """Complete entries; None for a paper that another process has removed."""
        ids = self._index.ids(numbers)
        self._entries |= self._library.entries(
            paper_id for paper_id in ids if paper_id not in self._entries
        )
        return [self._entries.get(paper_id) for paper_id in ids]

    def texts(self, numbers: Sequence[int]) -> list[str]:
        """Title, keywords and abstract; "" for a paper that another process has removed."""
        papers = [entry and entry.paper for entry in self.entries(numbers)]
        return [
            " ".join((readable(paper.title), *paper.keywords, readable(paper.abstract or "")))
            if paper
            else ""
            for paper in papers
        ]


def _apply_filters(
    tracker: Tracker, index: "SearchIndex", filters: Iterable[Filter]
) -> set[int] | None:
    """The numbers of the papers that pass all filters; None without filters."""
    passing = []
    for condition in filters:
        numbers = _passing(tracker, index, condition)
        passing.append(_complement(index, numbers) if condition.excluded else numbers)
    return reduce(set.intersection, passing) if passing else None


def _passing(tracker: Tracker, index: "SearchIndex", condition: Filter) -> set[int]:
    value = condition.value
    if condition.field == "author":
        return index.papers_where("authors", _has_author(value))
    if condition.field == "cat":
        return index.papers_where("categories", _has_category(value))
    if condition.field == "source":
        return index.papers_where("sources", _has_source(value))
    if condition.field == "topic":
        return index.numbers(entry.paper.id for entry in tracker.for_topic(value).matching())
    if condition.field == "is":
        return _with_mark(tracker, index, value.casefold())
    first = parse_day(value, utc_day(tracker.now)).toordinal()
    return {number for number, day in enumerate(index.days) if day >= first}


def _has_author(person: str) -> Callable[[str], bool]:
    """A predicate on folded names, one per line: whether one of them is this person's."""
    last = last_word(person)
    # The substring test rules out most papers and is far quicker than comparing names.
    return lambda names: (
        last in names and any(name_score(person, name) for name in names.split("\n"))
    )


def _has_category(category: str) -> Callable[[str], bool]:
    """A predicate on folded categories, one per line: cs.CL matches itself, cs all of cs."""
    folded = fold(category).removesuffix("*").removesuffix(".")
    return lambda names: any(
        name == folded or name.startswith(folded + ".") for name in names.split("\n")
    )


def _has_source(source: str) -> Callable[[str], bool]:
    """A predicate on folded source names, one per line. Raises UsageError for an unknown source."""
    folded = fold(source)
    check_source(next((name for name in source_registry.names() if fold(name) == folded), folded))
    return lambda names: folded in names.split("\n")


def _with_mark(tracker: Tracker, index: "SearchIndex", mark: str) -> set[int]:
    if mark not in _IS_VALUES:
        raise UsageError(
            f"unknown filter is:{mark}",
            next_step=f"use {', '.join(f'is:{value}' for value in _IS_VALUES)}",
        )
    has_mark = _MARKS["read" if mark == "unread" else mark]
    states = tracker.library.states()
    numbers = index.numbers(paper_id for paper_id, state in states.items() if has_mark(state))
    return _complement(index, numbers) if mark == "unread" else numbers


def _complement(index: "SearchIndex", numbers: set[int]) -> set[int]:
    # A length of 0 marks a number whose paper was removed.
    return {number for number, length in enumerate(index.lengths) if length} - numbers

"""The filters of queries such as venue:ICML, evaluated with the search index."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, reduce
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING

from papertrack import source_registry
from papertrack.calendar import parse_day, utc_day
from papertrack.errors import UsageError
from papertrack.matching.names import name_score, part_of_last_word
from papertrack.models import State
from papertrack.searching.query import Filter
from papertrack.text import fold
from papertrack.tracker import Tracker
from papertrack.tracker.wording import require_source

if TYPE_CHECKING:
    from papertrack.library.search_index import SearchIndex

_MARKS: dict[str, Callable[[State], bool]] = {
    "read": lambda state: state.read,
    "starred": lambda state: state.starred,
    "hidden": lambda state: state.hidden,
}
_IS_VALUES = ("unread", *_MARKS)
_HAS_VALUES = (
    "abstract", "code", "comment", "doi", "journal_ref", "note", "organization", "project", "tldr",
    "venue",
)  # fmt: skip
_COMPARISONS = {"": eq, "=": eq, ">": gt, ">=": ge, "<": lt, "<=": le}
_NUMBER = re.compile(r"(>=|<=|>|<|=|)\s*(\d{1,9})", re.ASCII)
_LETTERS_OR_DIGITS = re.compile(r"[^\W\d_]+|\d+")

_Numbers = set[int]  # of papers in the search index


def apply_filters(
    tracker: Tracker, index: "SearchIndex", filters: Iterable[Filter]
) -> _Numbers | None:
    """Return the numbers of the papers that pass all filters; None without filters.

    Raises UsageError for a value that its filter does not take.
    """
    passing = []
    for condition in filters:
        numbers = _EVALUATORS[condition.field](tracker, index, condition.value)
        passing.append(_complement(index, numbers) if condition.excluded else numbers)
    return reduce(set.intersection, passing) if passing else None


def _by_author(_tracker: Tracker, index: "SearchIndex", person: str) -> _Numbers:
    return papers_by(index, person)


def papers_by(index: "SearchIndex", person: str) -> _Numbers:
    """The numbers of the papers with an author of this name."""
    part = part_of_last_word(person)
    if not index.has_author_word(part):
        return set()

    @cache
    def is_person(name: str) -> bool:
        return name_score(person, name) > 0

    # The substring tests rule out most papers and names and are far quicker than comparing names,
    # of which many papers have the same.
    return index.papers_where(
        "authors",
        lambda names: any(part in name and is_person(name) for name in names.split("\n")),
        containing=part,
    )


def _in_category(_tracker: Tracker, index: "SearchIndex", category: str) -> _Numbers:
    """The papers in a category, or for an archive such as cs in any of its categories."""
    folded = fold(category).removesuffix("*").removesuffix(".")
    return index.papers_where(
        "categories",
        lambda names: any(
            name == folded or name.startswith(folded + ".") for name in names.split("\n")
        ),
        containing=folded,
    )


def _from_source(_tracker: Tracker, index: "SearchIndex", source: str) -> _Numbers:
    folded = fold(source)
    require_source(next((name for name in source_registry.names() if fold(name) == folded), folded))
    return index.papers_where("sources", lambda names: folded in names.split("\n"), folded)


def _on_topic(tracker: Tracker, index: "SearchIndex", topic: str) -> _Numbers:
    return index.numbers(entry.paper.id for entry in tracker.for_topic(topic).matching())


def _since(tracker: Tracker, index: "SearchIndex", day: str) -> _Numbers:
    first = parse_day(day, utc_day(tracker.now)).toordinal()
    return {number for number, day in enumerate(index.days) if day >= first}


def _is(tracker: Tracker, index: "SearchIndex", mark: str) -> _Numbers:
    mark = mark.casefold()
    _check_value("is", mark, _IS_VALUES)
    has_mark = _MARKS["read" if mark == "unread" else mark]
    states = tracker.library.states()
    numbers = index.numbers(paper_id for paper_id, state in states.items() if has_mark(state))
    return _complement(index, numbers) if mark == "unread" else numbers


def _has(tracker: Tracker, index: "SearchIndex", value: str) -> _Numbers:
    value = value.casefold()
    _check_value("has", value, _HAS_VALUES)
    if value == "note":
        states = tracker.library.states()
        return index.numbers(paper_id for paper_id, state in states.items() if state.note)
    return index.papers_where("has", lambda names: value in names.split("\n"), value)


def _tagged(tracker: Tracker, index: "SearchIndex", tag: str) -> _Numbers:
    folded = fold(tag.removeprefix("#"))
    states = tracker.library.states()
    return index.numbers(
        paper_id for paper_id, state in states.items() if folded in map(fold, state.tags)
    )


def _at_venue(_tracker: Tracker, index: "SearchIndex", venue: str) -> _Numbers:
    return index.papers_where("venue", _names(venue))


def _of_organization(_tracker: Tracker, index: "SearchIndex", organization: str) -> _Numbers:
    return index.papers_where("organization", _names(organization))


def _names(value: str) -> Callable[[str], bool]:
    """A predicate on folded names: whether the words of `value` occur in it side by side.

    Letters and digits are separate words, so that ICML2025 is ICML 2025.
    """

    def spaced(text: str) -> str:
        return f" {' '.join(_LETTERS_OR_DIGITS.findall(text))} "

    words = spaced(fold(value))
    return lambda name: bool(name) and words in spaced(name)


def _by_upvotes(tracker: Tracker, index: "SearchIndex", value: str) -> _Numbers:
    match = _NUMBER.fullmatch(value)
    if match is None:
        raise UsageError(
            f"upvotes:{value} is not a number of upvotes",
            next_step='use upvotes:100, "upvotes:>50" or "upvotes:<=10", in quotes for the shell',
        )
    compare, number = _COMPARISONS[match[1]], int(match[2])
    counted = tracker.library.upvotes()
    for paper_id, other in index.upvotes().items():
        counted[paper_id] = max(other, counted.get(paper_id, other))
    return index.numbers(
        paper_id for paper_id, (_, upvotes) in counted.items() if compare(upvotes, number)
    )


def _check_value(field: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        raise UsageError(
            f"unknown filter {field}:{value}",
            next_step=f"use {', '.join(f'{field}:{name}' for name in values)}",
        )


def _complement(index: "SearchIndex", numbers: _Numbers) -> _Numbers:
    # A length of 0 marks a number whose paper was removed.
    return {number for number, length in enumerate(index.title_lengths) if length} - numbers


_EVALUATORS: Mapping[str, Callable[[Tracker, "SearchIndex", str], _Numbers]] = {
    "author": _by_author,
    "cat": _in_category,
    "topic": _on_topic,
    "since": _since,
    "is": _is,
    "has": _has,
    "venue": _at_venue,
    "org": _of_organization,
    "source": _from_source,
    "upvotes": _by_upvotes,
    "tag": _tagged,
}

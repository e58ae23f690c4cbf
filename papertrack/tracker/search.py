"""Search all stored papers: evaluate the filters of a query and rank the papers that pass."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from papertrack.errors import UsageError
from papertrack.highlighting import excerpt
from papertrack.models import Entry, Report, Section
from papertrack.searching import SearchResult
from papertrack.searching import search as ranked_search
from papertrack.searching.query import Filter, Query, parse_query
from papertrack.text import readable
from papertrack.tracker import MANY_PAPERS, Tracker
from papertrack.tracker.filters import apply_filters, papers_by
from papertrack.tracker.orders import MEASURES, ORDER_NAMES, Order, in_order
from papertrack.tracker.wording import count
from papertrack.trending import GAIN_WITHIN, upvote_gain

if TYPE_CHECKING:
    from papertrack.library.library import Library
    from papertrack.library.search_index import SearchIndex

_MAX_NAME_WORDS = 3
_IN_IDS = frozenset("0123456789:")  # An id has a digit, or a colon after its namespace.


def search(
    tracker: Tracker,
    text: str,
    since: date | None = None,
    limit: int | None = None,
    order: Order | None = None,
) -> Report:
    """The stored papers that match a query, read and hidden ones too, by relevance.

    With `order`, the most relevant papers up to the limit are in that order. A query with filters
    only lists the newest papers first, and a query with ids those papers. If no paper contains the
    name of an author, the author's papers are listed. Raises UsageError for an invalid filter.
    """
    query = _parse(tracker, text)
    if isinstance(query, Report):
        return query
    index = tracker.search_index()
    reader = _PaperReader(tracker.library, index)
    result = _ranked(tracker, reader, _since(query, since), limit)
    name, papers_by = _named_author(index, query)
    if papers_by and not result.total:
        note = f"no paper contains {text!r}; these are by an author of that name"
        return search(tracker, f"author:{name}", since, limit, order)._replace(notes=(note,))
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
    matched = tracker.match(shown, many=len(result.hits) > MANY_PAPERS)
    section = Section("", matched, result.total)
    if order:
        headline += f" · {ORDER_NAMES[order]}"
        section = section._replace(entries=in_order(matched, order), measure=MEASURES[order])
    hint = f"{count(papers_by, 'paper')} by an author of that name: search 'author:{name}'"
    notes = (hint,) if papers_by else () if result.total else _notes_on_no_result(tracker)
    return Report("search", tracker.now, headline, (section,), notes, words=result.words)


class MatchingIds(NamedTuple):
    """The ids of the papers that match a query, best first, up to a limit.

    `total` also counts those beyond the limit. `words` are the words to highlight, folded, and
    `note` is one for the reader, or "".
    """

    ids: tuple[str, ...] = ()
    total: int = 0
    words: frozenset[str] = frozenset()
    note: str = ""


def matching_ids(
    tracker: Tracker, text: str, since: date | None = None, limit: int | None = None
) -> MatchingIds:
    """The ids of the papers that `search` lists for the same query, without reading the papers.

    Raises UsageError for an invalid filter.
    """
    query = _parse(tracker, text)
    if isinstance(query, Report):
        ids = tuple(entry.paper.id for section in query.sections for entry in section.entries)
        return MatchingIds(ids[:limit], len(ids), note=" ".join(query.notes))
    index = tracker.search_index()
    reader = _PaperReader(tracker.library, index)
    result = _ranked(tracker, reader, _since(query, since), limit)
    if not result.total:  # The names of all papers are read only if no word matches.
        name, papers_by = _named_author(index, query)
        if papers_by:
            note = f"no paper contains {text!r}; these are by an author of that name"
            return matching_ids(tracker, f"author:{name}", since, limit)._replace(note=note)
    ids = tuple(index.ids([hit.number for hit in result.hits]))
    return MatchingIds(ids, result.total, result.words)


def _parse(tracker: Tracker, text: str) -> Query | Report:
    """The parsed query, or the report of the papers that it names by id. Raises UsageError."""
    try:
        query = parse_query(text)
    except UsageError:
        if named := _named_by_id(tracker, text):  # The namespace of an id looks like a filter.
            return named
        raise
    if query == Query():
        raise UsageError(
            "the query has no words" if text.strip() else "the query is empty",
            next_step="papertrack search speculative decoding",
        )
    return (None if query.filters else _named_by_id(tracker, text)) or query


def _named_by_id(tracker: Tracker, text: str) -> Report | None:
    """The report of the papers that a text names by id, None for nearly all texts."""
    if _IN_IDS.isdisjoint(text):
        return None
    # The import, and compiling the formats of ids, take 15 ms.
    from papertrack.tracker.search_by_id import find_by_id

    return find_by_id(tracker, text)


def _notes_on_no_result(tracker: Tracker) -> tuple[str, ...]:
    from papertrack.tracker.edition_notes import notes_on_empty_library

    return notes_on_empty_library(tracker)


def _since(query: Query, since: date | None) -> Query:
    if since is None:
        return query
    return query._replace(filters=(*query.filters, Filter("since", since.isoformat())))


def _ranked(
    tracker: Tracker, reader: "_PaperReader", query: Query, limit: int | None
) -> SearchResult:
    within = apply_filters(tracker, reader.index, query.filters)
    return ranked_search(query, reader.index, reader.texts, within, limit)


class _PaperReader:
    """Reads papers by their numbers in the search index, each of them once."""

    def __init__(self, library: "Library", index: "SearchIndex") -> None:
        self.index = index
        self._library = library
        self._entries: dict[str, Entry] = {}

    def entries(self, numbers: Sequence[int]) -> list[Entry | None]:
        """Complete entries; None for a paper that another process has removed."""
        ids = self.index.ids(numbers)
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


def _named_author(index: "SearchIndex", query: Query) -> tuple[str, int]:
    """The name that a short query may be, as a filter's value, and how many papers have it."""
    if query.filters or query.excluded or not 0 < len(query.words) <= _MAX_NAME_WORDS:
        return "", 0
    name = " ".join(query.words)
    papers = papers_by(index, name)
    return f'"{name}"' if " " in name else name, len(papers)

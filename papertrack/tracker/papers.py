"""Reports of stored papers: `list_papers` and `show`, and `resolve` for ids typed by people."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from papertrack.calendar import Span, utc_day
from papertrack.errors import LibraryDamaged, UsageError
from papertrack.escaping import command_line
from papertrack.identifiers import abstract_url, arxiv_problem, ids_in
from papertrack.models import Entry, Paper, Report, Section
from papertrack.text import readable, shorten
from papertrack.tracker import MANY_PAPERS, Tracker
from papertrack.tracker.edition_notes import notes_on_empty_library
from papertrack.tracker.editions import is_shown
from papertrack.tracker.orders import MEASURES, ORDER_NAMES, Order, order_key
from papertrack.tracker.wording import count, require_source
from papertrack.trending import GAIN_WITHIN, upvote_gain

if TYPE_CHECKING:  # Most lists have no topic with related papers.
    from papertrack.searching.query import Filter
    from papertrack.tracker.relevance import Relevance

RECENT_DAYS = 30
# Papers held in memory at a time, about 35 MB. A smaller batch would be slow: the order of a list
# differs from the order on disk, so each batch reads most tables again.
BATCH_SIZE = 8000
_MAX_SUGGESTIONS = 5


class Selection(NamedTuple):
    """Which stored papers to list; all conditions must hold.

    `everything` includes papers that are hidden, read, cross-listed or older than 30 days;
    `cross_lists` only the cross-listed ones. `since` and `until` are listing days, both included;
    a paper that was never listed counts by the day it was first seen. With `only_ids` the entries
    have an id and nothing else. `filters` are those of a query, such as venue:ICML. `order` is that
    of the list, which is then cut to the limit.
    """

    topic: str | None = None
    source: str | None = None
    starred: bool = False
    unread: bool = False
    tag: str | None = None
    since: date | None = None
    until: date | None = None
    everything: bool = False
    limit: int | None = None
    cross_lists: bool = False
    only_ids: bool = False
    filters: tuple["Filter", ...] = ()
    order: Order | None = None

    @property
    def is_whole_library(self) -> bool:
        """Whether it selects every paper."""
        return self.everything and self == Selection(
            everything=True, limit=self.limit, only_ids=self.only_ids, order=self.order
        )

    @property
    def shows_few(self) -> bool:
        """Whether it shows so few papers that reading these again is quicker than reading all."""
        return self.only_ids or (self.limit is not None and self.limit <= MANY_PAPERS)

    @property
    def list_order(self) -> Order:
        """The order of the list: by default best match first for a topic, else newest first."""
        return self.order or ("match" if self.topic else "newest")

    @property
    def names_state(self) -> bool:
        """Whether it asks for papers in a state, which are then listed whatever their age."""
        return self.starred or self.tag is not None or any(map(_names_state, self.filters))

    @property
    def names_hidden(self) -> bool:
        """Whether it asks for hidden papers."""
        return any(
            item.field == "is" and item.value.casefold() == "hidden" and not item.excluded
            for item in self.filters
        )


def _names_state(item: "Filter") -> bool:
    """Whether papers pass a filter only if the reader has marked, tagged or noted them."""
    if item.excluded:
        return False
    value = item.value.casefold()
    return item.field == "tag" or (
        value != "unread" if item.field == "is" else (item.field, value) == ("has", "note")
    )


def list_papers(tracker: Tracker, selection: Selection) -> Report:
    """The selected papers in their order; a topic's related papers in a second section.

    Raises UsageError for an unknown topic or source, and for an invalid filter.
    """
    require_source(selection.source)
    if selection.is_whole_library and selection.list_order == "newest":
        return _list_report(tracker, selection, _whole_library(tracker, selection))
    passing = _passing_ids(tracker, selection.filters)
    tracker = tracker.for_topic(selection.topic)
    selected = (
        entry
        for entry in _candidates(tracker, selection)
        if (passing is None or entry.paper.id in passing) and _is_selected(entry, selection)
    )
    sections = [_ordered(tracker, selected, selection, "")]
    if selection.topic and passing is None and (relevance := tracker.relevance()):
        related = _related(tracker, relevance, selection)
        title = f"Related to {tracker.only}"
        sections.append(_ordered(tracker, related, selection, title))
    return _list_report(tracker, selection, *sections)


def _whole_library(tracker: Tracker, selection: Selection) -> Section:
    """All papers, the newest first, of which only those to show are read."""
    from papertrack.tracker.newest import newest_first

    library, total = tracker.library, tracker.library.paper_count()
    days = newest_first(library, 0 if selection.shows_few else BATCH_SIZE)
    ids = islice(chain.from_iterable(day.ids for day in days), selection.limit)
    if selection.only_ids:
        return _section_of_ids(tracker, ids, total)
    complete = (
        _complete_entries(tracker, ids, {})
        if selection.shows_few
        else chain.from_iterable(_complete_entries(tracker, *day) for day in days)
    )
    many = min(total, selection.limit or total) > MANY_PAPERS
    entries = tracker.match(islice(complete, selection.limit), many=many)
    return Section("", _with_gains(entries), total, measure=MEASURES["newest"])


def _section_of_ids(tracker: Tracker, ids: Iterable[str], total: int, title: str = "") -> Section:
    bare = (Entry(Paper(paper_id, ""), tracker.now) for paper_id in ids)
    return Section(title, bare, total)


def _passing_ids(tracker: Tracker, filters: tuple["Filter", ...]) -> set[str] | None:
    """The ids of the papers that pass all filters; None without filters."""
    if not filters:
        return None
    from papertrack.tracker.filters import apply_filters

    index = tracker.search_index()
    return set(index.ids(sorted(apply_filters(tracker, index, filters) or ())))


def _related(tracker: Tracker, relevance: "Relevance", selection: Selection) -> Iterator[Entry]:
    from papertrack.tracker.relevance import related_papers

    everything = selection.everything or selection.names_state
    span = _span(selection._replace(everything=everything), utc_day(tracker.now))
    for entry in related_papers(tracker, relevance):
        if _is_selected(entry, selection) and entry.listed_within(span.first, span.last):
            yield entry


def _ordered(
    tracker: Tracker, entries: Iterable[Entry], selection: Selection, title: str
) -> Section:
    """A section of these papers in the order of the selection, cut to the limit."""
    by_match = selection.list_order == "match"
    by_upvotes = by_match or selection.list_order == "upvotes"
    key_of = order_key(selection.list_order, tracker.library.upvotes() if by_upvotes else {})
    order: list[tuple[Any, ...]] = []
    scanned: dict[str, Entry] = {}
    keeps = not (selection.only_ids or _are_outlined(selection))
    needs_matching = by_match and not selection.topic
    for entry in tracker.match(entries, many=True) if needs_matching else entries:
        order.append(key_of(entry))
        if keeps and len(scanned) < BATCH_SIZE:
            scanned[entry.paper.id] = entry
    order.sort()
    ids = (key[-1] for key in order[: selection.limit])
    if selection.only_ids:
        return _section_of_ids(tracker, ids, len(order), title)
    measure = MEASURES[selection.list_order]
    complete = _complete_entries(tracker, ids, scanned)
    many = min(len(order), selection.limit or len(order)) > MANY_PAPERS and not selection.topic
    shown = _with_gains(tracker.match(complete, many=many))
    return Section(title, shown, len(order), measure=measure)


def _list_report(
    tracker: Tracker, selection: Selection, selected: Section, *related: Section
) -> Report:
    counts = [
        count(selected.total, "paper"),
        *(f"{section.total:,} related" for section in related),
    ]
    order = "" if selection.list_order == "newest" else f" · {ORDER_NAMES[selection.list_order]}"
    sections = (selected, *(section for section in related if section.total))
    notes = () if any(section.total for section in sections) else notes_on_empty_library(tracker)
    return Report("list", tracker.now, ", ".join(counts) + order, sections, notes)


def show(tracker: Tracker, paper_ids: Sequence[str], rankings: Sequence[str] = ()) -> Report:
    """These papers in full, with their topics and history, and their ranks at these services."""
    from papertrack.tracker.starred_events import with_all_events

    entries = with_all_events(tracker, tracker.library.entries(paper_ids).values())
    if rankings:
        from papertrack.tracker.service_ranks import with_rank_history

        entries = with_rank_history(tracker, entries, rankings)
    section = Section("", _with_gains(tracker.match(entries)), len(entries))
    return Report("show", tracker.now, count(len(entries), "paper"), (section,))


def resolve(tracker: Tracker, texts: Iterable[str]) -> list[str]:
    """The ids of the stored papers that these texts identify, each once.

    A text has ids or URLs in any form, or is a part of the title that only one paper has. Raises
    UsageError.
    """
    resolved = (paper_id for text in texts for paper_id in _resolve(tracker, text))
    return list(dict.fromkeys(resolved))


def _resolve(tracker: Tracker, text: str) -> list[str]:
    today = utc_day(tracker.now)
    ids = stored_ids(tracker, ids_in(text, today))
    unknown = [typed for typed, paper_id in ids.items() if paper_id is None]
    if ids and not unknown:
        return [paper_id for paper_id in ids.values() if paper_id]
    if tracker.library.locate([text.strip()]):  # an id that earlier releases accepted
        return [text.strip()]
    if problem := arxiv_problem(text, today):
        raise UsageError(f"{text!r} is not an arXiv id", problem, "check the digits of the id")
    if any(abstract_url(paper_id) for paper_id in unknown):
        fetch = command_line("fetch", *unknown)
        _check_index(tracker, unknown)
        verb = "is" if len(unknown) == 1 else "are"
        raise UsageError(
            f"{', '.join(unknown)} {verb} not in the library",
            next_step=f"`{fetch}` fetches {'it' if verb == 'is' else 'them'}, "
            "`papertrack search` searches the stored papers",
        )
    return [_with_title_part(tracker, text)]


def _check_index(tracker: Tracker, unknown: Iterable[str]) -> None:
    """Raise LibraryDamaged for a stored paper that is not found because its index is lost."""
    library = tracker.library
    lost = {paper_id for paper_id in unknown if not library.has_index_of(paper_id)}
    stored = (entry.paper.id for entry in (tracker.scan() if lost else ()))
    if paper_id := next((paper_id for paper_id in stored if paper_id in lost), None):
        raise LibraryDamaged(
            f"{paper_id} is stored, but the file that says where is missing",
            next_step="to repair: papertrack library verify --repair",
        )


def stored_ids(tracker: Tracker, ids: Iterable[str]) -> dict[str, str | None]:
    """The id with which each of these papers is stored, None if it is not.

    A paper may be stored with its arXiv id and named by the DOI of its published version.
    """
    from papertrack.library import aliases

    result = dict.fromkeys(ids)
    return {**result, **aliases.stored_ids(tracker.library, result)}


def _with_title_part(tracker: Tracker, text: str) -> str:
    part = text.casefold().strip()
    papers = [entry.paper for entry in tracker.scan() if _is_in_title(part, entry.paper)]
    # The complete title of a paper may be part of others.
    papers = [paper for paper in papers if _is_title(part, paper)] or papers
    if len(papers) != 1 or not part:
        examples = "; ".join(
            f"{paper.id} {shorten(readable(paper.title), 40)}"
            for paper in papers[:_MAX_SUGGESTIONS]
        )
        titles = count(len(papers), "stored title") if papers else "no stored title"
        raise UsageError(
            f"{titles} {'contain' if len(papers) > 1 else 'contains'} {text!r}",
            examples if papers else "",
            "give an id, or more of the title",
        )
    return papers[0].id


def _is_in_title(part: str, paper: Paper) -> bool:
    """Whether a title contains a text, as papertrack shows the title or as its source wrote it."""
    return part in readable(paper.title).casefold() or part in paper.title.casefold()


def _is_title(text: str, paper: Paper) -> bool:
    return text in (readable(paper.title).casefold(), paper.title.casefold())


def _candidates(tracker: Tracker, selection: Selection) -> Iterator[Entry]:
    """The papers to select from; for a topic, only its matches.

    Without a topic, they may be outlines: see `_are_outlined`.
    """
    library, marked = tracker.library, selection.names_state
    outlined = _are_outlined(selection)
    if selection.topic and not marked and (selection.everything or selection.since):
        return tracker.matching(selection.since)
    entries: Iterable[Entry]
    if marked:
        entries = library.entries_in(library.locate(library.states()), outlined=outlined)
    elif selection.everything and not (selection.since or selection.until):
        entries = tracker.scan(outlined=outlined)
    else:
        span = _span(selection, utc_day(tracker.now))
        among = tracker.candidates() if selection.topic else None
        entries = library.entries_within(span, among, outlined=outlined)
    if selection.topic:
        entries = (entry for entry in tracker.match(entries) if entry.matches)
    return iter(entries)


def _are_outlined(selection: Selection) -> bool:
    """Whether papers are selected by outlines, and only those to show are read in full."""
    needs_texts = selection.topic or selection.list_order == "match"
    return selection.shows_few and not needs_texts


def _span(selection: Selection, today: date) -> Span:
    until = selection.until or max(today, selection.since or today)
    since = selection.since or (
        date.min if selection.everything else until - timedelta(days=RECENT_DAYS)
    )
    return Span(since, until)


def selected_days(tracker: Tracker, selection: Selection) -> Span:
    """The days from which a selection takes papers, stored or not."""
    everything = selection.everything or selection.starred or selection.tag is not None
    return _span(selection._replace(everything=everything), utc_day(tracker.now))


def covered_days(tracker: Tracker, selection: Selection) -> Span | None:
    """The stored listing days from which a selection takes papers; None if there are none."""
    span = selected_days(tracker, selection)
    days = [day for day in tracker.library.listing_days() if span.first <= day <= span.last]
    return Span(min(days), max(days)) if days else None


def _is_selected(entry: Entry, selection: Selection) -> bool:
    state = entry.state
    if (
        (selection.source is not None and selection.source not in entry.sources)
        or (selection.starred and not state.starred)
        or (selection.tag is not None and selection.tag not in state.tags)
        or (selection.unread and state.read)
        or not entry.listed_within(selection.since, selection.until)
    ):
        return False
    if selection.everything:
        return True
    if selection.names_state:
        return selection.names_hidden or not state.hidden
    return not (state.hidden or state.read) and is_shown(entry, cross_lists=selection.cross_lists)


def _complete_entries(
    tracker: Tracker, paper_ids: Iterable[str], scanned: dict[str, Entry]
) -> Iterator[Entry]:
    """The complete entries of these ids, read in batches while the caller iterates.

    Entries in `scanned` are used and removed instead of being read again.
    """
    ids = iter(paper_ids)
    while batch := list(islice(ids, BATCH_SIZE)):
        entries = tracker.library.entries(paper_id for paper_id in batch if paper_id not in scanned)
        brief = [scanned.pop(paper_id) for paper_id in batch if paper_id in scanned]
        entries |= {entry.paper.id: entry for entry in tracker.library.with_listings(brief)}
        yield from (entries[paper_id] for paper_id in batch if paper_id in entries)


def _with_gains(entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        # The test saves a call for most papers of a library.
        gained = upvote_gain(entry.observations, GAIN_WITHIN) if entry.observations else None
        yield entry if gained is None else entry._replace(gained=gained)

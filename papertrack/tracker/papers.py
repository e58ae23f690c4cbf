"""Reports of stored papers: `list_papers` and `show`, and `resolve` for ids typed by people."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from papertrack.calendar import Span, utc_day
from papertrack.errors import UsageError
from papertrack.identifiers import parse_arxiv
from papertrack.models import Entry, Paper, Report, Section
from papertrack.text import readable, shorten
from papertrack.tracker import MANY_PAPERS, Tracker
from papertrack.tracker.editions import GAIN_WITHIN, is_shown
from papertrack.tracker.wording import check_source, count
from papertrack.trending import upvote_gain

if TYPE_CHECKING:  # Most lists have no topic with related papers.
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
    have an id and nothing else.
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


def list_papers(tracker: Tracker, selection: Selection) -> Report:
    """The selected papers, newest listing first; a topic's related papers in a second section.

    Raises UsageError for an unknown topic or source.
    """
    check_source(selection.source)
    tracker = tracker.for_topic(selection.topic)
    selected = (
        entry for entry in _candidates(tracker, selection) if _is_selected(entry, selection)
    )
    sections = [_newest_first(tracker, selected, selection, "")]
    if selection.topic and (relevance := tracker.relevance()):
        related = _related(tracker, relevance, selection)
        title = f"Related to {tracker.only}"
        sections.append(_newest_first(tracker, related, selection, title))
    return _list_report(tracker, *sections)


def _related(tracker: Tracker, relevance: "Relevance", selection: Selection) -> Iterator[Entry]:
    from papertrack.tracker.relevance import related_papers

    everything = selection.everything or selection.starred or selection.tag is not None
    span = _span(selection._replace(everything=everything), utc_day(tracker.now))
    for entry in related_papers(tracker, relevance):
        if _is_selected(entry, selection) and entry.listed_within(span.first, span.last):
            yield entry


def _newest_first(
    tracker: Tracker, entries: Iterable[Entry], selection: Selection, title: str
) -> Section:
    """A section of these papers, newest listing first, cut to the limit."""
    order: list[tuple[int, str]] = []
    scanned: dict[str, Entry] = {}
    for entry in entries:
        order.append((-entry.last_listed.toordinal(), entry.paper.id))
        if len(scanned) < BATCH_SIZE and not selection.only_ids:
            scanned[entry.paper.id] = entry
    order.sort()
    ids = (paper_id for _, paper_id in order[: selection.limit])
    if selection.only_ids:
        bare = (Entry(Paper(paper_id, ""), tracker.now) for paper_id in ids)
        return Section(title, bare, len(order))
    complete = _complete_entries(tracker, ids, scanned)
    many = min(len(order), selection.limit or len(order)) > MANY_PAPERS and not selection.topic
    return Section(title, _with_gains(tracker.match(complete, many=many)), len(order))


def _list_report(tracker: Tracker, selected: Section, *related: Section) -> Report:
    counts = [
        count(selected.total, "paper"),
        *(f"{section.total:,} related" for section in related),
    ]
    sections = (selected, *(section for section in related if section.total))
    return Report("list", tracker.now, ", ".join(counts), sections)


def show(tracker: Tracker, paper_ids: Sequence[str]) -> Report:
    """These papers in full, with their topics and history."""
    entries = list(tracker.library.entries(paper_ids).values())
    section = Section("", _with_gains(tracker.match(entries)), len(entries))
    return Report("show", tracker.now, count(len(entries), "paper"), (section,))


def resolve(tracker: Tracker, texts: Iterable[str]) -> list[str]:
    """The ids of the stored papers that these texts identify.

    A text is an id or URL in any form, or a part of the title that only one paper has. Raises
    UsageError.
    """
    return [_resolve(tracker, text) for text in texts]


def _resolve(tracker: Tracker, text: str) -> str:
    arxiv_id = parse_arxiv(text)
    paper_id = arxiv_id.id if arxiv_id else text.strip()
    if tracker.library.locate([paper_id]):
        return paper_id
    if arxiv_id:
        raise UsageError(
            f"{paper_id} is not in the library",
            next_step=f"`papertrack fetch {paper_id}` fetches it, "
            "`papertrack search` searches the stored papers",
        )
    part = text.casefold().strip()
    papers = [entry.paper for entry in tracker.scan() if _is_in_title(part, entry.paper)]
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
    """Whether a title contains a text as it is shown or, from other programs, as it is stored."""
    return part in readable(paper.title).casefold() or part in paper.title.casefold()


def _candidates(tracker: Tracker, selection: Selection) -> Iterator[Entry]:
    """A superset of the selected papers; for a topic, exactly its matches."""
    library, marked = tracker.library, selection.starred or selection.tag is not None
    if selection.topic and not marked and (selection.everything or selection.since):
        return tracker.matching(selection.since)
    entries: Iterable[Entry]
    if marked:
        entries = library.entries_in(library.locate(library.states()))
    elif selection.everything and not (selection.since or selection.until):
        entries = tracker.scan()
    else:
        entries = library.entries_within(_span(selection, utc_day(tracker.now)))
    if selection.topic:
        entries = (entry for entry in tracker.match(entries) if entry.matches)
    return iter(entries)


def _span(selection: Selection, today: date) -> Span:
    until = selection.until or max(today, selection.since or today)
    since = selection.since or (
        date.min if selection.everything else until - timedelta(days=RECENT_DAYS)
    )
    return Span(since, until)


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
    if selection.starred or selection.tag is not None:
        return not state.hidden
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
        yield entry._replace(gained=upvote_gain(entry.observations, GAIN_WITHIN))

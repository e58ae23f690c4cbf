"""Answers from the stored papers: list, show, and finding what a person means."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from papertrack.calendar import Span, utc_day
from papertrack.errors import UsageError
from papertrack.identifiers import parse_arxiv
from papertrack.models import Entry, Paper, Report, Section
from papertrack.text import shorten
from papertrack.tracker import MANY, Tracker
from papertrack.tracker.editions import GAIN_WITHIN, is_shown
from papertrack.tracker.wording import check_source, count
from papertrack.trending import gained

if TYPE_CHECKING:  # most lists are about no topic that asks for it
    from papertrack.tracker.relevance import Relevance

RECENT_DAYS = 30
# Papers held at a time, 35 MB of them: no fewer, as in an order that has nothing to do with where
# they are stored, each piece reads most tables again.
PIECE = 8000
_OFFERED = 5


class Selection(NamedTuple):
    """Which stored papers are meant; selections narrow each other.

    `everything` takes in what is hidden, read, cross-listed or older than 30 days, `cross_lists`
    only the papers listed from another category. Listing days are both included; a paper without
    any counts by the day it was first seen. With `only_ids` nothing else is told of a paper.
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
    """The selected papers, newest listing first, and after those of a topic what is related to it.
    Raises UsageError for an unknown topic or source.
    """
    check_source(selection.source)
    tracker = tracker.for_topic(selection.topic)
    kept = (one for one in _candidates(tracker, selection) if _is_selected(one, selection))
    if not selection.topic:
        return _list_report(tracker, _newest(tracker, kept, selection, ""))
    sections = [_newest(tracker, kept, selection, "")]
    if relevance := tracker.relevance():
        near = _related(tracker, relevance, selection)
        sections.append(_newest(tracker, near, selection, f"Related to {tracker.only}"))
    return _list_report(tracker, *sections)


def _related(tracker: Tracker, relevance: "Relevance", selection: Selection) -> Iterator[Entry]:
    from papertrack.tracker.relevance import related_papers

    everything = selection.everything or selection.starred or selection.tag is not None
    span = _span(selection._replace(everything=everything), utc_day(tracker.now))
    for entry in related_papers(tracker, relevance):
        if _is_selected(entry, selection) and entry.listed_within(span.first, span.last):
            yield entry


def _newest(tracker: Tracker, kept: Iterable[Entry], selection: Selection, title: str) -> Section:
    """The papers of an answer, newest listing first."""
    newest: list[tuple[int, str]] = []
    held: dict[str, Entry] = {}
    for entry in kept:
        newest.append(_newest_first(entry))
        if len(held) < PIECE and not selection.only_ids:
            held[entry.paper.id] = entry
    newest.sort()
    ids = (paper_id for _, paper_id in newest[: selection.limit])
    if selection.only_ids:
        return Section(title, (Entry(Paper(one, ""), tracker.now) for one in ids), len(newest))
    shown = _in_pieces(tracker, ids, held)
    many = min(len(newest), selection.limit or len(newest)) > MANY and not selection.topic
    return Section(title, _gained(tracker.match(shown, many=many)), len(newest))


def _list_report(tracker: Tracker, found: Section, *related: Section) -> Report:
    counted = [count(found.total, "paper"), *(f"{one.total:,} related" for one in related)]
    sections = (found, *(one for one in related if one.total))
    return Report("list", tracker.now, ", ".join(counted), sections)


def show(tracker: Tracker, paper_ids: Sequence[str]) -> Report:
    """These papers in full, with their topics and history."""
    found = list(tracker.library.entries(paper_ids).values())
    section = Section("", _gained(tracker.match(found)), len(found))
    return Report("show", tracker.now, count(len(found), "paper"), (section,))


def resolve(tracker: Tracker, texts: Iterable[str]) -> list[str]:
    """The ids of stored papers that people mean: an id or URL in any form, or a fragment of the
    title that only one paper has. Raises UsageError.
    """
    return [_resolve(tracker, text) for text in texts]


def _resolve(tracker: Tracker, text: str) -> str:
    known = parse_arxiv(text)
    paper_id = known.id if known else text.strip()
    if tracker.library.locate([paper_id]):
        return paper_id
    if known:
        raise UsageError(
            f"{paper_id} is not in the library",
            next_step=f"`papertrack fetch {paper_id}` gets it, `papertrack search` finds what is",
        )
    wanted = text.casefold().strip()
    found = [one.paper for one in tracker.scan() if wanted in one.paper.title.casefold()]
    if len(found) != 1 or not wanted:
        offered = "; ".join(f"{one.id} {shorten(one.title, 40)}" for one in found[:_OFFERED])
        raise UsageError(
            f"{len(found)} papers have {text!r} in their title",
            offered if found else "",
            "give an id, or more of the title",
        )
    return found[0].id


def _candidates(tracker: Tracker, selection: Selection) -> Iterator[Entry]:
    """Papers that may be selected; of a topic only what matches it."""
    library, marked = tracker.library, selection.starred or selection.tag is not None
    if selection.topic and not marked and (selection.everything or selection.since):
        return tracker.matching(selection.since)
    found: Iterable[Entry]
    if marked:
        found = library.entries_in(library.locate(library.states()))
    elif selection.everything and not (selection.since or selection.until):
        found = tracker.scan()
    else:
        found = library.entries_within(_span(selection, utc_day(tracker.now)))
    if selection.topic:
        found = (one for one in tracker.match(found) if one.matches)
    return iter(found)


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


def _newest_first(entry: Entry) -> tuple[int, str]:
    return (-entry.last_listed.toordinal(), entry.paper.id)


def _in_pieces(
    tracker: Tracker, paper_ids: Iterable[str], held: dict[str, Entry]
) -> Iterator[Entry]:
    """The whole papers of these ids, read as they are walked, as there may be any number of them;
    those that are `held` from a scan are taken from there.
    """
    ids = iter(paper_ids)
    while piece := list(islice(ids, PIECE)):
        whole = tracker.library.entries(one for one in piece if one not in held)
        scanned = [held.pop(one) for one in piece if one in held]
        whole |= {one.paper.id: one for one in tracker.library.with_listings(scanned)}
        yield from (whole[one] for one in piece if one in whole)


def _gained(shown: Iterable[Entry]) -> Iterator[Entry]:
    for entry in shown:
        yield entry._replace(gained=gained(entry.observations, GAIN_WITHIN))

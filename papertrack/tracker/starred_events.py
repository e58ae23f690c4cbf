"""What happened to starred papers, as *today* shows it and as `show` tells it."""

from collections.abc import Iterable
from shlex import join

from papertrack.following import describe
from papertrack.library.paper_events import load_events, load_unseen_events
from papertrack.models import Entry, PaperEvent, Report, Section
from papertrack.tracker import Tracker
from papertrack.tracker.editions import EditionRequest

_TITLE = "Starred papers"


def with_starred_events(tracker: Tracker, request: EditionRequest, report: Report) -> Report:
    """Add the events since an earlier day on which the reader looked; for reading, as a section.

    Papers that are no longer starred, or are hidden, have none.
    """
    events = load_unseen_events(tracker.library, tracker.now)
    papers = tracker.library.entries(event.paper_id for event in reversed(events))
    followed = {
        key: entry
        for key, entry in papers.items()
        if entry.state.starred and not entry.state.hidden
    }
    events = [event for event in events if event.paper_id in followed]
    if not (events and request.by_topic):
        return report._replace(events=tuple(events))
    entries = [_with_context(entry) for entry in with_events(followed.values(), events)]
    section = Section(
        title=_TITLE,
        entries=tuple(entries[: request.new_limit]),
        total=len(entries),
        more=join([*request.command, "--limit", str(len(entries))]),
    )
    return report._replace(events=tuple(events), sections=(section, *report.sections))


def with_all_events(tracker: Tracker, entries: Iterable[Entry]) -> list[Entry]:
    """Add all their stored events to entries."""
    return with_events(entries, load_events(tracker.library))


def with_events(entries: Iterable[Entry], events: Iterable[PaperEvent]) -> list[Entry]:
    """Add to each entry its events, oldest first."""
    by_paper: dict[str, list[PaperEvent]] = {}
    for event in events:
        by_paper.setdefault(event.paper_id, []).append(event)
    return [entry._replace(events=tuple(by_paper.get(entry.paper.id, ()))) for entry in entries]


def _with_context(entry: Entry) -> Entry:
    newest_first = sorted(entry.events, key=lambda event: event.at, reverse=True)
    return entry._replace(context=" · ".join(map(describe, newest_first)))

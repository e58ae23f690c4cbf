"""Notes that say why an edition has no papers or no matches: none were listed, or a failure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from papertrack.calendar import Span, is_listing_day, utc_day
from papertrack.library.coverage_rows import Coverage
from papertrack.models import Entry, Failure
from papertrack.source_registry import short_title, title
from papertrack.tracker import Tracker
from papertrack.tracker.wording import ago, count, joined

if TYPE_CHECKING:  # That module imports this one.
    from papertrack.tracker.editions import EditionRequest


def notes_on_no_matches(tracker: Tracker, papers: int) -> list[str]:
    """The note that no topic, or not the selected one, matches any of the papers."""
    topics = tracker.selected_topics
    if not topics or not papers:
        return []
    if tracker.only:
        return [f"none of {count(papers, 'paper')} matches {tracker.only}"]
    return [f"0 of {count(len(topics), 'topic')} matched"]


def notes_on_empty_library(tracker: Tracker) -> tuple[str, ...]:
    """How to fill the library, if it has no papers."""
    empty = not tracker.library.papers_tables()
    return ("the library is empty: `papertrack fetch` fills it",) if empty else ()


def notes_on_no_papers(
    tracker: Tracker,
    request: "EditionRequest",
    listed: Sequence[Entry],
    failures: Iterable[Failure],
) -> list[str]:
    """Why an edition has no papers, and the command that shows the last ones.

    `listed` are papers of these days that are not shown, and `failures` those of this run.
    """
    span = request.span
    notes = []
    if span.first == span.last:
        notes = _notes_on_day(tracker, request, listed, failures)
    if earlier := [day for day in tracker.library.listing_days() if day < span.first]:
        last = max(earlier)
        notes.append(f"the last listing is {last:%A} {last}: papertrack today --date {last}")
    return notes


def _notes_on_day(
    tracker: Tracker,
    request: "EditionRequest",
    listed: Sequence[Entry],
    failures: Iterable[Failure],
) -> list[str]:
    """What each source returned for a day; "nothing is listed" only if a source confirmed it."""
    day, now = request.span.last, utc_day(tracker.now)
    if day > now:
        return [f"{day} has not begun: it is {now} in UTC, which listing days follow"]
    rows = [
        row
        for row in tracker.library.coverage(Span(day, day)).values()
        if request.source in (None, row.source)
    ]
    quiet = {row.source for row in rows if row.state == "quiet"}
    if not is_listing_day(day) and "arxiv" in request.enabled:
        quiet.add("arxiv")  # Weekends are never requested from arXiv, so they have no coverage.
    with_papers = {row.source for row in rows if row.state in ("complete", "partial")}
    notes = []
    if with_papers:
        notes.append(_nothing_to_show(sorted(with_papers), day, listed))
    elif quiet:
        notes.append(_nothing_listed(sorted(quiet), day, now))
    problems = _problems(tracker, rows, failures)
    if problems:
        notes.append(f"{day:%A} {day} is not known: {'; '.join(problems)}")
    unknown = f"nothing is stored for {day:%A} {day}: no source was queried"
    return notes or [unknown, *notes_on_empty_library(tracker)]


def _nothing_to_show(sources: Sequence[str], day: date, listed: Sequence[Entry]) -> str:
    """Why no paper of a listing is shown: all are hidden, cross-lists or revisions."""
    names, verb = joined([short_title(name) for name in sources]), _verb(sources)
    if any(entry.state.hidden for entry in listed):
        return f"all papers of {day:%A} {day} are hidden: papertrack list --all"
    if any(each.kind == "cross" for entry in listed for each in entry.listings):
        return f"{names} {verb} only cross-lists for {day:%A} {day}: --cross-lists shows them"
    return f"{names} {verb} only revisions for {day:%A} {day}"


def _nothing_listed(sources: Sequence[str], day: date, now: date) -> str:
    if not is_listing_day(day):
        names = joined([title(name) for name in sources])
        return f"{names} {_verb(sources)} nothing on a {day:%A}"
    return f"nothing is listed {'yet ' if day == now else ''}for {day:%A} {day} (UTC)"


def _problems(tracker: Tracker, rows: Iterable[Coverage], failures: Iterable[Failure]) -> list[str]:
    """The sources that failed in this run, and the failures of others at their last request.

    The failures of this run are reported with their reasons, which are not repeated here.
    """
    problems = {failure.source: f"{short_title(failure.source)} failed" for failure in failures}
    for row in rows:
        if row.state in ("failed", "stale"):
            stored_problem = f"{row.problem or row.state} {ago(row.asked, tracker.now)}"
            problems.setdefault(row.source, f"{short_title(row.source)}: {stored_problem}")
    return list(problems.values())


def _verb(names: Sequence[str]) -> str:
    return "lists" if len(names) == 1 else "list"

"""Queries that name papers by their ids."""

from papertrack.calendar import utc_day
from papertrack.escaping import command_line
from papertrack.identifiers import abstract_url, arxiv_problem, ids_in
from papertrack.models import Report, Section
from papertrack.tracker import Tracker
from papertrack.tracker.papers import show, stored_ids
from papertrack.tracker.wording import count


def find_by_id(tracker: Tracker, text: str) -> Report | None:
    """The stored papers that a query names by id, URL or DOI; None if it names none.

    A note says how to fetch a paper that is not stored, or why an id is not valid.
    """
    today = utc_day(tracker.now)
    if problem := arxiv_problem(text, today):
        return _report(tracker, text, [], f"{text!r} is not an arXiv id: {problem}")
    ids = stored_ids(tracker, ids_in(text, today))
    stored = [paper_id for paper_id in ids.values() if paper_id]
    unknown = [typed for typed, paper_id in ids.items() if paper_id is None]
    if not stored and not any(map(abstract_url, ids)):
        return None
    fetch = command_line("fetch", *unknown)
    note = f"{' '.join(unknown)} is not stored; to fetch: {fetch}" if unknown else ""
    return _report(tracker, text, stored, note)


def _report(tracker: Tracker, text: str, ids: list[str], note: str) -> Report:
    entries = list(show(tracker, ids).sections[0].entries)
    section = Section("", entries, len(entries))
    headline = f"{count(len(entries), 'paper')} for {text!r}"
    return Report("search", tracker.now, headline, (section,), notes=(note,) if note else ())

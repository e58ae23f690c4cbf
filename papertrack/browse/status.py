"""The lines at the bottom of the reader: the day, the state of the sources, the position."""

from datetime import date, timedelta
from typing import NamedTuple

from papertrack.browse.paper_list import OpenList
from papertrack.browse.sections import last_day
from papertrack.calendar import Span, utc_day
from papertrack.library.coverage_rows import Coverage
from papertrack.source_registry import short_title
from papertrack.tracker import Tracker
from papertrack.tracker.wording import ago, count

_WEEK = timedelta(days=6)


class Health(NamedTuple):
    """The last listing day, and a few words on each source that was requested in the week."""

    day: date
    sources: tuple[str, ...] = ()


def read_health(tracker: Tracker) -> Health:
    """Read how the sources did at their last request. Raises LibraryError."""
    current = utc_day(tracker.now)
    coverage = tracker.library.coverage(Span(current - _WEEK, current)).values()
    last: dict[str, Coverage] = {}
    for row in coverage:
        if row.source not in last or row.asked > last[row.source].asked:
            last[row.source] = row
    sources = tuple(_words(last[name], tracker) for name in sorted(last))
    return Health(last_day(tracker), sources)


def _words(row: Coverage, tracker: Tracker) -> str:
    when = ago(row.asked, tracker.now)
    state = "ok" if row.state in ("complete", "quiet") else row.state
    return f"{short_title(row.source)} {state} {when}"


def status_text(papers: OpenList, health: Health | None) -> str:
    """The position in the list, the number of selected papers, the day and the sources."""
    position = f"{papers.cursor + 1:,}/{len(papers):,}" if len(papers) else "no papers"
    selected = papers.selected
    parts = [position, f"{len(selected):,} selected" if selected else ""]
    if health:
        parts += [f"{health.day:%a} {health.day}", *(health.sources or ("never fetched",))]
    return " · ".join(filter(None, parts))


def heading_text(papers: OpenList) -> str:
    """The title of the list with its number of papers; of a search, of all that match."""
    contents = papers.contents
    shown, total = len(papers), max(contents.total, len(papers))
    number = count(total, "paper") + (f", first {shown:,}" if total > shown else "")
    title = f"search: {contents.title}" if papers.key.kind == "search" else contents.title
    return f"{title} · {number}"

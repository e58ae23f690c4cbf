"""How complete each stored day is, and the status of the sources."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from papertrack.calendar import Span
from papertrack.library.coverage_rows import Coverage, CoverageKey
from papertrack.library.library import Library
from papertrack.results import CoverageState, DayCoverage, SourceStatus
from papertrack.source_registry import is_ranking
from papertrack.tracker import Tracker

if TYPE_CHECKING:  # The import would load the network client of every source.
    from papertrack.sources import Source


def day_coverage(tracker: Tracker, sources: Iterable["Source"], span: Span) -> list[DayCoverage]:
    """The coverage of each day of a span, ordered by source, category and day.

    Days that a source does not list yet are left out, as are those that it did not list any more
    when it was first requested. Sources that are no longer configured have only their stored days.
    """
    stored = tracker.library.coverage(span)
    rows: dict[CoverageKey, DayCoverage] = {}
    for source in sources:
        first = _first_day(source, stored, span)
        for category in source.categories:
            for day in span.days():
                if day < first:
                    continue
                key = (source.name, category, day)
                if key in stored or source.available_from(day) <= tracker.now:
                    rows[key] = _row(source, category, day, stored.get(key))
    rows |= {key: _stored_row(coverage) for key, coverage in stored.items() if key not in rows}
    return [rows[key] for key in sorted(rows)]


def _first_day(source: "Source", stored: Iterable[CoverageKey], span: Span) -> date:
    """The first day of a span that could have been fetched from a source."""
    if not source.lists_all_days:
        return span.first
    return min((day for name, _, day in stored if name == source.name), default=span.last)


def source_statuses(
    library: Library, sources: Sequence[SourceStatus], span: Span
) -> list[SourceStatus]:
    """Fill in the status of sources from the stored coverage of a span."""
    coverages = library.coverage(span).values()
    return [
        _with_ranking(library, source)
        if is_ranking(source.name)
        else _with_coverage(source, [row for row in coverages if row.source == source.name])
        for source in sources
    ]


def _with_ranking(library: Library, status: SourceStatus) -> SourceStatus:
    from papertrack.library.service_rankings import newest_ranking

    ranking = newest_ranking(library, status.name)
    return status._replace(last_asked=ranking.at, ranked=len(ranking.ranks)) if ranking else status


def _row(source: "Source", category: str, day: date, coverage: Coverage | None) -> DayCoverage:
    if coverage:
        return _stored_row(coverage)
    state: CoverageState = "missing" if source.lists_on(day) else "quiet"
    return DayCoverage(source.name, category, day, state)


def _stored_row(coverage: Coverage) -> DayCoverage:
    return DayCoverage(
        source=coverage.source,
        category=coverage.category,
        day=coverage.day,
        state=coverage.state,
        papers=coverage.papers,
        skipped=coverage.skipped,
        asked=coverage.asked,
        problem=coverage.problem,
        repaired=coverage.repaired,
    )


def _with_coverage(status: SourceStatus, coverages: Sequence[Coverage]) -> SourceStatus:
    complete = [row for row in coverages if row.state in ("complete", "quiet")]
    return status._replace(
        last_asked=max((row.asked for row in coverages), default=None),
        last_whole=max((row.asked for row in complete), default=None),
        whole=len(complete),
        gaps=len(coverages) - len(complete),
        papers=sum(row.papers for row in coverages),
    )

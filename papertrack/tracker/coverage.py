"""What is stored of which source and day, and how the sources are doing."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from papertrack.calendar import Span
from papertrack.library.library import Coverage, CoverageKey, Library
from papertrack.results import CoverageState, DayCoverage, SourceStatus
from papertrack.tracker import Tracker

if TYPE_CHECKING:  # importing it would import sources that are not asked for
    from papertrack.sources import Source


def day_coverage(tracker: Tracker, sources: Iterable["Source"], span: Span) -> list[DayCoverage]:
    """Each day of a span that has begun for a source, by source, category and day; of sources that
    are not asked any more, what is stored of them.
    """
    known = tracker.library.coverage(span)
    rows: dict[CoverageKey, DayCoverage] = {}
    for source in sources:
        for category in source.categories:
            for day in span.days():
                key = (source.name, category, day)
                if key in known or source.available_from(day) <= tracker.now:
                    rows[key] = _covered(source, category, day, known.get(key))
    rows |= {key: _stored(one) for key, one in known.items() if key not in rows}
    return [rows[key] for key in sorted(rows)]


def source_statuses(
    library: Library, titles: Sequence[SourceStatus], span: Span
) -> list[SourceStatus]:
    """These sources with what the library knows of the days of a span."""
    known = library.coverage(span).values()
    return [_state(one, [look for look in known if look.source == one.name]) for one in titles]


def _covered(source: "Source", category: str, day: date, known: Coverage | None) -> DayCoverage:
    if known:
        return _stored(known)
    state: CoverageState = "missing" if source.lists_on(day) else "quiet"
    return DayCoverage(source.name, category, day, state)


def _stored(known: Coverage) -> DayCoverage:
    return DayCoverage(
        source=known.source,
        category=known.category,
        day=known.day,
        state=known.state,
        papers=known.papers,
        skipped=known.skipped,
        asked=known.asked,
        problem=known.problem,
    )


def _state(one: SourceStatus, looks: Sequence[Coverage]) -> SourceStatus:
    whole = [look for look in looks if look.state in ("complete", "quiet")]
    return one._replace(
        last_asked=max((look.asked for look in looks), default=None),
        last_whole=max((look.asked for look in whole), default=None),
        whole=len(whole),
        gaps=len(looks) - len(whole),
        papers=sum(look.papers for look in looks),
    )

"""Which days a response closes, and which stay open to be requested again.

A day is closed if its listing is complete, or known to be empty. A source may send the papers of
another day, or an empty page for a day that has papers; neither closes the day.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from papertrack.library.coverage_rows import Coverage, CoverageKey, DayState
from papertrack.library.library import Library
from papertrack.models import Failure, Listing, ListingState
from papertrack.source_registry import short_title
from papertrack.tracker.requests import SourceResponse

if TYPE_CHECKING:  # The import would load the network client.
    from papertrack.sources import Source

CoverageByKey = Mapping[CoverageKey, Coverage]
_RECHECKED_FOR = timedelta(days=7)
# After that time an empty listing is accepted although a feed had papers: all have been revised.
_CONFIRMED_AFTER = timedelta(days=2)
_UNCONFIRMED = "unconfirmed"
CLOSED = ("complete", "quiet")
_Days = Mapping[str, set[date]]


def needs_recheck(source: "Source", coverage: Coverage, now: datetime) -> bool:
    """Whether a day was last requested before the source's more reliable service had it.

    A day that is quiet there is requested again once, a day later.
    """
    start = source.rechecked_from(coverage.day)
    if start is None or now >= start + _RECHECKED_FOR:
        return False
    last = start + timedelta(days=1) if coverage.state == "quiet" else start
    return any(coverage.asked < moment <= now for moment in (start, last))


def newest_response(source: str, coverage: CoverageByKey) -> Coverage | None:
    """The coverage of the last day in the last response of a source, None without any."""
    rows = (row for row in coverage.values() if row.source == source and row.state != "failed")
    return max(rows, key=lambda row: (row.asked, row.day), default=None)


def without_known_papers(
    library: Library, responses: Sequence[SourceResponse], coverage: CoverageByKey
) -> list[SourceResponse]:
    """Return responses without the papers that their source has listed before.

    A listing with `once` becomes stale if most of its papers are of other days. If a day is
    requested again, the revisions in its first listing do not become new papers. With `keeps_day`,
    papers of other days are left out.
    """
    once = [listing for response in responses for listing in response.listings if listing.once]
    days = {source: _days_of(library, source, once) for source in {each.source for each in once}}
    kept = _kept_days(library, [listing for response in responses for listing in response.listings])
    for listing in (listing for response in responses for listing in response.listings):
        known = days.get(listing.source, {})
        for paper_id in _new_ids(listing) & known.keys():
            known[paper_id].add(listing.day)
    return [
        response._replace(
            listings=tuple(
                _unless_stale(listing, days[listing.source])
                if listing.once
                else _without_papers_of(listing, kept.get(listing.source, {}))
                if listing.keeps_day
                else _without_revised(listing, coverage)
                for listing in response.listings
            )
        )
        for response in responses
    ]


def new_coverage(
    library: Library, responses: Iterable[SourceResponse], coverage: CoverageByKey, now: datetime
) -> Iterator[Coverage]:
    """Yield the coverage to store after responses whose papers are not stored yet.

    A failure never replaces an earlier success.
    """
    for response in responses:
        source = response.request.source
        for listing in response.listings:
            before = coverage.get((listing.source, listing.category, listing.day))
            if source.lists_all_days:
                if before is None and _is_cut_off(listing, response):
                    continue
                row = _after_page_of_all_days(source, listing, before, now)
            else:
                row = _after_listing(library, source, listing, before, now)
            if row:
                yield row
        if response.error and response.sent and response.error.kind != "not-yet":
            yield from _after_error(response, response.error.kind, coverage, now)


def _days_of(library: Library, source: str, listings: Iterable[Listing]) -> dict[str, set[date]]:
    """The days on which a source listed the papers of some listings, without revisions."""
    ids = {
        paper_id
        for listing in listings
        if listing.source == source
        for paper_id in _new_ids(listing)
    }
    return _listed_days(library, source, ids)


def _listed_days(library: Library, source: str, ids: Iterable[str]) -> dict[str, set[date]]:
    days: dict[str, set[date]] = {paper_id: set() for paper_id in ids}
    for table, located in library.locate(days).items():
        for entry in library.records(table, located):
            days[entry.paper.id].update(
                listed.day
                for listed in entry.listings
                if listed.source == source and listed.kind != "revised"
            )
    return days


def _kept_days(library: Library, listings: Iterable[Listing]) -> Mapping[str, _Days]:
    """By source, the days of the stored papers in listings with `keeps_day`."""
    keeping = [listing for listing in listings if listing.keeps_day and listing.sightings]
    ids = [sighting.paper.id for listing in keeping for sighting in listing.sightings]
    if not ids:
        return {}
    from papertrack.library.aliases import stored_ids  # few refreshes need it

    stored = stored_ids(library, ids)
    known: dict[str, _Days] = {}
    for source in {listing.source for listing in keeping}:
        days = _listed_days(library, source, stored.values())
        known[source] = {paper_id: days.get(last, set()) for paper_id, last in stored.items()}
    return known


def _without_papers_of(listing: Listing, days: _Days) -> Listing:
    """Return the listing without the papers that are listed on other days already."""
    sightings = tuple(
        sighting
        for sighting in listing.sightings
        if days.get(sighting.paper.id, set()) <= {listing.day}
    )
    quiet = listing.state == "complete" and not sightings
    return listing._replace(sightings=sightings, state="quiet" if quiet else listing.state)


def _new_ids(listing: Listing) -> set[str]:
    """The ids that a listing has as new, or as cross-lists if `once` does not hold for it."""
    kinds = ("new",) if listing.once else ("new", "cross")
    return {
        sighting.paper.id
        for sighting in listing.sightings
        if sighting.listed and sighting.listed.kind in kinds
    }


def _unless_stale(listing: Listing, days: _Days) -> Listing:
    """Return the listing, as stale if most of its new papers are listed on other days."""
    new_ids = _new_ids(listing)
    others = {paper_id: days[paper_id] - {listing.day} for paper_id in new_ids}
    known = {paper_id for paper_id, other_days in others.items() if other_days}
    if 2 * len(known) <= len(new_ids):
        return listing
    counts = Counter(day for other_days in others.values() for day in other_days)
    other = max(counts, key=lambda day: (counts[day], day))
    place = f" in {listing.category}" if listing.category else ""
    message = (
        f"{short_title(listing.source)} sent the papers of {other} instead of {listing.day}{place}"
    )
    sightings = (sighting for sighting in listing.sightings if sighting.paper.id not in known)
    return listing._replace(
        state="stale",
        sightings=tuple(sightings),
        failure=Failure(listing.source, "stale", message),
        validator=None,
    )


def _without_revised(listing: Listing, coverage: CoverageByKey) -> Listing:
    before = coverage.get((listing.source, listing.category, listing.day))
    if before is None or not before.revised:
        return listing
    sightings = (
        sighting for sighting in listing.sightings if sighting.paper.id not in before.revised
    )
    return listing._replace(sightings=tuple(sightings))


def _after_listing(
    library: Library, source: "Source", listing: Listing, before: Coverage | None, now: datetime
) -> Coverage | None:
    """The coverage of a day after a listing, None if the earlier coverage stays."""
    if listing.state == "unchanged":  # Without earlier coverage the server is wrong.
        return before and before._replace(asked=now)
    row = _row_of(source, listing, now)
    start = source.rechecked_from(listing.day)
    if before is None or before.state == "failed":
        # A source that has just failed may be wrong again, so an empty day needs a second response.
        is_doubtful = before and row.state == "quiet" and start is not None and start <= now
        return row._replace(state="stale", problem=_UNCONFIRMED) if is_doubtful else row
    if row.state == "failed" or (row.state == "stale" and before.state in ("complete", "partial")):
        return None
    if row.state == "quiet" and (before.papers or before.state == "stale"):
        return _after_empty_listing(source, before, now)
    if start and start <= now and (before.asked < start or before.state not in CLOSED):
        return _after_recheck(library, listing, before, row)
    return row._replace(repaired=before.repaired)


def _is_cut_off(listing: Listing, response: SourceResponse) -> bool:
    """Whether a page of all days may end within the day of a listing, its oldest."""
    days = [each.day for each in response.listings]
    return listing.day == min(days) < max(days) and listing.state != "unchanged"


def _after_page_of_all_days(
    source: "Source", listing: Listing, before: Coverage | None, now: datetime
) -> Coverage | None:
    """As `_after_listing` for a source whose papers of all days are on one page.

    If the page is unchanged, a day that it did not have has no papers. Papers leave the page, so a
    day may have had more of them. None if nothing is new about a day that was final, so that its
    row is not written again.
    """
    state: ListingState = "quiet" if listing.state == "unchanged" else listing.state
    row = _row_of(source, listing._replace(state=state), now)
    if before is None or before.state == "failed":
        return row
    if listing.state == "unchanged":
        return before._replace(asked=now)
    if row.papers < before.papers:
        state = "complete" if state == "quiet" else state
        row = row._replace(state=state, papers=before.papers)  # type: ignore[arg-type]  # as above
    is_final = before.asked >= source.final_after(before.day)
    is_same = (row.state, row.papers) == (before.state, before.papers)
    return None if is_final and is_same else row


def _after_empty_listing(source: "Source", before: Coverage, now: datetime) -> Coverage:
    """Keep a day open that had papers, because papers do not disappear from a listing."""
    start = source.rechecked_from(before.day)
    if start and now >= start + _CONFIRMED_AFTER:
        state: DayState = "complete" if before.papers else "quiet"
        return before._replace(state=state, asked=now, problem=None)
    if before.state == "stale" and start is None:  # No other service can confirm it.
        return _confirmed(before, now)
    if before.state == "stale":
        return before._replace(asked=now)
    return before._replace(state="partial", asked=now, problem="not-a-listing")


def _confirmed(before: Coverage, now: datetime) -> Coverage:
    """Close a stale day at the second empty response in a row, as on a weekend."""
    if before.problem == _UNCONFIRMED and not before.papers:
        return before._replace(state="quiet", asked=now, problem=None)
    return before._replace(asked=now, problem=_UNCONFIRMED)


def _after_recheck(library: Library, listing: Listing, before: Coverage, row: Coverage) -> Coverage:
    """Count the papers that an earlier listing left out.

    Papers that are missing now are not subtracted: their records have moved to the day of a
    revision. If a later page failed, the state of the day stays as it was.
    """
    days = _days_of(library, listing.source, [listing]).values()
    added = sum(not listed_days for listed_days in days)
    in_category = sum(listed_days <= {listing.day} for listed_days in days)
    papers = max(before.papers + added, in_category)
    repaired = before.repaired + papers - before.papers
    return (before if listing.failure else row)._replace(papers=papers, repaired=repaired)


def _after_error(
    response: SourceResponse, kind: str, coverage: CoverageByKey, now: datetime
) -> Iterator[Coverage]:
    source, request = response.request.source.name, response.request.request
    state: DayState = "stale" if kind == "stale" else "failed"
    # The next response of a page of all days has the papers of the other days, too.
    is_page_of_all = response.request.source.lists_all_days
    for day in (max(request.days),) if is_page_of_all else request.days:
        for category in request.categories:
            before = coverage.get((source, category, day))
            if before is None or before.state == "failed":
                yield Coverage(source, day, state, now, category=category, problem=kind)


def _row_of(source: "Source", listing: Listing, now: datetime) -> Coverage:
    kinds = {
        sighting.paper.id: sighting.listed.kind for sighting in listing.sightings if sighting.listed
    }
    has_failed = listing.failure and not listing.sightings and listing.state != "stale"
    recheck = source.rechecked_from(listing.day)
    is_to_be_rechecked = recheck is not None and now < recheck
    return Coverage(
        source=listing.source,
        day=listing.day,
        state="failed" if has_failed else listing.state,  # type: ignore[arg-type]  # not "unchanged"
        asked=now,
        papers=sum(1 for kind in kinds.values() if kind != "revised"),
        skipped=len(listing.skipped),
        category=listing.category,
        problem=listing.failure and listing.failure.kind,
        validator=listing.validator,
        revised=tuple(
            paper_id for paper_id, kind in kinds.items() if kind == "revised" and is_to_be_rechecked
        ),
    )

"""Bringing the library up to date: what is due, and storing what comes of asking for it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from papertrack import log
from papertrack.calendar import Span, utc_day
from papertrack.library.library import Coverage, CoverageKey
from papertrack.models import Failure, Listing, Skipped
from papertrack.tracker import Tracker
from papertrack.tracker.requests import SourceRequest, SourceResponse, fetch_all

if TYPE_CHECKING:  # importing these would import the network
    from papertrack.sources import ListingRequest, Source
    from papertrack.sources.http import HttpClient

RECENT = timedelta(days=7)
_HEALED = timedelta(days=60)
_TODAY_EVERY = timedelta(minutes=15)
_PAST_EVERY = timedelta(hours=3)
# What an interruption may cost, in seconds of asking and in papers held in memory. Storing takes
# processor time from asking, so short refreshes store once, at their end.
_SECONDS_A_COMMIT = 3.0
_PAPERS_A_COMMIT = 4000

Known = Mapping[CoverageKey, Coverage]


class RefreshResult(NamedTuple):
    """What a refresh did: how many listings were asked for and came to how many papers.

    `failures` has one a source, `all_failed` is true where nothing could be had of any.
    """

    asked: int = 0
    papers: int = 0
    new: int = 0
    skipped: tuple[Skipped, ...] = ()
    failures: tuple[Failure, ...] = ()
    all_failed: bool = False


NOT_REFRESHED = RefreshResult()


def recent_days(today: date) -> Span:
    """The days that still fill up: the week up to `today`."""
    return Span(today - RECENT + timedelta(days=1), today)


def repair_days(today: date) -> Span:
    """The days in which gaps are closed without being asked to: the last two months."""
    return Span(today - _HEALED + timedelta(days=1), today)


def due(
    source: "Source",
    span: Span,
    known: Known,
    now: datetime,
    *,
    anyway: bool = False,
    begun: date | None = None,
) -> list[SourceRequest]:
    """What is to be asked of a source at `now` for the days of a span, newest first.

    A listing never asked for, or asked for in vain, is due. One that may still change is due again:
    that of today, and one that came in part, after 15 minutes, the others after 3 hours. Once it
    was looked at after it had settled it is not, unless `anyway`. An empty one settles when its day
    is over. Days before `begun` count only for what was asked for before them, so that gaps are
    closed and nothing new is begun.
    """
    first = _first_looks(source, span, known, begun) if begun else {}
    wanted = [
        (day, category)
        for day in reversed(list(span.days()))
        if source.lists_on(day) and source.available_from(day) <= now
        for category in source.categories
        if first.get(category, day) <= day
        if anyway or _is_due(source, day, known.get((source.name, category, day)), now)
    ]
    log.event("due", source=source.name, first=span.first, last=span.last, listings=len(wanted))
    asks = source.requests(wanted, now) if wanted else []
    return [
        SourceRequest(source, ask._replace(validator=_validator(known, source.name, ask)))
        for ask in asks
    ]


def _first_looks(source: "Source", span: Span, known: Known, begun: date) -> dict[str, date]:
    """The first day of a span that each category was asked for, `begun` at the latest."""
    first = dict.fromkeys(source.categories, begun)
    for name, category, day in known:
        if name == source.name and category in first and day >= span.first:
            first[category] = min(first[category], day)
    return first


def _is_due(source: "Source", day: date, known: Coverage | None, now: datetime) -> bool:
    if known is None or known.state == "failed":
        return True
    settles = source.final_after(day)
    if known.state == "quiet":
        settles = max(settles, source.available_from(day) + timedelta(days=1))
    if known.asked >= settles and known.state != "partial":
        return False
    soon = day >= utc_day(now) or known.state == "partial"
    waited = now - known.asked
    return waited >= (_TODAY_EVERY if soon else _PAST_EVERY) or waited < timedelta()


def _validator(known: Known, source: str, ask: "ListingRequest") -> str | None:
    """What the server called the one answer that all of what is asked for came from."""
    looks = [known.get((source, name, day)) for day in ask.days for name in ask.categories]
    names = {one.validator if one and one.state != "partial" else None for one in looks}
    return names.pop() if len(names) == 1 else None


def refresh(
    tracker: Tracker,
    wanted: Sequence[SourceRequest],
    client: Callable[[], "HttpClient"],
    progress: Callable[[int, int], None] | None = None,
) -> RefreshResult:
    """Ask for everything that is wanted and store what comes, several answers at a time.

    `progress` is told how many listings and papers came so far. What could not be had is in the
    result; it is stored as failed, and so due again. Raises LibraryError and LibraryBusy.
    """
    taken = _Intake(tracker)
    try:
        for answer in fetch_all(wanted, client, tracker.now):
            taken.add(answer)
            if progress:
                progress(taken.asked, taken.papers)
    except KeyboardInterrupt:
        # What came need not be asked for again.
        taken.store()
        raise
    taken.store()
    tracker.update_relevance()
    return taken.result()


class _Intake:
    """The answers of a refresh, stored from time to time: how many listings they were `asked` for
    and how many `papers` they brought.
    """

    def __init__(self, tracker: Tracker) -> None:
        self.asked = self.papers = 0
        self._tracker = tracker
        self._total = RefreshResult()
        self._answers: list[SourceResponse] = []
        self._batch: list[SourceResponse] = []
        self._began = monotonic()

    def add(self, answer: SourceResponse) -> None:
        self._batch.append(answer)
        self.asked += answer.request.size
        self.papers += _size(answer)
        late = monotonic() - self._began > _SECONDS_A_COMMIT
        if late or sum(map(_size, self._batch)) > _PAPERS_A_COMMIT:
            self.store()

    def store(self) -> None:
        if not self._batch:
            return
        stored, total = _store(self._tracker, self._batch), self._total
        self._total = total._replace(
            asked=self.asked,
            papers=total.papers + stored.papers,
            new=total.new + stored.new,
            skipped=total.skipped + stored.skipped,
        )
        # Papers are not held any longer: a back-fill may bring any number of them.
        self._answers += [
            one._replace(listings=_without_papers(one.listings)) for one in self._batch
        ]
        self._batch, self._began = [], monotonic()

    def result(self) -> RefreshResult:
        failures, all_failed = _failures(self._answers), _all_failed(self._answers)
        return self._total._replace(failures=failures, all_failed=all_failed)


def _size(answer: SourceResponse) -> int:
    return sum(len(listing.sightings) for listing in answer.listings)


def _store(tracker: Tracker, answers: Sequence[SourceResponse]) -> RefreshResult:
    from papertrack.library.storing import observe_again, store

    library = tracker.library
    listings = [listing for answer in answers for listing in answer.listings]
    with library.transaction():
        known = library.coverage(_whole(answers))
        stored = store(library, (one for listing in listings for one in listing.sightings))
        for listing in listings:
            if listing.state == "unchanged":
                observe_again(library, listing.source, listing.day, tracker.now)
        library.save_coverage(_looks(answers, known, tracker.now))
        tracker.cache_matches({listing.day for listing in listings})
    return RefreshResult(
        papers=len({one.paper.id for listing in listings for one in listing.sightings}),
        new=len(stored.new),
        skipped=tuple(dict.fromkeys(one for listing in listings for one in listing.skipped)),
    )


def _looks(answers: Iterable[SourceResponse], known: Known, now: datetime) -> Iterator[Coverage]:
    """What to remember of answers; a failure takes nothing from what an earlier look gave."""
    for answer in answers:
        for listing in answer.listings:
            before = known.get((listing.source, listing.category, listing.day))
            if listing.state == "quiet" and before and before.papers:
                # Papers do not leave a listing: an empty one is no reason to close the day.
                yield before._replace(state="partial", asked=now, problem="not-a-listing")
            elif listing.state != "unchanged":
                yield _look(listing, now)
            elif before:  # else nobody sent a validator: whoever says so anyway is not believed
                yield before._replace(asked=now)
        error, source = answer.error, answer.request.source.name
        if error and error.kind != "not-yet":
            for day in answer.request.request.days:
                for category in answer.request.request.categories:
                    before = known.get((source, category, day))
                    if before is None or before.state == "failed":
                        yield Coverage(
                            source, day, "failed", now, category=category, problem=error.kind
                        )


def _look(listing: Listing, now: datetime) -> Coverage:
    in_vain = listing.failure and not listing.sightings
    return Coverage(
        source=listing.source,
        day=listing.day,
        state="failed" if in_vain else listing.state,  # type: ignore[arg-type]  # not "unchanged"
        asked=now,
        papers=sum(1 for one in listing.sightings if one.listed and one.listed.kind != "revised"),
        skipped=len(listing.skipped),
        category=listing.category,
        problem=listing.failure and listing.failure.kind,
        validator=listing.validator,
    )


def _whole(answers: Iterable[SourceResponse]) -> Span:
    days = [day for answer in answers for day in answer.request.request.days]
    return Span(min(days), max(days))


def _without_papers(listings: tuple[Listing, ...]) -> tuple[Listing, ...]:
    return tuple(one._replace(sightings=(), skipped=()) for one in listings)


def _all_failed(answers: Sequence[SourceResponse]) -> bool:
    return bool(answers) and all(
        answer.error and answer.error.kind != "not-yet" for answer in answers
    )


def _failures(answers: Sequence[SourceResponse]) -> tuple[Failure, ...]:
    """What each source failed in, told by its first failure."""
    result = []
    for name in dict.fromkeys(answer.request.source.name for answer in answers):
        mine = [answer for answer in answers if answer.request.source.name == name]
        asked = {day for answer in mine for day in answer.request.request.days}
        failed: dict[date, Failure] = {}
        for answer in mine:
            if answer.error and answer.error.kind != "not-yet":
                failure = Failure(name, answer.error.kind, answer.error.what)
                failed |= dict.fromkeys(answer.request.request.days, failure)
            failed |= {one.day: one.failure for one in answer.listings if one.failure}
        if failed:
            first = next(iter(failed.values()))
            few = "" if len(asked) == 1 else f" ({len(failed)} of {len(asked)} days)"
            result.append(first._replace(message=first.message + few))
    return tuple(result)

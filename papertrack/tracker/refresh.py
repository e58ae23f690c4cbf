"""Bringing the library up to date: which days are due, asking for them side by side, storing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from papertrack.calendar import Span, utc_day
from papertrack.errors import SourceError
from papertrack.library.library import Coverage
from papertrack.models import Failure, Listing, Skipped
from papertrack.tracker import Tracker

if TYPE_CHECKING:  # importing these would import the network
    from papertrack.sources import Source
    from papertrack.sources.http import HttpClient

SETTLES_AFTER = timedelta(days=7)
_TODAY_EVERY = timedelta(minutes=15)
_PAST_EVERY = timedelta(hours=3)
_AT_ONCE = 8
_DAYS_A_COMMIT = 16


class Refreshed(NamedTuple):
    """What a refresh did. `failures` has one a source, `all_failed` is true where no day of any
    source could be had.
    """

    asked: int = 0
    papers: int = 0
    new: int = 0
    skipped: tuple[Skipped, ...] = ()
    failures: tuple[Failure, ...] = ()
    all_failed: bool = False


NOT_ASKED = Refreshed()


class _Answer(NamedTuple):
    source: "Source"
    day: date
    listing: Listing | None
    error: SourceError | None = None


def recent(today: date) -> Span:
    """The days that still fill up: the week up to `today`."""
    return Span(today - SETTLES_AFTER + timedelta(days=1), today)


def due_days(
    source: str,
    span: Span,
    known: dict[tuple[str, date], Coverage],
    now: datetime,
    *,
    anyway: bool = False,
) -> list[date]:
    """The days of a span that are to be asked of a source at `now`, newest first.

    A day never asked, or asked in vain, is due. Days of the last week still fill up: today, and a
    day that came in part, is due again after 15 minutes, the others after 3 hours. An older day is
    asked once more if it was last asked before it had settled; after that never, unless `anyway`.
    """
    days = [day for day in span.days() if day <= utc_day(now)]
    return [day for day in reversed(days) if anyway or _is_due(day, known.get((source, day)), now)]


def _is_due(day: date, known: Coverage | None, now: datetime) -> bool:
    if known is None or known.state == "failed":
        return True
    settled = datetime.combine(day, time(), UTC) + timedelta(days=1) + SETTLES_AFTER
    if known.asked >= settled and known.state != "partial":
        return False
    soon = day >= utc_day(now) or known.state == "partial"
    waited = now - known.asked
    return waited >= (_TODAY_EVERY if soon else _PAST_EVERY) or waited < timedelta()


def refresh(
    tracker: Tracker,
    wanted: Sequence[tuple["Source", date]],
    client: Callable[[], "HttpClient"],
    progress: Callable[[int, int], None] | None = None,
) -> Refreshed:
    """Ask for each (source, day), eight at a time, and store what comes every sixteen days.

    `progress` is told how many days and papers came so far. What could not be had is in the
    result; it is stored as failed, and so due again. Raises LibraryError and LibraryBusy.
    """
    total, failed = Refreshed(), list[_Answer]()
    answers = _told(_ask_all(wanted, client, tracker.now), progress)
    for batch in _batches(answers, _DAYS_A_COMMIT):
        stored = _store(tracker, batch)
        failed += [one for one in batch if one.error and one.error.kind != "not-yet"]
        total = total._replace(
            asked=total.asked + len(batch),
            papers=total.papers + stored.papers,
            new=total.new + stored.new,
            skipped=total.skipped + stored.skipped,
        )
    return total._replace(
        failures=_failures(failed, wanted),
        all_failed=bool(failed) and len(failed) == total.asked,
    )


def _ask_all(
    wanted: Sequence[tuple["Source", date]], client: Callable[[], "HttpClient"], now: datetime
) -> Iterator[_Answer]:
    if not wanted:
        return
    from concurrent.futures import ThreadPoolExecutor, as_completed

    # No `with` around the pool: it would wait for slow answers after Ctrl-C.
    pool = ThreadPoolExecutor(_AT_ONCE)
    with client() as http:
        asked = [pool.submit(_ask, source, http, day, now) for source, day in wanted]
        try:
            for one in as_completed(asked):
                yield one.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _ask(source: "Source", http: "HttpClient", day: date, now: datetime) -> _Answer:
    try:
        return _Answer(source, day, source.listing(http, day, now))
    except SourceError as error:
        return _Answer(source, day, None, error)


def _told(
    answers: Iterable[_Answer], progress: Callable[[int, int], None] | None
) -> Iterator[_Answer]:
    papers = 0
    for number, answer in enumerate(answers, 1):
        papers += len(answer.listing.sightings) if answer.listing else 0
        if progress:
            progress(number, papers)
        yield answer


def _batches(answers: Iterable[_Answer], size: int) -> Iterator[list[_Answer]]:
    batch: list[_Answer] = []
    for answer in answers:
        batch.append(answer)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _store(tracker: Tracker, answers: Sequence[_Answer]) -> Refreshed:
    from papertrack.library.intake import store

    library = tracker.library
    listings = [answer.listing for answer in answers if answer.listing is not None]
    sightings = [sighting for listing in listings for sighting in listing.sightings]
    with library.transaction():
        known = library.coverage(_whole(answers))
        stored = store(library, sightings)
        library.cover(
            covered
            for answer in answers
            if (
                covered := _coverage(
                    answer, known.get((answer.source.name, answer.day)), tracker.now
                )
            )
        )
        tracker.keep_matches({listing.day for listing in listings})
    skipped = tuple(one for listing in listings for one in listing.skipped)
    return Refreshed(len(answers), len(sightings), len(stored.new), skipped)


def _coverage(answer: _Answer, known: Coverage | None, now: datetime) -> Coverage | None:
    """What to remember of an answer; a failure takes nothing from what an earlier look gave."""
    if answer.listing is None:
        failed = Coverage(answer.source.name, answer.day, "failed", now)
        return failed if known is None and answer.error and answer.error.kind != "not-yet" else None
    listing = answer.listing
    return Coverage(
        source=answer.source.name,
        day=answer.day,
        state=listing.state,
        asked=now,
        papers=len(listing.sightings),
        skipped=len(listing.skipped),
    )


def _whole(answers: Sequence[_Answer]) -> Span:
    days = [answer.day for answer in answers]
    return Span(min(days), max(days))


def _failures(
    failed: Sequence[_Answer], wanted: Sequence[tuple["Source", date]]
) -> tuple[Failure, ...]:
    result = []
    for source in dict.fromkeys(answer.source for answer in failed):
        errors = [one.error for one in failed if one.source is source and one.error]
        of = sum(1 for asked, _ in wanted if asked is source)
        days = "" if len(errors) == of == 1 else f" ({len(errors)} of {of} days)"
        result.append(Failure(source.name, errors[0].kind, errors[0].what + days))
    return tuple(result)

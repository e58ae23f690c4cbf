"""arXiv's announcement schedule: listing days and the times that belong to them.

The listing of a day, Monday to Friday, is announced at 20:00 US Eastern on the evening before it,
Sunday to Thursday: https://info.arxiv.org/help/availability.html, as of 2026-07-24, which also has
the deadlines and the holidays. There are exceptions: papers are held for longer, and announcements
are postponed. Datetimes passed in must be aware; those returned are UTC, except for `to_eastern`.
Nothing depends on the clock or the time zone of the machine. Results outside the years 1 to 9999
raise OverflowError.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)
_SATURDAY = 5
# Eastern time, on the evening before a listing day.
_ANNOUNCED = time(20)
_HARVESTABLE = time(22, 30)
# Eastern time, Monday to Friday.
_DEADLINE = time(14)

_HOLIDAYS = frozenset(
    {
        # Inferred from 82,000 records of 2025-03-18 to 2026-03-24: the listing days after these
        # are missing or have a sixth of the usual papers.
        date(2025, 6, 19),
        date(2025, 7, 4),
        date(2025, 9, 1),
        date(2025, 11, 27),
        date(2025, 12, 25),
        date(2025, 12, 30),
        # From arXiv's list of holidays; the records confirm the first two.
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 6, 19),
        date(2026, 7, 3),
        date(2026, 9, 7),
        date(2026, 11, 26),
        date(2026, 12, 25),
        date(2026, 12, 29),
        date(2026, 12, 31),
    }
)


def to_eastern(moment: datetime) -> datetime:
    """Return the moment in US Eastern time, which arXiv's schedule follows.

    Raises zoneinfo.ZoneInfoNotFoundError if there is neither a time zone database nor tzdata.
    """
    return moment.astimezone(_new_york())


def is_announcement_day(day: date) -> bool:
    """Return whether `day` may have a listing: Monday to Friday.

    Deferred days are included: they are requested anyway, as the list of holidays may be wrong.
    """
    return day.weekday() < _SATURDAY


def is_deferred(day: date) -> bool:
    """Return whether the listing of `day` is postponed to the next because it follows a holiday.

    Holidays are listed from June 2025 to the end of 2026; outside of that the result is False.
    """
    return is_announcement_day(day) and _preceding(day) in _HOLIDAYS


def announced_at(day: date) -> datetime:
    """Return when the listing of `day` is announced: 20:00 Eastern on the evening before."""
    return _eastern_time(day - _DAY, _ANNOUNCED)


def harvestable_at(day: date) -> datetime:
    """Return when OAI-PMH has the papers of `day`: about 22:30 Eastern on the evening before.

    Source: https://info.arxiv.org/help/oa/index.html.
    """
    return _eastern_time(day - _DAY, _HARVESTABLE)


def feed_published_at(day: date) -> datetime:
    """Return when the RSS and Atom feeds of `day` are made: at Eastern midnight as it begins.

    https://info.arxiv.org/help/rss.html says Standard Time; real feeds follow Daylight Time, too.
    """
    return _eastern_time(day, time())


def next_announcement(now: datetime) -> date:
    """Return the first listing day that is announced strictly after `now`."""
    day = to_eastern(now).date()
    while not is_announcement_day(day) or is_deferred(day) or announced_at(day) <= now:
        day += _DAY
    return day


def announcement_day(submitted: datetime) -> date:
    """Return the listing day that the schedule assigns to a submission made at this moment.

    Its deadline is the first 14:00 Eastern of a Monday to Friday after it. A submission at 14:00
    sharp misses that deadline.
    """
    eastern = to_eastern(submitted)
    last_closed = eastern.date() - _DAY * (eastern.time() < _DEADLINE)
    day = _following(_following(last_closed))
    while is_deferred(day):
        day = _following(day)
    return day


def submission_window(day: date) -> tuple[datetime, datetime]:
    """Return the start and the end (excluded) of the submissions announced for `day`.

    They are those whose `announcement_day` is `day`. A deferred day gets the window that it would
    have without its holiday. Raises ValueError for Saturday and Sunday.
    """
    if not is_announcement_day(day):
        raise ValueError(f"arXiv has no announcement for {day}, a {day:%A}")
    before = _preceding(day)
    while is_deferred(before):
        before = _preceding(before)
    start, end = _preceding(before), _preceding(day)
    return _eastern_time(start, _DEADLINE), _eastern_time(end, _DEADLINE)


def _following(day: date) -> date:
    """Return the first Monday to Friday after `day`."""
    day += _DAY
    return day if is_announcement_day(day) else _following(day)


def _preceding(day: date) -> date:
    """Return the last Monday to Friday before `day`."""
    day -= _DAY
    return day if is_announcement_day(day) else _preceding(day)


def _eastern_time(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, _new_york()).astimezone(UTC)


def _new_york() -> tzinfo:
    # Not at the top: the import costs 7 ms. ZoneInfo itself caches the zone.
    from zoneinfo import ZoneInfo

    return ZoneInfo("America/New_York")

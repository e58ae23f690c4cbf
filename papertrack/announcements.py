"""arXiv's announcements by its schedule: listing days, and the moments that belong to them.

A *listing day*, Monday to Friday, is announced at 20:00 US Eastern on the evening before it, Sunday
to Thursday: https://info.arxiv.org/help/availability.html, as of 2026-07-24, which also has the
deadlines and the holidays. It is a plan: papers may be held for longer, and announcements be
put off for reasons of the day. Moments go in aware and come out as UTC, but for `eastern`; nothing
depends on the clock or the zone of the machine. What lies outside the years 1 to 9999 raises
OverflowError.
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
        # Seen from 82,000 records of 2025-03-18 to 2026-03-24: the listing days after these are
        # missing or have a sixth of the usual papers.
        date(2025, 6, 19),
        date(2025, 7, 4),
        date(2025, 9, 1),
        date(2025, 11, 27),
        date(2025, 12, 25),
        date(2025, 12, 30),
        # From the page; the records bear out the first two.
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


def eastern(moment: datetime) -> datetime:
    """A moment as clocks in New York show it, by which arXiv lives.

    Raises zoneinfo.ZoneInfoNotFoundError where there is neither a time zone database nor tzdata.
    """
    return moment.astimezone(_new_york())


def is_announcement_day(day: date) -> bool:
    """Whether `day` may have a listing: Monday to Friday. See `is_deferred` for those without one,
    which are worth asking for all the same, as the holidays known here may be wrong.
    """
    return day.weekday() < _SATURDAY


def is_deferred(day: date) -> bool:
    """Whether the listing of `day` is known to be put off to the next, for it follows a holiday.

    Holidays are known from June 2025 to the end of 2026; beyond them the answer is no.
    """
    return is_announcement_day(day) and _preceding(day) in _HOLIDAYS


def announced_at(day: date) -> datetime:
    """When the listing of `day` is announced: 20:00 Eastern of the evening before."""
    return _at(day - _DAY, _ANNOUNCED)


def harvestable_at(day: date) -> datetime:
    """When the metadata of what `day` lists is in OAI-PMH: about 22:30 Eastern of the evening
    before (https://info.arxiv.org/help/oa/index.html).
    """
    return _at(day - _DAY, _HARVESTABLE)


def fed_at(day: date) -> datetime:
    """When the RSS and Atom feeds of `day` are made: at the Eastern midnight with which it begins
    (https://info.arxiv.org/help/rss.html says Standard Time; real feeds keep Daylight Time, too).
    """
    return _at(day, time())


def next_announcement(now: datetime) -> date:
    """The first listing day that is announced after `now`; one announced at `now` is there."""
    day = eastern(now).date()
    while not is_announcement_day(day) or is_deferred(day) or announced_at(day) <= now:
        day += _DAY
    return day


def announcement_of(submitted: datetime) -> date:
    """The listing day for which the schedule has a submission of this moment: its deadline is the
    first 14:00 Eastern of a Monday to Friday after it, and that at 14:00 sharp is too late.
    """
    there = eastern(submitted)
    closed = there.date() - _DAY * (there.time() < _DEADLINE)  # the last day past 14:00
    day = _following(_following(closed))
    while is_deferred(day):
        day = _following(day)
    return day


def submitted_for(day: date) -> tuple[datetime, datetime]:
    """From which moment on and before which other one submissions were made that the schedule
    announces for `day`: those whose `announcement_of` it is.

    For a deferred day, which has none, those that it would have if its holiday were none. Raises
    ValueError on Saturday and Sunday.
    """
    if not is_announcement_day(day):
        raise ValueError(f"arXiv announces nothing for a {day:%A}: {day}")
    before = _preceding(day)
    while is_deferred(before):
        before = _preceding(before)
    return _at(_preceding(before), _DEADLINE), _at(_preceding(day), _DEADLINE)


def _following(day: date) -> date:
    """The next Monday to Friday after `day`."""
    day += _DAY
    return day if is_announcement_day(day) else _following(day)


def _preceding(day: date) -> date:
    """The last Monday to Friday before `day`."""
    day -= _DAY
    return day if is_announcement_day(day) else _preceding(day)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, _new_york()).astimezone(UTC)


def _new_york() -> tzinfo:
    # Imported here, as it costs 7 ms; the zone itself is kept by ZoneInfo.
    from zoneinfo import ZoneInfo

    return ZoneInfo("America/New_York")

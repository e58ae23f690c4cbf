"""The message of a channel with `when_empty: say` if there is nothing to deliver: one line."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from papertrack.calendar import Span, is_listing_day, utc_day
from papertrack.library.coverage_rows import Coverage
from papertrack.source_registry import short_title
from papertrack.tracker import Tracker
from papertrack.tracker.wording import count

_WEEK = timedelta(days=6)


def sentence(tracker: Tracker, sources: Sequence[str], failed: Collection[str], last: date) -> str:
    """Return what each source listed since the day `last`, the day of the last message.

    `sources` are the enabled ones, `failed` those that this run could not fetch. The sentence
    begins with "quiet" only if all were fetched: a failure is not a day without papers.
    """
    today = utc_day(tracker.now)
    span = Span(min(today, max(last, today - _WEEK)), today)
    listed = Counter(
        source
        for entry in tracker.library.entries_within(span)
        for source in {
            listed.source for listed in entry.listings if span.first <= listed.day <= span.last
        }
    )
    coverages = tracker.library.coverage(Span(today - _WEEK, today)).values()
    states = {
        source: "failed"
        if source in failed
        else _state([row for row in coverages if row.source == source], span)
        for source in sources
    }
    parts = [
        f"{short_title(source)} {state or count(listed[source], 'paper')}"
        for source, state in states.items()
    ]
    word = "incomplete" if any(states.values()) else "quiet"
    weekend = "" if is_listing_day(today) else "weekend; "
    since = "" if span.first == today else f" since {span.first}"
    yours = ", none yours" if tracker.topics and listed.total() else ""
    return f"{word}: {weekend}{', '.join(parts) or 'no source is enabled'}{since}{yours}"


def _state(week: Sequence[Coverage], span: Span) -> str:
    """Return what is wrong with the days of a source in a span, or "".

    `week` has its coverage of a week: arXiv may list nothing for days, but not for a week.
    """
    if not week:
        return "not fetched"
    states = {row.state for row in week if row.day >= span.first}
    return next((state for state in ("failed", "partial") if state in states), "")

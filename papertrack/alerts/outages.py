"""Deciding which failures are reported, so that cron does not mail about each failed run.

A source is reported when its failure lasts, a channel when it starts to fail, and both when they
work again.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from papertrack.alerts.delivery import ChannelResult
from papertrack.library.deliveries import ChannelStatus, Outage
from papertrack.models import Failure
from papertrack.source_registry import short_title
from papertrack.tracker.wording import count

_REPORTED_AFTER_RUNS = 3
_REPORTED_AFTER = timedelta(days=1)


def update_outages(
    outages: Mapping[str, Outage],
    requested: Collection[str],
    failures: Iterable[Failure],
    now: datetime,
) -> tuple[dict[str, Outage], list[str]]:
    """The outages after a run that requested these sources, and the notices to print.

    An outage is reported once, after three failed runs or after a day.
    """
    failed = {failure.source: failure for failure in failures}
    updated, notices = dict(outages), []
    for source, failure in failed.items():
        previous = outages.get(source, Outage(now, 0, reported=False))
        runs = previous.runs + 1
        lasts = runs >= _REPORTED_AFTER_RUNS or now - previous.since >= _REPORTED_AFTER
        if lasts and not previous.reported:
            notices.append(
                f"{short_title(source)} has failed in {count(runs, 'run')}"
                f" since {_local_time(previous.since)}: {failure.message}"
            )
        updated[source] = Outage(previous.since, runs, reported=previous.reported or lasts)
    for source in set(outages) & set(requested) - failed.keys():
        if updated.pop(source).reported:
            since = _local_time(outages[source].since)
            notices.append(f"{short_title(source)} works again after failing since {since}")
    return updated, notices


def channel_notices(
    statuses: Mapping[str, ChannelStatus], results: Iterable[ChannelResult]
) -> list[str]:
    """The notices about channels that start to fail, fail for a new reason, or work again.

    `statuses` are those before the delivery.
    """
    notices = []
    for result in results:
        notices += [f"{result.channel}: {note}" for note in result.notes]
        status = statuses.get(result.channel)
        last_problem = status.problem if status else None
        if result.problem and result.problem.what != last_problem:
            notices += [f"{result.channel}: {result.problem.what}; the next run retries"]
            notices += [result.problem.next_step] if result.problem.next_step else []
        elif last_problem and status and status.since and result.messages and not result.problem:
            since = _local_time(status.since)
            notices.append(f"{result.channel} works again after failing since {since}")
    return notices


def _local_time(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"

"""When a failure is worth a word: a source's once it has lasted, a channel's when it begins, and
both when they are over. In between cron is left in peace.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from papertrack.alerts.delivery import ChannelResult
from papertrack.library.deliveries import ChannelStatus, Outage
from papertrack.models import Failure
from papertrack.source_registry import short_title
from papertrack.tracker.wording import count

_RUNS = 3
_LASTING = timedelta(days=1)


def updated_outages(
    known: Mapping[str, Outage], asked: Collection[str], failures: Iterable[Failure], now: datetime
) -> tuple[dict[str, Outage], list[str]]:
    """The outages after a run that asked these sources, and what to say of them."""
    failed = {one.source: one for one in failures}
    outages, said = dict(known), []
    for source, failure in failed.items():
        before = known.get(source, Outage(now, 0, told=False))
        runs = before.runs + 1
        lasting = runs >= _RUNS or now - before.since >= _LASTING
        if lasting and not before.told:
            said.append(
                f"{short_title(source)} has failed in {count(runs, 'run')}"
                f" since {_moment(before.since)}: {failure.message}"
            )
        outages[source] = Outage(before.since, runs, told=before.told or lasting)
    for source in set(known) & set(asked) - failed.keys():
        if outages.pop(source).told:
            since = _moment(known[source].since)
            said.append(f"{short_title(source)} answers again; it had failed since {since}")
    return outages, said


def channel_notices(
    before: Mapping[str, ChannelStatus], delivered: Iterable[ChannelResult]
) -> list[str]:
    """What to say of channels that began to fail, fail for another reason, or work again."""
    said = []
    for one in delivered:
        said += [f"{one.channel}: {remark}" for remark in one.notes]
        known = before.get(one.channel)
        failing = known.problem if known else None
        if one.problem and one.problem.what != failing:
            said += [f"{one.channel}: {one.problem.what}; it is kept and tried again"]
            said += [one.problem.next_step] if one.problem.next_step else []
        elif failing and known and known.since and one.messages and not one.problem:
            said.append(
                f"{one.channel} takes messages again; it had failed since {_moment(known.since)}"
            )
    return said


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"

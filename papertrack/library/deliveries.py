"""The records that alerts store in the library, and their rows.

A delivery is one event of one paper for one channel. It waits in the outbox, is put into a batch
before that is sent, and moves to the delivered ones once the channel has accepted the batch.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, get_args

from papertrack.calendar import format_moment, json_value, parse_moment
from papertrack.config.channels import FOR_YOU, STARRED
from papertrack.library.row_values import (
    count,
    flag,
    lines,
    optional_count,
    optional_moment,
    optional_text,
    text,
    texts,
)
from papertrack.models import Breadth, Topic

# The names of the rules that watch starred papers and recommended ones: the words of the
# configuration with a star, as a topic may also be named "starred".
STARRED_RULE, FOR_YOU_RULE = f"*{STARRED}", f"*{FOR_YOU}"
_DISPLAY_NAMES = {STARRED_RULE: STARRED, FOR_YOU_RULE: FOR_YOU}
# A listing grows for a day: papers added to yesterday's listing are news, too.
LISTING_GROWS = timedelta(days=1)
Ids = frozenset[str]


class WatchedRule(NamedTuple):
    """A rule in force since the day `since`: a topic, STARRED_RULE or FOR_YOU_RULE.

    `earlier_events` has the papers to which each event had happened before that day, and for which
    it is not news. `papers` are the starred papers examined so far. Nothing is delivered through
    the day `muted`. Of FOR_YOU_RULE, `papers` are the recommended papers queued so far, and
    `earlier_events` has those of the last day under that day.
    """

    rule: Topic
    since: date
    earlier_events: tuple[tuple[str, Ids], ...] = ()
    papers: Ids = frozenset()
    muted: date | None = None

    def had_happened(self, event: str, paper_id: str) -> bool:
        """Whether the event had happened to the paper before the rule was in force."""
        return paper_id in dict(self.earlier_events).get(event, ())

    def covers(self, listed: date) -> bool:
        """Whether a paper that was last listed on a day may be news for the rule."""
        return listed >= self.since - LISTING_GROWS

    def rename(self, old: str, new: str) -> "WatchedRule":
        """The same rule for a paper that has a new id."""
        return self._replace(
            earlier_events=tuple(
                (event, _renamed(ids, old, new)) for event, ids in self.earlier_events
            ),
            papers=_renamed(self.papers, old, new),
        )


class Delivery(NamedTuple):
    """An event of a paper to deliver through a channel, for the topics that the paper matches.

    `batch` is the id of the message that contains it, None before it is put into one.
    """

    channel: str
    event: str
    paper_id: str
    topics: tuple[str, ...]
    queued: datetime
    batch: str | None = None

    @property
    def key(self) -> str:
        """The key of the delivery's row: channel, event and paper id."""
        return f"{self.channel}\t{self.event}\t{self.paper_id}"


class Batch(NamedTuple):
    """A message: part `part` of `parts`, with the keys of its deliveries and when it was made.

    `trending` are the ids of its trending papers. Only the first `whole` deliveries are shown in
    full, all if it is None; the others are shown by their titles. `heartbeat` is the text of a
    message without papers.
    """

    id: str
    channel: str
    at: datetime
    part: int
    parts: int
    keys: tuple[str, ...]
    trending: tuple[str, ...] = ()
    whole: int | None = None
    heartbeat: str | None = None


class Attempt(NamedTuple):
    """One attempt to send a batch; `outcome` is "delivered", "failed" or "unknown"."""

    at: datetime
    channel: str
    batch: str
    papers: tuple[str, ...]
    outcome: str
    problem: str | None = None


class ChannelStatus(NamedTuple):
    """The status of a channel: the local day on which it was `last_due`, and its failures.

    `failures` counts those in a row, `since` and `last` are the times of the first and last.
    """

    last_due: date
    failures: int = 0
    since: datetime | None = None
    last: datetime | None = None
    problem: str | None = None


class Outage(NamedTuple):
    """A failing source: since when, in how many runs, and whether the reader was notified."""

    since: datetime
    runs: int
    reported: bool


def display_name(rule: str) -> str:
    """The name of a rule as users write and read it: that of its topic, STARRED or FOR_YOU."""
    return _DISPLAY_NAMES.get(rule, rule)


def from_watch(watch: WatchedRule) -> dict[str, Any]:
    """Return the row of a rule in force."""
    return {
        "rule": {name: json_value(value) for name, value in watch.rule._asdict().items()},
        "begun": watch.since.isoformat(),
        "known": {event: sorted(ids) for event, ids in watch.earlier_events},
        "papers": sorted(watch.papers),
        "muted": json_value(watch.muted),
    }


def to_watch(row: Mapping[str, Any]) -> WatchedRule:
    """Return the rule of a row."""
    return WatchedRule(
        rule=_to_topic(row["rule"]),
        since=date.fromisoformat(row["begun"]),
        earlier_events=tuple((text(e), frozenset(texts(ids))) for e, ids in row["known"].items()),
        papers=frozenset(texts(row["papers"])),
        muted=_day(row["muted"]),
    )


def _to_topic(row: Mapping[str, Any]) -> Topic:
    """The topic of a row; versions before a field was added have stored none."""
    if (breadth := row.get("breadth", "phrases")) not in get_args(Breadth):
        raise ValueError("not a breadth")
    fields = ("any", "all", "none", "authors", "categories", "organizations", "when")
    lists = {name: texts(row[name]) for name in fields if name in row}
    topic = Topic(text(row["name"]), threshold=count(row["threshold"]), breadth=breadth)
    return topic._replace(**lists)  # type: ignore[arg-type]  # fields have different types


def from_delivery(delivery: Delivery) -> dict[str, Any]:
    """Return the row of a delivery; its key has the other fields."""
    return {
        "topics": list(delivery.topics),
        "queued": format_moment(delivery.queued),
        "batch": delivery.batch,
    }


def to_delivery(key: str, row: Mapping[str, Any]) -> Delivery:
    """Return the delivery of a key and its row."""
    channel, event, paper_id = map(text, key.split("\t"))
    topics, queued = texts(row["topics"]), parse_moment(row["queued"])
    return Delivery(channel, event, paper_id, topics, queued, optional_text(row["batch"]))


def from_batch(batch: Batch) -> dict[str, Any]:
    """Return the row of a batch; its key is the batch's id."""
    return {name: json_value(value) for name, value in batch._asdict().items() if name != "id"}


def to_batch(key: str, row: Mapping[str, Any]) -> Batch:
    """Return the batch of an id and its row."""
    return Batch(
        id=text(key),
        channel=text(row["channel"]),
        at=parse_moment(row["at"]),
        part=count(row["part"]),
        parts=count(row["parts"]),
        keys=_keys(row["keys"]),
        trending=texts(row["trending"]),
        whole=optional_count(row["whole"]),
        heartbeat=lines(row["heartbeat"]),
    )


def from_channel_status(status: ChannelStatus) -> dict[str, Any]:
    """Return the row of a channel status."""
    fields = {name: json_value(value) for name, value in status._asdict().items()}
    return {"turn": fields.pop("last_due"), **fields}


def to_channel_status(row: Mapping[str, Any]) -> ChannelStatus:
    """Return the channel status of a row."""
    return ChannelStatus(
        last_due=date.fromisoformat(row["turn"]),
        failures=count(row["failures"]),
        since=optional_moment(row["since"]),
        last=optional_moment(row["last"]),
        problem=optional_text(row["problem"]),
    )


def from_outage(outage: Outage) -> dict[str, Any]:
    """Return the row of an outage."""
    return {
        "since": format_moment(outage.since),
        "runs": outage.runs,
        "told": outage.reported,
    }


def to_outage(row: Mapping[str, Any]) -> Outage:
    """Return the outage of a row."""
    return Outage(parse_moment(row["since"]), count(row["runs"]), flag(row["told"]))


def to_attempt(row: Mapping[str, Any]) -> Attempt:
    """Return the attempt of a row."""
    return Attempt(
        at=parse_moment(row["at"]),
        channel=text(row["channel"]),
        batch=text(row["batch"]),
        papers=texts(row["papers"]),
        outcome=text(row["outcome"]),
        problem=optional_text(row["problem"]),
    )


def _renamed(ids: Ids, old: str, new: str) -> Ids:
    return ids - {old} | {new} if old in ids else ids


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _keys(value: Any) -> tuple[str, ...]:
    """The keys of deliveries, whose parts are separated by tabs."""
    if not isinstance(value, list):
        raise TypeError("not a list of keys")
    return tuple("\t".join(map(text, key.split("\t"))) for key in value)

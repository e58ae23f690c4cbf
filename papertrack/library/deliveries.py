"""The records that alerts store in the library, and their rows.

A delivery is one event of one paper for one channel. It waits in the outbox, is put into a batch
before that is sent, and moves to the delivered ones once the channel has accepted the batch.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from papertrack.calendar import format_moment, json_value, parse_moment
from papertrack.config.channels import STARRED
from papertrack.models import Topic

# The name of the rule that watches starred papers: the word of the configuration with a star, as a
# topic may also be named "starred".
STARRED_RULE = f"*{STARRED}"
Ids = frozenset[str]


class WatchedRule(NamedTuple):
    """A rule in force since the day `since`: a topic, or the one named STARRED_RULE.

    `earlier_events` has the papers to which each event had happened before that day, and for which
    it is not news. `papers` are the starred papers examined so far. Nothing is delivered through
    the day `muted`.
    """

    rule: Topic
    since: date
    earlier_events: tuple[tuple[str, Ids], ...] = ()
    papers: Ids = frozenset()
    muted: date | None = None

    def had_happened(self, event: str, paper_id: str) -> bool:
        """Whether the event had happened to the paper before the rule was in force."""
        return paper_id in dict(self.earlier_events).get(event, ())

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
    """The name of a rule as users write and read it: that of its topic, or STARRED."""
    return STARRED if rule == STARRED_RULE else rule


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
    rule = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in row["rule"].items()
        if name in Topic._fields
    }
    return WatchedRule(
        rule=Topic(**rule),  # type: ignore[arg-type]  # fields have different types
        since=date.fromisoformat(row["begun"]),
        earlier_events=tuple((event, frozenset(ids)) for event, ids in row["known"].items()),
        papers=frozenset(row["papers"]),
        muted=_day(row["muted"]),
    )


def from_delivery(delivery: Delivery) -> dict[str, Any]:
    """Return the row of a delivery; its key has the other fields."""
    return {
        "topics": list(delivery.topics),
        "queued": format_moment(delivery.queued),
        "batch": delivery.batch,
    }


def to_delivery(key: str, row: Mapping[str, Any]) -> Delivery:
    """Return the delivery of a key and its row."""
    channel, event, paper_id = key.split("\t")
    topics, queued = tuple(row["topics"]), parse_moment(row["queued"])
    return Delivery(channel, event, paper_id, topics, queued, row["batch"])


def from_batch(batch: Batch) -> dict[str, Any]:
    """Return the row of a batch; its key is the batch's id."""
    return {name: json_value(value) for name, value in batch._asdict().items() if name != "id"}


def to_batch(key: str, row: Mapping[str, Any]) -> Batch:
    """Return the batch of an id and its row."""
    lists = {name: tuple(row[name]) for name in ("keys", "trending")}
    return Batch(**{**row, "id": key, "at": parse_moment(row["at"]), **lists})


def from_channel_status(status: ChannelStatus) -> dict[str, Any]:
    """Return the row of a channel status."""
    fields = {name: json_value(value) for name, value in status._asdict().items()}
    return {"turn": fields.pop("last_due"), **fields}


def to_channel_status(row: Mapping[str, Any]) -> ChannelStatus:
    """Return the channel status of a row."""
    fields = {name: value for name, value in row.items() if name != "turn"}
    moments = {name: _moment(row[name]) for name in ("since", "last")}
    return ChannelStatus(date.fromisoformat(row["turn"]), **{**fields, **moments})


def from_outage(outage: Outage) -> dict[str, Any]:
    """Return the row of an outage."""
    return {
        "since": format_moment(outage.since),
        "runs": outage.runs,
        "told": outage.reported,
    }


def to_outage(row: Mapping[str, Any]) -> Outage:
    """Return the outage of a row."""
    return Outage(parse_moment(row["since"]), row["runs"], row["told"])


def to_attempt(row: Mapping[str, Any]) -> Attempt:
    """Return the attempt of a row."""
    return Attempt(**{**row, "at": parse_moment(row["at"]), "papers": tuple(row["papers"])})


def _renamed(ids: Ids, old: str, new: str) -> Ids:
    return ids - {old} | {new} if old in ids else ids


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_moment(text)

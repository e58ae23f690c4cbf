"""What alerts keep in the library, as records and as rows.

A delivery is one event of one paper for one channel. It waits in the outbox, is put into a batch
before that is sent, and moves to the delivered ones when the channel has taken the batch.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from papertrack.calendar import format_moment, json_value, parse_moment
from papertrack.models import Topic

STARRED = "*starred"  # the watch over starred papers
Ids = frozenset[str]


class WatchedRule(NamedTuple):
    """A rule in force: a topic, or one named STARRED for the starred papers, since which day, and
    of which papers each event had happened before, so that it is no news. `papers` are the starred
    ones that were looked at, `muted` is the last day on which nothing of it is told.
    """

    rule: Topic
    begun: date
    known: tuple[tuple[str, Ids], ...] = ()
    papers: Ids = frozenset()
    muted: date | None = None

    def knew(self, event: str, paper_id: str) -> bool:
        """Whether the event had happened to the paper when the watch began."""
        return paper_id in dict(self.known).get(event, ())


class Delivery(NamedTuple):
    """An event of a paper that a channel is to tell, under the names of the topics it concerns;
    `batch` is the message it was put into.
    """

    channel: str
    event: str
    paper_id: str
    topics: tuple[str, ...]
    queued: datetime
    batch: str | None = None

    @property
    def key(self) -> str:
        """What makes two deliveries the same."""
        return f"{self.channel}\t{self.event}\t{self.paper_id}"


class Batch(NamedTuple):
    """A message: its id, when it was made, which of how many it is, the keys of its deliveries,
    the ids of the trending papers in it, and from which delivery on only titles are told.
    """

    id: str
    channel: str
    at: datetime
    part: int
    parts: int
    keys: tuple[str, ...]
    trending: tuple[str, ...] = ()
    whole: int | None = None


class Attempt(NamedTuple):
    """One try to send a batch: what came of it, "delivered", "failed" or "unknown", and why."""

    at: datetime
    channel: str
    batch: str
    papers: tuple[str, ...]
    outcome: str
    problem: str | None = None


class ChannelStatus(NamedTuple):
    """How a channel fares: the day of its last turn, and since when, how often and why it fails."""

    turn: date
    failures: int = 0
    since: datetime | None = None
    last: datetime | None = None
    problem: str | None = None


class Outage(NamedTuple):
    """A source that fails: since when, in how many runs, and whether the reader was told."""

    since: datetime
    runs: int
    told: bool


def from_watch(watch: WatchedRule) -> dict[str, Any]:
    """The row of a watch."""
    return {
        "rule": {name: json_value(value) for name, value in watch.rule._asdict().items()},
        "begun": watch.begun.isoformat(),
        "known": {event: sorted(ids) for event, ids in watch.known},
        "papers": sorted(watch.papers),
        "muted": json_value(watch.muted),
    }


def to_watch(row: Mapping[str, Any]) -> WatchedRule:
    """The watch of a row."""
    rule = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in row["rule"].items()
        if name in Topic._fields
    }
    return WatchedRule(
        rule=Topic(**rule),  # type: ignore[arg-type]  # each field has its own kind above
        begun=date.fromisoformat(row["begun"]),
        known=tuple((event, frozenset(ids)) for event, ids in row["known"].items()),
        papers=frozenset(row["papers"]),
        muted=_day(row["muted"]),
    )


def from_delivery(delivery: Delivery) -> dict[str, Any]:
    """The row of a delivery, whose key says the rest."""
    return {
        "topics": list(delivery.topics),
        "queued": format_moment(delivery.queued),
        "batch": delivery.batch,
    }


def to_delivery(key: str, row: Mapping[str, Any]) -> Delivery:
    """The delivery of a key and its row."""
    channel, event, paper_id = key.split("\t")
    topics, queued = tuple(row["topics"]), parse_moment(row["queued"])
    return Delivery(channel, event, paper_id, topics, queued, row["batch"])


def from_batch(batch: Batch) -> dict[str, Any]:
    """The row of a batch, whose key is its id."""
    return {name: json_value(value) for name, value in batch._asdict().items() if name != "id"}


def to_batch(key: str, row: Mapping[str, Any]) -> Batch:
    """The batch of an id and its row."""
    lists = {name: tuple(row[name]) for name in ("keys", "trending")}
    return Batch(**{**row, "id": key, "at": parse_moment(row["at"]), **lists})


def to_channel_status(row: Mapping[str, Any]) -> ChannelStatus:
    """The standing of a row."""
    moments = {name: _moment(row[name]) for name in ("since", "last")}
    return ChannelStatus(**{**row, "turn": date.fromisoformat(row["turn"]), **moments})


def to_outage(row: Mapping[str, Any]) -> Outage:
    """The outage of a row."""
    return Outage(**{**row, "since": parse_moment(row["since"])})


def to_attempt(row: Mapping[str, Any]) -> Attempt:
    """The attempt of a row."""
    return Attempt(**{**row, "at": parse_moment(row["at"]), "papers": tuple(row["papers"])})


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_moment(text)

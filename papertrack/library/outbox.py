"""The outbox of alerts: what is to be delivered, what was, and how it goes.

A batch is stored before it is sent, and what is in it leaves the outbox only when the channel has
taken it. So nothing is lost, and only a batch that was being sent when a run was killed may come
twice, both times with its id.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from papertrack.calendar import format_moment, json_value
from papertrack.library import table_names
from papertrack.library.deliveries import (
    Attempt,
    Batch,
    ChannelStatus,
    Delivery,
    Outage,
    WatchedRule,
    from_batch,
    from_delivery,
    from_watch,
    to_attempt,
    to_batch,
    to_channel_status,
    to_delivery,
    to_outage,
    to_watch,
)
from papertrack.library.library import Library, rejecting_foreign_rows

_OUTBOX, _BATCHES = f"{table_names.ALERTS}.outbox", f"{table_names.ALERTS}.batches"
_WATCHES, _CHANNELS = f"{table_names.ALERTS}.watches", f"{table_names.ALERTS}.channels"
_OUTAGES, _SEEN = f"{table_names.ALERTS}.outages", f"{table_names.ALERTS}.seen"


class Outbox:
    """The tables of alerts. What changes them is done within a transaction of the library."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def watches(self) -> dict[str, WatchedRule]:
        """The rules in force by name."""
        return {key: to_watch(row) for key, row in self._rows(_WATCHES)}

    def save_watches(self, watches: Iterable[WatchedRule]) -> None:
        """Put rules into force, in place of all that were."""
        self._replace(_WATCHES, {one.rule.name: from_watch(one) for one in watches})

    def cursor(self) -> dict[str, str]:
        """The tables that were looked through, each with its signature then."""
        return {key: row["signature"] for key, row in self._rows(_SEEN)}

    def save_cursor(self, signatures: Mapping[str, str]) -> None:
        """Remember which tables were looked through, in place of what was remembered."""
        self._replace(_SEEN, {key: {"signature": one} for key, one in signatures.items()})

    def pending(self) -> list[Delivery]:
        """What is to be delivered, in the order in which it came."""
        return [to_delivery(key, row) for key, row in self._rows(_OUTBOX)]

    def queue(self, deliveries: Iterable[Delivery]) -> None:
        """Put these into the outbox, in place of those with the same key."""
        self.library.database.put(_OUTBOX, {one.key: from_delivery(one) for one in deliveries})

    def delivered(self, paper_ids: Iterable[str]) -> set[str]:
        """The keys of what was delivered of these papers."""
        found: set[str] = set()
        for table, ids in _by_table(paper_ids).items():
            with rejecting_foreign_rows(table):
                for paper_id, row in self.library.database.rows(table, ids):
                    for channel, events in row.items():
                        found.update(f"{channel}\t{event}\t{paper_id}" for event in events)
        return found

    def batches(self) -> list[Batch]:
        """The messages that were made and not yet taken, in the order in which they were made."""
        found = [to_batch(key, row) for key, row in self._rows(_BATCHES)]
        return sorted(found, key=lambda one: (one.at, one.channel, one.part))

    def add_batches(self, batches: Iterable[Batch]) -> None:
        """Keep messages, and which deliveries are in them."""
        batches = list(batches)
        self.library.database.put(_BATCHES, {one.id: from_batch(one) for one in batches})
        waiting = {one.key: one for one in self.pending()}
        self.queue(
            waiting[key]._replace(batch=one.id)
            for one in batches
            for key in one.keys
            if key in waiting
        )

    def dissolve(self, batches: Iterable[Batch]) -> None:
        """Take messages apart that surely did not arrive; their deliveries wait on."""
        gone = {one.id for one in batches}
        self.queue(one._replace(batch=None) for one in self.pending() if one.batch in gone)
        self.library.database.remove(_BATCHES, gone)

    def mark_delivered(self, batch: Batch, at: datetime) -> None:
        """A message was taken: its deliveries are delivered."""
        by_table: dict[str, dict[str, dict[str, dict[str, str]]]] = {}
        for key in batch.keys:
            channel, event, paper_id = key.split("\t")
            table = _delivered_table(paper_id)
            if table not in by_table:
                by_table[table] = {}
            rows = by_table[table]
            if paper_id not in rows:
                known = self.library.database.row(table, paper_id) or {}
                rows[paper_id] = {name: dict(events) for name, events in known.items()}
            rows[paper_id].setdefault(channel, {})[event] = f"{format_moment(at)} {batch.id}"
        for table, rows in by_table.items():
            self.library.database.put(table, rows)
        self.library.database.remove(_OUTBOX, batch.keys)
        self.library.database.remove(_BATCHES, [batch.id])

    def channel_statuses(self) -> dict[str, ChannelStatus]:
        """How each channel fares."""
        return {key: to_channel_status(row) for key, row in self._rows(_CHANNELS)}

    def save_channel_status(self, channel: str, standing: ChannelStatus) -> None:
        """Remember how a channel fares."""
        row = {name: json_value(value) for name, value in standing._asdict().items()}
        self.library.database.put(_CHANNELS, {channel: row})

    def outages(self) -> dict[str, Outage]:
        """The sources that fail."""
        return {key: to_outage(row) for key, row in self._rows(_OUTAGES)}

    def save_outages(self, outages: Mapping[str, Outage]) -> None:
        """Remember which sources fail, in place of those that did."""
        rows = {
            key: one._asdict() | {"since": format_moment(one.since)} for key, one in outages.items()
        }
        self._replace(_OUTAGES, rows)

    def attempts(self) -> list[Attempt]:
        """Every attempt there was, oldest first."""
        tables = self.library.tables_of_kind(table_names.ATTEMPTS)
        return [to_attempt(row) for table in tables for _, row in self._rows(table)]

    def add_attempt(self, attempt: Attempt) -> None:
        """Remember an attempt."""
        table = f"{table_names.ATTEMPTS}.{attempt.at:%Y-%m}"
        key = f"{sum(1 for _ in self.library.database.rows(table)):06}"
        row = {name: json_value(value) for name, value in attempt._asdict().items()}
        self.library.database.put(table, {key: row})

    def _rows(self, table: str) -> list[tuple[str, Mapping[str, Any]]]:
        with rejecting_foreign_rows(table):
            return list(self.library.database.rows(table))

    def _replace(self, table: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
        known = dict(self._rows(table))
        changed = {key: dict(row) for key, row in rows.items() if row != known.get(key)}
        self.library.database.remove(table, known.keys() - rows.keys())
        self.library.database.put(table, changed)


_READINGS: Mapping[str, Callable[[str, Mapping[str, Any]], object]] = {
    _WATCHES: lambda _, row: to_watch(row),
    _OUTBOX: to_delivery,
    _BATCHES: to_batch,
    _CHANNELS: lambda _, row: to_channel_status(row),
    _OUTAGES: lambda _, row: to_outage(row),
    _SEEN: lambda _, row: row["signature"],
}


def read_row(table: str, key: str, row: Mapping[str, Any]) -> object:
    """What a row of these tables means; raises what a row does that papertrack never wrote."""
    if table.startswith(table_names.ATTEMPTS):
        return to_attempt(row)
    if table.startswith(table_names.DELIVERED):
        return [list(events.items()) for events in row.values()]
    return _READINGS[table](key, row)


def _delivered_table(paper_id: str) -> str:
    return f"{table_names.DELIVERED}.{table_names.shard(paper_id)}"


def _by_table(paper_ids: Iterable[str]) -> dict[str, set[str]]:
    tables: dict[str, set[str]] = {}
    for paper_id in paper_ids:
        tables.setdefault(_delivered_table(paper_id), set()).add(paper_id)
    return tables

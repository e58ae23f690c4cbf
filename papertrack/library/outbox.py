"""The outbox of alerts: pending and delivered papers, and the status of channels and sources.

A batch is stored before it is sent, and its deliveries leave the outbox only when the channel has
accepted it. So nothing is lost, and only a batch that was being sent when a run was killed may
arrive twice, both times with the same id.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

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
    from_channel_status,
    from_delivery,
    from_outage,
    from_watch,
    to_attempt,
    to_batch,
    to_channel_status,
    to_delivery,
    to_outage,
    to_watch,
)
from papertrack.library.library import Library, rejecting_foreign_rows
from papertrack.library.row_values import text

_Record = TypeVar("_Record")
_OUTBOX, _BATCHES = f"{table_names.ALERTS}.outbox", f"{table_names.ALERTS}.batches"
_WATCHES, _CHANNELS = f"{table_names.ALERTS}.watches", f"{table_names.ALERTS}.channels"
_OUTAGES, _CURSOR = f"{table_names.ALERTS}.outages", f"{table_names.ALERTS}.seen"


class Outbox:
    """The alert tables of a library. Call all methods that write within a transaction."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def watches(self) -> dict[str, WatchedRule]:
        """The rules in force by name."""
        return self._parsed(_WATCHES, lambda _, row: to_watch(row))

    def save_watches(self, watches: Iterable[WatchedRule]) -> None:
        """Replace all rules in force."""
        self._replace(_WATCHES, {watch.rule.name: from_watch(watch) for watch in watches})

    def cursor(self) -> dict[str, str]:
        """The tables examined for news so far, with their fingerprints at that time."""
        return self._parsed(_CURSOR, lambda _, row: text(row["signature"]))

    def save_cursor(self, fingerprints: Mapping[str, str]) -> None:
        """Replace the cursor: the examined tables with their fingerprints."""
        rows = {table: {"signature": value} for table, value in fingerprints.items()}
        self._replace(_CURSOR, rows)

    def pending(self) -> list[Delivery]:
        """The deliveries that no channel has accepted yet, oldest first."""
        return list(self._parsed(_OUTBOX, to_delivery).values())

    def queue(self, deliveries: Iterable[Delivery]) -> None:
        """Put deliveries into the outbox, replacing those with the same key."""
        rows = {delivery.key: from_delivery(delivery) for delivery in deliveries}
        self.library.database.put(_OUTBOX, rows)

    def delivered_keys(self, paper_ids: Iterable[str]) -> set[str]:
        """The keys of all deliveries of these papers that a channel has accepted."""
        keys: set[str] = set()
        for table, ids in _by_table(paper_ids).items():
            with rejecting_foreign_rows(table):
                for paper_id, row in self.library.database.rows(table, ids):
                    for channel, events in row.items():
                        keys.update(f"{channel}\t{event}\t{paper_id}" for event in events)
        return keys

    def batches(self) -> list[Batch]:
        """The batches that were composed and not accepted yet, oldest first."""
        batches = self._parsed(_BATCHES, to_batch)
        return sorted(batches.values(), key=lambda batch: (batch.at, batch.channel, batch.part))

    def add_batches(self, batches: Iterable[Batch]) -> None:
        """Store batches, and the batch of each of their deliveries."""
        batches = list(batches)
        self.library.database.put(_BATCHES, {batch.id: from_batch(batch) for batch in batches})
        pending = {delivery.key: delivery for delivery in self.pending()}
        self.queue(
            pending[key]._replace(batch=batch.id)
            for batch in batches
            for key in batch.keys
            if key in pending
        )

    def dissolve(self, batches: Iterable[Batch]) -> None:
        """Remove batches that certainly did not arrive; their deliveries stay pending."""
        removed = {batch.id for batch in batches}
        self.queue(
            delivery._replace(batch=None)
            for delivery in self.pending()
            if delivery.batch in removed
        )
        self.library.database.remove(_BATCHES, removed)

    def mark_delivered(self, batch: Batch, at: datetime) -> None:
        """Record that a channel accepted a batch at this time, and remove it from the outbox."""
        by_table: dict[str, dict[str, dict[str, dict[str, str]]]] = {}
        for key in batch.keys:
            channel, event, paper_id = key.split("\t")
            table = _delivered_table(paper_id)
            rows = by_table.setdefault(table, {})
            if paper_id not in rows:
                stored = self.library.database.row(table, paper_id) or {}
                rows[paper_id] = {name: dict(events) for name, events in stored.items()}
            rows[paper_id].setdefault(channel, {})[event] = f"{format_moment(at)} {batch.id}"
        for table, rows in by_table.items():
            self.library.database.put(table, rows)
        self.library.database.remove(_OUTBOX, batch.keys)
        self.library.database.remove(_BATCHES, [batch.id])

    def rename(self, old: str, new: str) -> None:
        """Let what is stored about a paper's deliveries be about its new id."""
        renamed = {
            delivery.key: delivery._replace(paper_id=new)
            for delivery in self.pending()
            if delivery.paper_id == old
        }
        self.library.database.remove(_OUTBOX, renamed)
        delivered = self.delivered_keys([new])
        self.queue(delivery for delivery in renamed.values() if delivery.key not in delivered)
        self.library.database.put(
            _BATCHES,
            {
                batch.id: from_batch(_rename_in_batch(batch, renamed, old, new))
                for batch in self.batches()
                if old in batch.trending or not renamed.keys().isdisjoint(batch.keys)
            },
        )
        self._rename_delivered(old, new)
        self._replace(
            _WATCHES,
            {key: from_watch(watch.rename(old, new)) for key, watch in self.watches().items()},
        )

    def _rename_delivered(self, old: str, new: str) -> None:
        former = self.library.database.row(_delivered_table(old), old)
        if former:
            present = self.library.database.row(_delivered_table(new), new) or {}
            row = {
                channel: {**former.get(channel, {}), **present.get(channel, {})}
                for channel in former.keys() | present.keys()
            }
            self.library.database.remove(_delivered_table(old), [old])
            self.library.database.put(_delivered_table(new), {new: row})

    def channel_statuses(self) -> dict[str, ChannelStatus]:
        """The status of each channel by name."""
        return self._parsed(_CHANNELS, lambda _, row: to_channel_status(row))

    def save_channel_status(self, channel: str, status: ChannelStatus) -> None:
        """Replace the status of a channel."""
        self.library.database.put(_CHANNELS, {channel: from_channel_status(status)})

    def outages(self) -> dict[str, Outage]:
        """The outages of the failing sources, by source."""
        return self._parsed(_OUTAGES, lambda _, row: to_outage(row))

    def save_outages(self, outages: Mapping[str, Outage]) -> None:
        """Replace all outages."""
        rows = {source: from_outage(outage) for source, outage in outages.items()}
        self._replace(_OUTAGES, rows)

    def attempts(self) -> list[Attempt]:
        """All delivery attempts, oldest first."""
        tables = self.library.tables_of_kind(table_names.ATTEMPTS)
        return [
            attempt
            for table in tables
            for attempt in self._parsed(table, lambda _, row: to_attempt(row)).values()
        ]

    def add_attempt(self, attempt: Attempt) -> None:
        """Store a delivery attempt."""
        table = f"{table_names.ATTEMPTS}.{attempt.at:%Y-%m}"
        key = f"{sum(1 for _ in self.library.database.rows(table)):06}"
        row = {name: json_value(value) for name, value in attempt._asdict().items()}
        self.library.database.put(table, {key: row})

    def _parsed(
        self, table: str, parse: Callable[[str, Mapping[str, Any]], _Record]
    ) -> dict[str, _Record]:
        with rejecting_foreign_rows(table):
            return {text(key): parse(key, row) for key, row in self.library.database.rows(table)}

    def _replace(self, table: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
        stored = dict(self.library.database.rows(table))
        changed = {key: dict(row) for key, row in rows.items() if row != stored.get(key)}
        self.library.database.remove(table, stored.keys() - rows.keys())
        self.library.database.put(table, changed)


_PARSERS: Mapping[str, Callable[[str, Mapping[str, Any]], object]] = {
    _WATCHES: lambda _, row: to_watch(row),
    _OUTBOX: to_delivery,
    _BATCHES: to_batch,
    _CHANNELS: lambda _, row: to_channel_status(row),
    _OUTAGES: lambda _, row: to_outage(row),
    _CURSOR: lambda _, row: text(row["signature"]),
}


def parse_alert_row(table: str, key: str, row: Mapping[str, Any]) -> object:
    """Return what a row of these tables contains.

    Raises LookupError, TypeError, ValueError or AttributeError if papertrack did not write it.
    """
    if table.startswith(table_names.ATTEMPTS):
        return to_attempt(row)
    if table.startswith(table_names.DELIVERED):
        return [list(events.items()) for events in row.values()]
    return _PARSERS[table](key, row)


def _rename_in_batch(batch: Batch, renamed: Mapping[str, Delivery], old: str, new: str) -> Batch:
    return batch._replace(
        keys=tuple(renamed[key].key if key in renamed else key for key in batch.keys),
        trending=tuple(new if paper_id == old else paper_id for paper_id in batch.trending),
    )


def _delivered_table(paper_id: str) -> str:
    return f"{table_names.DELIVERED}.{table_names.shard(paper_id)}"


def _by_table(paper_ids: Iterable[str]) -> dict[str, set[str]]:
    tables: dict[str, set[str]] = {}
    for paper_id in paper_ids:
        tables.setdefault(_delivered_table(paper_id), set()).add(paper_id)
    return tables

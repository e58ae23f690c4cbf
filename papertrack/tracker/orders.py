"""The orders in which `list` and `search` can show papers."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from papertrack.models import Entry, Measure

Order = Literal["newest", "oldest", "upvotes", "match"]
OrderKey = Callable[[Entry], tuple[Any, ...]]
# What a list in each order shows beside its papers, and what it is called.
MEASURES: Mapping[Order, Measure] = {
    "newest": "day", "oldest": "day", "upvotes": "upvotes", "match": "match",
}  # fmt: skip
ORDER_NAMES: Mapping[Order, str] = {
    "newest": "newest first",
    "oldest": "oldest first",
    "upvotes": "most upvotes first",
    "match": "best match first",
}


def order_key(order: Order, upvotes: Mapping[str, tuple[datetime, int]]) -> OrderKey:
    """A function that returns the place of an entry in an order, ids last.

    `upvotes` has the last counts by id; a paper that it lacks counts by its own observations.
    """

    def newest(entry: Entry) -> tuple[Any, ...]:
        return -entry.last_listed.toordinal(), entry.paper.id

    def oldest(entry: Entry) -> tuple[Any, ...]:
        return entry.last_listed.toordinal(), entry.paper.id

    def most_upvoted(entry: Entry) -> tuple[Any, ...]:
        counted = entry.latest.upvotes if entry.latest else None
        _, number = upvotes.get(entry.paper.id, (None, counted))
        return 1 if number is None else -number, *newest(entry)

    def best_match(entry: Entry) -> tuple[Any, ...]:
        return entry.match_order, *most_upvoted(entry)

    return {"newest": newest, "oldest": oldest, "upvotes": most_upvoted, "match": best_match}[order]


def in_order(entries: Iterable[Entry], order: Order) -> list[Entry]:
    """Complete entries in an order."""
    return sorted(entries, key=order_key(order, {}))

"""Rows other than papers, such as coverage and sources, in the formats for programs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from papertrack.calendar import json_value
from papertrack.display import Format
from papertrack.display.structured import cell, envelope, to_json

Row = Mapping[str, Any]


def row_lines(command: str, rows: Iterable[Row], form: Format, now: datetime) -> Iterator[str]:
    """The rows as JSON, JSON Lines or CSV; in other formats tab-separated, "-" for empty values."""
    json_rows = [{key: json_value(value) for key, value in row.items()} for row in rows]
    if form == "json":
        yield from envelope(command, now, json_rows)
    elif form == "jsonl":
        yield from (to_json(row) + "\n" for row in json_rows)
    elif form == "csv":
        yield from _csv(json_rows)
    else:
        for row in json_rows:
            yield "\t".join(_plain_value(value) for value in row.values()) + "\n"


def _csv(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
    writer.writerows([cell(value) for value in row.values()] for row in rows)
    yield buffer.getvalue()


def _plain_value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = " ".join(map(str, value))
    return "-" if value in (None, "") else str(value)

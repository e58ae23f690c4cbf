"""JSON, JSON Lines and CSV: the same facts of a paper, complete, for programs."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from papertrack import escaping
from papertrack.calendar import format_moment
from papertrack.display import SAMPLE
from papertrack.errors import LibraryDamaged, LibraryError
from papertrack.fields import paper
from papertrack.models import Report

SCHEMA = 1
# One encoder for all papers, and none that looks for circles, takes a quarter less time.
to_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def as_json(report: Report) -> Iterator[str]:
    """One object with every paper of the report."""
    yield from envelope(
        report.command,
        report.generated_at,
        (paper(entry) for section in report.sections for entry in section.entries),
        headline=report.headline,
        errors=[failure._asdict() for failure in report.failures],
        notes=[*report.notes, *([SAMPLE] if report.sample else [])],
    )


def envelope(
    command: str,
    at: datetime,
    rows: Iterable[dict[str, Any]],
    *,
    headline: str = "",
    errors: Sequence[dict[str, Any]] = (),
    notes: Sequence[str] = (),
) -> Iterator[str]:
    """The one object that every command's JSON is, row by row: there may be many. Where the library
    cannot be read on, the object ends with that among its errors, before the error is raised.
    """
    before = {
        "schema": SCHEMA,
        "command": command,
        "generated_at": format_moment(at),
        "headline": headline,
    }
    yield to_json(before).removesuffix("}") + ', "data": ['
    failed = None
    try:
        for number, row in enumerate(rows):
            yield (", " if number else "") + to_json(row)
    except LibraryError as error:
        kind = "damaged" if isinstance(error, LibraryDamaged) else "unreadable"
        errors = [*errors, {"source": "library", "kind": kind, "message": error.what}]
        failed = error
    yield "], " + to_json({"errors": errors, "notes": notes}).removeprefix("{") + "\n"
    if failed:
        raise failed


def as_jsonl(report: Report) -> Iterator[str]:
    """One paper a line."""
    for section in report.sections:
        for entry in section.entries:
            yield to_json(paper(entry)) + "\n"


def as_csv(report: Report) -> Iterator[str]:
    """A line of names, then one paper a line; lists are joined with semicolons."""
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    names = [*_CSV, *(["sample"] if report.sample else [])]
    writer.writerow(names)
    for section in report.sections:
        for entry in section.entries:
            fields = paper(entry)
            writer.writerow(cell(fields.get(name)) for name in names)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


_CSV = (
    "section", "id", "version", "title", "authors", "organization", "categories", "keywords",
    "submitted", "announced", "listed", "upvotes", "upvotes_gained", "comments", "code_stars",
    "topics", "url", "pdf_url", "code_url", "project_url", "abstract", "related",
)  # fmt: skip


def cell(value: Any) -> Any:
    """A value as it stands in CSV, where no spreadsheet takes it for a formula."""
    if isinstance(value, dict):
        value = [f"{key} {one}" for key, one in value.items()]
    if isinstance(value, list):
        value = "; ".join(one["name"] if isinstance(one, dict) else str(one) for one in value)
    return escaping.cell(value) if isinstance(value, str) else value

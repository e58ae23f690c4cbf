"""JSON, JSON Lines and CSV, with all fields of a paper, for programs."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any

from papertrack import escaping, facts
from papertrack.calendar import format_moment
from papertrack.display import SAMPLE
from papertrack.errors import LibraryDamaged, LibraryError
from papertrack.fields import event_fields, paper, reasons
from papertrack.models import Report

SCHEMA = 1
FEW_ROWS = 200
# Sharing one encoder, without a check for circular references, saves a quarter of the time.
to_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def as_json(report: Report) -> Iterator[str]:
    """One JSON object with all papers of the report."""
    yield from envelope(
        report.command,
        report.generated_at,
        (paper(entry) for section in report.sections for entry in section.entries),
        headline=report.headline,
        errors=[failure._asdict() for failure in report.failures],
        notes=[*report.notes, *([SAMPLE] if report.sample else [])],
        events=[event_fields(event) for event in report.events],
        for_you=[paper._asdict() | {"reasons": reasons(paper.reasons)} for paper in report.for_you],
    )


def envelope(
    command: str,
    at: datetime,
    rows: Iterable[dict[str, Any]],
    *,
    headline: str = "",
    errors: Sequence[dict[str, Any]] = (),
    notes: Sequence[str] = (),
    events: Sequence[dict[str, Any]] = (),
    for_you: Sequence[dict[str, Any]] = (),
) -> Iterator[str]:
    """Yield the JSON object that all commands share, row by row, as there may be many rows.

    `events` of starred papers and recommended papers, `for_you`, are left out if there are none.
    If `rows` raises LibraryError, the object is completed, with the error in its list of errors,
    before the error is raised again.
    """
    head = {
        "schema": SCHEMA,
        "command": command,
        "generated_at": format_moment(at),
        "headline": headline,
    }
    yield to_json(head).removesuffix("}") + ', "data": ['
    library_error = None
    try:
        for number, row in enumerate(encoded(rows)):
            yield (", " if number else "") + row
    except LibraryError as error:
        kind = "damaged" if isinstance(error, LibraryDamaged) else "unreadable"
        errors = [*errors, {"source": "library", "kind": kind, "message": error.what}]
        library_error = error
    tail: dict[str, Any] = {"errors": errors, "notes": notes}
    tail |= {key: rows for key, rows in (("events", events), ("for_you", for_you)) if rows}
    yield "], " + to_json(tail).removeprefix("{") + "\n"
    if library_error:
        raise library_error


def as_jsonl(report: Report) -> Iterator[str]:
    """One line of JSON for each paper."""
    return map(_as_text, jsonl_utf8(report))


def jsonl_utf8(report: Report) -> Iterator[bytes]:
    """One line of JSON for each paper, in UTF-8 that may have lone surrogates."""
    entries = chain.from_iterable(section.entries for section in report.sections)
    return (row + b"\n" for row in _encoded(map(paper, entries)))


def encoded(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield each row as JSON; after some rows by a quicker encoder that takes time to import."""
    return map(_as_text, _encoded(rows))


def _encoded(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """As `encoded`, in UTF-8 that may have lone surrogates."""
    rows = iter(rows)
    yield from (_as_utf8(to_json(row)) for row in islice(rows, FEW_ROWS))
    row = next(rows, None)
    if row is None:
        return
    from msgspec import json as quick_json

    encode, add_spaces = quick_json.Encoder().encode, quick_json.format
    for later in chain((row,), rows):
        try:
            yield add_spaces(encode(later), indent=0)
        except (ValueError, OverflowError):  # what only json writes: lone surrogates, huge numbers
            yield _as_utf8(to_json(later))


def _as_text(encoded: bytes) -> str:
    return encoded.decode(errors="surrogatepass")


def _as_utf8(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def as_csv(report: Report) -> Iterator[str]:
    """A header line, then one line for each paper; lists are joined with semicolons."""
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    names = [*_CSV_COLUMNS, *(["sample"] if report.sample else [])]
    writer.writerow(names)
    for section in report.sections:
        for entry in section.entries:
            fields = paper(entry)
            writer.writerow(cell(fields.get(name)) for name in names)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


_CSV_COLUMNS = (
    "section", "id", "version", "title", "authors", "organization", "categories", "keywords",
    "submitted", "announced", "listed", "upvotes", "upvotes_gained", "comments", "code_stars",
    "topics", "url", "pdf_url", "code_url", "project_url", "abstract", "related",
    "comment", "journal_ref", "doi", "venue", "tldr", "code_source",
    "score", "reasons",
)  # fmt: skip


def cell(value: Any) -> Any:
    """Convert a value for CSV, escaped so that no spreadsheet runs it as a formula."""
    if isinstance(value, dict) and "text" in value:
        value = f"{value['text']} ({facts.summary_author(value['source'])})"
    if isinstance(value, dict) and "against" in value:
        value = [f"{key}: {', '.join(items)}" for key, items in value.items() if items]
    elif isinstance(value, dict):
        value = [f"{key} {item}" for key, item in value.items()]
    if isinstance(value, list):
        value = "; ".join(item["name"] if isinstance(item, dict) else str(item) for item in value)
    return escaping.cell(value) if isinstance(value, str) else value

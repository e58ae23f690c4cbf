"""A table of papers between papertrack's markers, for a README or any other markdown file."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from papertrack import facts
from papertrack.exports.markdown_notes import add_checksums
from papertrack.exports.templating import built_in
from papertrack.models import Entry, Report

_EXACT = 100  # Smaller numbers of stars are exact.
_THOUSAND = 1000


class TableRow(NamedTuple):
    """A paper as a row of the table; `stars` is "" if there is no code or no count."""

    day: str
    title: str
    url: str | None
    authors: str
    topics: Sequence[str]
    code_url: str | None
    stars: str


class MonthTable(NamedTuple):
    """A table with the papers of a month, or of all months if `month` is ""."""

    month: str
    rows: Sequence[TableRow]


def as_table(report: Report, *, by_month: bool = False) -> Iterator[str]:
    """The papers of a report in their order, or with `by_month` in a table per month, newest first.

    A merge keeps what surrounds the markers; see `edit_merge`.
    """
    report = facts.readable_report(report, abstracts=False)
    entries = [entry for section in report.sections for entry in section.entries]
    pieces = built_in("table.md.j2").generate(
        tables=list(_tables(entries, by_month=by_month)), nothing=report.sections[0].empty_text
    )
    return add_checksums(pieces)


def _tables(entries: Sequence[Entry], *, by_month: bool) -> Iterator[MonthTable]:
    if not (by_month and entries):
        yield MonthTable("", [_row(entry) for entry in entries])
        return
    newest_first = sorted(entries, key=lambda entry: entry.last_listed, reverse=True)
    for month, group in groupby(newest_first, key=lambda entry: f"{entry.last_listed:%B %Y}"):
        yield MonthTable(month, [_row(entry) for entry in group])


def _row(entry: Entry) -> TableRow:
    code = facts.code(entry.paper).url
    stars = entry.latest.stars if entry.latest else None
    return TableRow(
        day=str(entry.last_listed),
        title=entry.paper.title,
        url=facts.page_url(entry),
        authors=facts.authors(entry),
        topics=list(dict.fromkeys(match.topic for match in entry.matches)),
        code_url=code,
        stars="" if stars is None or code is None else _rounded(stars),
    )


def _rounded(stars: int) -> str:
    """A number in two digits or in thousands, so that a file does not change with every star."""
    if stars < _EXACT:
        return str(stars)
    if stars < _THOUSAND:
        return str(stars // 10 * 10)
    return f"{stars // 100 / 10:g}k"

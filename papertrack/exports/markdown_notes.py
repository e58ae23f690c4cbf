"""Markdown: lists and digests of papers, and notes about single papers.

A file that readers may edit has front matter, a box or task to tick at each paper, and the markers
of `markers`, by which `edit_merge` distinguishes papertrack's lines from the reader's.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from papertrack.exports.markers import UNTICKED, TickStyle, with_checksums
from papertrack.exports.templating import built_in, render, template_context
from papertrack.facts import readable_report
from papertrack.models import Report


def as_markdown(
    report: Report,
    *,
    title: str = "",
    day: date | None = None,
    editable: bool = False,
    abstracts: bool = False,
    folded: bool = False,
    ticks: TickStyle = "boxes",
    notes: bool = False,
) -> Iterator[str]:
    """A heading per section and a list item per paper, with abstracts if requested.

    Abstracts are quoted, or `folded` with raw HTML. `editable` adds front matter, dated `day`, what
    to tick, and markers for a later merge; `notes` adds the reader's tags and notes.
    """
    pieces = render(
        built_in("list.md.j2"),
        readable_report(report),
        title=title or f"papertrack {report.command}",
        day=day,
        editable=editable,
        abstracts=abstracts or folded,
        folded=folded,
        unticked=UNTICKED[ticks],
        notes=notes,
    )
    return add_checksums(pieces)


def as_note(
    report: Report, day: date | None = None, ticks: TickStyle = "boxes", *, notes: bool = False
) -> Iterator[str]:
    """A note about the first paper of a report, with front matter; empty without papers.

    `notes` adds the reader's tags and note.
    """
    for paper in template_context(readable_report(report))["papers"]:
        note = built_in("note.md.j2")
        return add_checksums(
            note.generate(paper=paper, day=day, unticked=UNTICKED[ticks], notes=notes)
        )
    return iter(())


def add_checksums(pieces: Iterable[str]) -> Iterator[str]:
    """The lines of a new file given in pieces, with checksums in their markers."""
    return (f"{line}\n" for line in with_checksums(_lines(pieces)))


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    """The lines of a text given in pieces, without line ends."""
    rest = ""
    for piece in pieces:
        *lines, rest = (rest + piece).split("\n")
        yield from lines
    if rest:
        yield rest

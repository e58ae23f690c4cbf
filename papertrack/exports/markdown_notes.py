"""Markdown: for mails and chats, and for notes that are written again while the reader writes too.

A file that is `kept` has front matter, a box to tick at each paper, and the marks of `markers`, by
which `weaving` tells papertrack's lines from the reader's.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from papertrack.exports.markers import with_checksums
from papertrack.exports.templating import built_in, render, template_context
from papertrack.models import Report


def as_markdown(
    report: Report,
    *,
    title: str = "",
    day: date | None = None,
    kept: bool = False,
    abstracts: bool = False,
) -> Iterator[str]:
    """A heading a section, an item a paper, with the abstract folded where `abstracts` are asked
    for. `day` is that of front matter.
    """
    pieces = render(
        built_in("list.md.j2"),
        report,
        title=title or f"papertrack {report.command}",
        day=day,
        kept=kept,
        abstracts=abstracts,
    )
    return _sealed(pieces) if kept else pieces


def as_note(report: Report, day: date | None = None) -> Iterator[str]:
    """A whole note about the first paper of a report; nothing where there is none."""
    for paper in template_context(report)["papers"]:
        return _sealed(built_in("note.md.j2").generate(paper=paper, day=day))
    return iter(())


def _sealed(pieces: Iterable[str]) -> Iterator[str]:
    return (f"{line}\n" for line in with_checksums(_lines(pieces)))


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    """The lines of a text that comes in pieces, without their ends."""
    rest = ""
    for piece in pieces:
        *lines, rest = (rest + piece).split("\n")
        yield from lines
    if rest:
        yield rest

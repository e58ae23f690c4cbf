"""What an export is asked for, and how it gets into files, each in one step."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, TextIO

from papertrack import exports
from papertrack.cli.exit_handling import print_error
from papertrack.display import DrawStyle, Format, lines
from papertrack.errors import UsageError
from papertrack.exports.file_names import any_name, ascii_name, paper_name
from papertrack.models import Entry, Report, Section
from papertrack.storage import files
from papertrack.tracker.wording import count

# What `list` writes, too: complete, and for programs.
COMPLETE: dict[str, str] = {
    "csv": "a table for spreadsheets",
    "json": "one object, for programs",
    "jsonl": "a paper a line; `papertrack import` reads it",
    "ids": "ids alone, for other commands",
}
STYLES = ("list", "digest", "note")


class ExportFormat(NamedTuple):
    """How papers are to be written."""

    form: str = "md"
    style: str = "list"
    abstracts: bool = False
    template: str | None = None

    @property
    def woven(self) -> bool:
        """Whether the reader writes into these files, too."""
        return self.form == "md" and self.template is None

    @property
    def tells_topics(self) -> bool:
        """Whether the topics of papers stand in these files."""
        return self.form not in ("bibtex", "ris", "ids") or self.template is not None

    @property
    def ending(self) -> str:
        """The ending of files, with its dot."""
        if self.template:
            return os.path.splitext(self.template.removesuffix(".j2"))[1] or ".txt"
        known = exports.TABLE.get(self.form)
        return known.ending if known else f".{ascii_name(self.form)}"


def pieces(
    report: Report, wanted: ExportFormat, title: str, day: date | None = None
) -> Iterable[str]:
    """The text of one file."""
    if wanted.template:
        from papertrack.exports.user_templates import from_template

        return from_template(wanted.template, report)
    if wanted.form in COMPLETE:
        form: Format = wanted.form  # type: ignore[assignment]  # as the keys of COMPLETE are
        return lines(report, form, DrawStyle(color=False))
    if wanted.form == "atom":
        return exports.render("atom", report, title=title)
    if wanted.form != "md":
        return exports.render(wanted.form, report)
    if wanted.style == "digest":
        from papertrack.exports.digest import digest

        report = digest(report)
    return exports.render("md", report, title=title, day=day, kept=True, abstracts=wanted.abstracts)


def to_folder(report: Report, wanted: ExportFormat, folder: str, title: str) -> tuple[int, int]:
    """Write one file a day, or one a paper, or one feed a topic: how many were written, and the
    exit code. The papers of a day stand together. A file whose marks are damaged stays as it is,
    and the others are written.
    """
    with _reporting(folder):
        os.makedirs(folder, exist_ok=True)
    written = code = 0
    for name, text in _named(report, wanted, title):
        try:
            path = os.path.join(folder, name + wanted.ending)
            to_file(path, text, woven=wanted.woven, lasting=os.path.exists(path))
            written += 1
        except UsageError as error:
            print_error(error.lines())
            code = error.exit_code
    return written, code


def _named(report: Report, wanted: ExportFormat, title: str) -> Iterator[tuple[str, Iterable[str]]]:
    """The files of a folder: each name without its ending, and its text."""
    entries = (one for section in report.sections for one in section.entries)
    if wanted.woven and wanted.style == "note":
        from papertrack.exports.markdown_notes import as_note

        for entry in entries:
            yield paper_name(entry.paper.id), as_note(_of(report, [entry]), entry.last_listed)
    elif wanted.form == "atom" and not wanted.template:
        yield from _feeds(report, list(entries), title)
    else:
        for day, group in groupby(entries, key=attrgetter("last_listed")):
            among = list(group)
            of_day = _of(report, among)
            yield str(day), pieces(of_day, wanted, f"Papers of {day}", day)


def _feeds(report: Report, entries: list[Entry], title: str) -> Iterator[tuple[str, Iterable[str]]]:
    """A feed of all papers, and one of each topic that some of them match."""
    yield "all", exports.render("atom", _of(report, entries), title=title)
    topics = dict.fromkeys(match.topic for one in entries for match in one.matches)
    names = [ascii_name(topic).lower() for topic in topics]
    for topic, name in zip(topics, names, strict=True):
        among = [one for one in entries if topic in {match.topic for match in one.matches}]
        apart = name and names.count(name) == 1
        file = f"topic-{name}" if apart else f"topic-{any_name(topic)}"
        yield file, exports.render("atom", _of(report, among), title=f"{title}: {topic}")


def _of(report: Report, entries: list[Entry]) -> Report:
    section = Section("", tuple(entries), len(entries))
    return report._replace(headline=count(len(entries), "paper"), sections=(section,))


def to_file(path: str, text: Iterable[str], *, woven: bool = False, lasting: bool = True) -> None:
    """Have a text take the place of a file in one step, `woven` into what the reader wrote there;
    what is no file, as a pipe, is written to. Raises UsageError where that cannot be.
    """
    target = os.path.realpath(path)
    with _reporting(path):
        if os.path.exists(target) and not os.path.isfile(target):
            with _open(target) as file:
                file.writelines(text)
        elif woven and os.path.exists(target):
            _weave(path, target, text)
        else:
            with _taking_the_place(target, lasting=lasting) as file:
                file.writelines(text)


def _weave(path: str, target: str, text: Iterable[str]) -> None:
    from papertrack.exports.edit_merge import merge_edits

    old = files.read(target).decode("utf-8", "surrogateescape")
    try:
        new = merge_edits(old, "".join(text))
    except UsageError as error:
        raise UsageError(f"{path} stays as it is: {error.what}", "", error.next_step) from error
    if new != old:
        with _taking_the_place(target) as file:
            file.write(new)


@contextmanager
def _reporting(path: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, files.UnusableFile) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot write {path}", why, "name another with --output") from error


@contextmanager
def _taking_the_place(path: str, *, lasting: bool = True) -> Iterator[TextIO]:
    rights = files.usual_rights(path)
    with (
        files.open_replacement(path, rights, lasting=lasting) as descriptor,
        _open(descriptor) as file,
    ):
        yield file


def _open(file: str | int) -> TextIO:
    own = isinstance(file, str)
    return open(file, "w", encoding="utf-8", errors="surrogateescape", newline="", closefd=own)

"""The format of an export, and how its files are written atomically."""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from itertools import chain, groupby
from operator import attrgetter
from typing import BinaryIO, Literal, NamedTuple, TextIO

from papertrack import exports
from papertrack.calendar import Span
from papertrack.cli.exit_handling import print_message
from papertrack.cli.session import lines_for_pipes
from papertrack.display import DrawStyle, Format, lines
from papertrack.errors import UsageError
from papertrack.exports.file_names import any_name, ascii_name, paper_name
from papertrack.exports.markers import TickStyle
from papertrack.models import Entry, Report, Section
from papertrack.storage import files
from papertrack.tracker.wording import count

# Formats that `list` also writes: complete, and meant for programs.
DATA_FORMATS: dict[str, str] = {
    "csv": "a table for spreadsheets",
    "json": "an object, for programs",
    "jsonl": "a paper per line; `papertrack import` reads it",
    "ids": "ids only, for other commands",
}
PARQUET = "parquet"  # It has a folder of its own.
BIBLIOGRAPHIES = ("bibtex", "ris")
_ATTEMPTS = 10  # to merge into a file that other programs change at the same time
TRENDING = "Trending papers"  # the title of a feed, and what its id follows from


class OutputOptions(NamedTuple):
    """The format of exported papers: the name of a format, and the options that modify it.

    `days` are the listing days of all papers, if the file names them.
    """

    form: str = "md"
    style: str = "list"
    abstracts: bool = False
    template: str | None = None
    ticks: TickStyle = "boxes"
    notes: bool = False
    utf8: bool = False
    bom: bool = False
    folded: bool = False
    days: Span | None = None

    @property
    def is_table(self) -> bool:
        """Whether the style is a table, or a table per month."""
        return self.style in ("table", "months")

    @property
    def order(self) -> Literal["newest"] | None:
        """The order of the papers; None for that of the selection."""
        return "newest" if self.is_table else None

    @property
    def keeps_edits(self) -> bool:
        """Whether the user may edit these files, so that an export has to keep the edits."""
        return self.form == "md" and self.template is None

    @property
    def shows_topics(self) -> bool:
        """Whether these files contain the topics of papers."""
        return self.form not in (*BIBLIOGRAPHIES, "ids") or self.template is not None

    @property
    def extension(self) -> str:
        """The file name extension, with its dot."""
        if self.template:
            return os.path.splitext(self.template.removesuffix(".j2"))[1] or ".txt"
        export = exports.BUILT_IN.get(self.form)
        return export.extension if export else f".{ascii_name(self.form)}"


class _FileChanged(Exception):
    """The file was changed after it was read."""


def render_pieces(
    report: Report, options: OutputOptions, title: str, day: date | None = None
) -> Iterable[str]:
    """Render the text of a file, in pieces. Raises UsageError."""
    if options.template:
        from papertrack.exports.user_templates import render_template_file

        return render_template_file(options.template, report)
    if options.form in DATA_FORMATS:
        form: Format = options.form  # type: ignore[assignment]  # every key of DATA_FORMATS is a Format
        write_lines = lines_for_pipes if form == "ids" else lines
        pieces = write_lines(report, form, DrawStyle(color=False))
        return chain(("\ufeff",), pieces) if options.bom else pieces
    if options.form == "atom":
        return exports.render("atom", report, title=title)
    if options.form != "md":
        more: dict[str, object] = {}
        if options.form in BIBLIOGRAPHIES:
            more |= {"notes": options.notes, "utf8": options.utf8}
        elif options.form == "html":
            more["days"] = str(day or options.days or "")
        return exports.render(options.form, report, **more)
    if options.is_table:
        from papertrack.exports.markdown_table import as_table

        return as_table(report, by_month=options.style == "months")
    if options.style == "digest":
        from papertrack.exports.digest import digest

        report = digest(report)
    return exports.render(
        "md",
        report,
        title=title,
        day=day,
        editable=True,
        abstracts=options.abstracts,
        folded=options.folded,
        ticks=options.ticks,
        notes=options.notes,
    )


def write_folder(
    report: Report,
    options: OutputOptions,
    folder: str,
    title: str,
    trending: Report | None = None,
) -> tuple[int, int]:
    """Write a file per day, a note per paper or a feed per topic into a folder.

    `trending` becomes a feed, too. Return the number of files written, and the exit code. The
    entries of a day must be adjacent. A file whose markers are damaged is left unchanged and
    reported, and the others are written.
    """
    with _as_usage_error(folder):
        os.makedirs(folder, exist_ok=True)
    written = code = 0
    more = [("trending", exports.render("atom", trending, title=TRENDING))] if trending else []
    for name, text in chain(_files(report, options, title), more):
        try:
            path = os.path.join(folder, name + options.extension)
            _check_regular(path)
            write_file(path, text, keep_edits=options.keeps_edits, durable=os.path.exists(path))
            written += 1
        except UsageError as error:
            print_message(error.lines())
            code = error.exit_code
    return written, code


def _check_regular(path: str) -> None:
    """Raise UsageError for a pipe or device in a folder, whose writing may never end."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise UsageError(f"{path} is unchanged: it is not a regular file")


def write_tables(report: Report, folder: str, span: Span | None = None) -> int:
    """Write the tables of papertrack.parquet into a folder; return the number of files.

    If the report has all papers of a `span`, files of earlier exports are deleted whose month is
    within it and has none any more, so that no paper is in two files. Others stay. Raises
    UsageError.
    """
    from papertrack.parquet import TableWriter, files_within

    with _as_usage_error(folder), ExitStack() as stack:

        def open_table(name: str) -> BinaryIO:
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            rights = files.permissions_or_default(path)
            descriptor = stack.enter_context(files.open_replacement(path, rights))
            return stack.enter_context(open(descriptor, "wb", closefd=False))

        with TableWriter(open_table) as writer:
            for section in report.sections:
                for entry in section.entries:
                    writer.write(entry)
    written = writer.written()
    with _as_usage_error(folder):
        for name in files_within(folder, span.first, span.last) if span else ():
            if name not in written:
                os.remove(os.path.join(folder, name))
    return len(written)


def _files(
    report: Report, options: OutputOptions, title: str
) -> Iterator[tuple[str, Iterable[str]]]:
    """The files of a folder: the name of each, without its extension, and its text."""
    entries = (entry for section in report.sections for entry in section.entries)
    if options.keeps_edits and options.style == "note":
        from papertrack.exports.markdown_notes import as_note

        for entry in entries:
            of_paper = _with_entries(report, [entry])
            note = as_note(of_paper, entry.last_listed, options.ticks, notes=options.notes)
            yield paper_name(entry.paper.id), note
    elif options.form == "atom" and not options.template:
        yield from _feeds(report, list(entries), title)
    else:
        for day, group in groupby(entries, key=attrgetter("last_listed")):
            of_day = _with_entries(report, list(group))
            yield str(day), render_pieces(of_day, options, f"Papers of {day}", day)


def _feeds(report: Report, entries: list[Entry], title: str) -> Iterator[tuple[str, Iterable[str]]]:
    """A feed of all papers, and a feed for each topic that they match."""
    yield "all", exports.render("atom", _with_entries(report, entries), title=title)
    topics = dict.fromkeys(match.topic for entry in entries for match in entry.matches)
    names = [ascii_name(topic).lower() for topic in topics]
    for topic, name in zip(topics, names, strict=True):
        matching = [e for e in entries if topic in {match.topic for match in e.matches}]
        is_unique = name and names.count(name) == 1
        file = f"topic-{name}" if is_unique else f"topic-{any_name(topic)}"
        of_topic = _with_entries(report, matching)
        yield file, exports.render("atom", of_topic, title=f"{title}: {topic}")


def _with_entries(report: Report, entries: list[Entry]) -> Report:
    section = Section("", tuple(entries), len(entries))
    return report._replace(headline=count(len(entries), "paper"), sections=(section,))


def write_file(
    path: str, text: Iterable[str], *, keep_edits: bool = False, durable: bool = True
) -> None:
    """Replace a file atomically, or write to a pipe or device.

    With `keep_edits`, the text is merged into the existing file. With `durable`, the file is
    synced to disk. Raises UsageError if it cannot be written.
    """
    target = os.path.realpath(path)
    with _as_usage_error(path):
        if os.path.exists(target) and not os.path.isfile(target):
            with _open(target) as file:
                file.writelines(text)
        elif keep_edits and os.path.exists(target):
            _merge_into(path, target, text)
        else:
            with _replacement(target, durable=durable) as file:
                file.writelines(text)


def _merge_into(path: str, target: str, text: Iterable[str]) -> None:
    rendered = "".join(text)
    for _ in range(_ATTEMPTS):
        if _merge_once(path, target, rendered):
            return
    raise UsageError(f"{path} is unchanged: another program keeps changing it")


def _merge_once(path: str, target: str, rendered: str) -> bool:
    """Merge a text into a file; return whether the file is still the one that was merged.

    Otherwise it is unchanged: an editor or another export has just saved it.
    """
    from papertrack.exports.edit_merge import merge_edits

    fingerprint = files.fingerprint(target)
    old = files.read(target).decode("utf-8", "surrogateescape")
    try:
        new = merge_edits(old, rendered)
    except UsageError as error:
        raise UsageError(f"{path} is unchanged: {error.what}", "", error.next_step) from error
    if new == old:
        return True
    try:
        with _replacement(target) as file:
            file.write(new)
            file.flush()
            _check_unchanged(target, fingerprint)
    except _FileChanged:
        return False
    return True


def _check_unchanged(path: str, fingerprint: files.FileFingerprint) -> None:
    if files.fingerprint(path) != fingerprint:
        raise _FileChanged


@contextmanager
def _as_usage_error(path: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, files.UnusableFile) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot write {path}", why, "use --output for another path") from error


@contextmanager
def _replacement(path: str, *, durable: bool = True) -> Iterator[TextIO]:
    rights = files.permissions_or_default(path)
    with (
        files.open_replacement(path, rights, durable=durable) as descriptor,
        _open(descriptor) as file,
    ):
        yield file


def _open(file: str | int) -> TextIO:
    is_path = isinstance(file, str)
    return open(file, "w", encoding="utf-8", errors="surrogateescape", newline="", closefd=is_path)

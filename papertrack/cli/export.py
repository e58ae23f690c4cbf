"""The command `export`: write stored papers to files for other programs."""

import os
import sys
from datetime import date
from typing import Annotated, Literal, NamedTuple

import typer

from papertrack import exports
from papertrack.calendar import Span, parse_day, utc_day
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.date_ranges import parse_range
from papertrack.cli.export_files import (
    BIBLIOGRAPHIES,
    DATA_FORMATS,
    PARQUET,
    OutputOptions,
    render_pieces,
    write_file,
    write_folder,
    write_tables,
)
from papertrack.cli.options import (
    CrossListsOption,
    EverythingOption,
    LimitOption,
    SinceOption,
    SourceOption,
    StarredOption,
    TagOption,
    TopicOption,
    UnreadOption,
    UntilOption,
    not_blank,
)
from papertrack.cli.output import print_line
from papertrack.cli.session import Session, start
from papertrack.errors import UsageError
from papertrack.models import Report
from papertrack.text import clean
from papertrack.tracker import Tracker, papers
from papertrack.tracker.papers import Selection
from papertrack.tracker.wording import count

app = new_app()
_TRENDING_LIMIT = 20  # papers of a feed
_FORMATS_BY_EXTENSION = {
    export.extension: name for name, export in reversed([*exports.BUILT_IN.items()])
} | {".markdown": "md", **{f".{name}": name for name in (*DATA_FORMATS, PARQUET)}}


def _formats(prefix: str) -> list[str]:
    formats = (*exports.BUILT_IN, *DATA_FORMATS, PARQUET)
    return [form for form in formats if form.startswith(prefix)]


_FORMAT_LIST = f"formats: {', '.join(_formats(''))}"
_FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        autocompletion=_formats,
        help=f"output format: {', '.join(_formats(''))}; by default from the name of FILE, else md",
    ),
]
_OutputOption = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE|DIR/",
        callback=not_blank,
        help="output file, or output folder for several files",
    ),
]
_DateOption = Annotated[
    str | None, typer.Option("--date", metavar="DAY", help="only this listing day")
]
_SearchOption = Annotated[
    str | None,
    typer.Option(
        "--search", metavar="QUERY", help="only results of `papertrack search QUERY`, best first"
    ),
]
_StyleOption = Annotated[
    Literal["list", "digest", "note", "table", "months"],
    typer.Option(
        help="style of markdown: all papers, by topic and rising, a note per paper, or for a "
        "README a table of the newest or tables by month"
    ),
]
_AbstractsOption = Annotated[
    bool, typer.Option("--abstracts", help="include abstracts in markdown")
]
_FoldedOption = Annotated[
    bool,
    typer.Option("--folded", help="include abstracts folded, as raw HTML for GitHub and Obsidian"),
]
_TicksOption = Annotated[
    Literal["boxes", "logseq"],
    typer.Option(help="what you tick in markdown: boxes [ ], or tasks of Logseq (TODO, DONE)"),
]
_NotesOption = Annotated[
    bool, typer.Option("--notes", help="include your tags and notes: in markdown, BibTeX and RIS")
]
_Utf8Option = Annotated[
    bool, typer.Option("--utf8", help="keep letters in BibTeX that are not ASCII, for Biber")
]
_BomOption = Annotated[
    bool, typer.Option("--bom", help="begin CSV with a byte order mark, by which Excel knows UTF-8")
]
_TemplateOption = Annotated[
    str | None,
    typer.Option(
        "--template",
        metavar="FILE.j2",
        callback=not_blank,
        help="Jinja template of your own; its `papers` have the fields of -f json",
    ),
]
_ListFormatsOption = Annotated[
    bool, typer.Option("--list-formats", help="list the formats and exit")
]


class _SelectionOptions(NamedTuple):
    """The options that select papers, as typed."""

    date: str | None
    search: str | None
    topic: str | None
    source: str | None
    starred: bool
    unread: bool
    tag: str | None
    since: str | None
    until: str | None
    everything: bool
    cross_lists: bool
    limit: int | None
    order: Literal["newest"] | None


@app.command("export")
def export_command(
    context: typer.Context,
    format: _FormatOption = None,
    output: _OutputOption = None,
    date: _DateOption = None,
    search: _SearchOption = None,
    topic: TopicOption = None,
    source: SourceOption = None,
    starred: StarredOption = False,
    unread: UnreadOption = False,
    tag: TagOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    everything: EverythingOption = False,
    cross_lists: CrossListsOption = False,
    limit: LimitOption = None,
    style: _StyleOption = "list",
    abstracts: _AbstractsOption = False,
    folded: _FoldedOption = False,
    ticks: _TicksOption = "boxes",
    notes: _NotesOption = False,
    utf8: _Utf8Option = False,
    bom: _BomOption = False,
    template: _TemplateOption = None,
    list_formats: _ListFormatsOption = False,
) -> None:
    """Write stored papers, selected as in `list`, to files or standard output.

    Existing markdown files keep your notes and ticks; papertrack replaces only its own lines. Other
    files are replaced, atomically. A folder gets a file per day; with --style note, a note per
    paper; with -f atom, feeds of all, by topic and of trending papers; with -f parquet, two tables.

    \b
    papertrack export --since 30d -o papers.md
    papertrack export --style digest --since 7d -o notes/
    papertrack export --starred --all -o papers.bib
    papertrack export -f atom -o feeds/
    papertrack export --all -f parquet -o tables/
    """
    filters = (topic, source, starred, unread, tag, since, until, everything, cross_lists)

    def work() -> int:
        if list_formats:
            return _list_formats()
        form, flags = _choose(format, None if template else output), (notes, utf8, bom, folded)
        options = OutputOptions(form, style, abstracts, template, ticks, *flags)
        chosen = _SelectionOptions(date, search, *filters, limit, options.order)
        return _export(start(context.obj), chosen, options, output)

    run_and_exit(context, work)


def _export(
    session: Session, selection: _SelectionOptions, options: OutputOptions, output: str | None
) -> int:
    to_a_folder = output is not None and (output.endswith(("/", os.sep)) or os.path.isdir(output))
    _check(options, to_a_folder=to_a_folder)
    if options.form == PARQUET and not options.template:
        return _export_tables(session, selection, output if to_a_folder else None)
    tracker = session.tracker().for_topic(selection.topic)
    if options.form == "html":
        options = options._replace(days=_days(session, tracker, selection))
    if not (selection.topic or selection.search or options.shows_topics):
        tracker = tracker._replace(topics=())  # matching would take a third of the time
    report = _with_headline(_report(session, tracker, selection), selection.limit)
    day, _ = parse_range(session, selection.date, None)
    title = _title(tracker, selection, day)
    code, target = 0, output
    if output is None:
        sys.stdout.writelines(render_pieces(report, options, title, day))
    elif to_a_folder:
        report = _by_day(report) if selection.search or selection.topic else report
        rising = _trending(session, tracker, selection, options)
        written, code = write_folder(report, options, output, title, rising)
        target = f"{count(written, 'file')} in {output}"
    else:
        write_file(
            output, render_pieces(report, options, title, day), keep_edits=options.keeps_edits
        )
    if target:
        _inform(session, report, target)
    return code


def _inform(session: Session, report: Report, target: str) -> None:
    papers, _, order = report.headline.partition(" · ")
    session.inform(", ".join(filter(None, (f"{papers} written to {target}", order))))


def _export_tables(session: Session, selection: _SelectionOptions, folder: str | None) -> int:
    if folder is None:
        raise UsageError("parquet needs a folder", next_step="use --output tables/")
    tracker = session.tracker().for_topic(selection.topic)
    report = _with_headline(_report(session, tracker, selection), selection.limit)
    written = count(
        write_tables(report, folder, _complete_days(session, tracker, selection)), "file"
    )
    _inform(session, report, f"{written} in {folder}")
    return 0


def _complete_days(session: Session, tracker: Tracker, options: _SelectionOptions) -> Span | None:
    """The days of which an export has all papers that were selected; None with a limit."""
    if options.limit is not None:
        return None
    selection = _selection(session, options)
    all_days = options.search is not None and not options.since
    return papers.selected_days(
        tracker, selection._replace(everything=True) if all_days else selection
    )


def _trending(
    session: Session, tracker: Tracker, selection: _SelectionOptions, options: OutputOptions
) -> Report | None:
    """What is trending in the week to today, for a folder of feeds."""
    if options.form != "atom" or options.template:
        return None
    from papertrack.tracker.editions import EditionRequest
    from papertrack.tracker.rankings import trending

    last = utc_day(session.now)
    request = EditionRequest(
        span=Span(parse_day("6d", last), last),
        topic=selection.topic,
        source=selection.source,
        trending_limit=_TRENDING_LIMIT,
        full=True,
    )
    return trending(tracker, request)


def _check(options: OutputOptions, *, to_a_folder: bool) -> None:
    """Raise UsageError for options that cannot be combined."""
    has_abstracts = options.abstracts or options.folded
    for_markdown = (options.style != "list", has_abstracts, options.ticks != "boxes")
    if not options.keeps_edits and any(for_markdown):
        raise UsageError(
            "--style, --abstracts, --folded and --ticks are for markdown", next_step="use -f md"
        )
    if options.is_table and (has_abstracts or options.notes or options.ticks != "boxes"):
        raise UsageError(
            "--abstracts, --folded, --ticks and --notes are not for tables",
            next_step="use --style list",
        )
    if options.notes and (options.form not in ("md", *BIBLIOGRAPHIES) or options.template):
        raise UsageError(
            "--notes is for markdown and bibliographies", next_step="use -f md, bibtex or ris"
        )
    if options.utf8 and (options.form != "bibtex" or options.template):
        raise UsageError("--utf8 is for BibTeX", next_step="use -f bibtex")
    if options.bom and (options.form != "csv" or options.template):
        raise UsageError("--bom is for CSV", next_step="use -f csv")
    if options.style == "note" and not to_a_folder:
        raise UsageError("--style note needs a folder", next_step="use --output notes/")


def _report(session: Session, tracker: Tracker, options: _SelectionOptions) -> Report:
    if options.search is not None:
        return _search_report(session, tracker, options)
    if options.date and (options.since or options.until):
        raise UsageError("--date cannot be combined with --since or --until")
    return papers.list_papers(tracker, _selection(session, options))


def _days(session: Session, tracker: Tracker, options: _SelectionOptions) -> Span | None:
    """The listing days that the selection covers; None for a search of all days."""
    if options.search is not None and not options.since:
        return None
    return papers.covered_days(tracker, _selection(session, options))


def _selection(session: Session, options: _SelectionOptions) -> Selection:
    first, last = parse_range(session, options.date or options.since, options.date or options.until)
    return Selection(
        topic=options.topic,
        source=options.source,
        starred=options.starred,
        unread=options.unread,
        tag=options.tag,
        since=first,
        until=last,
        everything=options.everything,
        limit=options.limit,
        order=options.order,
        cross_lists=options.cross_lists or session.config.sources.cross_lists,
    )


def _search_report(session: Session, tracker: Tracker, options: _SelectionOptions) -> Report:
    """The results of a search; the options that have a search filter are added to the query."""
    from papertrack.tracker.search import search

    if options.tag or options.until or options.date:
        raise UsageError("--search cannot be combined with --tag, --until or --date")
    filters = [
        f'topic:"{tracker.only}"' if options.topic else "",
        f"source:{options.source}" if options.source else "",
        "is:starred" if options.starred else "",
        "is:unread" if options.unread else "",
    ]
    query = " ".join(filter(None, (options.search, *filters)))
    first, _ = parse_range(session, options.since, None)
    return search(tracker, query, first, options.limit)


def _with_headline(report: Report, limit: int | None) -> Report:
    """Return the report with a headline that counts the exported papers."""
    total = sum(section.total for section in report.sections)
    exported = f"{limit} of " if limit is not None and limit < total else ""
    return report._replace(command="export", headline=exported + report.headline)


def _by_day(report: Report) -> Report:
    """Merge all sections into one, newest listing first; results and matches come best first."""
    entries = [entry for section in report.sections for entry in section.entries]
    entries.sort(key=lambda entry: -entry.last_listed.toordinal())
    section = report.sections[0]._replace(entries=entries, total=len(entries))
    return report._replace(sections=(section,))


def _title(tracker: Tracker, selection: _SelectionOptions, day: date | None) -> str:
    if selection.search is not None:
        return clean(f"Papers for {selection.search}")
    kind = "Starred papers" if selection.starred else "Papers"
    return kind + (f" on {tracker.only}" if tracker.only else "") + (f" of {day}" if day else "")


def _choose(form: str | None, output: str | None) -> str:
    """The format as given, else by the file name extension, else markdown. Raises UsageError."""
    if form is None:
        return format_of(output) if output and not os.path.isdir(output) else "md"
    if form in _formats("") or form in exports.plugins():
        return form
    raise UsageError(f"no such format: {form!r}", next_step=_FORMAT_LIST)


def format_of(path: str) -> str:
    """The format of a file by its extension, markdown if it has none. Raises UsageError."""
    extension = os.path.splitext(path)[1]
    if not extension:
        return "md"
    if form := _FORMATS_BY_EXTENSION.get(extension.lower()):
        return form
    what = f"no format has the extension {extension!r}"
    raise UsageError(what, next_step=f"choose a format with -f; {_FORMAT_LIST}")


def _list_formats() -> int:
    for name, export in exports.BUILT_IN.items():
        print_line(f"{name:8} {export.extension:8} {export.purpose}")
    for name, purpose in DATA_FORMATS.items():
        print_line(f"{name:8} {'.' + name:8} {purpose}")
    print_line(f"{PARQUET:8} {'.' + PARQUET:8} tables for DuckDB, Polars and Spark, in a folder")
    for name, plugin in exports.plugins().items():
        package = plugin.dist.name if plugin.dist else "another package"
        print_line(f"{clean(name):8} {'':8} from {clean(package)}")
    return 0

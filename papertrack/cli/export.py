"""The command export: stored papers as files for other programs."""

import os
import sys
from datetime import date
from typing import Annotated, Literal, NamedTuple

import typer

from papertrack import exports
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.date_ranges import ends
from papertrack.cli.exit_handling import print_error
from papertrack.cli.export_files import COMPLETE, ExportFormat, pieces, to_file, to_folder
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
)
from papertrack.cli.session import Session, start
from papertrack.errors import UsageError
from papertrack.models import Report
from papertrack.text import clean
from papertrack.tracker import Tracker, papers
from papertrack.tracker.papers import Selection
from papertrack.tracker.wording import count

app = new_app()
_ENDINGS = {one.ending: name for name, one in reversed([*exports.TABLE.items()])} | {
    f".{name}": name for name in COMPLETE
}


def _formats(beginning: str) -> list[str]:
    return [form for form in (*exports.TABLE, *COMPLETE) if form.startswith(beginning)]


_FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        autocompletion=_formats,
        help=f"{', '.join(_formats(''))}: else by the ending of FILE, else md",
    ),
]
_OutputOption = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE|DIR/", help="where to: a file, or a folder of them"
    ),
]
_DateOption = Annotated[
    str | None, typer.Option("--date", metavar="DAY", help="only this listing day")
]
_SearchOption = Annotated[
    str | None,
    typer.Option("--search", metavar="QUERY", help="what `papertrack search` finds, best first"),
]
_StyleOption = Annotated[
    Literal["list", "digest", "note"],
    typer.Option(help="of markdown: all papers, by topic and what is rising, or a note a paper"),
]
_AbstractsOption = Annotated[
    bool, typer.Option("--abstracts", help="abstracts, folded, in markdown")
]
_TemplateOption = Annotated[
    str | None,
    typer.Option(
        "--template",
        metavar="FILE.j2",
        help="your own Jinja template; its `papers` have the fields of -f json",
    ),
]
_ListFormatsOption = Annotated[
    bool, typer.Option("--list-formats", help="say which formats there are, and end")
]


class _Selection(NamedTuple):
    """What is asked for, as typed."""

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
    template: _TemplateOption = None,
    list_formats: _ListFormatsOption = False,
) -> None:
    """Write stored papers, selected as in `list`, to files or to standard output.

    Markdown is woven into the file that is there: what you wrote and ticked stays, and papertrack
    replaces its own lines. Every other file is replaced. Each changes at once, when all of it is
    written. Into a folder goes a file a day, with --style note one a paper, with atom a feed a
    topic. `papertrack import --ticks FILE` reads back what you ticked.

    \b
    papertrack export -t rag --since 30d -o rag.md
    papertrack export --style digest --since 7d -o notes/
    papertrack export --starred --all -o papers.bib
    papertrack export -f atom -o feeds/
    papertrack export --all -o everything.jsonl
    """
    which = (topic, source, starred, unread, tag, since, until, everything)
    asked = _Selection(date, search, *which, cross_lists, limit)

    def work() -> int:
        if list_formats:
            return _list_formats()
        wanted = ExportFormat(_choose(format, output), style, abstracts, template)
        return _export(start(context.obj), asked, wanted, output)

    run_and_exit(context, work)


def _export(session: Session, asked: _Selection, wanted: ExportFormat, output: str | None) -> int:
    folder = output is not None and (output.endswith(("/", os.sep)) or os.path.isdir(output))
    _check(wanted, folder=folder)
    tracker = session.tracker().for_topic(asked.topic)
    if not (asked.topic or asked.search or wanted.tells_topics):
        tracker = tracker._replace(topics=())  # matching takes a third of the time
    report = _limited(_report(session, tracker, asked), asked.limit)
    day, _ = ends(session, asked.date, None)
    title = _title(tracker, asked, day)
    code, where = 0, output
    if output is None:
        sys.stdout.writelines(pieces(report, wanted, title, day))
    elif folder:
        report = _by_day(report) if asked.search or len(report.sections) > 1 else report
        written, code = to_folder(report, wanted, output, title)
        where = f"{count(written, 'file')} in {output}"
    else:
        to_file(output, pieces(report, wanted, title, day), woven=wanted.woven)
    if where and not session.anywhere.quiet:
        print_error([f"{report.headline} written to {where}"])
    return code


def _check(wanted: ExportFormat, *, folder: bool) -> None:
    """Raises UsageError for what cannot be together."""
    if not wanted.woven and (wanted.style != "list" or wanted.abstracts):
        raise UsageError("--style and --abstracts are for markdown", next_step="use -f md")
    if wanted.style == "note" and not folder:
        raise UsageError("a note a paper needs a folder", next_step="name one: --output notes/")


def _report(session: Session, tracker: Tracker, asked: _Selection) -> Report:
    if asked.search is not None:
        return _found(session, tracker, asked)
    if asked.date and (asked.since or asked.until):
        raise UsageError("--date excludes --since and --until")
    first, last = ends(session, asked.date or asked.since, asked.date or asked.until)
    cross = asked.cross_lists or session.config.sources.cross_lists
    selection = Selection(
        topic=asked.topic,
        source=asked.source,
        starred=asked.starred,
        unread=asked.unread,
        tag=asked.tag,
        since=first,
        until=last,
        everything=asked.everything,
        limit=asked.limit,
        cross_lists=cross,
    )
    return papers.list_papers(tracker, selection)


def _found(session: Session, tracker: Tracker, asked: _Selection) -> Report:
    """What a search finds, narrowed by the options that are filters of a search, too."""
    from papertrack.tracker.search import search

    if asked.tag or asked.until or asked.date:
        raise UsageError("--search takes no --tag, --until and --date")
    filters = [
        f'topic:"{tracker.only}"' if asked.topic else "",
        f"source:{asked.source}" if asked.source else "",
        "is:starred" if asked.starred else "",
        "is:unread" if asked.unread else "",
    ]
    query = " ".join(filter(None, (asked.search, *filters)))
    first, _ = ends(session, asked.since, None)
    return search(tracker, query, first, asked.limit)


def _limited(report: Report, limit: int | None) -> Report:
    """The report of an export, which says how many of the papers it has."""
    total = sum(section.total for section in report.sections)
    some = f"{limit} of " if limit is not None and limit < total else ""
    return report._replace(command="export", headline=some + report.headline)


def _by_day(report: Report) -> Report:
    """The papers of all sections in one, newest first, as those of a search are not."""
    entries = [one for section in report.sections for one in section.entries]
    entries.sort(key=lambda one: -one.last_listed.toordinal())
    section = report.sections[0]._replace(entries=entries, total=len(entries))
    return report._replace(sections=(section,))


def _title(tracker: Tracker, asked: _Selection, day: date | None) -> str:
    if asked.search is not None:
        return clean(f"Papers for {asked.search}")
    kind = "Starred papers" if asked.starred else "Papers"
    return kind + (f" on {tracker.only}" if tracker.only else "") + (f" of {day}" if day else "")


def _choose(form: str | None, output: str | None) -> str:
    """The format asked for, else that of the ending, else markdown. Raises UsageError."""
    if form is None:
        return _ENDINGS.get(os.path.splitext(output or "")[1].lower(), "md")
    if form in exports.TABLE or form in COMPLETE or form in exports.plugins():
        return form
    raise UsageError(f"no such format: {form!r}", next_step=f"one of {', '.join(_formats(''))}")


def _list_formats() -> int:
    for name, one in exports.TABLE.items():
        typer.echo(f"{name:8} {one.ending:8} {one.purpose}")
    for name, purpose in COMPLETE.items():
        typer.echo(f"{name:8} {'.' + name:8} {purpose}")
    for name, plugin in exports.plugins().items():
        package = plugin.dist.name if plugin.dist else "another package"
        typer.echo(f"{clean(name):8} {'':8} from {clean(package)}")
    return 0

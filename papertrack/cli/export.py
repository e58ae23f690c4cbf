"""The command export: stored papers as a file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, TextIO

import typer

from papertrack.cli.app import ending, new_app
from papertrack.cli.ending import tell
from papertrack.cli.options import (
    CrossListsOption,
    EverythingOption,
    LimitOption,
    SinceOption,
    StarredOption,
    TagOption,
    TopicOption,
    UnreadOption,
    UntilOption,
)
from papertrack.cli.session import start
from papertrack.cli.spans import ends
from papertrack.display import Format, Look, write
from papertrack.errors import UsageError
from papertrack.storage import files
from papertrack.tracker import reading
from papertrack.tracker.reading import Selection

app = new_app()
_FORMATS: tuple[Format, ...] = ("md", "csv", "json", "jsonl", "ids")


def _formats(beginning: str) -> list[str]:
    return [form for form in _FORMATS if form.startswith(beginning)]


_FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        autocompletion=_formats,
        help=f"{', '.join(_FORMATS)}: else by the ending of FILE, else md",
    ),
]
_OutputOption = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="where to, in place of what is there"),
]


@app.command("export")
def export_command(
    context: typer.Context,
    format: _FormatOption = None,
    output: _OutputOption = None,
    topic: TopicOption = None,
    starred: StarredOption = False,
    unread: UnreadOption = False,
    tag: TagOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    everything: EverythingOption = False,
    cross_lists: CrossListsOption = False,
    limit: LimitOption = None,
) -> None:
    """Write stored papers, selected as in `list`, to a file or to standard output.

    A file is replaced at once, when all of it is written. With -f jsonl --all it is everything that
    a library knows, and `papertrack import` takes it.

    \b
    papertrack export --topic rag --since 30d -o rag.md
    papertrack export --all -o everything.jsonl
    """

    def work() -> int:
        session, form = start(context.obj), _choose(format, output)
        first, last = ends(session, since, until)
        cross = cross_lists or session.config.sources.arxiv.cross_lists
        selection = Selection(
            topic, starred, unread, tag, first, last, everything, limit, cross_lists=cross
        )
        report = reading.listed(session.tracker(), selection)._replace(command="export")
        if output is None:
            return session.show(report, form)
        with _replacing(output) as file:
            write(report, form, file, Look(color=False))
        if not session.anywhere.quiet:
            tell([f"{report.headline} written to {output}"])
        return 0

    ending(context, work)


def _choose(form: str | None, output: str | None) -> Format:
    asked = os.path.splitext(output or "")[1].lower().removeprefix(".") if form is None else form
    if asked in _FORMATS:
        return asked
    if form is None:
        return "md"
    raise UsageError(f"no such format: {form!r}", next_step=f"one of {', '.join(_FORMATS)}")


@contextmanager
def _replacing(path: str) -> Iterator[TextIO]:
    """A file that takes the place of the one at `path` in one step, at the end; where something
    else is there, as a pipe, it is written to. Raises UsageError where that cannot be.
    """
    target = os.path.realpath(path)
    special = os.path.exists(target) and not os.path.isfile(target)
    try:
        with _open(target) if special else _taking_the_place(target) as file:
            yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot write {path}", why, "name another with --output") from error


@contextmanager
def _taking_the_place(path: str) -> Iterator[TextIO]:
    with (
        files.writing_instead(path, files.usual_rights(path)) as descriptor,
        _open(descriptor) as file,
    ):
        yield file


def _open(file: str | int) -> TextIO:
    return open(file, "w", encoding="utf-8", newline="", closefd=isinstance(file, str))

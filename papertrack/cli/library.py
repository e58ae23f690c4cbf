"""The commands `library info`, `verify`, `backup`, `restore` and `compact`."""

import os
import sys
from contextlib import ExitStack
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.app import new_app, new_group, run_and_exit
from papertrack.cli.exit_handling import print_message
from papertrack.cli.options import format_option, not_blank
from papertrack.cli.output import print_line
from papertrack.cli.progress import progress
from papertrack.cli.session import Session, choose_format, start
from papertrack.display import DrawStyle
from papertrack.errors import LibraryError
from papertrack.escaping import command_line
from papertrack.tracker.wording import ago, count

if TYPE_CHECKING:
    from papertrack.library.info import LibraryInfo
    from papertrack.library.library import Library

app = new_app()
library_app = new_group()
app.add_typer(library_app, name="library", help="Check, back up and restore the library.")

_SHOWN = 20
_MEGABYTE = 1e6


@library_app.command("info")
def info_command(
    context: typer.Context,
    format: Annotated[
        str,
        format_option(
            "columns: folder, schema, papers, days, first, last, marked, tables, bytes, "
            "bytes of journal and index, damaged, written"
        ),
    ] = "auto",
) -> None:
    """Show the location, contents and size of the library.

    \b
    papertrack library info
    papertrack library info -f json
    """

    def work() -> int:
        from papertrack.library.info import library_info

        session, form = start(context.obj), choose_format(format)
        info = library_info(session.library())
        if form == "table":
            from papertrack.display.pairs import draw_pairs

            draw_pairs(_pairs(info, session), sys.stdout, DrawStyle(session.options.color))
        else:
            from papertrack.display.tabular import row_lines

            rows = [info._asdict()]
            sys.stdout.writelines(row_lines("library info", rows, form, session.now))
        return 0

    run_and_exit(context, work)


def _pairs(info: "LibraryInfo", session: Session) -> list[tuple[str, str]]:
    days = count(info.days, "day")
    if info.first_day:
        days += f", {info.first_day} to {info.last_day}"
    written = ago(info.written, session.now) if info.written else "never"
    other_files = f"{_size(info.bytes_kept)} of journal and index"
    pairs = [
        ("library", info.library),
        ("papers", f"{info.papers:,}, {info.marked:,} of them marked"),
        ("listings", days),
        ("files", f"{count(info.tables, 'table')}, {_size(info.bytes)}, and {other_files}"),
        ("written", written),
        ("schema", str(info.schema)),
    ]
    if info.damaged:
        pairs.append(("set aside", count(info.damaged, "damaged file")))
    return pairs


@library_app.command("verify")
def verify_command(
    context: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="repair the library; damaged files are kept")
    ] = False,
) -> None:
    """Check all files of the library.

    Exit code 5: there are problems and --repair was not given.

    \b
    papertrack library verify
    papertrack library verify --repair
    """

    def work() -> int:
        from papertrack.library.library import Library
        from papertrack.library.verification import repair_in_use, verify_in_use

        session = start(context.obj)
        library = session.library(lambda _damage: None)
        again, days = partial(Library, library.folder), set[date]()
        with progress(session.options, "Reading", library.table_count(), "tables") as update:
            if repair:  # before printing, which fails if the reader closes the pipe
                verification, days = repair_in_use(again, lambda done, _: update(done, 0))
            else:
                verification = verify_in_use(again, lambda done, _: update(done, 0))
        lines = verification.lines()
        if not lines:
            session.inform(f"{count(library.table_count(), 'table')} read, no problems found")
            return 0
        for line in lines[:_SHOWN]:
            print_line(line)
        if len(lines) > _SHOWN:
            print_line(f"… and {len(lines) - _SHOWN} more")
        if not repair:
            advice = "to repair: papertrack library verify --repair"
            print_message([f"{count(len(lines), 'problem')} found", advice])
            return LibraryError.exit_code
        print_message(
            [f"{count(len(lines), 'problem')} repaired; damaged files are kept in the library"]
        )
        if days:
            fetch = f"papertrack fetch --since {min(days)}"
            print_message([f"some listings were lost; to fetch them again: {fetch}"])
        return 0

    run_and_exit(context, work)


@library_app.command("backup")
def backup_command(
    context: typer.Context,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            callback=not_blank,
            help="path of the backup; must not exist",
        ),
    ] = None,
) -> None:
    """Back up the library to a ZIP file.

    Without --output, the file is papertrack-DATE.zip in the current folder.

    \b
    papertrack library backup
    papertrack library backup -o ~/papers.zip
    """

    def work() -> int:
        from papertrack.library.archive import write_backup

        session = start(context.obj)
        library = session.library()
        path = output or f"papertrack-{session.now.date()}.zip"
        with progress(session.options, "Backing up", library.table_count(), "tables") as update:
            contents = write_backup(library, path, session.now, lambda done, _all: update(done, 0))
        print_line(path)
        papers, size = count(contents.papers, "paper"), _size(os.path.getsize(path))
        session.inform(f"{papers} in {count(contents.tables, 'table')}, {size}")
        return 0

    run_and_exit(context, work)


@library_app.command("restore")
def restore_command(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", callback=not_blank, help="backup written by `library backup`"
        ),
    ],
) -> None:
    """Replace the library with a backup.

    The current library is backed up first, next to its folder.

    \b
    papertrack library restore papertrack-2026-03-31.zip
    """

    def work() -> int:
        from papertrack.library.archive import restore

        session = start(context.obj)
        library = session.library()
        backup = _backup_path(library.folder or "", session) if library.table_count() else None
        with ExitStack() as reading:
            update = reading.enter_context(progress(session.options, "Reading", 100, "%"))

            def back_up() -> None:
                reading.close()  # One bar at a time.
                _back_up(session, library, backup)

            contents = restore(
                library, file, lambda done, size: update(100 * done // size, 0), back_up
            )
        undo = [f"undo: {command_line('library restore', backup)}"] if backup else []
        session.inform(f"{count(contents.papers, 'paper')} restored, as of {contents.made}", *undo)
        return 0

    run_and_exit(context, work)


def _back_up(session: Session, library: "Library", path: str | None) -> None:
    """Write a backup to this path, if there is one."""
    from papertrack.library.archive import write_backup

    if path:
        with progress(session.options, "Backing up", library.table_count(), "tables") as update:
            write_backup(library, path, session.now, lambda done, _all: update(done, 0))


def _backup_path(folder: str, session: Session) -> str:
    """An unused path next to the library, for its backup before a restore."""
    from papertrack.storage.files import unused_path

    return unused_path(
        f"{folder.rstrip(os.sep)}-before-restore-{session.now:%Y%m%dT%H%M%SZ}", ".zip"
    )


@library_app.command("compact")
def compact_command(context: typer.Context) -> None:
    """Remove empty tables and the journal of past writes.

    Backups of tables and damaged files that were set aside stay.

    \b
    papertrack library compact
    """

    def work() -> int:
        from papertrack.library.info import library_info
        from papertrack.library.verification import compact

        session = start(context.obj)
        library = session.library()
        before = library_info(library)
        removed = compact(library) if before.tables else 0
        after = library_info(library)
        freed = before.bytes + before.bytes_kept - after.bytes - after.bytes_kept
        tables = count(removed, "empty table")
        session.inform(f"{_size(max(freed, 0))} freed, {tables} removed")
        return 0

    run_and_exit(context, work)


def _size(size: int) -> str:
    return f"{size / _MEGABYTE:,.1f} MB"

"""The commands about the library's files: library info, verify, backup, restore, compact."""

import os
import sys
from datetime import date
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.exit_handling import print_error
from papertrack.cli.options import FormatOption
from papertrack.cli.progress import progress
from papertrack.cli.session import Session, choose_format, start
from papertrack.display import DrawStyle
from papertrack.errors import LibraryError
from papertrack.tracker.wording import ago, count

if TYPE_CHECKING:
    from papertrack.library.info import LibraryInfo
    from papertrack.storage.damage import Damage

app = new_app()
library_app = new_app()
app.add_typer(library_app, name="library", help="The library's files: check, back up, restore.")

_SHOWN = 20
_MEGABYTE = 1e6


@library_app.command("info")
def info_command(context: typer.Context, format: FormatOption = "auto") -> None:
    """Show where the library is, what it holds and what it takes on the disk.

    \b
    papertrack library info
    papertrack library info -f json
    """

    def work() -> int:
        from papertrack.library.info import library_info

        session, form = start(context.obj), choose_format(format)
        found = library_info(session.library())
        if form == "table":
            from papertrack.display.pairs import draw_pairs

            draw_pairs(_facts(found, session), sys.stdout, DrawStyle(session.anywhere.color))
        else:
            from papertrack.display.tabular import row_lines

            rows = [found._asdict()]
            sys.stdout.writelines(row_lines("library info", rows, form, session.now))
        return 0

    run_and_exit(context, work)


def _facts(found: "LibraryInfo", session: Session) -> list[tuple[str, str]]:
    days = f"{count(found.days, 'day')}"
    if found.first_day:
        days += f", {found.first_day} to {found.last_day}"
    written = ago(found.written, session.now) if found.written else "never"
    kept = f"and {_size(found.bytes_kept)} of what is kept beside them"
    facts = [
        ("library", found.library),
        ("papers", f"{found.papers:,}, {found.marked:,} of them marked"),
        ("listings", days),
        ("files", f"{count(found.tables, 'table')}, {_size(found.bytes)}, {kept}"),
        ("written", written),
        ("schema", str(found.schema)),
    ]
    if found.damaged:
        facts.append(("set aside", f"{count(found.damaged, 'damaged file')}"))
    return facts


@library_app.command("verify")
def verify_command(
    context: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="put right what can be; damaged files are kept")
    ] = False,
) -> None:
    """Read every file of the library and compare what they say. Exit code 5 where something is
    wrong, and was not repaired.

    \b
    papertrack library verify
    papertrack library verify --repair
    """

    def work() -> int:
        from papertrack.library.verification import repair as put_right
        from papertrack.library.verification import verify

        session = start(context.obj)
        damages: list[Damage] = []
        library = session.library(damages.append)
        with progress(session.anywhere, "Reading", library.tables(), "tables") as told:
            findings = verify(library, lambda done, _all: told(done, 0))
        lines = [*map(str, damages), *findings.lines()]
        if not lines:
            if not session.anywhere.quiet:
                print_error([f"{count(library.tables(), 'table')} read: all is well"])
            return 0
        days: set[date] = set()
        if repair:  # before a word of it: whoever reads may have seen enough
            with library.transaction():
                days = put_right(library, findings)
        for line in lines[:_SHOWN]:
            typer.echo(line)
        if len(lines) > _SHOWN:
            typer.echo(f"… and {len(lines) - _SHOWN} more")
        if not repair:
            print_error(
                [f"{count(len(lines), 'problem')} found", "papertrack library verify --repair"]
            )
            return LibraryError.exit_code
        print_error([f"{count(len(lines), 'problem')} repaired; damaged files are kept beside"])
        if days:
            fetch = f"papertrack fetch --since {min(days)}"
            print_error([f"something is gone; what sources still have comes back with {fetch}"])
        return 0

    run_and_exit(context, work)


@library_app.command("backup")
def backup_command(
    context: typer.Context,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="where to; not an existing file"),
    ] = None,
) -> None:
    """Write all of the library into one file, a ZIP archive that any machine can restore.

    Without --output it is named papertrack-DATE.zip, in the present folder.

    \b
    papertrack library backup
    papertrack library backup -o ~/backups/papers.zip
    """

    def work() -> int:
        from papertrack.library.archive import write_backup

        session = start(context.obj)
        library = session.library()
        path = output or f"papertrack-{session.now.date()}.zip"
        with progress(session.anywhere, "Backing up", library.tables(), "tables") as told:
            content = write_backup(library, path, session.now, lambda done, _all: told(done, 0))
        typer.echo(path)
        if not session.anywhere.quiet:
            papers, size = count(content.papers, "paper"), _size(os.path.getsize(path))
            print_error([f"{papers} in {count(content.tables, 'table')}, {size}"])
        return 0

    run_and_exit(context, work)


@library_app.command("restore")
def restore_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="what `library backup` wrote")],
) -> None:
    """Put a backup in the place of the whole library, in one step.

    What the library held before is first backed up beside it, so that it can be restored in turn.

    \b
    papertrack library restore papertrack-2026-03-31.zip
    """

    def work() -> int:
        from papertrack.library.archive import read_contents, restore, write_backup

        session = start(context.obj)
        library = session.library()
        with progress(session.anywhere, "Reading", 100, "%") as told:
            content = read_contents(file, lambda done, size: told(100 * done // size, 0))
        before = _before(library.folder or "", session) if library.tables() else None
        if before:
            with progress(session.anywhere, "Backing up", library.tables(), "tables") as told:
                write_backup(library, before, session.now, lambda done, _all: told(done, 0))
        restore(library, file)
        if not session.anywhere.quiet:
            undo = [f"undo: papertrack library restore {quote(before)}"] if before else []
            print_error([f"{count(content.papers, 'paper')} restored, as of {content.made}", *undo])
        return 0

    run_and_exit(context, work)


def _before(folder: str, session: Session) -> str:
    """Where the library of before a restore goes: beside it, under a name that is free."""
    from papertrack.storage.files import unused_path

    return unused_path(
        f"{folder.rstrip(os.sep)}-before-restore-{session.now:%Y%m%dT%H%M%SZ}", ".zip"
    )


@library_app.command("compact")
def compact_command(context: typer.Context) -> None:
    """Remove what is no longer needed: tables without rows, and the journal of the last writes.

    Backups of tables and files that were set aside as damaged stay.

    \b
    papertrack library compact
    """

    def work() -> int:
        from papertrack.library.info import library_info
        from papertrack.library.verification import compact

        session = start(context.obj)
        library = session.library()
        before = library_info(library)
        if before.tables:
            compact(library)
        after = library_info(library)
        if not session.anywhere.quiet:
            freed = before.bytes + before.bytes_kept - after.bytes - after.bytes_kept
            gone = count(before.tables - after.tables, "empty table")
            print_error([f"{_size(max(freed, 0))} freed, {gone} removed"])
        return 0

    run_and_exit(context, work)


def _size(size: int) -> str:
    return f"{size / _MEGABYTE:,.1f} MB"

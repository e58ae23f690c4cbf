"""The commands that bring papers in: fetch and import."""

from datetime import timedelta
from typing import Annotated

import typer

from papertrack.calendar import Span, parse_day, utc_day
from papertrack.cli.app import ending, new_app
from papertrack.cli.ending import tell
from papertrack.cli.options import SinceOption, SourceOption, UntilOption
from papertrack.cli.refreshing import enabled_sources, refresh_days
from papertrack.cli.session import Session, start, tell_failures
from papertrack.cli.watching import progress
from papertrack.errors import UsageError
from papertrack.tracker.refresh import Refreshed, due_days, recent
from papertrack.tracker.wording import count

app = new_app()
_LONGEST_RANGE = timedelta(days=3660)
_SHOWN = 20


@app.command("fetch")
def fetch_command(
    context: typer.Context,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="only say which days would be asked for")
    ] = False,
) -> None:
    """Bring the library up to date, or back-fill a range of days.

    Days that are stored and settled are not asked for again, so an interrupted back-fill goes on
    where it stopped.

    \b
    papertrack fetch
    papertrack fetch --since 2026-01-01 --until 2026-03-31
    """

    def work() -> int:
        session = start(context.obj)
        tracker = session.tracker()
        span = _span(session, since, until)
        known = tracker.library.coverage(span)
        wanted = [
            (one, day)
            for one in enabled_sources(session.config, source)
            for day in due_days(one.name, span, known, session.now)
        ]
        if dry_run:
            for one, day in wanted:
                typer.echo(f"{one.name}\t{day}")
            return 0
        refreshed = refresh_days(session, tracker, wanted, long=True)
        return _told(session, refreshed)

    ending(context, work)


@app.command("import")
def import_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON Lines, or a saved API page")],
) -> None:
    """Store the papers of a file; importing it again changes nothing.

    JSON Lines with `id` and `title` and any other key of our JSON (`papertrack list --all -f jsonl`
    writes it), arXiv's metadata snapshot, or a saved answer of Hugging Face's API. A bad line is
    named and skipped.

    \b
    papertrack import papers.jsonl
    """

    def work() -> int:
        from papertrack.tracker.importing import import_file

        session = start(context.obj)
        with progress(session.anywhere, "Importing", 100, "%") as told:
            result = import_file(
                session.library(),
                file,
                session.now,
                lambda done, size: told(100 * done // max(size, 1), 0),
            )
        for one in result.bad[:_SHOWN]:
            tell([f"{file}: {one.where}: {one.reason}; skipped"])
        if len(result.bad) > _SHOWN:
            tell([f"{file}: {len(result.bad) - _SHOWN} more were skipped"])
        if not session.anywhere.quiet:
            tell(
                [f"{count(result.papers, 'paper')}: {result.new:,} new, {result.changed:,} changed"]
            )
        return 0

    ending(context, work)


def _span(session: Session, since: str | None, until: str | None) -> Span:
    today = utc_day(session.now)
    last = today if until is None else parse_day(until, today)
    first = min(recent(today).first, last) if since is None else parse_day(since, today)
    if first > last:
        raise UsageError(f"--since {first} is after --until {last}")
    if last - first > _LONGEST_RANGE:
        raise UsageError("a back-fill covers ten years at most")
    return Span(first, last)


def _told(session: Session, refreshed: Refreshed) -> int:
    for one in refreshed.skipped[:_SHOWN]:
        tell([f"left out {one.where}: {one.reason}"])
    if not session.anywhere.quiet:
        asked = f"{count(refreshed.asked, 'day')} asked" if refreshed.asked else "nothing was due"
        tell([f"{asked}, {count(refreshed.papers, 'paper')}, {refreshed.new:,} of them new"])
    return tell_failures(refreshed, "what came is stored; the next fetch asks for the rest")

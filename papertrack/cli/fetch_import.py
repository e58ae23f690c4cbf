"""The commands that bring papers in: fetch and import."""

from collections.abc import Sequence
from typing import Annotated, Literal

import typer

from papertrack.calendar import Span, utc_day
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.date_ranges import span_between
from papertrack.cli.exit_handling import print_error
from papertrack.cli.options import DeadlineOption, SinceOption, SourceOption, UntilOption
from papertrack.cli.progress import progress
from papertrack.cli.refresh import due_requests, fetch_papers, refresh_with_progress
from papertrack.cli.session import Session, report_failures, start
from papertrack.errors import UsageError
from papertrack.identifiers import parse_arxiv
from papertrack.tracker.refresh import RefreshResult, recent_days, repair_days
from papertrack.tracker.requests import SourceRequest
from papertrack.tracker.wording import count

app = new_app()
_MANY = 1000
_SHOWN = 20


@app.command("fetch")
def fetch_command(
    context: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID...]", help="single papers instead of days, in any form"),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    deadline: DeadlineOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="only say which days would be asked for")
    ] = False,
) -> None:
    """Bring the library up to date, back-fill a range of days, or get single papers.

    Days that are stored and settled are not asked for again, so an interrupted back-fill goes on
    where it stopped. Without a range, the last week is asked for, and what is missing of the last
    two months since you began.

    \b
    papertrack fetch
    papertrack fetch --since 2026-01-01 --until 2026-03-31
    papertrack fetch 2603.10165 https://arxiv.org/abs/hep-th/9901001
    """

    def work() -> int:
        session = start(context.obj)
        if ids:
            if since or until or dry_run:
                raise UsageError("single papers have no days: leave out --since and --until")
            return _fetch_papers(session, ids, source, deadline)
        tracker = session.tracker()
        span = _span(session, since, until)
        begun = None if since or until else recent_days(utc_day(session.now)).first
        wanted = due_requests(session, tracker, span, source, begun)
        if dry_run:
            _echo_wanted(wanted)
            return 0
        refreshed = refresh_with_progress(session, tracker, wanted, deadline=deadline, rolling=True)
        return _told(session, refreshed)

    run_and_exit(context, work)


@app.command("import")
def import_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON Lines, or a saved API page")],
    ticks: Annotated[
        bool, typer.Option("--ticks", help="read what you ticked in exported notes instead")
    ] = False,
    mark: Annotated[
        Literal["read", "star"], typer.Option("--as", help="what ticked papers become")
    ] = "read",
) -> None:
    """Store the papers of a file; importing it again changes nothing.

    JSON Lines with `id` and `title` and any other key of our JSON (`papertrack list --all -f jsonl`
    writes it), arXiv's metadata snapshot, or a saved answer of Hugging Face's API. A bad line is
    named and skipped. With --ticks, a markdown file of `papertrack export` or a folder of them.

    \b
    papertrack import papers.jsonl
    papertrack import --ticks notes/ --as star
    """

    def work() -> int:
        session = start(context.obj)
        if not ticks:
            return _import_papers(session, file)
        from papertrack.cli.ticks import import_ticks

        return import_ticks(session, file, mark)

    run_and_exit(context, work)


def _import_papers(session: Session, file: str) -> int:
    from papertrack.tracker.importing import import_file

    tracker = session.tracker()
    with progress(session.anywhere, "Importing", 100, "%") as told:
        result = import_file(
            tracker.library,
            file,
            session.now,
            lambda done, size: told(100 * done // max(size, 1), 0),
        )
    if result.new > _MANY:
        tracker.search_index()  # so that the next search need not
    tracker.update_relevance()
    for one in result.bad[:_SHOWN]:
        print_error([f"{file}: {one.where}: {one.reason}; skipped"])
    if len(result.bad) > _SHOWN:
        print_error([f"{file}: {len(result.bad) - _SHOWN} more were skipped"])
    if not session.anywhere.quiet:
        print_error(
            [f"{count(result.papers, 'paper')}: {result.new:,} new, {result.changed:,} changed"]
        )
    return 0


def _fetch_papers(
    session: Session, ids: Sequence[str], source: str | None, deadline: float | None
) -> int:
    """Get single papers from every source that knows papers by their id."""
    wanted = []
    for text in ids:
        known = parse_arxiv(text)
        if known is None and ":" not in text:
            raise UsageError(f"{text!r} is no id", next_step="write 2603.10165 or an address")
        wanted.append(known.id if known else text.strip())
    found = fetch_papers(session, wanted, source, deadline)
    if not (session.anywhere.quiet or found.all_failed):
        print_error([f"{count(len(found.ids), 'paper')} of {len(set(wanted))}, {found.new:,} new"])
        missing = [one for one in dict.fromkeys(wanted) if one not in found.ids]
        if missing and not found.failures:
            print_error([f"no source knows {', '.join(missing)}"])
    return report_failures(found, "nothing came; try again later")


def _echo_wanted(wanted: Sequence[SourceRequest]) -> None:
    for one in wanted:
        for day in one.request.days:
            for category in one.request.categories:
                typer.echo("\t".join(filter(None, (one.source.name, str(day), category))))


def _span(session: Session, since: str | None, until: str | None) -> Span:
    today = utc_day(session.now)
    if since is None and until is None:
        return repair_days(today)
    return span_between(session, since, until, lambda last: min(recent_days(today).first, last))


def _told(session: Session, refreshed: RefreshResult) -> int:
    for one in refreshed.skipped[:_SHOWN]:
        print_error([f"left out {one.where}: {one.reason}"])
    if not (session.anywhere.quiet or refreshed.all_failed):
        asked = (
            f"{count(refreshed.asked, 'listing')} asked" if refreshed.asked else "nothing was due"
        )
        print_error([f"{asked}, {count(refreshed.papers, 'paper')}, {refreshed.new:,} of them new"])
    return report_failures(refreshed, "nothing came; the next fetch asks again")

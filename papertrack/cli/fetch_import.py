"""The commands `fetch` and `import`."""

import os
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

import typer

from papertrack.calendar import Span, parse_day, utc_day
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.date_ranges import span_between
from papertrack.cli.exit_handling import print_message
from papertrack.cli.options import (
    DeadlineOption,
    SinceOption,
    SourceOption,
    UntilOption,
    not_blank,
)
from papertrack.cli.output import print_line
from papertrack.cli.printed_rows import expand
from papertrack.cli.progress import progress
from papertrack.cli.refresh import (
    check_enabled,
    collect_ranking_requests,
    collect_requests,
    collect_requests_again,
    fetch_papers,
    refresh_with_progress,
)
from papertrack.cli.session import Session, report_failures, start
from papertrack.cli.typed_ids import typed_ids
from papertrack.errors import UsageError
from papertrack.identifiers import arxiv_problem, ids_in
from papertrack.source_registry import is_ranking
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import RefreshResult, recent_days, repair_days
from papertrack.tracker.requests import SourceRequest
from papertrack.tracker.wording import count

app = new_app()
_MANY = 1000  # new papers after which the search index is updated at once
_SHOWN = 20
_FileArgument = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        callback=not_blank,
        help="file of papers, or a folder; - for standard input",
    ),
]


@app.command("fetch")
def fetch_command(
    context: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID...]",
            help="ids or URLs of papers to fetch, instead of days; - reads ids from standard input",
        ),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    again: Annotated[
        str | None,
        typer.Option("--again", metavar="DAY", help="fetch this day again, even if it is complete"),
    ] = None,
    deadline: DeadlineOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="print the days that would be fetched, and exit")
    ] = False,
) -> None:
    """Update the library, or fetch a range of days or papers by id.

    Days that are complete are skipped, so an interrupted fetch resumes where it stopped. Partial
    days are fetched again. Without a range, fetch the last week, and fill gaps in the last two
    months back to your first fetch.

    \b
    papertrack fetch
    papertrack fetch --since 2026-01-01 --until 2026-03-31
    papertrack fetch --again yesterday
    papertrack fetch 2603.10165 https://arxiv.org/abs/hep-th/9901001
    """

    def work() -> int:
        session = start(context.obj)
        if ids:
            if since or until or again or dry_run:
                raise UsageError("ids cannot be combined with --since, --until, --again, --dry-run")
            return _fetch_papers(session, expand(ids, os.environ), source, deadline)
        tracker = session.tracker()
        requests = _requests(session, tracker, source, since, until, again)
        if dry_run:
            return _print_requests(requests)
        starred = not (since or until or again or source)
        return _report(session, _refresh(session, tracker, requests, deadline, starred=starred))

    run_and_exit(context, work)


@app.command("import")
def import_command(
    context: typer.Context,
    file: _FileArgument,
    ticks: Annotated[
        bool, typer.Option("--ticks", help="read ticks from exported notes instead")
    ] = False,
    mark: Annotated[
        Literal["read", "star"], typer.Option("--as", help="how to mark ticked papers")
    ] = "read",
    as_starred: Annotated[
        bool,
        typer.Option(
            "--as-starred", help="star the papers, for `recommend`; they are not shown as news"
        ),
    ] = False,
) -> None:
    """Store papers from a file, or read ticks from exported notes.

    FILE is JSON or JSON Lines with `id`, `title` and any other keys that `papertrack list -f jsonl`
    writes, arXiv's metadata snapshot, a saved response of the Hugging Face API, BibTeX or RIS; also
    compressed with gzip or xz, or in a zip archive; or a folder of `papertrack export -f parquet`.
    Invalid entries are reported and skipped; importing a file twice changes nothing. With --ticks,
    FILE is a markdown file of `papertrack export`, or a folder of them.

    \b
    papertrack import papers.jsonl
    papertrack list --starred -f json | papertrack import -
    papertrack import tables/
    papertrack import --ticks notes/ --as star
    papertrack import refs.bib --as-starred
    """

    def work() -> int:
        session = start(context.obj)
        if ticks and as_starred:
            raise UsageError(
                "--ticks cannot be combined with --as-starred",
                next_step="to star ticked papers: --ticks --as star",
            )
        if not ticks:
            return _import_papers(session, file, as_starred=as_starred)
        from papertrack.cli.ticks import import_ticks

        return import_ticks(session, file, mark)

    run_and_exit(context, work)


def _import_papers(session: Session, file: str, *, as_starred: bool) -> int:
    from papertrack.tracker.import_files import name_of
    from papertrack.tracker.importing import import_file
    from papertrack.tracker.marks import MARKS, apply_mark

    tracker = session.tracker()
    with progress(session.options, "Importing", 100, "%") as update:
        result = import_file(
            tracker.library,
            file,
            session.now,
            lambda done, size: update(100 * done // max(size, 1), 0),
            profile=as_starred,
        )
    if result.new > _MANY:
        tracker.search_index()  # else the next search would have to build it
    tracker.update_relevance()
    name = name_of(file)
    for line in result.bad[:_SHOWN]:
        print_message([f"{name}: {line.where}: {line.reason}; skipped"])
    more = len(result.bad[_SHOWN:]) + result.more_bad
    if more:
        print_message([f"{name}: {more:,} more were skipped"])
    papers = count(result.papers, "paper")
    session.inform(f"{papers}: {result.new:,} new, {result.changed:,} changed")
    if as_starred:
        starred = apply_mark(tracker.library, MARKS["star"], result.ids, session.now).changed
        undo = ("undo: papertrack undo",) if starred else ()
        session.inform(f"{count(starred, 'paper')} starred, not shown as news", *undo)
    return 0


def _fetch_papers(
    session: Session, ids: Sequence[str], source: str | None, deadline: float | None
) -> int:
    """Fetch papers by id from every source that supports it. Raises UsageError."""
    paper_ids = _valid_ids(ids, utc_day(session.now))
    result = fetch_papers(session, paper_ids, source, deadline)
    if not result.all_failed:
        papers = count(len(result.ids), "paper")
        session.inform(f"{papers} of {len(paper_ids)}, {result.new:,} new")
        missing = [paper_id for paper_id in paper_ids if paper_id not in result.ids]
        if missing and not result.failures:
            session.inform(f"no source has {', '.join(missing)}")
    return report_failures(result, "nothing was fetched; try again later")


def _requests(
    session: Session,
    tracker: Tracker,
    source: str | None,
    since: str | None,
    until: str | None,
    again: str | None,
) -> list[SourceRequest]:
    """The requests that fetch a day again, or those that are due. Raises UsageError."""
    if again:
        return _requests_again(session, again, source, since or until)
    rankings = []
    if not (since or until):
        rankings = collect_ranking_requests(session, tracker, source)
        if source is not None and is_ranking(source):
            check_enabled(session.config, source)
            return rankings
    return [*_requests_due(session, tracker, since, until, source), *rankings]


def _requests_due(
    session: Session, tracker: Tracker, since: str | None, until: str | None, source: str | None
) -> list[SourceRequest]:
    span = _span(session, since, until)
    repair_before = None if since or until else recent_days(utc_day(session.now)).first
    return collect_requests(session, tracker, span, source, repair_before, gaps_at_once=True)


def _requests_again(
    session: Session, again: str, source: str | None, range_end: str | None
) -> list[SourceRequest]:
    """The requests that fetch a day again. Raises UsageError for an invalid or future day."""
    if range_end:
        raise UsageError("--again cannot be combined with --since or --until")
    today = utc_day(session.now)
    day = parse_day(again, today)
    if day > today:
        raise UsageError(f"--again: {day} has not begun: it is {today} in UTC")
    return collect_requests_again(session, Span(day, day), source)


def _valid_ids(texts: Sequence[str], today: date) -> list[str]:
    """The ids in texts, each once. Raises UsageError for a text without an id."""
    paper_ids: list[str] = []
    for text in typed_ids(texts, today):
        problem, ids = arxiv_problem(text, today), ids_in(text, today)
        if problem or not ids:
            raise UsageError(
                f"not a valid id: {text!r}", problem or "", "write 2603.10165 or a URL"
            )
        paper_ids += ids
    return list(dict.fromkeys(paper_ids))


def _refresh(
    session: Session,
    tracker: Tracker,
    requests: Sequence[SourceRequest],
    deadline: float | None,
    *,
    starred: bool,
) -> RefreshResult:
    result = refresh_with_progress(
        session, tracker, requests, deadline=deadline, rolling=True, starred=starred
    )
    if result.new:
        tracker.update_recommendations()
    return result


def _print_requests(requests: Sequence[SourceRequest]) -> int:
    for request in requests:
        for day in request.request.days:
            for category in request.request.categories:
                print_line("\t".join(filter(None, (request.source.name, str(day), category))))
    return 0


def _span(session: Session, since: str | None, until: str | None) -> Span:
    today = utc_day(session.now)
    if since is None and until is None:
        return repair_days(today)
    return span_between(session, since, until, lambda last: min(recent_days(today).first, last))


def _report(session: Session, result: RefreshResult) -> int:
    for entry in result.skipped[:_SHOWN]:
        print_message([f"skipped {entry.where}: {entry.reason}"])
    if not result.all_failed:
        counts = (
            count(result.listings, "listing") if result.listings else "",
            count(result.rankings, "ranking") if result.rankings else "",
        )
        total = " and ".join(filter(None, counts))
        requested = f"{total} requested" if total else "nothing was due"
        only_rankings = result.rankings and not result.listings
        papers = f", {count(result.papers, 'paper')}, {result.new:,} of them new"
        session.inform(requested if only_rankings else requested + papers)
    return report_failures(result, "nothing was fetched; the next fetch retries")

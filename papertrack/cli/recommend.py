"""The command `recommend`."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from papertrack.cli import printed_rows
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.completions import complete_ids
from papertrack.cli.date_ranges import parse_range
from papertrack.cli.options import FormatOption, LimitOption, SinceOption, TopicOption
from papertrack.cli.session import Session, choose_format, limit_for, start
from papertrack.display import DrawStyle, Format
from papertrack.errors import UsageError
from papertrack.models import Paper
from papertrack.tracker import Tracker
from papertrack.tracker.recommending import (
    HOW_TO_BEGIN,
    RecommendRequest,
    forget,
    reader_profile,
    recommend,
)
from papertrack.tracker.wording import count

app = new_app()
_MOST_LIKE = 10_000  # papers of a file, which are held in memory
# Of files that `import` reads; an id has none of them.
_ENDINGS = (".bib", ".ris", ".json", ".jsonl", ".csv", ".txt", ".parquet", ".gz", ".xz", ".zip")
_LIMIT = 20  # papers shown by default in the formats for people
_LikeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--like",
        metavar="ID|FILE",
        autocompletion=complete_ids,
        help="rank by these papers instead of your stars: an id or a file that `import` reads;"
        " repeatable",
    ),
]

_ExplainOption = Annotated[
    bool, typer.Option("--explain", help="show what the ranking has learned, and exit")
]
_ForgetOption = Annotated[
    bool, typer.Option("--forget", help="delete what the ranking has derived, and exit")
]
_BeginOption = Annotated[
    bool, typer.Option("--begin", help="judge ten varied papers on the terminal, and exit")
]


@app.command("recommend")
def recommend_command(
    context: typer.Context,
    topic: TopicOption = None,
    since: SinceOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="include papers older than 30 days and cross-lists")
    ] = False,
    like: _LikeOption = None,
    explain: _ExplainOption = False,
    forget_all: _ForgetOption = False,
    begin: _BeginOption = False,
    limit: LimitOption = None,
    format: FormatOption = "auto",
) -> None:
    """Rank unread papers by what you starred and hid, with the reasons.

    A reason is a word, a pair of words or an author, or a starred paper that is similar; in plain
    lines, reasons are the ninth column. Nothing is hidden, but duplicates of papers that you
    starred, hid or read, or that rank higher, come last. Nothing leaves the machine.

    \b
    papertrack recommend
    papertrack recommend --since 7d --limit 5
    papertrack recommend --like 2603.10165 --all
    papertrack recommend --explain
    papertrack recommend --forget
    """

    def work() -> int:
        session, form = start(context.obj), choose_format(format)
        if begin:
            from papertrack.cli.recommend_begin import begin as begin_on_terminal

            return begin_on_terminal(session)
        tracker = session.tracker()
        if explain:
            return _explain(session, tracker, form, limit)
        if forget_all:
            return _forget(session, tracker)
        first, _ = parse_range(session, since, None)
        request = RecommendRequest(
            topic=topic,
            since=first,
            everything=everything,
            limit=limit_for(form, limit, _LIMIT),
            like=_papers_like(session, tracker, like or ()),
        )
        return session.show(recommend(tracker, request), form)

    run_and_exit(context, work)


def _papers_like(session: Session, tracker: Tracker, values: Sequence[str]) -> list[Paper]:
    """The papers that --like names: stored ones, or those of files, which are not stored."""
    papers: list[Paper] = []
    for value in values:
        if os.path.isfile(value):
            papers += _papers_in(session, value)
        else:
            ids = _resolve(tracker, value)
            papers += [entry.paper for entry in tracker.library.entries(ids).values()]
    return papers


def _resolve(tracker: Tracker, value: str) -> list[str]:
    """The ids that a value names. Raises UsageError, which is about a file if it is a path."""
    if os.path.isdir(value):
        raise UsageError(f"{value} is a folder", next_step="name a file in it")
    no_file = UsageError(f"cannot read {value}", "the file does not exist")
    if value.startswith(("/", "./", "../")):
        raise no_file
    try:
        return printed_rows.resolve(tracker, [value])
    except UsageError as error:
        if value.lower().endswith(_ENDINGS):
            raise no_file from error
        raise


def _papers_in(session: Session, path: str) -> list[Paper]:
    from papertrack.library.library import Library
    from papertrack.tracker.importing import import_file

    in_memory = Library(None)
    result = import_file(in_memory, path, session.now, most=_MOST_LIKE)
    if result.papers >= _MOST_LIKE:
        raise UsageError(
            f"{path} has {_MOST_LIKE:,} papers or more, too many to rank by",
            next_step="choose some of them",
        )
    papers = [entry.paper for entry in in_memory.all_entries()]
    if not papers:
        raise UsageError(f"{path} contains no papers")
    return papers


def _forget(session: Session, tracker: Tracker) -> int:
    if forget(tracker):
        session.inform("deleted what was derived from your stars; the stars themselves remain")
    else:
        session.inform("nothing is derived from your stars")
    return 0


def _explain(session: Session, tracker: Tracker, form: Format, limit: int | None) -> int:
    """Print the weights of all words that the ranking uses, or the first `limit`."""
    if form in ("ids", "md"):
        raise UsageError(f"--explain has no format {form}", next_step="formats: plain, json, csv")
    profile = reader_profile(tracker)
    if profile is None:
        session.inform(*HOW_TO_BEGIN)
        return 0
    pairs = list(profile.weights.items())[: limit_for(form, limit, 2 * _LIMIT)]
    if form == "table":
        from papertrack.display.pairs import draw_pairs

        shown = ((f"{weight:+.4f}", word) for word, weight in pairs)
        draw_pairs(shown, sys.stdout, DrawStyle(session.options.color))
    else:
        from papertrack.display.tabular import row_lines

        rows = ({"word": word, "weight": round(weight, 6)} for word, weight in pairs)
        sys.stdout.writelines(row_lines("recommend", rows, form, session.now))
    stars = count(len(profile.starred) + profile.duplicates, "starred paper")
    note = f"{profile.duplicates:,} of them duplicate others, which count once"
    session.inform(
        f"{len(profile.weights):,} words with a weight, from {stars}",
        *((note,) if profile.duplicates else ()),
    )
    return 0

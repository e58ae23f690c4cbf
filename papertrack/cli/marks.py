"""The commands that change the reader's marks, tags and notes, and `undo`."""

from collections.abc import Sequence
from typing import Annotated

import typer

from papertrack.cli import printed_rows
from papertrack.cli.app import COMMANDS, new_app, run_and_exit
from papertrack.cli.completions import complete_ids, complete_tags
from papertrack.cli.note_editor import edit_note
from papertrack.cli.options import IdsArgument
from papertrack.cli.session import Session, start
from papertrack.errors import LibraryDamaged, UsageError
from papertrack.library.undo import MAX_CHANGES, undo_last
from papertrack.text import readable
from papertrack.tracker import Tracker, marks
from papertrack.tracker.wording import count

_TITLES_NAMED = 5
app = new_app()


def _add_command(mark: marks.Mark) -> None:
    def command(context: typer.Context, ids: IdsArgument) -> None:
        def work() -> int:
            session = start(context.obj)
            return _apply(session, session.tracker(), mark, ids)

        run_and_exit(context, work)

    command.__doc__ = f"""{COMMANDS["Mark"][mark.command].short}.

    `papertrack undo` undoes the change.

    \b
    papertrack {mark.command} 2603.10165
    papertrack {mark.command} 2603.10165 "cinematic camera control"
    papertrack {mark.command} 3 5-7         rows of the table printed last
    """
    app.command(mark.command)(command)


for _mark in marks.MARKS.values():
    _add_command(_mark)


_TagsOption = Annotated[
    list[str],
    typer.Option("--tag", "-t", metavar="T", autocompletion=complete_tags, help="tag; repeatable"),
]


@app.command("tag")
def tag_command(context: typer.Context, ids: IdsArgument, tag: _TagsOption) -> None:
    """Tag papers.

    `papertrack list --tag T` lists the papers with a tag.

    \b
    papertrack tag -t reading 2603.10165
    papertrack tag -t reading -t video 3 5-7
    """
    run_and_exit(context, lambda: _tag(start(context.obj), tag, ids, remove=False))


@app.command("untag")
def untag_command(context: typer.Context, ids: IdsArgument, tag: _TagsOption) -> None:
    """Remove tags from papers.

    \b
    papertrack untag -t reading 2603.10165
    """
    run_and_exit(context, lambda: _tag(start(context.obj), tag, ids, remove=True))


def _tag(session: Session, tags: Sequence[str], ids: Sequence[str], *, remove: bool) -> int:
    mark = marks.combine([marks.tag_mark(tag, remove=remove) for tag in tags])
    return _apply(session, session.tracker(), mark, ids)


@app.command("note")
def note_command(
    context: typer.Context,
    paper: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            autocompletion=complete_ids,
            help="id, URL, part of the title or row of a paper",
        ),
    ],
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help='text of the note; "" removes it')
    ] = None,
    append: Annotated[
        bool, typer.Option("--append", help="add TEXT as a line to the present note")
    ] = False,
) -> None:
    """Write a note about a paper: TEXT or, without it, in $EDITOR.

    \b
    papertrack note 2603.10165 "compare with our baseline"
    papertrack note 2603.10165 --append "code does not run"
    papertrack note 2603.10165 ""
    """

    def work() -> int:
        session = start(context.obj)
        tracker = session.tracker()
        (paper_id,) = _only(printed_rows.resolve(tracker, [paper]))
        written = text
        if append and not (written or "").strip():
            raise UsageError("--append needs TEXT")
        if written is None:
            written = _edit(tracker, paper_id)
        return _apply(session, tracker, marks.note_mark(written, append=append), [paper_id])

    run_and_exit(context, work)


@app.command("unnote")
def unnote_command(context: typer.Context, ids: IdsArgument) -> None:
    """Remove the notes of papers.

    \b
    papertrack unnote 2603.10165
    """

    def work() -> int:
        session = start(context.obj)
        return _apply(session, session.tracker(), marks.note_mark(""), ids)

    run_and_exit(context, work)


@app.command("undo")
def undo_command(context: typer.Context) -> None:
    """Undo the last change of marks, tags or notes; repeat to undo earlier changes.

    \b
    papertrack undo
    """

    def work() -> int:
        session = start(context.obj)
        library = session.library()
        change = undo_last(library)
        if change is None:
            session.inform(f"nothing to undo; the last {MAX_CHANGES} changes are kept")
            return 0
        titles = [entry.paper.title for entry in library.entries(change.before).values()]
        session.inform(f"undone: {change.action}: {_named(titles)}")
        return 0

    run_and_exit(context, work)


def _apply(session: Session, tracker: Tracker, mark: marks.Mark, ids: Sequence[str]) -> int:
    paper_ids = printed_rows.resolve(tracker, ids)
    changed, entries = marks.apply_mark(tracker.library, mark, paper_ids, session.now)
    unchanged = len(entries) - changed
    done = mark.done if changed else f"nothing changed ({mark.done} before)"
    already = f" ({count(unchanged, 'paper')} unchanged)" if changed and unchanged else ""
    titles = [entry.paper.title for entry in entries]
    undo = ("undo: papertrack undo",) if changed else ()
    session.inform(f"{done}{already}: {_named(titles)}", *undo)
    return 0


def _named(titles: Sequence[str]) -> str:
    more = len(titles) - _TITLES_NAMED
    return "; ".join(
        [*map(readable, titles[:_TITLES_NAMED]), *([f"{more:,} more"] if more > 0 else [])]
    )


def _only(paper_ids: Sequence[str]) -> Sequence[str]:
    if len(paper_ids) != 1:
        raise UsageError(f"a note belongs to a single paper, not to {len(paper_ids):,}")
    return paper_ids


def _edit(tracker: Tracker, paper_id: str) -> str:
    """Let the reader edit the note of a paper. Raises UsageError if that is not possible."""
    entry = tracker.library.entries([paper_id]).get(paper_id)
    if entry is None:  # The index names it, but its file is damaged.
        repair = "to repair: papertrack library verify --repair"
        raise LibraryDamaged(f"{paper_id} cannot be read", next_step=repair)
    return edit_note(entry)

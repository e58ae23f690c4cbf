"""The commands `star`, `read` and `hide`, and their opposites."""

import typer

from papertrack.cli.app import COMMANDS, new_app, run_and_exit
from papertrack.cli.options import IdsArgument
from papertrack.cli.session import start
from papertrack.text import readable
from papertrack.tracker import marks, papers
from papertrack.tracker.wording import count

app = new_app()


def _add_command(mark: marks.Mark) -> None:
    def command(context: typer.Context, ids: IdsArgument) -> None:
        def work() -> int:
            session = start(context.obj)
            tracker = session.tracker()
            paper_ids = papers.resolve(tracker, ids)
            changed, entries = marks.apply_mark(tracker.library, mark, paper_ids)
            unchanged = len(entries) - changed
            already = f" ({count(unchanged, 'paper')} already)" if unchanged else ""
            titles = "; ".join(readable(entry.paper.title) for entry in entries)
            undo = f"undo: papertrack {mark.undo} {' '.join(entry.paper.id for entry in entries)}"
            session.inform(f"{mark.done}{already}: {titles}", undo)
            return 0

        run_and_exit(context, work)

    command.__doc__ = f"""{COMMANDS["Mark"][mark.command].short}.

    To undo, run `papertrack {mark.undo}`.

    \b
    papertrack {mark.command} 2603.10165
    papertrack {mark.command} 2603.10165 "cinematic camera control"
    """
    app.command(mark.command)(command)


for _mark in marks.MARKS.values():
    _add_command(_mark)

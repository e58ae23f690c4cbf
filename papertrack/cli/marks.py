"""The commands by which a reader marks papers: star, read, hide, and back."""

import typer

from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.exit_handling import print_error
from papertrack.cli.options import IdsArgument
from papertrack.cli.session import start
from papertrack.tracker import marks, papers
from papertrack.tracker.wording import count

app = new_app()


def _add(mark: marks.Mark) -> None:
    def command(context: typer.Context, ids: IdsArgument) -> None:
        def work() -> int:
            session = start(context.obj)
            tracker = session.tracker()
            paper_ids = papers.resolve(tracker, ids)
            altered, entries = marks.apply_mark(tracker.library, mark, paper_ids)
            if not session.anywhere.quiet:
                untouched = len(entries) - altered
                was = f" ({count(untouched, 'paper')} already)" if untouched else ""
                undo = f"undo: papertrack {mark.undo} {' '.join(one.paper.id for one in entries)}"
                print_error(
                    [f"{mark.done}{was}: " + "; ".join(one.paper.title for one in entries), undo]
                )
            return 0

        run_and_exit(context, work)

    command.__doc__ = f"""Papers become {mark.done}; `papertrack {mark.undo}` takes it back.

    \b
    papertrack {mark.command} 2603.10165
    papertrack {mark.command} 2603.10165 2603.11421 "a fragment of a title"
    """
    app.command(mark.command)(command)


for _mark in marks.MARKS.values():
    _add(_mark)

"""The command `browse`: the interactive reader."""

import os
import sys
from typing import Annotated

import typer

from papertrack.calendar import parse_day, utc_day
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.options import TopicOption
from papertrack.cli.session import start
from papertrack.errors import INTERRUPTED, UsageError
from papertrack.tracker import topic_named

app = new_app()
_INSTALL = "pip install 'papertrack-cli[tui]'"
_SAME_IN_COMMANDS = (
    "the same in commands: papertrack today, list --unread, search, show, star, read, hide, undo"
)


@app.command("browse")
def browse_command(
    context: typer.Context,
    query: Annotated[
        list[str] | None, typer.Argument(metavar="[QUERY]", help="begin with a search")
    ] = None,
    topic: TopicOption = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DAY", help="only papers listed on this day or later"),
    ] = None,
) -> None:
    """Read, search and mark papers on the full screen, with the keys of mail readers.

    Needs papertrack-cli[tui] and a terminal. ? shows all keys; browse: keys: in the configuration
    changes them.

    \b
    papertrack browse                       the last listing day
    papertrack browse speculative decoding  a search
    papertrack topics add video --any "video generation"
    papertrack browse -t video              a topic
    """
    run_and_exit(context, lambda: _run(context.obj, " ".join(query or ()), topic, since))


def _run(options: GlobalOptions, query: str, topic: str | None, since: str | None) -> int:
    session = start(options)
    _check_terminal()
    first_day = parse_day(since, utc_day(session.now)) if since else None
    name = topic_named(session.config.topics, topic).name if topic else None
    try:
        from papertrack.browse.app import BrowseApp
        from papertrack.browse.sections import SectionKey
    except ModuleNotFoundError as error:
        if error.name != "textual":
            raise
        raise UsageError("browse needs Textual", f"to install it: {_INSTALL}") from error
    from papertrack.cli.desk import open_desk

    first_section = SectionKey("topic", name) if name else SectionKey("today")
    if query:
        first_section = SectionKey("search", query)
    reader = BrowseApp(open_desk(options, session.config), first_section, first_day)
    reader.run()
    return _exit_code(reader.failure, reader.ended_by)


def _exit_code(failure: Exception | None, ended_by: int | None) -> int:
    """The exit code; a signal that ended the reader ends the process as it would have."""
    import signal

    if failure:
        raise failure
    if ended_by is None:
        return 0
    if ended_by != signal.SIGINT:
        signal.signal(ended_by, signal.SIG_DFL)
        os.kill(os.getpid(), ended_by)
    return INTERRUPTED


def _check_terminal() -> None:
    """Raise UsageError where no screen can be drawn, naming the commands that do the same."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("browse needs a terminal", "", _SAME_IN_COMMANDS)
    if os.environ.get("TERM", "dumb") in ("dumb", "unknown", ""):
        raise UsageError("this terminal cannot show a full screen", "", _SAME_IN_COMMANDS)

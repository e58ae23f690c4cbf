"""The commands as typer knows them. A command's module is imported when it is called."""

import os
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated, Any, NamedTuple, NoReturn

import typer
from typer.core import TyperGroup

from papertrack.cli.exit_handling import exit_code_of
from papertrack.cli.global_options import TO_COMPLETE, GlobalOptions

_PACKAGE = "papertrack.cli."


class _CommandEntry(NamedTuple):
    module: str
    short: str


# Each heading of the help with its commands, and the module whose `app` holds each.
COMMANDS: dict[str, dict[str, _CommandEntry]] = {
    "Read": {
        "today": _CommandEntry("papers", "new papers, yours first, and what is trending"),
        "trending": _CommandEntry("papers", "what is rising, and by what it is ranked"),
        "list": _CommandEntry("papers", "stored papers by topic, state and day"),
        "search": _CommandEntry("papers", "search everything stored, tolerant of typos"),
        "show": _CommandEntry("papers", "one paper in full, with its history"),
        "why": _CommandEntry("topics", "why a paper matches your topics, or not"),
    },
    "Mark": {
        "star": _CommandEntry("marks", "star papers, to find them again"),
        "unstar": _CommandEntry("marks", "take the star away"),
        "read": _CommandEntry("marks", "mark papers as read"),
        "unread": _CommandEntry("marks", "mark papers as not read"),
        "hide": _CommandEntry("marks", "never show these papers again"),
        "unhide": _CommandEntry("marks", "show them again"),
    },
    "Keep up": {
        "fetch": _CommandEntry("fetch_import", "bring the library up to date, or back-fill days"),
        "alert": _CommandEntry("alerts", "for cron: deliver what is new for your topics, once"),
        "coverage": _CommandEntry(
            "coverage", "which days of which source are stored, as a calendar"
        ),
        "sources": _CommandEntry("coverage", "the sources there are, and how they are doing"),
        "import": _CommandEntry("fetch_import", "store papers from a file"),
        "export": _CommandEntry("export", "write stored papers to a file"),
        "library": _CommandEntry("library", "the library's files: check, back up, restore"),
        "topics": _CommandEntry("topics", "the topics you watch"),
        "config": _CommandEntry("config", "the configuration file"),
        "completion": _CommandEntry("config", "tab completion for your shell"),
    },
}
_FLAT = {name: entry for group in COMMANDS.values() for name, entry in group.items()}


class _LazyGroup(TyperGroup):
    """Knows its commands by name, and imports one when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # typer's signature
        """All names, in the order of the help."""
        return list(_FLAT)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # as above
        """The command of a name, or None."""
        if cmd_name not in _FLAT:
            return None
        if cmd_name not in self.commands:
            module = import_module(_PACKAGE + _FLAT[cmd_name].module)
            for name, command in typer.main.get_group(module.app).commands.items():
                self.commands.setdefault(name, command)
        return self.commands[cmd_name]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As typer does, with a suggestion for a name that is none."""
        if args and args[0] not in _FLAT and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], _FLAT, n=1)
            ctx.fail(
                f"No such command {args[0]!r}." + (f" Did you mean {close[0]!r}?" if close else "")
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # as above
        """The commands by heading, without importing any."""
        for heading, group in COMMANDS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, entry.short) for name, entry in group.items()])


def run_typer(anywhere: GlobalOptions, arguments: Sequence[str]) -> int:
    """Run the command line through typer, and return its exit code."""
    try:
        _app(completing=_is_completing(arguments))(
            args=list(arguments) or ["--help"], prog_name="papertrack", obj=anywhere
        )
    except CommandEnded as end:
        return end.exit_code
    except SystemExit as end:
        # typer ends with 1 only where whoever read its help has closed the pipe.
        return end.code if isinstance(end.code, int) and end.code > 1 else 0
    return 0


def _is_completing(arguments: Sequence[str]) -> bool:
    return TO_COMPLETE in os.environ or "completion" in arguments


def _app(*, completing: bool) -> typer.Typer:
    # rich_markup_mode None: help is text; drawing it would import rich at every --help.
    app = typer.Typer(
        cls=_LazyGroup,
        add_completion=completing,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    return app


def _root(  # `split` has taken these away before; here are their help and completion
    _config: Annotated[
        str | None,
        typer.Option("--config", metavar="FILE", help="another configuration file"),
    ] = None,
    _library: Annotated[
        str | None, typer.Option("--library", metavar="DIR", help="another library folder")
    ] = None,
    _no_color: Annotated[bool, typer.Option("--no-color", help="no colours")] = False,
    _verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="say more; -vv prints the log")
    ] = False,
    _quiet: Annotated[bool, typer.Option("-q", "--quiet", help="say less on stderr")] = False,
    _debug: Annotated[
        bool, typer.Option("--debug", help="a traceback where something fails")
    ] = False,
    _version: Annotated[bool, typer.Option("--version", help="the version")] = False,
) -> None:
    """New and trending papers in your terminal, from one local library.

    \b
    papertrack today              new papers, yours first, and what is trending
    papertrack today --sample     the same on a shipped sample, no network needed
    papertrack config init        write a commented configuration to put your topics in

    The options below may stand anywhere, before and after the command.
    """


def new_app() -> typer.Typer:
    """An app for a module of commands, with the manners of the whole."""
    return typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)


class CommandEnded(Exception):
    """A command has done its work, and how."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


def run_and_exit(context: typer.Context, work: Callable[[], int]) -> NoReturn:
    """Do a command's work and end with its exit code."""
    raise CommandEnded(exit_code_of(work, debug=context.obj.debug))

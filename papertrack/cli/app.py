"""The typer application. The module of a command is imported when the command is called."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any, NamedTuple, NoReturn, cast

import typer
from typer.core import TyperCommand, TyperGroup

from papertrack.cli.exit_handling import interruptible_exit_code_of
from papertrack.cli.global_options import TO_COMPLETE, GlobalOptions
from papertrack.errors import UsageError

_PACKAGE = "papertrack.cli."
# typer exports only a subclass of its usage errors.
_TyperUsageError = cast("type[Exception]", typer.BadParameter.__base__)


class _CommandEntry(NamedTuple):
    module: str
    short: str


# The headings of `papertrack --help`, each with its commands and the modules that define them.
COMMANDS: dict[str, dict[str, _CommandEntry]] = {
    "Read": {
        "today": _CommandEntry("papers", "Show new papers, matches first, and what is trending"),
        "catchup": _CommandEntry("catchup", "Show what you missed since you last looked"),
        "trending": _CommandEntry("papers", "Rank stored papers by upvotes gained, or by a count"),
        "list": _CommandEntry("papers", "List stored papers by topic, state and day"),
        "search": _CommandEntry("papers", "Search all stored papers, tolerating typos"),
        "recommend": _CommandEntry("recommend", "Rank unread papers by what you starred and hid"),
        "show": _CommandEntry("papers", "Show papers in full, with their history"),
        "open": _CommandEntry("pages", "Open papers in the browser"),
        "pdf": _CommandEntry("pdfs", "Download the PDFs of papers"),
        "cite": _CommandEntry("pages", "Print references to papers"),
        "why": _CommandEntry("topics", "Explain why papers match your topics, or do not"),
        "browse": _CommandEntry("browse", "Read and mark papers on the full screen"),
    },
    "Mark": {
        "star": _CommandEntry("marks", "Star papers"),
        "unstar": _CommandEntry("marks", "Unstar papers"),
        "read": _CommandEntry("marks", "Mark papers as read"),
        "unread": _CommandEntry("marks", "Mark papers as unread"),
        "hide": _CommandEntry("marks", "Hide papers"),
        "unhide": _CommandEntry("marks", "Unhide papers"),
        "tag": _CommandEntry("marks", "Tag papers"),
        "untag": _CommandEntry("marks", "Remove tags from papers"),
        "note": _CommandEntry("marks", "Write a note about a paper"),
        "unnote": _CommandEntry("marks", "Remove the notes of papers"),
        "undo": _CommandEntry("marks", "Undo the last change of marks, tags or notes"),
    },
    "Keep up": {
        "fetch": _CommandEntry("fetch_import", "Update the library, or fetch past days"),
        "alert": _CommandEntry("alerts", "Deliver new matches once; meant for cron"),
        "coverage": _CommandEntry("coverage", "Show how complete each day is, as a calendar"),
        "sources": _CommandEntry("coverage", "List sources and their status"),
        "stats": _CommandEntry("stats", "Show papers a week, topics, rising terms and reading"),
        "import": _CommandEntry("fetch_import", "Store papers from a file"),
        "export": _CommandEntry("export", "Write stored papers to a file"),
        "publish": _CommandEntry("publish", "Write a static site of the library"),
        "library": _CommandEntry("library", "Check, back up and restore the library"),
        "topics": _CommandEntry("topics", "List, change and test your topics"),
        "feeds": _CommandEntry("feeds", "List and change the feeds that papers come from"),
        "config": _CommandEntry("config", "Create, locate, show and check the configuration"),
        "doctor": _CommandEntry("doctor", "Check that everything works, and repair the library"),
        "completion": _CommandEntry("config", "Print or install tab completion for a shell"),
    },
}
_ALL_COMMANDS = {name: entry for group in COMMANDS.values() for name, entry in group.items()}


class _LazyGroup(TyperGroup):
    """A group that lists its commands by name and imports each when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # typer's signature
        """The names of all commands, in the order of the help."""
        return list(_ALL_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # as above
        """The command with a name, or None."""
        if cmd_name not in _ALL_COMMANDS:
            return None
        if cmd_name not in self.commands:
            module = import_module(_PACKAGE + _ALL_COMMANDS[cmd_name].module)
            _restore_help(module.app)
            for name, command in typer.main.get_group(module.app).commands.items():
                self.commands.setdefault(name, command)
        return self.commands[cmd_name]

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Complete names of commands with their descriptions, without importing their modules."""
        imported = self.commands
        self.commands = {
            name: TyperCommand(name, short_help=entry.short)
            for name, entry in _ALL_COMMANDS.items()
        }
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self.commands = imported

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Resolve a command as typer does, and suggest a similar name for an unknown command."""
        if args and args[0] not in _ALL_COMMANDS and not args[0].startswith("-"):
            import difflib

            similar = difflib.get_close_matches(args[0], _ALL_COMMANDS, n=1)
            suggestion = f" (did you mean {similar[0]!r}?)" if similar else ""
            ctx.fail(f"No such command {args[0]!r}{suggestion}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # as above
        """Write the commands by heading, without importing their modules."""
        for heading, group in COMMANDS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, entry.short) for name, entry in group.items()])


class _CommandGroup(TyperGroup):
    """A group such as `topics` that alone lists what it is about, or else shows its help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse arguments as typer does, after adding those of a call without a command."""
        if "list" in self.commands and (not args or args[0] in ("-f", "--format")):
            args = ["list", *args]
        return super().parse_args(ctx, args or ["--help"])


def run_typer(options: GlobalOptions, arguments: Sequence[str]) -> int:
    """Parse and run a command line with typer, and return its exit code.

    Raises UsageError for arguments that typer does not accept.
    """
    if arguments[:1] == ["help"]:
        arguments = [*(word for word in arguments if word != "help"), "--help"]
    app = _app(completing=_is_completing(arguments))
    if TO_COMPLETE in os.environ:
        _keep_typer_from_importing_rich()
    try:
        app(
            args=list(arguments) or ["--help"],
            prog_name="papertrack",
            obj=options,
            standalone_mode=False,
        )
    except CommandEnded as end:
        return end.exit_code
    except _TyperUsageError as error:
        raise _usage_error(error, arguments) from None
    except SystemExit:  # typer has printed completions, or the reader of the help closed the pipe.
        pass
    return 0


def _usage_error(error: Any, arguments: Sequence[str]) -> UsageError:
    message = " ".join(error.format_message().split()).rstrip(".")
    # Errors from parsing options do not have the context of their command.
    named = [argument for argument in arguments[:1] if argument in _ALL_COMMANDS]
    command = error.ctx.command_path if error.ctx else " ".join(["papertrack", *named])
    return UsageError(message[:1].lower() + message[1:], next_step=f"see `{command} --help`")


def _is_completing(arguments: Sequence[str]) -> bool:
    return TO_COMPLETE in os.environ or "completion" in arguments


def _keep_typer_from_importing_rich() -> None:
    """Let typer print descriptions as they are: it would remove markup of rich, which has none.

    For that it imports rich, which takes longer than all else. A typer without this private
    function only is slower.
    """
    with suppress(ImportError):
        from typer import _completion_classes

        vars(_completion_classes)["_sanitize_help_text"] = str


def _app(*, completing: bool) -> typer.Typer:
    # Help is plain text: any other rich_markup_mode imports rich at every --help.
    app = typer.Typer(
        cls=_LazyGroup,
        add_completion=completing,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    _restore_help(app)
    return app


def _restore_help(app: typer.Typer) -> None:
    """Let the help be there under PYTHONOPTIMIZE=2, too."""
    if sys.flags.optimize > 1:
        from papertrack.cli.docstrings import restore_docstrings

        restore_docstrings(app)


def _root(  # only for help and completion: `split_options` has already consumed these options
    _config: Annotated[
        str | None,
        typer.Option("--config", metavar="FILE", help="configuration file to use"),
    ] = None,
    _library: Annotated[
        str | None, typer.Option("--library", metavar="DIR", help="library folder to use")
    ] = None,
    _no_color: Annotated[bool, typer.Option("--no-color", help="disable colours")] = False,
    _no_links: Annotated[
        bool, typer.Option("--no-links", help="print no hyperlinks in tables")
    ] = False,
    _no_pager: Annotated[
        bool, typer.Option("--no-pager", help="never page tables longer than the terminal")
    ] = False,
    _verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="print more on stderr; -vv prints the log")
    ] = False,
    _quiet: Annotated[bool, typer.Option("-q", "--quiet", help="print less on stderr")] = False,
    _debug: Annotated[bool, typer.Option("--debug", help="print a traceback on failure")] = False,
    _version: Annotated[bool, typer.Option("-V", "--version", help="print the version")] = False,
) -> None:
    """Show new and trending papers in your terminal, from a local library.

    \b
    papertrack today              show new papers, matches first, and what is trending
    papertrack today --sample     try it on the included sample, without a network
    papertrack config init        write a commented configuration file to edit
    papertrack help today         show the options of a command

    The options below work before and after the command.
    """


def new_app() -> typer.Typer:
    """Create the typer app for a module of commands."""
    return typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)


def new_group() -> typer.Typer:
    """Create the typer app for a group of commands; alone, it is its `list` or its help."""
    return typer.Typer(cls=_CommandGroup, rich_markup_mode=None, pretty_exceptions_enable=False)


class CommandEnded(Exception):
    """Raised at the end of a command, with its exit code."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


def run_and_exit(context: typer.Context, work: Callable[[], int]) -> NoReturn:
    """Run the work of a command and end the command with its exit code."""
    raise CommandEnded(interruptible_exit_code_of(work, debug=context.obj.debug))

"""The commands `config init`, `path`, `show` and `check`, and `completion`."""

import os
import sys
from typing import Annotated

import typer

from papertrack import config
from papertrack.cli.app import new_app, new_group, run_and_exit
from papertrack.cli.config_file import (
    example_with,
    example_without_topics,
    lock_for_editing,
    replace_keeping_old,
)
from papertrack.cli.exit_handling import print_message
from papertrack.cli.output import print_line
from papertrack.errors import UsageError
from papertrack.tracker.wording import ADD_TOPIC, count

app = new_app()
config_app = new_group()
app.add_typer(config_app, name="config", help="Create, locate, show and check the configuration.")


@config_app.command("init")
def init_command(
    context: typer.Context,
    force: Annotated[
        bool, typer.Option("--force", help="replace an existing file; it is kept beside it")
    ] = False,
    topics: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="topics to start with, separated by commas"),
    ] = None,
    empty: Annotated[
        bool, typer.Option("--empty", help="leave out the examples of topics")
    ] = False,
) -> None:
    """Write a commented configuration file.

    It has the topics that --topics names. Otherwise it has examples of topics as comments, unless
    --empty is given.

    \b
    papertrack config init
    papertrack config init --topics "world models, speech recognition"
    papertrack config init --empty
    papertrack --config ./papers.yaml config init
    """

    def work() -> int:
        path, _ = config.resolve_path(context.obj.config, os.environ)
        if os.path.lexists(path) and not force:
            raise UsageError(
                f"{path} already exists", next_step="edit it, or use --force to replace it"
            )
        if os.path.exists(path) and not os.path.isfile(path):  # root could replace a device
            raise UsageError(f"{path} is not a file", next_step="use --config for another path")
        text = _initial_text(path, topics, empty=empty)
        with lock_for_editing(path, new=True):
            kept = replace_keeping_old(path, text)
        print_line(path)
        if not context.obj.quiet:
            created = "created; run `papertrack today`" if topics else f"created; {ADD_TOPIC}"
            print_message([created, f"the earlier file is kept as {kept}"] if kept else [created])
        return 0

    run_and_exit(context, work)


def _initial_text(path: str, topics: str | None, *, empty: bool) -> str:
    """The example, with topics of these names or without its examples. Raises UsageError."""
    names = [name.strip() for name in (topics or "").split(",") if name.strip()]
    if empty and names:
        raise UsageError("--topics and --empty cannot be combined")
    return example_without_topics() if empty else example_with(names, path)


@config_app.command("path")
def path_command(context: typer.Context) -> None:
    """Print the path of the configuration file.

    The file need not exist.

    \b
    $EDITOR "$(papertrack config path)"
    """

    def work() -> int:
        path, _ = config.resolve_path(context.obj.config, os.environ)
        print_line(path)
        if not os.path.exists(path) and not context.obj.quiet:
            print_message(["the file does not exist; `papertrack config init` creates it"])
        return 0

    run_and_exit(context, work)


@config_app.command("show")
def show_command(context: typer.Context) -> None:
    """Print all values in effect as YAML, without secrets.

    \b
    papertrack config show
    """

    def work() -> int:
        sys.stdout.write(config.effective_yaml(_load(context)))
        return 0

    run_and_exit(context, work)


@config_app.command("check")
def check_command(context: typer.Context) -> None:
    """Check the configuration and list all problems with their lines.

    Exit code 2: the configuration has problems.

    \b
    papertrack config check && papertrack today
    """

    def work() -> int:
        loaded = _load(context)
        path = loaded.path or "no configuration file, using the defaults"
        print_line(f"{path}: valid, {count(len(loaded.topics), 'topic')}")
        if warning := config.exposure_warning(loaded):
            print_message([warning])
        return 0

    run_and_exit(context, work)


@app.command("completion")
def completion_command(
    context: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish|powershell")],
    install: Annotated[
        bool, typer.Option("--install", help="add it to the configuration of the shell")
    ] = False,
) -> None:
    """Print or install tab completion for a shell.

    \b
    papertrack completion bash --install
    papertrack completion fish > ~/.config/fish/completions/papertrack.fish
    """

    def work() -> int:
        # typer does not export this, but its own --show-completion calls it.
        from typer.completion import get_completion_script  # type: ignore[attr-defined]

        from papertrack.cli.completion_install import install as install_script
        from papertrack.cli.completion_scripts import SCRIPTS

        if shell not in ("bash", "zsh", "fish", "powershell"):
            raise UsageError(
                f"no completion for {shell!r}", next_step="bash, zsh, fish, powershell"
            )
        if install:
            print_line(install_script(shell, os.environ))
            return 0
        script = SCRIPTS.get(shell) or get_completion_script(
            prog_name="papertrack", complete_var="_PAPERTRACK_COMPLETE", shell=shell
        )
        print_line(script)
        return 0

    run_and_exit(context, work)


def _load(context: typer.Context) -> config.Config:
    """Load the whole configuration without the cache. Raises ConfigError."""
    path, is_explicit = config.resolve_path(context.obj.config, os.environ)
    return config.load(path if is_explicit or os.path.exists(path) else None)

"""The commands about papertrack itself: config init, path, show, check; completion."""

import os
import sys
from typing import Annotated

import typer

from papertrack import config
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.exit_handling import print_error
from papertrack.errors import UsageError
from papertrack.tracker.wording import count

app = new_app()
config_app = new_app()
app.add_typer(
    config_app, name="config", help="The configuration file: write it, find it, check it."
)


@config_app.command("init")
def init_command(
    context: typer.Context,
    force: Annotated[
        bool, typer.Option("--force", help="replace a file that is there; it is kept as .bak")
    ] = False,
) -> None:
    """Write a commented configuration file, with topics to edit.

    \b
    papertrack config init
    papertrack --config ./papers.yaml config init
    """

    def work() -> int:
        path, _ = config.resolve_path(context.obj.config, os.environ)
        if os.path.lexists(path) and not force:
            raise UsageError(
                f"{path} is already there", next_step="edit it, or replace it with --force"
            )
        if os.path.exists(path) and not os.path.isfile(path):  # root could move a device away
            raise UsageError(f"{path} is no file", next_step="name another with --config")
        try:
            _write(path, config.example_text())
        except OSError as error:
            raise UsageError(f"cannot write {path}", error.strerror or str(error)) from error
        typer.echo(path)
        if not context.obj.quiet:
            print_error(["written; put your topics in, then run `papertrack today`"])
        return 0

    run_and_exit(context, work)


@config_app.command("path")
def path_command(context: typer.Context) -> None:
    """Print where the configuration file is, or would be.

    \b
    $EDITOR "$(papertrack config path)"
    """

    def work() -> int:
        path, _ = config.resolve_path(context.obj.config, os.environ)
        typer.echo(path)
        if not os.path.exists(path) and not context.obj.quiet:
            print_error(["not there yet: `papertrack config init` writes it"])
        return 0

    run_and_exit(context, work)


@config_app.command("show")
def show_command(context: typer.Context) -> None:
    """Print every value in effect as YAML, secrets left out.

    \b
    papertrack config show
    """

    def work() -> int:
        sys.stdout.write(config.explain(_loaded(context)))
        return 0

    run_and_exit(context, work)


@config_app.command("check")
def check_command(context: typer.Context) -> None:
    """Check the configuration: all problems at once with their lines, exit code 2.

    \b
    papertrack config check && papertrack today
    """

    def work() -> int:
        loaded = _loaded(context)
        where = loaded.path or "no configuration file, so the defaults"
        typer.echo(f"{where}: good, {count(len(loaded.topics), 'topic')}")
        if warning := config.exposure_warning(loaded):
            print_error([warning])
        return 0

    run_and_exit(context, work)


@app.command("completion")
def completion_command(
    context: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish|powershell")],
    install: Annotated[
        bool, typer.Option("--install", help="add it to the shell's own configuration")
    ] = False,
) -> None:
    """Print the tab completion of commands, options and topics for a shell, or install it.

    \b
    papertrack completion bash --install
    papertrack completion fish > ~/.config/fish/completions/papertrack.fish
    """

    def work() -> int:
        # Not exported, but what typer's own --install-completion calls.
        from typer.completion import get_completion_script  # type: ignore[attr-defined]
        from typer.completion import install as install_script  # type: ignore[attr-defined]

        if shell not in ("bash", "zsh", "fish", "powershell"):
            raise UsageError(
                f"no completion for {shell!r}", next_step="bash, zsh, fish, powershell"
            )
        if install:
            _, path = install_script(shell=shell, prog_name="papertrack")
            typer.echo(path)
            return 0
        script = get_completion_script(
            prog_name="papertrack", complete_var="_PAPERTRACK_COMPLETE", shell=shell
        )
        typer.echo(script)
        return 0

    run_and_exit(context, work)


def _loaded(context: typer.Context) -> config.Config:
    """All of the configuration, freshly read."""
    path, asked_for = config.resolve_path(context.obj.config, os.environ)
    return config.load(path if asked_for or os.path.exists(path) else None)


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    if os.path.lexists(path):
        os.replace(path, path + ".bak")
    with open(path, "x", encoding="utf-8") as file:
        file.write(text)

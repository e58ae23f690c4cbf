"""Adds tab completion to the configuration of a shell.

typer's own installation writes over the reader's ~/.bashrc in place, which a full disk would empty.
"""

import os
import shlex
import subprocess
from collections.abc import Mapping

from papertrack.cli.completion_scripts import SCRIPTS
from papertrack.cli.config_file import write
from papertrack.config.folders import expand_home
from papertrack.errors import UsageError

_ZSH_LINE = "fpath+=~/.zfunc; autoload -Uz compinit; compinit"


def install(shell: str, environ: Mapping[str, str]) -> str:
    """Install the completion of a shell and return the path of its script.

    Raises UsageError if a file cannot be written; files of the reader are then as they were.
    """
    if shell not in SCRIPTS:
        return _install_with_typer(shell)
    home = expand_home("~")
    if shell == "bash":
        path = os.path.join(home, ".bash_completions", "papertrack.sh")
        _write_script(path, SCRIPTS[shell])
        _add_line(os.path.join(home, ".bashrc"), f"source {shlex.quote(path)}", f"source '{path}'")
    elif shell == "zsh":
        path = os.path.join(home, ".zfunc", "_papertrack")
        _write_script(path, SCRIPTS[shell])
        _add_line(os.path.join(environ.get("ZDOTDIR") or home, ".zshrc"), _ZSH_LINE)
    else:
        path = _fish_path(home, environ)
        _write_script(path, SCRIPTS[shell])
    return path


def _fish_path(home: str, environ: Mapping[str, str]) -> str:
    """The path from which fish loads the script, on every system."""
    base = environ.get("XDG_CONFIG_HOME", "")
    base = base if os.path.isabs(base) else os.path.join(home, ".config")
    return os.path.join(base, "fish", "completions", "papertrack.fish")


def _write_script(path: str, script: str) -> None:
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write {path}", error.strerror or "") from error
    write(path, script)


def _add_line(path: str, line: str, *earlier: str) -> None:
    """Append a line to a file, unless it has this or an earlier form of it."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            content = file.read()
    except FileNotFoundError:
        content = ""
    except OSError as error:
        raise UsageError(f"cannot read {path}", error.strerror or "") from error
    if not {line, *earlier}.intersection(content.splitlines()):
        ending = "" if content.endswith("\n") or not content else "\n"
        write(path, f"{content}{ending}{line}\n")


def _install_with_typer(shell: str) -> str:
    # typer does not export this, but its own --install-completion calls it.
    from typer.completion import install as install_script  # type: ignore[attr-defined]

    try:
        return str(install_script(shell=shell, prog_name="papertrack")[1])
    except (OSError, subprocess.SubprocessError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot install the completion of {shell}", why) from error

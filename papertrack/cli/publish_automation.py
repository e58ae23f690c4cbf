"""The options --github, --gitlab and --cron of `publish`."""

import os
import shlex
import sys
from typing import TYPE_CHECKING

import typer

from papertrack.cli.alert_session import start_with_alerts
from papertrack.cli.schedule_environment import command_of_this_program
from papertrack.errors import UsageError
from papertrack.storage import files

if TYPE_CHECKING:
    from papertrack.publishing.automation import Kind, Repository

_PROGRAM, _TEXT = 0o755, 0o644


def print_or_install(context: typer.Context, kind: "Kind", site: str, *, install: bool) -> int:
    """Print the files of a kind, or write them into the repository. Raises UsageError."""
    from papertrack.publishing.automation import files_of, find_repository

    session = start_with_alerts(context)
    repository = find_repository(session.config, session.folder, site)
    texts = files_of(kind, repository, shlex.join(command_of_this_program()))
    for name in repository.unusable if kind != "cron" else ():
        session.inform(f"channel {name!r} reads a secret from a file or keyring: use _env instead")
    if install:
        for path in _write(repository, texts):
            session.inform(f"{path} written")
        return 0
    for number, (path, text) in enumerate(texts.items()):
        heading = f"# {path}\n" if len(texts) > 1 else ""
        sys.stdout.write("\n" * bool(number) + heading + text)
    return 0


def _write(repository: "Repository", texts: dict[str, str]) -> list[str]:
    """Write files and return their paths. Raises UsageError if one of them is somebody else's."""
    from papertrack.publishing.automation import is_program

    paths = {path: os.path.join(repository.root, path) for path in texts}
    for path in paths.values():
        if os.path.exists(path) and b"papertrack publish" not in _read(path):
            raise UsageError(
                f"{path} exists", "papertrack did not write it", "print the file and merge them"
            )
    try:
        for path, text in texts.items():
            target = paths[path]
            os.makedirs(os.path.dirname(target), exist_ok=True)
            mode = _PROGRAM if is_program(path) else _TEXT
            with files.open_replacement(target, mode) as descriptor:
                files.write_all(descriptor, text.encode())
    except OSError as error:
        raise UsageError(f"cannot write {error.filename}", error.strerror or str(error)) from error
    return list(paths.values())


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(10_000)
    except OSError as error:
        raise UsageError(f"cannot read {path}", error.strerror or str(error)) from error

"""The configuration file as commands change it: read, changed in one step, opened in an editor."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from papertrack import config
from papertrack.cli.global_options import GlobalOptions
from papertrack.config.parsing import parse_config, read_text
from papertrack.errors import LibraryError, UsageError
from papertrack.models import Topic
from papertrack.storage import files
from papertrack.storage.lock import hold_lock

_SECONDS = 10.0  # longer than many changes take one after another
_BUSY = "another papertrack is changing the configuration"


def config_path(anywhere: GlobalOptions) -> str:
    """Where the configuration file is, or would be."""
    return config.resolve_path(anywhere.config, os.environ)[0]


@contextmanager
def exclusive(path: str, *, new: bool = False, timeout: float = _SECONDS) -> Iterator[None]:
    """Keep every other papertrack from changing the file there between reading it and putting
    another in its place, by a lock beside it, or beside what a symbolic link leads to. The folder
    of a file that is to be `new` is made.

    Raises UsageError as `put`, and LibraryBusy where another takes longer than `timeout` seconds.
    """
    folder, name = os.path.split(os.path.realpath(path))
    if not new and not os.path.isdir(folder):
        yield  # there is nothing to change
        return
    with ExitStack() as stack:
        with _writing(path):
            _check_writable(os.path.join(folder, name))
            os.makedirs(folder, exist_ok=True)
        try:
            stack.enter_context(hold_lock(folder, timeout, f".{name}.lock", _BUSY))
        except LibraryError as error:
            raise _unwritable(path, error.why) from error
        yield


def text_at(path: str) -> str:
    """What the file there says; where none is, the example without topics. Raises ConfigError."""
    if os.path.lexists(path):
        return read_text(path)
    from papertrack.config.rewriting import remove_topic

    text = config.example_text()
    for topic in config.example().topics:
        text = remove_topic(text, path, topic)
    return text


def topics_at(path: str) -> tuple[Topic, ...]:
    """The topics of the file there, none where there is no file. Raises ConfigError."""
    return parse_config(read_text(path), path).topics if os.path.lexists(path) else ()


def write(path: str, text: str) -> None:
    """Put a text in the place of a configuration file in one step: with the file's rights, behind
    a symbolic link where it is one. Raises UsageError where that cannot be.
    """
    target = os.path.realpath(path)
    with _writing(path):
        _check_writable(target)
        with files.open_replacement(target, files.usual_rights(target)) as descriptor:
            files.write_all(descriptor, text.encode())


def edit_by_hand(path: str) -> None:
    """Open the file in the user's editor, and check what it says afterwards. Raises UsageError
    where there is no file or no editor, ConfigError for what is wrong afterwards.
    """
    if not os.path.exists(path):
        raise UsageError(f"{path} is not there", next_step="`papertrack config init` writes it")
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError("no editor is known", "$VISUAL and $EDITOR are not set", f"edit {path}")
    try:
        code = subprocess.run([*shlex.split(editor), path], check=False).returncode  # noqa: S603  # the user's own
    except (OSError, ValueError) as error:
        raise UsageError(f"the editor {editor!r} cannot be started", str(error)) from error
    if code:
        raise UsageError(f"the editor {editor!r} ended with {code}", next_step="see `config check`")
    config.load(path)


@contextmanager
def _writing(path: str) -> Iterator[None]:
    """Say in words why a file cannot be written."""
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def _unwritable(path: str, why: str) -> UsageError:
    return UsageError(f"cannot write {path}", why, "nothing was changed")


def _check_writable(target: str) -> None:
    if os.path.exists(target) and not os.path.isfile(target):
        raise FileExistsError(None, "it is no ordinary file")  # root could replace a device
    if os.path.exists(target) and not os.access(target, os.W_OK):
        raise PermissionError(None, "it may not be written")

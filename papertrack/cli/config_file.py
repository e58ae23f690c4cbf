"""Read, replace and edit the configuration file, as `topics add`, `remove` and `edit` do."""

import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from papertrack import config
from papertrack.cli.global_options import GlobalOptions
from papertrack.config.parsing import parse_config, read_text
from papertrack.errors import LibraryError, UsageError
from papertrack.models import Topic
from papertrack.storage import files
from papertrack.storage.lock import hold_lock

_LOCK_TIMEOUT = 10.0  # seconds; many changes in a row take less
_BUSY = "another papertrack process is changing the configuration"


def config_path(options: GlobalOptions) -> str:
    """The path of the configuration file, which need not exist."""
    return config.resolve_path(options.config, os.environ)[0]


@contextmanager
def lock_for_editing(
    path: str, *, new: bool = False, timeout: float = _LOCK_TIMEOUT
) -> Iterator[None]:
    """Hold the lock for changing a configuration file, from reading to replacing it.

    The lock file is beside the file, or beside the target of a symbolic link. With `new`, the
    folder is created. Raises UsageError if the file cannot be written, LibraryBusy if another
    process holds the lock for longer than `timeout` seconds.
    """
    folder, name = os.path.split(os.path.realpath(path))
    if not new and not os.path.isdir(folder):
        yield  # without a folder there is no file to change
        return
    with ExitStack() as stack:
        with _as_usage_error(path):
            _check_writable(os.path.join(folder, name))
            os.makedirs(folder, exist_ok=True)
        try:
            stack.enter_context(hold_lock(folder, timeout, f".{name}.lock", _BUSY))
        except LibraryError as error:
            raise _unwritable(path, error.why) from error
        yield


def read_or_example(path: str) -> str:
    """Read a configuration file; the example if none exists. Raises ConfigError."""
    return read_text(path) if os.path.lexists(path) else config.example_text()


def example_with(names: Sequence[str], path: str) -> str:
    """The example with topics of these names, each with its name as a phrase.

    `path` is used only in errors. Raises UsageError for a name that cannot be a topic.
    """
    from papertrack.config.changes import TopicChange, apply_change
    from papertrack.config.rewriting import add_topic

    text = config.example_text()
    for name in names:
        text = add_topic(text, path, apply_change(Topic(name), TopicChange(any=(name,))))
    return text


def example_without_topics() -> str:
    """The example without its examples of topics."""
    before, topics, rest = config.example_text().partition("\ntopics:")
    return f"{before}{topics} []\n\n" + rest[rest.index("\n# ") + 1 :]


def read_topics(path: str) -> tuple[Topic, ...]:
    """The topics in a configuration file, none if it does not exist. Raises ConfigError."""
    return parse_config(read_text(path), path).topics if os.path.lexists(path) else ()


def write(path: str, text: str) -> None:
    """Replace a configuration file atomically. Raises UsageError if it cannot be written.

    The permissions of the file stay; for a symbolic link, its target is replaced.
    """
    target = os.path.realpath(path)
    with _as_usage_error(path):
        _check_writable(target)
        with files.open_replacement(target, files.permissions_or_default(target)) as descriptor:
            files.write_all(descriptor, text.encode(errors="surrogateescape"))


def replace_keeping_old(path: str, text: str) -> str | None:
    """Replace a configuration file, or create it, and keep the old one under an unused name.

    Return the path of the old one, None without one. Raises UsageError if it cannot be written;
    then nothing is changed. Links and permissions stay as in `write`.
    """
    target, kept = os.path.realpath(path), None
    with _as_usage_error(path):
        _check_writable(target)
        with files.open_replacement(target, files.permissions_or_default(target)) as descriptor:
            files.write_all(descriptor, text.encode())
            if os.path.exists(target):
                kept = files.keep_copy(target, target + ".bak")
    return kept


def edit_by_hand(path: str) -> None:
    """Open the file in $VISUAL or $EDITOR, and check it afterwards.

    Raises UsageError without a file or an editor, ConfigError for problems in the edited file.
    """
    if not os.path.exists(path):
        raise UsageError(
            f"{path} does not exist", next_step="run `papertrack config init` to create it"
        )
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError(
            "no editor is configured", "$VISUAL and $EDITOR are not set", f"edit {path}"
        )
    try:
        code = subprocess.run([*shlex.split(editor), path], check=False).returncode  # noqa: S603  # the command comes from the user
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot start the editor {editor!r}", str(error)) from error
    if code:
        raise UsageError(
            f"the editor {editor!r} exited with code {code}",
            next_step="run `papertrack config check`",
        )
    config.load(path)


@contextmanager
def _as_usage_error(path: str) -> Iterator[None]:
    """Raise UsageError for any OSError in the context."""
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def _unwritable(path: str, why: str) -> UsageError:
    return UsageError(f"cannot write {path}", why, "nothing was changed")


def _check_writable(target: str) -> None:
    if os.path.exists(target) and not os.path.isfile(target):
        raise FileExistsError(None, "it is not a regular file")  # root could replace a device
    if os.path.exists(target) and not os.access(target, os.W_OK):
        raise PermissionError(None, "permission denied")

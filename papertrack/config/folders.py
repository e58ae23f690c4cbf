"""The user's folders for configuration, data and caches on this system."""

import os
import stat
import sys
from collections.abc import Mapping
from typing import Literal, NamedTuple

from papertrack.errors import UsageError

FolderKind = Literal["config", "data", "cache"]
_NO_HOME = "/nonexistent"  # the home folder of Debian's users without one, which must not exist
_APP = "papertrack"


class _DefaultFolder(NamedTuple):
    variable: str
    default: str


# https://specifications.freedesktop.org/basedir-spec/. platformdirs implements it, too, but adds
# 15 ms to every start; a test checks that both return the same folders.
_XDG: dict[FolderKind, _DefaultFolder] = {
    "config": _DefaultFolder("XDG_CONFIG_HOME", "~/.config"),
    "data": _DefaultFolder("XDG_DATA_HOME", "~/.local/share"),
    "cache": _DefaultFolder("XDG_CACHE_HOME", "~/.cache"),
}


def user_folder(kind: FolderKind, environ: Mapping[str, str]) -> str:
    """Return the user's folder of one kind for papertrack; it may not exist yet.

    Raises UsageError for the data folder of a user without a home folder.
    """
    if sys.platform == "linux":
        folder = _XDG[kind]
        base = environ.get(folder.variable, "").strip()
        if not os.path.isabs(base):  # The specification says to ignore a relative path.
            base = _expanded(folder.default, kind)
        return os.path.join(base, _APP)
    import platformdirs

    find = {
        "config": platformdirs.user_config_dir,
        "data": platformdirs.user_data_dir,
        "cache": platformdirs.user_cache_dir,
    }
    return find[kind](_APP, appauthor=False)


def expand_home(path: str) -> str:
    """Replace a tilde at the start of a path by the home folder.

    Raises UsageError if the user has none, as in `docker run --user 54321`: a folder called "~" in
    the current folder would be another one at each run.
    """
    expanded = os.path.expanduser(path)
    if expanded == "~" or expanded.startswith("~/"):
        why = "$HOME is not set, and the user has no entry in the password database"
        raise UsageError(f"no home folder for {path}", why, "set HOME, or --library and --config")
    return expanded


def _expanded(path: str, kind: FolderKind) -> str:
    """As `expand_home`; without a home folder, configuration and cache do not exist."""
    try:
        return expand_home(path)
    except UsageError:
        if kind == "data":
            raise
        return f"{_NO_HOME}{path[1:]}"


def is_private(status: os.stat_result) -> bool:
    """Whether a file or folder is this user's, and no other user may write to it."""
    if os.name != "posix":
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def is_private_folder(folder: str) -> bool:
    """Whether a folder is no link, and only this user may write to it. Raises OSError."""
    status = os.lstat(folder)
    return stat.S_ISDIR(status.st_mode) and is_private(status)

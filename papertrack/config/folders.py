"""The user's folders for configuration, data and caches on this system."""

import os
import sys
from collections.abc import Mapping
from typing import Literal, NamedTuple

FolderKind = Literal["config", "data", "cache"]
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
    """Return the user's folder of one kind for papertrack; it may not exist yet."""
    if sys.platform == "linux":
        folder = _XDG[kind]
        base = environ.get(folder.variable, "").strip()
        if not os.path.isabs(base):  # The specification says to ignore a relative path.
            base = os.path.expanduser(folder.default)
        return os.path.join(base, _APP)
    import platformdirs

    find = {
        "config": platformdirs.user_config_dir,
        "data": platformdirs.user_data_dir,
        "cache": platformdirs.user_cache_dir,
    }
    return find[kind](_APP, appauthor=False)


def is_private(status: os.stat_result) -> bool:
    """Whether a file or folder is this user's, and no other user may write to it."""
    if os.name != "posix":
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022

"""Files that keep a published library fresh: a workflow of GitHub, a job of GitLab, a script.

The library is in the git repository of the configuration. All three run the same commands, which
are in `update` and `commit` in this folder; names between @ signs are replaced.
"""

import os
import re
import zlib
from collections.abc import Mapping
from textwrap import indent
from typing import Literal, NamedTuple

from papertrack import __version__
from papertrack.config.records import Config
from papertrack.errors import UsageError

Kind = Literal["github", "gitlab", "cron"]
_FOLDER = os.path.dirname(__file__)
_SCRIPT = "papertrack-update"
# The files of each kind, with their names in the repository.
_FILES: Mapping[Kind, Mapping[str, str]] = {
    "github": {
        ".github/workflows/papertrack.yml": "github.yml",
        ".github/workflows/papertrack-check.yml": "github-check.yml",
    },
    "gitlab": {".gitlab-ci.yml": "gitlab.yml"},
    "cron": {_SCRIPT: "update.sh"},
}
# GitHub shows such a line as a warning of the run; elsewhere it is a line on standard error.
_WARNINGS: Mapping[Kind, str] = {"github": "::warning::", "gitlab": "warning: ", "cron": ""}
_INDENTS: Mapping[Kind, str] = {"github": " " * 10, "gitlab": " " * 6, "cron": ""}
_SAFE_PATH = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./-]*", re.ASCII)
_SECRET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SECRET_KEYS = ("password", "url", "token")


class Repository(NamedTuple):
    """A git repository with a configuration and its library.

    `root` is its folder, the other paths are relative to it. `paths` are those to commit. `secrets`
    are the names of environment variables that channels read, and `unusable` the names of channels
    whose secrets are in files or keyrings, which a runner does not have.
    """

    root: str
    config: str
    library: str
    site: str
    paths: tuple[str, ...]
    secrets: tuple[str, ...]
    unusable: tuple[str, ...]
    extras: tuple[str, ...]


def find_repository(config: Config, library: str, site: str) -> Repository:
    """Return the repository of a configuration, whose alerts are included.

    Raises UsageError if the configuration is in no repository, or the library in another place.
    """
    if config.path is None:
        raise _not_in_repository("there is no configuration file")
    path = os.path.realpath(config.path)
    root = _root_of(path)
    if root is None:
        raise _not_in_repository(f"{path} is in no git repository")
    channels = config.alerts.channels
    folders = (_inside(root, channel.path) for channel in channels if channel.type == "file")
    library_folder = _inside(root, os.path.realpath(library))
    if library_folder is None:
        raise _not_in_repository(f"the library is in {library}")
    names = [name for key in _SECRET_KEYS for name in _settings(channels, f"{key}_env")]
    return Repository(
        root,
        _safe(os.path.relpath(path, root)),
        _safe(library_folder),
        _safe(os.path.normpath(site)),
        tuple(dict.fromkeys(map(_safe, filter(None, (library_folder, "README.md", *folders))))),
        tuple(dict.fromkeys(name for name in names if _SECRET_NAME.fullmatch(name))),
        tuple(channel.name for channel in channels if _has_local_secret(channel)),
        _extras(config),
    )


def files_of(kind: Kind, repository: Repository, program: str) -> dict[str, str]:
    """Return the files of a kind: their paths in the repository, with their texts.

    `program` is the command that starts papertrack on this machine, which a script for cron needs.
    """
    here = program if kind == "cron" else "papertrack"
    return {path: _rendered(kind, name, repository, here) for path, name in _FILES[kind].items()}


def is_program(path: str) -> bool:
    """Whether a file is to be made executable."""
    return path == _SCRIPT


def _rendered(kind: Kind, name: str, repository: Repository, program: str) -> str:
    extras = f"[{','.join(repository.extras)}]" if repository.extras else ""
    secrets = (f"          {each}: ${{{{ secrets.{each} }}}}\n" for each in repository.secrets)
    values = {
        "UPDATE": _text("update"),
        "COMMIT": _text("commit"),
        "INSTALL": f"python -m pip install --quiet 'papertrack-cli{extras}>={__version__}'\n",
        "SECRETS": "".join(secrets),
        "PROGRAM": program,
        "CONFIG": repository.config,
        "LIBRARY": repository.library,
        "SITE": repository.site,
        "PATHS": " ".join(repository.paths),
        "WARNING": _WARNINGS[kind],
        "MINUTE": str(_minute(repository)),
        "SCRIPT": os.path.join(repository.root, _SCRIPT),
    }
    text = _text(name)
    for key, value in values.items():
        if key in ("UPDATE", "COMMIT", "INSTALL"):
            text = text.replace(f"@{key}@\n", indent(value, _INDENTS[kind]))
        else:
            text = text.replace(f"@{key}@", value)
    return text


def _text(name: str) -> str:
    with open(os.path.join(_FOLDER, name), encoding="utf-8") as file:
        return file.read()


def _minute(repository: Repository) -> int:
    """A minute of the hour for this repository, none at which many others run."""
    minute = zlib.crc32(os.path.basename(repository.root).encode()) % 58 + 1
    return minute if minute % 5 else minute + 1


def _root_of(path: str) -> str | None:
    folder = os.path.dirname(path)
    while not os.path.exists(os.path.join(folder, ".git")):
        folder, before = os.path.dirname(folder), folder
        if folder == before:
            return None
    return folder


def _inside(root: str, path: str) -> str | None:
    """The path relative to the root, None if it is outside."""
    relative = os.path.relpath(os.path.realpath(path), root)
    return None if relative == "." or relative.split(os.sep)[0] == ".." else relative


def _safe(path: str) -> str:
    """A path that needs no quotes in a shell or in YAML. Raises UsageError for any other."""
    posix = path.replace(os.sep, "/")
    if not _SAFE_PATH.fullmatch(posix) or ".." in posix.split("/"):
        why = "names may have letters, digits, points, dashes and underscores"
        raise UsageError(f"{path!r} cannot be used in a workflow", why, "rename it")
    return posix


def _settings(channels: tuple[object, ...], key: str) -> list[str]:
    return [value for channel in channels if (value := getattr(channel, key, None))]


def _has_local_secret(channel: object) -> bool:
    keys = (f"{key}_{place}" for key in _SECRET_KEYS for place in ("file", "keyring"))
    return any(getattr(channel, key, None) for key in keys)


def _extras(config: Config) -> tuple[str, ...]:
    apprise = any(channel.type == "apprise" for channel in config.alerts.channels)
    return (*(("alerts",) if apprise else ()), *(("feeds",) if config.sources.feeds else ()))


def _not_in_repository(why: str) -> UsageError:
    return UsageError(
        "the configuration and its library are not in one git repository",
        why,
        "in a clone: papertrack --config config.yaml --library library publish --github",
    )

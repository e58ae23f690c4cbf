"""Checks of who else can read or write a configuration file."""

import os
import re
import stat
from collections.abc import Iterator
from shlex import quote
from typing import Any

from papertrack.config.groups import RecordListType, RecordType
from papertrack.config.location import ValueType
from papertrack.config.records import Config, names_secret
from papertrack.config.scalars import TextType
from papertrack.config.schema import CONFIG
from papertrack.config.source_groups import FreeType, SourceGroup
from papertrack.errors import UsageError
from papertrack.text import clean

_READABLE_BY_OTHERS = stat.S_IRGRP | stat.S_IROTH


def exposure_warning(config: Config) -> str | None:
    """A warning if other users can read a secret in the configuration file, else None.

    Secrets are credentials in a URL, the path of a webhook, and values of keys such as api_key.
    `config` must include its alerts.
    """
    if config.path is None or os.name != "posix":
        return None
    try:
        private = not os.stat(config.path).st_mode & _READABLE_BY_OTHERS
    except OSError:
        return None
    places = "" if private else ", ".join(_secrets(CONFIG, config, ""))
    if not places:
        return None
    path = clean(config.path)
    return f"other users can read {path} and the secret in {places}: chmod 600 {quote(path)}"


def check_unchangeable(config: Config) -> None:
    """Raise UsageError if other users could make papertrack run programs of theirs.

    That is if they can write to a configuration file with a channel of the type command, or replace
    it. `config` must include its alerts.
    """
    has_command = any(channel.type == "command" for channel in config.alerts.channels)
    if config.path is None or os.name != "posix" or not has_command:
        return
    named, real = os.path.abspath(config.path), os.path.realpath(config.path)
    for path in dict.fromkeys((real, os.path.dirname(real), os.path.dirname(named))):
        status = os.stat(path)
        if _is_writable_by_others(status):
            shown = quote(clean(path))
            owner = "" if status.st_uid == os.geteuid() else f"chown {os.geteuid()} {shown}; "
            raise UsageError(
                f"other users can change {clean(path)}, and thereby which programs alerts run",
                "a channel of the type command needs a configuration that only you can change",
                f"{owner}chmod go-w {shown}",
            )


def _is_writable_by_others(status: os.stat_result) -> bool:
    """Whether others can write to a file, or replace files of others in a folder."""
    if status.st_uid not in (0, os.geteuid()):
        return True
    if stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX:
        return False
    by_group = status.st_mode & stat.S_IWGRP and not _is_private_group(status.st_gid)
    return bool(by_group or status.st_mode & stat.S_IWOTH)


def _is_private_group(group_id: int) -> bool:
    """Whether a group has no other member than this user, as many systems make one for each."""
    import grp
    import pwd

    if group_id == 0:
        return True
    try:
        group, user = grp.getgrgid(group_id), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return user.pw_gid == group_id and set(group.gr_mem) <= {user.pw_name}


def _secrets(value_type: ValueType, value: Any, path: str) -> Iterator[str]:
    """The paths of all keys below `path` that contain a secret."""
    if isinstance(value_type, SourceGroup):
        value_type = value_type.record_type()
    if isinstance(value_type, RecordType):
        values = value_type.values(value)
        types = value_type.value_types(values)
        for name, inner in values.items():
            yield from _secrets_of_key(types[name], name, inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value_type, RecordListType):
        for index, record in enumerate(value):
            yield from _secrets(value_type.type_of(record), record, f"{path}[{index}]")
    elif isinstance(value_type, TextType | FreeType) and value_type.secret:
        texts = value if isinstance(value, tuple) else (value,)
        if any(isinstance(text, str) and re.search(value_type.secret, text) for text in texts):
            yield path


def _secrets_of_key(value_type: ValueType, name: str, value: Any, path: str) -> Iterator[str]:
    if value and names_secret(name):
        yield path
    else:
        yield from _secrets(value_type, value, path)

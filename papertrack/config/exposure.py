"""Whether others can read secrets in the configuration file."""

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
from papertrack.config.source_groups import Free, SourceGroup
from papertrack.text import clean

_OTHERS = stat.S_IRGRP | stat.S_IROTH


def exposure_warning(config: Config) -> str | None:
    """A warning where others may read the file that a configuration came from although secrets
    stand in it, as credentials in an address or the path of a webhook; else None. `config` is the
    whole one, with its alerts.
    """
    if config.path is None or os.name != "posix":
        return None
    try:
        private = not os.stat(config.path).st_mode & _OTHERS
    except OSError:
        return None
    where = "" if private else ", ".join(_secrets(CONFIG, config, ""))
    if not where:
        return None
    path = clean(config.path)
    return f"others can read {path} and the secret in {where}: chmod 600 {quote(path)}"


def _secrets(kind: ValueType, value: Any, path: str) -> Iterator[str]:
    """The places that hold secrets."""
    if isinstance(kind, SourceGroup):
        kind = kind.record()
    if isinstance(kind, RecordType):
        values = kind.values(value)
        kinds = kind.kinds(values)
        for name, below in values.items():
            yield from _of_key(kinds[name], name, below, f"{path}.{name}".lstrip("."))
    elif isinstance(kind, RecordListType):
        for at, one in enumerate(value):
            yield from _secrets(kind.record_of(one), one, f"{path}[{at}]")
    elif isinstance(kind, TextType | Free) and kind.hidden:
        texts = value if isinstance(value, tuple) else (value,)
        if any(isinstance(one, str) and re.search(kind.hidden, one) for one in texts):
            yield path


def _of_key(kind: ValueType, name: str, value: Any, path: str) -> Iterator[str]:
    if value and names_secret(name):
        yield path
    else:
        yield from _secrets(kind, value, path)

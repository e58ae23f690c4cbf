"""A check for secrets in a configuration file that other users can read."""

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

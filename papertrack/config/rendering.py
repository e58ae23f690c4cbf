"""The effective configuration as YAML, for `papertrack config show`."""

import json
import re
from collections.abc import Iterator
from typing import Any

from papertrack.config.groups import RecordListType, RecordType, TextListType
from papertrack.config.location import ValueType
from papertrack.config.records import Config, names_secret
from papertrack.config.scalars import TextType
from papertrack.config.schema import CONFIG
from papertrack.config.source_groups import FreeType, SourceGroup
from papertrack.text import clean


def to_yaml(config: Config) -> str:
    """Every value of `config` as YAML; defaults are marked, secrets are ***."""
    origin = clean(config.path) if config.path else "no file: the defaults"
    return "\n".join((f"# {origin}", *_group(CONFIG, config, ""), ""))


def _group(record_type: RecordType, record: Any, indent: str) -> Iterator[str]:
    defaults, values = record_type.default_values(), record_type.values(record)
    types = record_type.value_types(values)
    for name, value in values.items():
        comment = "  # default" if name in defaults and value == defaults[name] else ""
        secret = value and names_secret(name)
        yield from _key(name, types[name], "***" if secret else value, indent, comment)


def _key(name: str, value_type: ValueType, value: Any, indent: str, comment: str) -> Iterator[str]:
    if isinstance(value_type, SourceGroup):
        value_type = value_type.record_type()
    if isinstance(value_type, RecordType):
        yield f"{indent}{name}:"
        yield from _group(value_type, value, f"{indent}  ")
    elif isinstance(value_type, RecordListType) and value:
        yield f"{indent}{name}:"
        yield from _list(value_type, value, f"{indent}  ")
    else:
        yield f"{indent}{name}: {_scalar(value_type, value)}{comment}"


def _list(list_type: RecordListType, records: tuple[Any, ...], indent: str) -> Iterator[str]:
    for record in records:
        first, *rest = _group(list_type.type_of(record), record, f"{indent}  ")
        yield f"{indent}- {first.lstrip()}"
        yield from rest


def _scalar(value_type: ValueType, value: Any) -> str:
    """A value as JSON, which is valid YAML in which no text is taken for another type."""
    if isinstance(value, tuple):
        each = value_type.each if isinstance(value_type, TextListType) else value_type
        if isinstance(value_type, TextListType) and value_type.shown is not None:
            value = (*value[: value_type.shown], *("***" for _ in value[value_type.shown :]))
        return f"[{', '.join(_scalar(each, text) for text in value)}]"
    if isinstance(value_type, TextType | FreeType) and value_type.secret and isinstance(value, str):
        value = re.sub(value_type.secret, "***", value)
    return json.dumps(value, ensure_ascii=False)

"""A Config written out as YAML, for people who wonder what is in effect."""

import json
import re
from collections.abc import Iterator
from typing import Any

from papertrack.config.groups import RecordListType, RecordType, TextListType
from papertrack.config.location import ValueType
from papertrack.config.records import Config, names_secret
from papertrack.config.scalars import TextType
from papertrack.config.schema import CONFIG
from papertrack.config.source_groups import Free, SourceGroup
from papertrack.text import clean


def to_yaml(config: Config) -> str:
    """Every value of `config`: those equal to the default are marked, secrets are ***."""
    origin = clean(config.path) if config.path else "no file: the defaults"
    return "\n".join((f"# {origin}", *_group(CONFIG, config, ""), ""))


def _group(record: RecordType, made: Any, indent: str) -> Iterator[str]:
    defaults, values = record.usual(), record.values(made)
    kinds = record.kinds(values)
    for name, value in values.items():
        mark = "  # default" if name in defaults and value == defaults[name] else ""
        secret = value and names_secret(name)
        yield from _key(name, kinds[name], "***" if secret else value, indent, mark)


def _key(name: str, kind: ValueType, value: Any, indent: str, mark: str = "") -> Iterator[str]:
    if isinstance(kind, SourceGroup):
        kind = kind.record()
    if isinstance(kind, RecordType):
        yield f"{indent}{name}:"
        yield from _group(kind, value, f"{indent}  ")
    elif isinstance(kind, RecordListType) and value:
        yield f"{indent}{name}:"
        yield from _list(kind, value, f"{indent}  ")
    else:
        yield f"{indent}{name}: {_scalar(kind, value)}{mark}"


def _list(kind: RecordListType, made: tuple[Any, ...], indent: str) -> Iterator[str]:
    for one in made:
        first, *rest = _group(kind.record_of(one), one, f"{indent}  ")
        yield f"{indent}- {first.lstrip()}"
        yield from rest


def _scalar(kind: ValueType, value: Any) -> str:
    """One value as JSON, which is YAML too and leaves no word to be taken for something else."""
    if isinstance(value, tuple):
        each = kind.each if isinstance(kind, TextListType) else kind
        return f"[{', '.join(_scalar(each, one) for one in value)}]"
    if isinstance(kind, TextType | Free) and kind.hidden and isinstance(value, str):
        value = re.sub(kind.hidden, "***", value)
    return json.dumps(value, ensure_ascii=False)

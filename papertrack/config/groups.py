"""Value types that contain others: lists of texts, groups of keys, lists of such groups."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, NamedTuple

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from papertrack.config.location import (
    Location,
    ValueType,
    is_tagged,
    line_of,
    quoted,
    suggestion_for,
    yaml_type,
)
from papertrack.config.records import Sources
from papertrack.config.scalars import ChoiceType, EventType, TextType
from papertrack.text import clean

# The message and the suggestion for a group that is invalid although each value is valid.
Objection = tuple[str, str]


def no_objection(_record: Any) -> None:
    """The check of a group whose values cannot contradict each other."""


def defaults_of(record: Any) -> Mapping[str, Any]:
    """Return the default of each field of a named tuple or dataclass that has one."""
    if not is_dataclass(record):
        own: Mapping[str, Any] = record._field_defaults
        return own
    pairs = ((field.name, field.default) for field in fields(record))
    return {name: default for name, default in pairs if default is not MISSING}


class TextListType(NamedTuple):
    """A list of `min_length` to `max_length` texts; a single text needs no brackets.

    `shown` is how many of them may be shown: the arguments of a program may be secret.
    """

    each: TextType | EventType
    min_length: int = 0
    max_length: int | None = None
    shown: int | None = None

    def read(self, node: Node, location: Location) -> tuple[str | None, ...] | None:
        """Return the texts in order; None, or None for a text, after reporting a problem."""
        if isinstance(node, ScalarNode):
            return (self.each.read(node, location),)
        if not isinstance(node, SequenceNode):
            suggestion = 'put text that contains ": " in quotes'
            location.report(node, f"is {yaml_type(node)}, not a list", suggestion)
            return None
        if len(node.value) < self.min_length:
            location.report(node, "is an empty list", self.each.suggestion())
        if self.max_length is not None and len(node.value) > self.max_length:
            message = f"has {len(node.value):,} entries; it may have at most {self.max_length:,}"
            location.report(node, message, "divide it among several topics")
        return tuple(
            self.each.read(text, location.entry(index)) for index, text in enumerate(node.value)
        )


class ExtraKeys(NamedTuple):
    """The keys that a group may have besides its fields.

    `value_types` returns their types when called with the keys in the file; `unknown` is the
    message for any other key.
    """

    value_types: Callable[[Collection[str]], Mapping[str, ValueType]]
    unknown: str


class RecordType(NamedTuple):
    """A group of keys that is read into one record.

    `make` is a named tuple or dataclass with these `fields`, or a function that returns a mapping,
    whose `defaults` are given here. A field without a default is required. `check` is called with
    each record whose values are valid.
    """

    make: Any
    fields: Mapping[str, ValueType]
    check: Callable[[Any], Objection | None] = no_objection
    extra: ExtraKeys | None = None
    defaults: Mapping[str, Any] | None = None

    def default_values(self) -> Mapping[str, Any]:
        """Return the default of each field that the file may omit."""
        return defaults_of(self.make) if self.defaults is None else self.defaults

    def values(self, record: Any) -> Mapping[str, Any]:
        """Return the value of each key in a record that was read with this type."""
        if isinstance(record, Sources):
            record = {**record.keys_by_source, "feeds": record.feeds}
        if isinstance(record, Mapping):
            return {**self.default_values(), **record}
        return {name: getattr(record, name) for name in self.fields}

    def value_types(self, names: Iterable[str]) -> dict[str, ValueType]:
        """Return the type of each valid key of a group that has these keys."""
        extra_names = [name for name in names if name not in self.fields]
        extra = self.extra.value_types(extra_names) if self.extra else {}
        return {**extra, **self.fields}

    def read(self, node: Node, location: Location) -> Any:
        """Return the record, or None after reporting a problem.

        A key without a value counts as absent. The check runs only if every value is valid: a
        mistyped key would otherwise be reported as missing, too.
        """
        if not isinstance(node, MappingNode):
            suggestion = f"expected keys: {', '.join(self.fields)}"
            location.report(node, f"is {yaml_type(node)}, not a group of keys", suggestion)
            return None
        before = len(location.problems)
        values, defaults = self._values(node, location), self.default_values()
        for name in self.fields:
            if name not in values and name not in defaults:
                location.inside(name).report(node, "is missing", f'add "{name}:"')
        if len(location.problems) > before:
            return None
        record = self.make(**values)
        objection = self.check(record)
        if objection:
            location.report(node, *objection)
        return record

    def _values(self, node: MappingNode, location: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        types = self.value_types(key.value for key, _ in node.value if isinstance(key, ScalarNode))
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or key.value not in types or is_tagged(key, "merge"):
                message = self.extra.unknown if self.extra else "unknown key"
                _report_key(key, location, message, types)
                continue
            name, inner = key.value, location.inside(key.value)
            if name in lines:
                inner.report(key, "is a duplicate key", f"first used on line {lines[name]}")
            lines[name] = line_of(key)
            if not is_tagged(value, "null"):
                values[name] = types[name].read(value, inner)
        return values


def _report_key(key: Node, location: Location, message: str, valid: Iterable[str]) -> None:
    if not isinstance(key, ScalarNode):
        location.report(key, f"{yaml_type(key)} is used as a key", "put the key in quotes")
    elif is_tagged(key, "merge"):
        location.report(key, "<< is not supported here", "write the keys out")
    else:
        location.inside(key.value).report(key, message, suggestion_for(key.value, valid))


class VariantType(NamedTuple):
    """A group of keys whose `type` selects the record type."""

    record_types: dict[str, RecordType]

    def type_of(self, record: Any) -> RecordType:
        """Return the type that `record` was read with."""
        return self.record_types[record.type]

    def read(self, node: Node, location: Location) -> Any:
        """Return the record of the selected type, or None after reporting a problem."""
        choice = ChoiceType(tuple(self.record_types))
        if not isinstance(node, MappingNode):
            message = f"is {yaml_type(node)}, not a group of keys"
            location.report(node, message, "add name and type")
            return None
        value = value_of(node, "type")
        if value is None:
            suggestion = suggestion_for("", choice.options)
            location.inside("type").report(node, "is missing", suggestion)
            return None
        selected = choice.read(value, location.inside("type"))
        return self.record_types[selected].read(node, location) if selected else None


class RecordListType(NamedTuple):
    """A list of at most `most` groups of keys with distinct values of `name`."""

    each: RecordType | VariantType
    most: int | None = None

    def type_of(self, record: Any) -> RecordType:
        """Return the type that `record` was read with."""
        return self.each if isinstance(self.each, RecordType) else self.each.type_of(record)

    def read(self, node: Node, location: Location) -> tuple[Any, ...] | None:
        """Return the records in the order of the file, or None after reporting a problem."""
        if not isinstance(node, SequenceNode):
            suggestion = 'begin each entry with "- "'
            location.report(node, f"is {yaml_type(node)}, not a list", suggestion)
            return None
        if self.most is not None and len(node.value) > self.most:
            location.report(node, f"has more than {self.most:,} entries", "is it the right file?")
            return None
        _report_duplicate_names(node, location)
        return tuple(
            self.each.read(entry, location.entry(index)) for index, entry in enumerate(node.value)
        )


def value_of(node: Node | None, name: str) -> Node | None:
    """Return the value of the key `name`, None if it is absent or null."""
    pairs: list[tuple[Node, Node]] = node.value if isinstance(node, MappingNode) else []
    for key, value in pairs:
        if key.value == name and not is_tagged(value, "null"):
            return value
    return None


def _report_duplicate_names(node: SequenceNode, location: Location) -> None:
    lines: dict[str, int] = {}
    for index, entry in enumerate(node.value):
        name = value_of(entry, "name")
        if not isinstance(name, ScalarNode):
            continue
        folded = clean(name.value).casefold()
        if folded in lines:
            message = f"{quoted(name.value)} is already used on line {lines[folded]}"
            location.entry(index).inside("name").report(name, message, "choose another name")
        lines.setdefault(folded, line_of(name))

"""The kinds that hold others: lists of texts, groups of keys, lists of such groups."""

from collections.abc import Callable, Iterable, Mapping
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

# What is wrong with a group as a whole although each of its values is right; and what to do.
Objection = tuple[str, str]


def no_objection(_made: Any) -> None:
    """The check of a group whose values cannot contradict each other."""


def defaults_of(record: Any) -> Mapping[str, Any]:
    """Return the defaults of the fields of a named tuple or a dataclass that have one."""
    if not is_dataclass(record):
        own: Mapping[str, Any] = record._field_defaults
        return own
    pairs = ((field.name, field.default) for field in fields(record))
    return {name: default for name, default in pairs if default is not MISSING}


class TextListType(NamedTuple):
    """A list of texts, at least `least`; a single text may stand without the brackets."""

    each: TextType | EventType
    least: int = 0

    def read(self, node: Node, place: Location) -> tuple[str | None, ...] | None:
        """The texts in their order; None or with None in it after reporting."""
        if isinstance(node, ScalarNode):
            return (self.each.read(node, place),)
        if not isinstance(node, SequenceNode):
            place.report(node, f"is {yaml_type(node)}, not a list", 'text with ": " needs quotes')
            return None
        if len(node.value) < self.least:
            place.report(node, "is an empty list", self.each.advice())
        return tuple(self.each.read(one, place.entry(at)) for at, one in enumerate(node.value))


class ExtraKeys(NamedTuple):
    """The keys that a group may have beside its fields: `kinds` returns them when it is given
    those that the file has. `unknown` is the message for any other key.
    """

    kinds: Callable[[Iterable[str]], Mapping[str, ValueType]]
    unknown: str


class RecordType(NamedTuple):
    """A group of keys that becomes one record: `make` is a named tuple or a dataclass with these
    `fields` and their defaults, or returns a mapping, with its `defaults` here; a field without
    default is required.
    """

    make: Any
    fields: Mapping[str, ValueType]
    check: Callable[[Any], Objection | None] = no_objection
    others: ExtraKeys | None = None
    defaults: Mapping[str, Any] | None = None

    def usual(self) -> Mapping[str, Any]:
        """The values of the fields that the file does not name, of those that it need not."""
        return defaults_of(self.make) if self.defaults is None else self.defaults

    def values(self, made: Any) -> Mapping[str, Any]:
        """What a record that was read with this group holds under each key."""
        if isinstance(made, Sources):
            made = made.written
        if isinstance(made, Mapping):
            return {**self.usual(), **made}
        return {name: getattr(made, name) for name in self.fields}

    def kinds(self, names: Iterable[str]) -> dict[str, ValueType]:
        """What may stand under each key of a group that has these."""
        extra = [name for name in names if name not in self.fields]
        others = self.others.kinds(extra) if self.others else {}
        return {**others, **self.fields}

    def read(self, node: Node, place: Location) -> Any:
        """The record, or None after reporting. A key without a value counts as not written.

        The check waits until each value is right: a mistyped key explains its own absence.
        """
        if not isinstance(node, MappingNode):
            advice = f"keys here: {', '.join(self.fields)}"
            place.report(node, f"is {yaml_type(node)}, not a group of keys", advice)
            return None
        before = len(place.problems)
        values, defaults = self._values(node, place), self.usual()
        for name in self.fields:
            if name not in values and name not in defaults:
                place.inside(name).report(node, "is missing", f'add "{name}:"')
        if len(place.problems) > before:
            return None
        made = self.make(**values)
        objection = self.check(made)
        if objection:
            place.report(node, *objection)
        return made

    def _values(self, node: MappingNode, place: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        kinds = self.kinds(key.value for key, _ in node.value if isinstance(key, ScalarNode))
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or key.value not in kinds or is_tagged(key, "merge"):
                message = self.others.unknown if self.others else "unknown key"
                _report_key(key, place, message, kinds)
                continue
            name, inner = key.value, place.inside(key.value)
            if name in lines:
                inner.report(key, "stands here a second time", f"see line {lines[name]}")
            lines[name] = line_of(key)
            if not is_tagged(value, "null"):
                values[name] = kinds[name].read(value, inner)
        return values


def _report_key(key: Node, place: Location, message: str, known: Iterable[str]) -> None:
    if not isinstance(key, ScalarNode):
        place.report(key, f"{yaml_type(key)} stands where a key belongs", "put it in quotes")
    elif is_tagged(key, "merge"):
        place.report(key, "<< is not supported here", "write the keys out")
    else:
        place.inside(key.value).report(key, message, suggestion_for(key.value, known))


class VariantType(NamedTuple):
    """Groups of keys whose `type` says which record they become."""

    records: dict[str, RecordType]

    def record_of(self, made: Any) -> RecordType:
        """The record that `made` was read with."""
        return self.records[made.type]

    def read(self, node: Node, place: Location) -> Any:
        """The record of that type, or None after reporting."""
        kind = ChoiceType(tuple(self.records))
        if not isinstance(node, MappingNode):
            place.report(node, f"is {yaml_type(node)}, not a group of keys", "give name and type")
            return None
        value = value_of(node, "type")
        if value is None:
            place.inside("type").report(node, "is missing", suggestion_for("", kind.options))
            return None
        chosen = kind.read(value, place.inside("type"))
        return self.records[chosen].read(node, place) if chosen else None


class RecordListType(NamedTuple):
    """A list of groups of keys, no two of them with the same `name`."""

    each: RecordType | VariantType

    def record_of(self, made: Any) -> RecordType:
        """The record that `made` was read with."""
        return self.each if isinstance(self.each, RecordType) else self.each.record_of(made)

    def read(self, node: Node, place: Location) -> tuple[Any, ...] | None:
        """The records in the order of the file, or None after reporting."""
        if not isinstance(node, SequenceNode):
            place.report(node, f"is {yaml_type(node)}, not a list", 'begin each entry with "- "')
            return None
        _report_same_names(node, place)
        return tuple(self.each.read(one, place.entry(at)) for at, one in enumerate(node.value))


def value_of(node: Node | None, name: str) -> Node | None:
    """The value under the key `name`, or None where there is none."""
    pairs: list[tuple[Node, Node]] = node.value if isinstance(node, MappingNode) else []
    for key, value in pairs:
        if key.value == name and not is_tagged(value, "null"):
            return value
    return None


def _report_same_names(node: SequenceNode, place: Location) -> None:
    lines: dict[str, int] = {}
    for at, one in enumerate(node.value):
        name = value_of(one, "name")
        if not isinstance(name, ScalarNode):
            continue
        folded = clean(name.value).casefold()
        if folded in lines:
            message = f"{quoted(name.value)} is already the name on line {lines[folded]}"
            place.entry(at).inside("name").report(name, message, "give it another name")
        lines.setdefault(folded, line_of(name))

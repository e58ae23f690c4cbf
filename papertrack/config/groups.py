"""The kinds that hold others: lists of texts, groups of keys, lists of such groups."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, NamedTuple

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from papertrack.config.places import Kind, Place, is_tagged, line_of, nearest, quoted, yaml_type
from papertrack.config.scalars import Choice, Occasion, Text
from papertrack.text import clean

# What is wrong with a group as a whole although each of its values is right; and what to do.
Objection = tuple[str, str]


def no_objection(_made: Any) -> None:
    """The check of a group whose values cannot contradict each other."""


class Texts(NamedTuple):
    """A list of texts, at least `least`; a single text may stand without the brackets."""

    each: Text | Occasion
    least: int = 0

    def read(self, node: Node, place: Place) -> tuple[str | None, ...] | None:
        """The texts in their order; None or with None in it after reporting."""
        if isinstance(node, ScalarNode):
            return (self.each.read(node, place),)
        if not isinstance(node, SequenceNode):
            place.report(node, f"is {yaml_type(node)}, not a list", 'text with ": " needs quotes')
            return None
        if len(node.value) < self.least:
            place.report(node, "is an empty list", self.each.advice())
        return tuple(self.each.read(one, place.entry(at)) for at, one in enumerate(node.value))


class Others(NamedTuple):
    """The keys that a group may have beside its fields: those that `known` gives when it is told
    which the file has, all of one `kind`. Their names and values are the record's field `field`;
    `unknown` is what to say of any other key.
    """

    field: str
    kind: Kind
    known: Callable[[Iterable[str]], Iterable[str]]
    unknown: str


class Record(NamedTuple):
    """A group of keys that becomes one record: `make` is a named tuple or a dataclass with these
    `fields` and their defaults; a field without default is required.
    """

    make: Any
    fields: Mapping[str, Kind]
    check: Callable[[Any], Objection | None] = no_objection
    others: Others | None = None

    def defaults(self) -> Mapping[str, Any]:
        """What the fields are that the file does not name, of those that it need not."""
        if not is_dataclass(self.make):
            own: Mapping[str, Any] = self.make._field_defaults
            return own
        pairs = ((one.name, one.default) for one in fields(self.make))
        return {name: default for name, default in pairs if default is not MISSING}

    def read(self, node: Node, place: Place) -> Any:
        """The record, or None after reporting. A key without a value counts as not written.

        The check waits until each value is right: a mistyped key explains its own absence.
        """
        if not isinstance(node, MappingNode):
            advice = f"keys here: {', '.join(self.fields)}"
            place.report(node, f"is {yaml_type(node)}, not a group of keys", advice)
            return None
        before = len(place.problems)
        values, defaults = self._values(node, place), self.defaults()
        for name in self.fields:
            if name not in values and name not in defaults:
                place.inside(name).report(node, "is missing", f'add "{name}:"')
        if len(place.problems) > before:
            return None
        if self.others:
            names = [name for name in values if name not in self.fields]
            values[self.others.field] = tuple((name, values.pop(name)) for name in names)
        made = self.make(**values)
        objection = self.check(made)
        if objection:
            place.report(node, *objection)
        return made

    def _values(self, node: MappingNode, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        kinds = self._kinds(node)
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

    def _kinds(self, node: MappingNode) -> dict[str, Kind]:
        """What may stand under each key here."""
        if self.others is None:
            return dict(self.fields)
        written = [key.value for key, _ in node.value if isinstance(key, ScalarNode)]
        strange = self.others.known([name for name in written if name not in self.fields])
        return dict.fromkeys(strange, self.others.kind) | dict(self.fields)


def _report_key(key: Node, place: Place, message: str, known: Iterable[str]) -> None:
    if not isinstance(key, ScalarNode):
        place.report(key, f"{yaml_type(key)} stands where a key belongs", "put it in quotes")
    elif is_tagged(key, "merge"):
        place.report(key, "<< is not supported here", "write the keys out")
    else:
        place.inside(key.value).report(key, message, nearest(key.value, known))


class Variants(NamedTuple):
    """Groups of keys whose `type` says which record they become."""

    records: dict[str, Record]

    def record_of(self, made: Any) -> Record:
        """The record that `made` was read with."""
        return self.records[made.type]

    def read(self, node: Node, place: Place) -> Any:
        """The record of that type, or None after reporting."""
        kind = Choice(tuple(self.records))
        if not isinstance(node, MappingNode):
            place.report(node, f"is {yaml_type(node)}, not a group of keys", "give name and type")
            return None
        value = value_of(node, "type")
        if value is None:
            place.inside("type").report(node, "is missing", nearest("", kind.options))
            return None
        chosen = kind.read(value, place.inside("type"))
        return self.records[chosen].read(node, place) if chosen else None


class Records(NamedTuple):
    """A list of groups of keys, no two of them with the same `name`."""

    each: Record | Variants

    def record_of(self, made: Any) -> Record:
        """The record that `made` was read with."""
        return self.each if isinstance(self.each, Record) else self.each.record_of(made)

    def read(self, node: Node, place: Place) -> tuple[Any, ...] | None:
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


def _report_same_names(node: SequenceNode, place: Place) -> None:
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

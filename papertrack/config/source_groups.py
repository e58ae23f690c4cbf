"""The groups of keys under `sources:`, one for each source of the registry."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from yaml import Node, ScalarNode, SequenceNode

from papertrack import source_registry
from papertrack.config.groups import ExtraKeys, Objection, RecordType, defaults_of
from papertrack.config.kinds import FLAG
from papertrack.config.location import Location, ValueType, is_tagged, quoted, yaml_type
from papertrack.config.records import Sources
from papertrack.config.scalars import CREDENTIALS, NumberType, TextType, verbatim
from papertrack.text import clean, shorten

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_ABOUT_AS_LARGE_AS_EXACT = 10**15
_NUMBER = NumberType(-_ABOUT_AS_LARGE_AS_EXACT, _ABOUT_AS_LARGE_AS_EXACT)
_TEXT = TextType(tidy=verbatim)


class Free(NamedTuple):
    """A single value as YAML takes it, text, number, true or false; or a list of such values. What
    `hidden` matches in a text is secret.
    """

    hidden: str = ""

    def read(self, node: Node, place: Location) -> Any:
        """Return the value, a tuple for a list; None or with None in it after reporting."""
        if isinstance(node, SequenceNode):
            return tuple(_single(value, place.entry(at)) for at, value in enumerate(node.value))
        return _single(node, place)


class SourceGroup(NamedTuple):
    """The keys of one source: `enabled` and those of its schema. A plugin without a schema may have
    any keys.
    """

    name: str

    def record(self) -> RecordType:
        """Return the group as a record; imports the source."""
        settings_type = source_registry.declared(self.name, "settings_type")
        if settings_type is None:
            extra = ExtraKeys(_free_keys, "unknown key")
            return RecordType(dict, {"enabled": FLAG}, _check_keys, extra, {"enabled": False})
        enabled = self.name in Sources().enabled
        return RecordType(
            dict,
            {"enabled": FLAG, **source_registry.declared(self.name, "schema")()},
            _check_of(self.name),
            defaults={"enabled": enabled, **defaults_of(settings_type)},
        )

    def read(self, node: Node, place: Location) -> Mapping[str, Any] | None:
        """Return what the group says by key, or None after reporting, also that a plugin cannot
        check its keys.
        """
        try:
            values: Mapping[str, Any] | None = self.record().read(node, place)
        except Exception as error:
            if self.name in source_registry.BUILT_IN:
                raise
            reason = shorten(clean(f"{type(error).__name__}: {error}"), 200)
            advice = "update its package, or remove these keys"
            place.report(node, f"its plugin cannot check its keys: {reason}", advice)
            return None
        return values


def _check_of(name: str) -> Callable[[Mapping[str, Any]], Objection | None]:
    """Return the check of a source whose values are right, each for itself."""
    objection = source_registry.declared(name, "objection")

    def check(values: Mapping[str, Any]) -> Objection | None:
        sources = Sources({name: values})
        return objection(sources[name]) if objection and name in sources.enabled else None

    return check


def _check_keys(values: Mapping[str, Any]) -> Objection | None:
    for key in values:
        if not _KEY.fullmatch(key):
            return f"has the key {quoted(key)}", "write keys with letters, digits, - and _ only"
    return None


def _free_keys(names: Iterable[str]) -> Mapping[str, ValueType]:
    return dict.fromkeys(names, Free(CREDENTIALS))


def _plugins(names: Iterable[str]) -> Mapping[str, ValueType]:
    """Return the groups of all plugins; looks for plugins only if there are names to look for."""
    found = source_registry.plugins() if any(names) else ()
    return {name: SourceGroup(name) for name in found}


def _sources(**written: Mapping[str, Any]) -> Sources:
    return Sources(written)


def _single(node: Node, place: Location) -> str | float | bool | None:
    if not isinstance(node, ScalarNode):
        advice = "a plugin's key has one value or a list of single values"
        place.report(node, f"is {yaml_type(node)}, not a single value", advice)
        return None
    if is_tagged(node, "bool"):
        return FLAG.read(node, place)
    if is_tagged(node, "int") or is_tagged(node, "float"):
        return _NUMBER.read(node, place)
    return _TEXT.read(node, place)


SOURCES = RecordType(
    _sources,
    {name: SourceGroup(name) for name in source_registry.BUILT_IN},
    others=ExtraKeys(_plugins, "unknown key: no plugin provides such a source"),
    defaults={name: {} for name in source_registry.BUILT_IN},
)

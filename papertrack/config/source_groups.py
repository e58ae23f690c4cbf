"""The groups of keys under `sources:`, one per source in the registry."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from yaml import Node, ScalarNode, SequenceNode

from papertrack import source_registry
from papertrack.config.feed_keys import FEED_LIST, FEEDS
from papertrack.config.groups import ExtraKeys, Objection, RecordType, defaults_of
from papertrack.config.location import Location, ValueType, is_tagged, quoted, yaml_type
from papertrack.config.records import FeedSettings, Sources
from papertrack.config.scalars import CREDENTIALS, NumberType, TextType, verbatim
from papertrack.config.shared_types import FLAG
from papertrack.errors import FOREIGN_ERRORS
from papertrack.text import clean, shorten

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_MAX_EXACT_NUMBER = 10**15
_NUMBER = NumberType(-_MAX_EXACT_NUMBER, _MAX_EXACT_NUMBER)
_TEXT = TextType(normalize=verbatim)


class FreeType(NamedTuple):
    """A single value of the type that YAML gives it, or a list of single values.

    The part of a text that matches `secret` is not shown.
    """

    secret: str | None

    def read(self, node: Node, location: Location) -> Any:
        """Return the value, a tuple for a list, with None in place of each invalid value."""
        if isinstance(node, SequenceNode):
            return tuple(
                _single(value, location.entry(index)) for index, value in enumerate(node.value)
            )
        return _single(node, location)


class SourceGroup(NamedTuple):
    """The keys of a source: `enabled` and those of its schema.

    A plugin without a schema may have any keys.
    """

    name: str

    def record_type(self) -> RecordType:
        """Return the type of the group. Imports the source."""
        settings_type = source_registry.class_attribute(self.name, "settings_type")
        if settings_type is None:
            extra = ExtraKeys(_free_keys, "unknown key")
            return RecordType(dict, {"enabled": FLAG}, _check_keys, extra, {"enabled": False})
        enabled = self.name in Sources().enabled
        schema = source_registry.class_attribute(self.name, "schema")
        return RecordType(
            dict,
            {"enabled": FLAG, **source_registry.run_code_of(self.name, schema)},
            _check_of(self.name),
            defaults={"enabled": enabled, **defaults_of(settings_type)},
        )

    def read(self, node: Node, location: Location) -> Mapping[str, Any] | None:
        """Return the value of each key in the group, or None after reporting a problem.

        An exception raised by the schema of a plugin is reported as a problem, too.
        """
        try:
            values: Mapping[str, Any] | None = self.record_type().read(node, location)
        except FOREIGN_ERRORS as error:
            if self.name in source_registry.BUILT_IN:
                raise
            reason = shorten(clean(f"{type(error).__name__}: {error}"), 200)
            suggestion = "update its package, or remove these keys"
            message = f"its plugin cannot check its keys: {reason}"
            location.report(node, message, suggestion)
            return None
        return values


def _check_of(name: str) -> Callable[[Mapping[str, Any]], Objection | None]:
    """Return the check of a source, for groups in which each value is valid."""
    objection: Callable[[Any], Objection | None] | None
    objection = source_registry.class_attribute(name, "objection")

    def check(values: Mapping[str, Any]) -> Objection | None:
        sources = Sources({name: values})
        if not objection or name not in sources.enabled:
            return None
        return source_registry.run_code_of(name, lambda: objection(sources[name]))

    return check


def _check_keys(values: Mapping[str, Any]) -> Objection | None:
    for key in values:
        if not _KEY.fullmatch(key):
            return f"has the invalid key {quoted(key)}", "use only letters, digits, - and _ in keys"
    return None


def _free_keys(names: Collection[str]) -> Mapping[str, ValueType]:
    return dict.fromkeys(names, FreeType(CREDENTIALS))


def _plugin_groups(names: Collection[str]) -> Mapping[str, ValueType]:
    """Return the groups of all plugins; searches for plugins only if there are unknown names."""
    plugins = source_registry.plugins() if names else ()
    return {name: SourceGroup(name) for name in plugins}


def _sources(feeds: tuple[FeedSettings, ...] = (), **keys_by_source: Mapping[str, Any]) -> Sources:
    return Sources(keys_by_source, feeds)


def _single(node: Node, location: Location) -> str | float | bool | None:
    if not isinstance(node, ScalarNode):
        message = f"is {yaml_type(node)}, not a single value"
        location.report(node, message, "use a single value or a list of single values")
        return None
    if is_tagged(node, "bool"):
        return FLAG.read(node, location)
    if is_tagged(node, "int") or is_tagged(node, "float"):
        return _NUMBER.read(node, location)
    return _TEXT.read(node, location)


SOURCES = RecordType(
    _sources,
    {**{name: SourceGroup(name) for name in source_registry.BUILT_IN}, FEEDS: FEED_LIST},
    extra=ExtraKeys(_plugin_groups, "unknown key: no installed plugin provides this source"),
    defaults={**{name: {} for name in source_registry.BUILT_IN}, FEEDS: ()},
)

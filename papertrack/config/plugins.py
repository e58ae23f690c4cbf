"""The keys of sources that other packages provide, which papertrack does not know."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from yaml import Node, ScalarNode, SequenceNode

from papertrack.config.groups import Objection
from papertrack.config.installed import provided
from papertrack.config.places import Place, is_tagged, quoted, yaml_type
from papertrack.config.records import PluginSource
from papertrack.config.scalars import Flag, Number, Text, verbatim

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_ABOUT_AS_LARGE_AS_EXACT = 10**15
_NUMBER = Number(-_ABOUT_AS_LARGE_AS_EXACT, _ABOUT_AS_LARGE_AS_EXACT)
_TEXT = Text(tidy=verbatim)
_FLAG = Flag()


class Free(NamedTuple):
    """A single value as YAML takes it, text, number, true or false; or a list of such values. What
    `hidden` matches in a text is secret.
    """

    hidden: str = ""

    def read(self, node: Node, place: Place) -> Any:
        """The value, a tuple for a list; None or with None in it after reporting."""
        if isinstance(node, SequenceNode):
            return tuple(_single(one, place.entry(at)) for at, one in enumerate(node.value))
        return _single(node, place)


def _single(node: Node, place: Place) -> str | float | bool | None:
    if not isinstance(node, ScalarNode):
        advice = "a plugin's key has one value or a list of single values"
        place.report(node, f"is {yaml_type(node)}, not a single value", advice)
        return None
    if is_tagged(node, "bool"):
        return _FLAG.read(node, place)
    if is_tagged(node, "int") or is_tagged(node, "float"):
        return _NUMBER.read(node, place)
    return _TEXT.read(node, place)


def any_name(names: Iterable[str]) -> Iterable[str]:
    """The keys of a plugin's source: whatever the file writes."""
    return names


def provided_names(names: Iterable[str]) -> Iterable[str]:
    """The sources that plugins provide; looked for only where the file names one."""
    return provided() if any(names) else ()


def plugin_objection(made: PluginSource) -> Objection | None:
    """What is wrong with the free keys of a source."""
    for key, _ in made.settings:
        if not _KEY.fullmatch(key):
            return f"has the key {quoted(key)}", "write keys with letters, digits, - and _ only"
    return None

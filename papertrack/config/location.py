"""Locations in the configuration file, and messages about problems there."""

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol, TypeGuard

from yaml import Event, MappingNode, Node, ScalarNode, SequenceNode

from papertrack.errors import Problem
from papertrack.text import clean, shorten

WHOLE_FILE = "file"
_OWN_TYPE = "tag:yaml.org,2002:"
_IN_WORDS = {
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "timestamp": "a date",
    "null": "nothing",
    "str": "text",
}


class Location(NamedTuple):
    """A path of keys in the file, such as `topics[0].any`.

    `folder` contains the file; all locations of a file share the list `problems`.
    """

    path: str
    folder: str
    problems: list[Problem]

    def inside(self, key: str) -> "Location":
        """Return the location of the value of `key`."""
        visible = shorten(clean(key), 40)
        return self._replace(path=f"{self.path}.{visible}" if self.path else visible)

    def entry(self, index: int) -> "Location":
        """Return the location of an entry of a list, counted from 0."""
        return self._replace(path=f"{self.path}[{index}]")

    def report(self, node: Node, message: str, suggestion: str = "") -> None:
        """Add a problem at the line where `node` begins."""
        problem = Problem(line_of(node), self.path or WHOLE_FILE, message, suggestion)
        self.problems.append(problem)


class ValueType(Protocol):
    """The type of a value in the configuration."""

    def read(self, node: Node, location: Location) -> Any:
        """Return the value of `node`; undefined if a problem in it was reported."""


def line_of(node: Node | Event) -> int:
    """Return the line where `node` begins, counted from 1."""
    mark = node.start_mark
    return mark.line + 1 if mark else 1


def is_tagged(node: Node, name: str) -> bool:
    """Whether YAML resolves `node` to its type `name`: str, null, bool, merge, ..."""
    return bool(node.tag == _OWN_TYPE + name)


def is_plain(node: Node) -> TypeGuard[ScalarNode]:
    """Whether `node` is a single value without quotes."""
    return isinstance(node, ScalarNode) and not node.style


def yaml_type(node: Node) -> str:
    """The type of `node` according to YAML, in plain words."""
    if isinstance(node, MappingNode):
        return "a group of keys"
    if isinstance(node, SequenceNode):
        return "a list"
    return _IN_WORDS.get(node.tag.removeprefix(_OWN_TYPE), "a value with a custom tag")


def quoted(text: str) -> str:
    """The text for use in a message: printable, shortened and in quotes."""
    return f'"{shorten(clean(text), 40)}"'


def describe(node: Node) -> str:
    """The text of `node` in quotes, or its type, for messages about a wrong value."""
    return quoted(node.value) if isinstance(node, ScalarNode) else yaml_type(node)


def suggestion_for(word: str, valid: Iterable[str]) -> str:
    """Suggest the valid word that resembles an invalid word, else list all valid words."""
    import difflib  # only a file with problems needs it

    names = {name.casefold().replace("-", "_"): name for name in valid}
    close = difflib.get_close_matches(word.casefold().replace("-", "_"), names, n=1)
    if close:
        return f'did you mean "{names[close[0]]}"?'
    return f"expected one of: {', '.join(names.values())}"

"""Where in the file something stands, and how a problem there is told."""

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
    """One spot of the file as a path of keys, `topics[0].any`; `folder` holds the file, and
    `problems` collects what is found anywhere in it.
    """

    path: str
    folder: str
    problems: list[Problem]

    def inside(self, key: str) -> "Location":
        """The place of the value that stands under `key`."""
        visible = shorten(clean(key), 40)
        return self._replace(path=f"{self.path}.{visible}" if self.path else visible)

    def entry(self, index: int) -> "Location":
        """The place of one entry of a list, counted from 0."""
        return self._replace(path=f"{self.path}[{index}]")

    def report(self, node: Node, message: str, suggestion: str = "") -> None:
        """Note one problem, at the line where `node` begins."""
        problem = Problem(line_of(node), self.path or WHOLE_FILE, message, suggestion)
        self.problems.append(problem)


class ValueType(Protocol):
    """What may stand at a place."""

    def read(self, node: Node, place: Location) -> Any:
        """The value of `node`. Every problem in it is reported; then the value is of no use."""


def line_of(node: Node | Event) -> int:
    """The line where `node` begins, counted from 1."""
    mark = node.start_mark
    return mark.line + 1 if mark else 1


def is_tagged(node: Node, name: str) -> bool:
    """Whether YAML takes `node` for its own type `name`: str, null, bool, merge, ..."""
    return bool(node.tag == _OWN_TYPE + name)


def is_plain(node: Node) -> TypeGuard[ScalarNode]:
    """Whether `node` is a single value without quotes."""
    return isinstance(node, ScalarNode) and not node.style


def yaml_type(node: Node) -> str:
    """What YAML takes `node` for, in a reader's words."""
    if isinstance(node, MappingNode):
        return "a group of keys"
    if isinstance(node, SequenceNode):
        return "a list"
    return _IN_WORDS.get(node.tag.removeprefix(_OWN_TYPE), "a value of its own kind")


def quoted(text: str) -> str:
    """`text` as it may stand in a message: visible, short and in quotes."""
    return f'"{shorten(clean(text), 40)}"'


def describe(node: Node) -> str:
    """What stands at `node`, for a message that tells what should."""
    return quoted(node.value) if isinstance(node, ScalarNode) else yaml_type(node)


def suggestion_for(word: str, known: Iterable[str]) -> str:
    """The suggestion for a word that is none of `known`: the one that was meant, or all."""
    import difflib  # only a file with problems pays for it

    names = {name.casefold().replace("-", "_"): name for name in known}
    close = difflib.get_close_matches(word.casefold().replace("-", "_"), names, n=1)
    if close:
        return f'did you mean "{names[close[0]]}"?'
    return f"known here: {', '.join(names.values())}"

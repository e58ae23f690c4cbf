"""Limits on what a template of a reader computes, so that none takes minutes or fills the memory.

A step takes about a tenth of a microsecond. A character that a filter reads or returns is a step,
and so are ten characters of other text; a part of the code, as an attribute, has five. The limit
grows with the papers. Whatever would make a long text or a large number at once is checked before.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import BuiltinMethodType, MethodType
from typing import Any, cast

from jinja2 import TemplateRuntimeError, nodes
from jinja2.visitor import NodeTransformer

_STEPS_OF_PAPER = 100_000  # ten filters for a long abstract
_STEPS_OF_NOTE = 20  # for each character
CHARACTERS = 10  # in a step
_STEPS_OF_PART = 5
STEPS_OF_CALL, STEPS_OF_INCLUDE = 30, 1000
_MOST_CHARACTERS = 50_000_000  # of a text, and items of a list
_MOST_NUMBER = 100_000  # of blanks, columns or digits
_MOST_COPIED = 10**10  # characters, in a second
_MOST_BITS = 10_000
_SUMMED = (int, float, str, type(None))  # the start, and the name of an attribute
_WIDE = re.compile(r"\d{6,}|%[^a-zA-Z%]*\*|\{[^{}]*\{")  # in a format; the width may be an argument
# Filters and methods whose results may be as long as the product of their arguments, and filters
# for which only a number may be too large.
_REPEATING = frozenset(("center", "indent", "replace", "join", "tojson", "urlize"))
_NUMBERED = frozenset(("batch", "slice", "round"))
_METHODS = frozenset(
    re.findall(
        "[a-z_]+",
        "center ljust rjust zfill expandtabs replace join translate to_bytes format format_map",
    )
)
# Filters that do not read the value, and others that do not read what the items of a list contain.
_AT_ONCE = frozenset(("length", "count", "first", "last", "random", "default", "d", "attr"))
_OF_LISTS = frozenset(
    re.findall(
        "[a-z]+",
        "list sort groupby map select reject selectattr rejectattr unique batch slice reverse items"
        " min max sum dictsort",
    )
)
# All others take a time in proportion to a text, whatever their arguments are.
_CHECKED = _REPEATING | _NUMBERED | {"format", "sum", "wordwrap", "striptags"}


class Budget:
    """The steps of a rendering."""

    def __init__(self, most_steps: int) -> None:
        self._most, self._steps = most_steps, 0

    def spend(self, steps: int) -> None:
        """Count steps. Raises TemplateRuntimeError if there are too many."""
        self._steps += steps
        if self._steps > self._most:
            raise TemplateRuntimeError("its loops and filters would take too long")

    def spend_text(self, value: object) -> None:
        """Count the steps of a text that is printed or joined, or of a value as text."""
        self.spend(size_of(value) // CHARACTERS)

    def papers(self, papers: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """The papers; each allows for more steps."""
        for paper in papers:
            note = paper["state"]["note"] or ""
            self._most += _STEPS_OF_PAPER + _STEPS_OF_NOTE * len(note)
            yield paper


class CountingTransformer(NodeTransformer):
    """Makes the code of a template count the steps of its loops and of whatever can be repeated."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802  # the names that jinja2 calls
        """Count the rounds; a recursive loop may have others than those of its list."""
        self.generic_visit(node)
        if node.recursive:
            return _counting_body(node)
        arguments = [cast("nodes.Expr", node.iter), nodes.Const(_steps(node.body))]
        node.iter = _call("counted", arguments, node.lineno)
        return node

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        """Count the calls of macros and blocks."""
        node = super().generic_visit(node, *args, **kwargs)
        is_called = isinstance(node, nodes.Macro | nodes.CallBlock | nodes.Block)
        return _counting_body(node) if is_called else node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        """Check the length of a text that `~` joins."""
        self.generic_visit(node)
        return _call("joined", node.nodes, node.lineno)


def _counting_body(node: Any) -> nodes.Node:
    steps = nodes.Const(_steps(node.body))
    node.body.insert(0, nodes.ExprStmt(_call("spend", [steps], node.lineno), lineno=node.lineno))
    return cast("nodes.Node", node)


def _steps(body: Iterable[nodes.Node]) -> int:
    """About how many steps the code of a template takes without its filters and calls."""
    parts = [part for node in body for part in node.find_all((nodes.Expr, nodes.Stmt))]
    text = sum(len(part.data) for part in parts if isinstance(part, nodes.TemplateData))
    return 1 + _STEPS_OF_PART * len(parts) + text // CHARACTERS


def _call(method: str, arguments: list[nodes.Expr], line: int) -> nodes.Call:
    function = nodes.EnvironmentAttribute(method, lineno=line)
    return nodes.Call(function, arguments, [], None, None, lineno=line)


def size_of(value: object) -> int:
    """How many characters and items a value has as text. Raises TemplateRuntimeError."""
    size = len(value) if isinstance(value, str | bytes) else _size(value, {})
    if size > _MOST_CHARACTERS:
        raise TemplateRuntimeError("a text or a list is too long")
    return size


def _size(value: object, known: dict[int, int]) -> int:
    """The same, for a list of lists that contains the same list many times in linear time."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, int):
        return value.bit_length() // 3
    if not isinstance(value, Collection):
        return 1
    if id(value) not in known:
        items = (*value.keys(), *value.values()) if isinstance(value, Mapping) else value
        known[id(value)] = 1 + sum(_size(item, known) + 2 for item in items)
    return known[id(value)]


def size_without_lists(value: object) -> int:
    """The same, but lists in a list count as one. Raises nothing."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list | tuple):
        return len(value) + sum(len(item) for item in value if isinstance(item, str))
    return len(value) if isinstance(value, Collection) else _size(value, {})


def check_filter(name: str, value: Any, arguments: Iterable[Any]) -> int:
    """The size of the input of a filter. Raises TemplateRuntimeError for one that would take long.

    `value` is a text, or a list that can be read again.
    """
    if isinstance(value, str) and name not in _CHECKED:
        return len(value)
    if name in _AT_ONCE:
        return 1
    size = size_without_lists(value) if name in _OF_LISTS else size_of(value)
    if name in _REPEATING or name in _NUMBERED:
        _check_product(size if name in _REPEATING else 0, arguments)
    elif name == "format":
        check_format(value, arguments)
    elif name == "sum" and not all(isinstance(each, _SUMMED) for each in arguments):
        raise TemplateRuntimeError("sum() adds only numbers")
    copied = 0
    if name == "wordwrap":  # A long word is cut off piece by piece.
        copied = size * max(map(len, str(value).split()), default=0)
    elif name == "striptags":  # Each tag is cut out of the text.
        copied = size * str(value).count("<")
    if copied > _MOST_COPIED:
        raise TemplateRuntimeError(f"a text is too long for {name}()")
    return size


def check_method(method: object, arguments: Iterable[Any]) -> None:
    """Check a call of a method of a text or a number. Raises TemplateRuntimeError."""
    method = getattr(method, "__wrapped__", method)  # as a sandbox wraps str.format
    if not isinstance(method, BuiltinMethodType | MethodType) or method.__name__ not in _METHODS:
        return
    if method.__name__.startswith("format"):
        check_format(method.__self__, arguments)
    else:
        _check_product(size_of(method.__self__), arguments)


def check_format(form: object, arguments: Iterable[Any]) -> None:
    """Check that a format with these arguments makes no long text. Raises TemplateRuntimeError."""
    text = str(form)
    if _WIDE.search(text):
        raise TemplateRuntimeError("a format is too wide, or its width is not a number")
    if (text.count("%") + text.count("{")) * sum(map(size_of, arguments)) > _MOST_CHARACTERS:
        raise TemplateRuntimeError("a text is too long")


def _check_product(size: int, arguments: Iterable[Any]) -> None:
    """Check what multiplies a value of this size. Raises TemplateRuntimeError."""
    for each in arguments:
        if isinstance(each, int | float) and abs(each) > _MOST_NUMBER:
            raise TemplateRuntimeError(f"a number is over {_MOST_NUMBER:,}")
        factor = abs(each) if isinstance(each, int | float) else size_of(each)
        if (size + 1) * factor > _MOST_CHARACTERS:
            raise TemplateRuntimeError("a text or a list is too long")


def check_operation(operator: str, left: Any, right: Any) -> None:
    """Check the operands of `+`, `*`, `**` or `%`. Raises TemplateRuntimeError."""
    if operator == "%" and isinstance(left, str):
        check_format(left, right if isinstance(right, tuple) else (right,))
    elif isinstance(left, int) and isinstance(right, int):
        sizes = left.bit_length(), right.bit_length()
        bits = sizes[0] * abs(right) if operator == "**" else sum(sizes)
        if bits > _MOST_BITS:
            raise TemplateRuntimeError("a number is too large")
    elif operator in ("*", "+"):
        sizes = size_without_lists(left), size_without_lists(right)
        numbers = [each for each in (left, right) if isinstance(each, int)]
        size = max(sizes) * abs(numbers[0]) if numbers and operator == "*" else sum(sizes)
        if size > _MOST_CHARACTERS:
            raise TemplateRuntimeError("a text or a list is too long")

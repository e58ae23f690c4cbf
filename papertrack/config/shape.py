"""Refuses YAML for its depth, its size or its references, before any node of it is composed.

Composing recurses, in the C loader until the process dies of it; parsing into events does not.
"""

import contextlib
from collections.abc import Iterable
from typing import TypeAlias

import yaml

from papertrack.config.location import WHOLE_FILE, line_of
from papertrack.errors import Problem

Loader: TypeAlias = "type[yaml.SafeLoader | yaml.CSafeLoader]"
_DEEPEST = 20  # levels; the schema has six
_MOST_VALUES = 200_000  # keys and values, counted anew each time an alias repeats them
_RIGHT_FILE = "is it the right file? A configuration needs six levels"
_TOO_DEEP = (f"is nested deeper than {_DEEPEST} levels", _RIGHT_FILE)
_TOO_MANY = (
    f"has more than {_MOST_VALUES} keys and values, those repeated by *aliases included",
    "write out what the *aliases repeat, or is it the wrong file?",
)
_SECOND_DOCUMENT = ("has more than one document", 'remove the line "---" or "..."')


def shape_problem(text: str, loader: Loader) -> Problem | None:
    """Return the first reason to refuse the shape of a text, None if there is no such reason.

    Raises what the loader raises where the text is not valid YAML.
    """
    try:
        return _first_problem(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        # A parser reads ahead: it may fail, by a limit of its own as well, before it returns the
        # event that exceeds our limits. The text up to the failure yields that event.
        ahead = error.problem_mark.index if error.problem_mark else 0
        problem = _problem_within(text[:ahead], loader)
        if problem is None:
            raise
        return problem


def _problem_within(text: str, loader: Loader) -> Problem | None:
    with contextlib.suppress(yaml.YAMLError):
        return _first_problem(yaml.parse(text, Loader=loader))
    return None


def _first_problem(events: Iterable[yaml.Event]) -> Problem | None:
    shape = _Shape()
    for event in events:
        reason = shape.add(event)
        if reason:
            return Problem(line_of(event), WHOLE_FILE, *reason)
    return None


class _Shape:
    """Counts what the events of a text have brought so far."""

    def __init__(self) -> None:
        self._documents = 0
        self._values = 0
        self._open: list[tuple[str | None, int]] = []  # anchor, and the values before it
        self._sizes: dict[str | None, int] = {}  # values by anchor

    def add(self, event: yaml.Event) -> tuple[str, str] | None:
        """Count an event. Return the message and the suggestion if it is one too many."""
        if isinstance(event, yaml.NodeEvent):
            return self._add_node(event)
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = self._open.pop()
            self._sizes[anchor] = self._values - before
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
        return _SECOND_DOCUMENT if self._documents > 1 else None

    def _add_node(self, event: yaml.NodeEvent) -> tuple[str, str] | None:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._sizes:
                return _unknown_alias(event)
            self._values += self._sizes[event.anchor]
        else:
            collection = isinstance(event, yaml.CollectionStartEvent)
            if collection:
                self._open.append((event.anchor, self._values))
            # An alias of a collection that is still open repeats it without end.
            self._sizes[event.anchor] = _MOST_VALUES if collection else 1
            self._values += 1
        if self._values > _MOST_VALUES:
            return _TOO_MANY
        return _TOO_DEEP if len(self._open) > _DEEPEST else None


def _unknown_alias(alias: yaml.AliasEvent) -> tuple[str, str]:
    return (
        f'"*{alias.anchor}" is an alias without an anchor "&{alias.anchor}" above it',
        "put text that begins with * in quotes",
    )

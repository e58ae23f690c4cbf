"""Limits on the depth, size and aliases of YAML, checked before any node is composed.

Composing recurses, and deep nesting crashes the process inside libyaml; parsing into events does
not recurse.
"""

import contextlib
from collections.abc import Iterable
from typing import TypeAlias

import yaml

from papertrack.config.location import WHOLE_FILE, line_of
from papertrack.errors import Problem

Loader: TypeAlias = "type[yaml.SafeLoader | yaml.CSafeLoader]"
_MAX_DEPTH = 20  # levels; the schema has six
_MAX_VALUES = 200_000  # keys and values, counted again for each alias
_RIGHT_FILE = "is it the right file? A configuration needs six levels"
_TOO_DEEP = (f"is nested deeper than {_MAX_DEPTH} levels", _RIGHT_FILE)
_TOO_MANY = (
    f"has more than {_MAX_VALUES:,} keys and values, including those repeated by *aliases",
    "replace the *aliases by their values; or is it the wrong file?",
)
_SECOND_DOCUMENT = ("has more than one document", 'remove the line "---" or "..."')


def limit_problem(text: str, loader: Loader) -> Problem | None:
    """Return the first limit that a YAML text exceeds, as a problem, or None.

    The result is None for some texts that are not valid YAML; parsing them fails later. Raises
    ValueError and OverflowError, which PyYAML does not catch.
    """
    try:
        return _first_problem(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        # The parser reads ahead and has its own limits, so it may fail before it returns the event
        # that exceeds these limits. Parsing the text before the failure yields that event.
        end = error.problem_mark.index if error.problem_mark else 0
        return _problem_within(text[:end], loader)


def _problem_within(text: str, loader: Loader) -> Problem | None:
    with contextlib.suppress(yaml.YAMLError):
        return _first_problem(yaml.parse(text, Loader=loader))
    return None


def _first_problem(events: Iterable[yaml.Event]) -> Problem | None:
    usage = _Usage()
    for event in events:
        reason = usage.add(event)
        if reason:
            return Problem(line_of(event), WHOLE_FILE, *reason)
    return None


class _Usage:
    """Counts the documents, levels and values in the events of a text."""

    def __init__(self) -> None:
        self._documents = 0
        self._values = 0
        self._open: list[tuple[str | None, int]] = []  # anchor, and number of values before it
        self._sizes: dict[str | None, int] = {}  # values by anchor

    def add(self, event: yaml.Event) -> tuple[str, str] | None:
        """Count an event. Return a message and a suggestion if it exceeds a limit."""
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
            # An alias inside its own collection would repeat it without end.
            self._sizes[event.anchor] = _MAX_VALUES if collection else 1
            self._values += 1
        if self._values > _MAX_VALUES:
            return _TOO_MANY
        return _TOO_DEEP if len(self._open) > _MAX_DEPTH else None


def _unknown_alias(alias: yaml.AliasEvent) -> tuple[str, str]:
    return (
        f'"*{alias.anchor}" is an alias without an anchor "&{alias.anchor}" above it',
        "put text that begins with * in quotes",
    )

"""Types of single values: texts, paths, numbers, switches, choices and events."""

import os
import re
from collections.abc import Callable
from typing import NamedTuple

from yaml import Node, ScalarNode

from papertrack import source_registry
from papertrack.config.location import (
    Location,
    describe,
    is_plain,
    is_tagged,
    quoted,
    suggestion_for,
    yaml_type,
)
from papertrack.events import EventError, parse_event
from papertrack.text import clean

# Patterns are compiled at first use: compiling one takes up to half a millisecond.
_PORT = "6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[0-9]{1,4}"
SITE = rf"https?://(?:[^\s/?#@]*@)?(?:\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(?:{_PORT}))?"
CREDENTIALS = r"(?<=://)[^/?#@]*(?=@)"
_VARIABLE = r"\$(?:\w+|\{[^}]*\})"
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def verbatim(text: str) -> str:
    """Return the text unchanged, for values that are read by programs."""
    return text


def _plain_text(node: Node, location: Location, what: str) -> str | None:
    """Return the text of `node`, or None after reporting that YAML reads it as another type."""
    if not isinstance(node, ScalarNode):
        suggestion = 'put text that contains ": " in quotes' if what == "text" else ""
        location.report(node, f"is {yaml_type(node)}, not {what}", suggestion)
    elif is_tagged(node, "str"):
        return str(node.value)
    elif not node.value:
        location.report(node, "is empty")
    else:
        text = quoted(node.value)
        message = f"YAML reads {text} as {yaml_type(node)}, not as text"
        location.report(node, message, f"put it in quotes: {text}")
    return None


class TextType(NamedTuple):
    """A text that, after `normalize`, fully matches `pattern`, if there is a pattern.

    `what` and `example` describe it in messages, and `lacking` names what a text lacks that does
    not match the pattern. The part of a value that matches `secret` is not shown. `excess`
    returns what is too much in a text, and what to do about it.
    """

    what: str = "text"
    pattern: str = ""
    example: str = ""
    normalize: Callable[[str], str] = clean
    secret: str | None = None
    lacking: str = ""
    excess: Callable[[str], tuple[str, str] | None] | None = None

    def read(self, node: Node, location: Location) -> str | None:
        """Return the normalized text, or None after reporting a problem.

        The message does not repeat a text that does not match the pattern: it may be a secret that
        was put under the wrong key.
        """
        text = _plain_text(node, location, self.what)
        if text is None:
            return None
        value = self.normalize(text)
        if not value:
            location.report(node, "is empty", self.suggestion())
        elif self.normalize is not clean and not value.isprintable():
            location.report(node, "contains a control or invisible character", "remove it")
        elif self.pattern and not re.fullmatch(self.pattern, value):
            message = f"has no {self.lacking}" if self.lacking else f"is not {self.what}"
            location.report(node, message, self.suggestion())
        elif self.excess and (excess := self.excess(value)):
            location.report(node, *excess)
        else:
            return value
        return None

    def suggestion(self) -> str:
        """Return the example for use in a message, if there is one."""
        return f"for example {self.example}" if self.example else ""


class PathType(NamedTuple):
    """A path; ~ and $VARIABLES are expanded, relative paths start at the folder of the file.

    `what` and `example` describe it in messages.
    """

    what: str = "a folder"
    example: str = "~/papers"

    def read(self, node: Node, location: Location) -> str | None:
        """Return the absolute path, which need not exist, or None after reporting a problem."""
        text = TextType(self.what, example=self.example, normalize=verbatim).read(node, location)
        if text is None:
            return None
        path = os.path.expandvars(os.path.expanduser(text))
        unset = re.search(_VARIABLE, path) if "$" in path else None
        if unset:
            location.report(node, f"{unset[0]} is not set in the environment")
        elif path.startswith("~"):
            location.report(node, f"{quoted(path)} begins with a user name that does not exist")
        else:
            return os.path.normpath(os.path.join(location.folder, path))
        return None


def _decimal(text: str) -> float | None:
    """Return the number written in plain decimal digits, else None.

    The rules of YAML would also read 0100 as 64 and 1:30 as 90.
    """
    if not set(text) <= set("+-.0123456789"):
        return None
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return None


class NumberType(NamedTuple):
    """A number from `low` to `high`, both included, written in plain decimal digits."""

    low: float
    high: float
    whole: bool = False

    def read(self, node: Node, location: Location) -> float | None:
        """Return the number, an int if written without a point; None after reporting a problem."""
        value = _decimal(node.value) if isinstance(node, ScalarNode) else None
        numeric = value is not None and not (self.whole and isinstance(value, float))
        if value is not None and numeric and is_plain(node) and self.low <= value <= self.high:
            return value
        what = f"a {'whole ' if self.whole else ''}number from {self.low} to {self.high}"
        suggestion = "" if is_plain(node) or not numeric else "write it without quotes"
        location.report(node, f"{describe(node)} is not {what}", suggestion)
        return None


class FlagType:
    """A switch: true or false, or another word that YAML 1.1 defines for them."""

    def read(self, node: Node, location: Location) -> bool | None:
        """Return the value of the switch, or None after reporting a problem."""
        value = _FLAGS.get(node.value.lower()) if is_plain(node) else None
        if value is None:
            message = f"{describe(node)} is not true or false"
            location.report(node, message, "write true or false, without quotes")
        return value


class ChoiceType(NamedTuple):
    """One of the words in `options`."""

    options: tuple[str, ...]

    def read(self, node: Node, location: Location) -> str | None:
        """Return the word, or None after reporting a problem."""
        word = _plain_text(node, location, f"one of {', '.join(self.options)}")
        if word is None or word in self.options:
            return word
        location.report(
            node, f"{quoted(word)} is not a valid value", suggestion_for(word, self.options)
        )
        return None


class EventType(NamedTuple):
    """An event in the notation of papertrack.events, except those in `excluded`."""

    excluded: tuple[str, ...] = ()
    what: str = "an event"

    def read(self, node: Node, location: Location) -> str | None:
        """Return the event in canonical form, or None after reporting a problem."""
        text = _plain_text(node, location, self.what)
        if text is None:
            return None
        try:
            event = parse_event(text)
        except EventError as error:
            location.report(node, f"{quoted(text)} is not an event", str(error))
            return None
        is_listing = event.subject in source_registry.BUILT_IN and not source_registry.is_ranking(
            event.subject
        )
        if event.kind == "listed" and not is_listing:
            sources = [
                name for name in source_registry.names() if not source_registry.is_ranking(name)
            ]
            if event.subject not in sources:
                message = f"{quoted(event.subject)} is not a source"
                location.report(node, message, suggestion_for(event.subject, sources))
                return None
        if str(event) in self.excluded:
            location.report(node, f"{quoted(text)} cannot happen to papers that are already stored")
            return None
        return str(event)

    def suggestion(self) -> str:
        """Return an example for use in a message."""
        return "for example [new, upvotes >= 50]"

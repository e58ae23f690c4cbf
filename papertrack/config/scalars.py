"""The kinds of single values: text of some shape, folders, numbers, switches, choices."""

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

# Shapes are texts, compiled when they are first needed: each costs up to half a millisecond.
_PORT = "6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[0-9]{1,4}"
SITE = rf"https?://(?:[^\s/?#@]*@)?(?:\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(?:{_PORT}))?"
CREDENTIALS = r"(?<=://)[^/?#@]*(?=@)"
_VARIABLE = r"\$(?:\w+|\{[^}]*\})"
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def verbatim(text: str) -> str:
    """`text` as it was written, for what a program and not a person reads."""
    return text


def _plain_text(node: Node, place: Location, what: str) -> str | None:
    """The text of `node`, or None after reporting that YAML does not take it for text."""
    if not isinstance(node, ScalarNode):
        advice = 'text with ": " in it needs quotes' if what == "text" else ""
        place.report(node, f"is {yaml_type(node)}, not {what}", advice)
    elif is_tagged(node, "str"):
        return str(node.value)
    elif not node.value:
        place.report(node, "is empty")
    else:
        shown = quoted(node.value)
        message = f"YAML reads {shown} as {yaml_type(node)}, not as text"
        place.report(node, message, f"put it in quotes: {shown}")
    return None


class TextType(NamedTuple):
    """Text that, after `tidy`, matches the whole of `shape` where there is one. `what` and
    `example` tell people what is asked for; what `hidden` matches in a value is secret.
    """

    what: str = "text"
    shape: str = ""
    example: str = ""
    tidy: Callable[[str], str] = clean
    hidden: str = ""

    def read(self, node: Node, place: Location) -> str | None:
        """The tidied text, or None after reporting. The message does not repeat text of the wrong
        shape, for it may be a secret in the wrong place.
        """
        text = _plain_text(node, place, self.what)
        if text is None:
            return None
        value = self.tidy(text)
        if not value:
            place.report(node, "is empty", self.advice())
        elif self.tidy is not clean and not value.isprintable():
            place.report(node, "has a control or invisible character in it", "remove it")
        elif self.shape and not re.fullmatch(self.shape, value):
            place.report(node, f"is not {self.what}", self.advice())
        else:
            return value
        return None

    def advice(self) -> str:
        """How such text looks, where there is an example."""
        return f"for example {self.example}" if self.example else ""


class Path(NamedTuple):
    """A path: ~ and $VARIABLES are expanded, the rest is relative to the file's own folder. `what`
    and `example` are for messages.
    """

    what: str = "a folder"
    example: str = "~/papers"

    def read(self, node: Node, place: Location) -> str | None:
        """The absolute path, or None after reporting; nothing is looked up on the disk."""
        text = TextType(self.what, example=self.example, tidy=verbatim).read(node, place)
        if text is None:
            return None
        path = os.path.expandvars(os.path.expanduser(text))
        unset = re.search(_VARIABLE, path) if "$" in path else None
        if unset:
            place.report(node, f"{unset[0]} is not set in the environment")
        elif path.startswith("~"):
            place.report(node, f"{quoted(path)} begins with a user that does not exist")
        else:
            return os.path.normpath(os.path.join(place.folder, path))
        return None


def _decimal(text: str) -> float | None:
    """The number `text` writes in plain decimal digits, else None. YAML's own rules would also
    take 0100 for 64 and 1:30 for 90.
    """
    if not set(text) <= set("+-.0123456789"):
        return None
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return None


class NumberType(NamedTuple):
    """A number from `low` to `high`, both included; written in plain decimal digits."""

    low: float
    high: float
    whole: bool = False

    def read(self, node: Node, place: Location) -> float | None:
        """The number, an int where it was written as one; or None after reporting."""
        value = _decimal(node.value) if isinstance(node, ScalarNode) else None
        numeric = value is not None and not (self.whole and isinstance(value, float))
        if value is not None and numeric and is_plain(node) and self.low <= value <= self.high:
            return value
        what = f"a {'whole ' if self.whole else ''}number from {self.low} to {self.high}"
        advice = "" if is_plain(node) or not numeric else "write it without quotes"
        place.report(node, f"{describe(node)} is not {what}", advice)
        return None


class FlagType:
    """A switch: true or false, and the other words YAML has for them."""

    def read(self, node: Node, place: Location) -> bool | None:
        """The position of the switch, or None after reporting."""
        value = _FLAGS.get(node.value.lower()) if is_plain(node) else None
        if value is None:
            message = f"{describe(node)} is not true or false"
            place.report(node, message, "write true or false, without quotes")
        return value


class ChoiceType(NamedTuple):
    """One word out of `options`."""

    options: tuple[str, ...]

    def read(self, node: Node, place: Location) -> str | None:
        """The chosen word, or None after reporting."""
        word = _plain_text(node, place, f"one of {', '.join(self.options)}")
        if word is None or word in self.options:
            return word
        place.report(node, f"{quoted(word)} is not a choice", suggestion_for(word, self.options))
        return None


class EventType(NamedTuple):
    """An event as papertrack.events writes it, but none of those `excepted`."""

    excepted: tuple[str, ...] = ()
    what: str = "an event"

    def read(self, node: Node, place: Location) -> str | None:
        """The event as it is written out, or None after reporting at which column it ends."""
        text = _plain_text(node, place, self.what)
        if text is None:
            return None
        try:
            event = parse_event(text)
        except EventError as error:
            place.report(node, f"{quoted(text)} is no event", str(error))
            return None
        if event.kind == "listed" and event.subject not in source_registry.BUILT_IN:
            sources = source_registry.names()
            if event.subject not in sources:
                what = f"{quoted(event.subject)} is no source"
                place.report(node, what, suggestion_for(event.subject, sources))
                return None
        if str(event) in self.excepted:
            place.report(node, f"{quoted(text)} cannot happen to papers that are known already")
            return None
        return str(event)

    def advice(self) -> str:
        """How events look."""
        return "for example [new, upvotes >= 50]"

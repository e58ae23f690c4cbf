"""The topics of a configuration file, changed in its text: every other byte stays as it is.

A YAML library that writes what it has read lays some of it out anew. So entries are put in and cut
out at the places that the nodes know. What comes of it is read again by whoever asks (`rewriting`),
and thrown away unless it says what it should: this may fail on YAML of a rare kind, never harm it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from yaml import CollectionNode, MappingNode, Node, SequenceNode

from papertrack.config.parsing import compose

_KEYS = ("name", "any", "all", "none", "authors", "categories", "threshold", "when", "breadth")
_DASH = re.compile(r"^[ ]*-(?=\s)", re.MULTILINE)
_COMMA = re.compile(r"\s*,\s*")


class Unclear(Exception):
    """A text is YAML of a kind that is not understood well enough to be changed."""


def written(value: Any) -> str:
    """A value as YAML in one line, which may stand anywhere: quoted where it must be."""
    return yaml.safe_dump(
        [value], default_flow_style=True, sort_keys=False, allow_unicode=True, width=float("inf")
    )[1:-2]


def put_topic(text: str, fields: Mapping[str, Any]) -> str:
    """The text with a topic of these keys behind the others. Raises Unclear."""
    root = _root(text)
    pair = _pair(root, "topics") if isinstance(root, MappingNode) else None
    if pair is None:
        return _with_first_key(text, fields)
    key, topics = pair
    if isinstance(topics, SequenceNode):
        return _put_entry(text, topics, fields)
    if topics.value:  # null, ~
        return _replaced(text, topics, written([fields]))
    place = _line_end(text, topics.end_mark.index)
    return _insert(text, place, *_entry(fields, key.start_mark.column + 2))


def cut_topic(text: str, number: int) -> str:
    """The text without the topic of that number, counted from 0. Raises Unclear."""
    return _cut_entry(text, _topics(text), number)


def set_key(text: str, number: int, key: str, value: Any) -> str:
    """The text with a key of a topic changed, or added where it is not there. Raises Unclear."""
    topic = _topic(text, number)
    pair = _pair(topic, key)
    if pair:
        old = pair[1]
        empty = old.start_mark.index == old.end_mark.index
        return _replaced(text, old, " " * empty + written(value))
    before = _KEYS[: _KEYS.index(key)]
    last = max(
        (_end(text, two) for one, two in topic.value if one.value in before),
        default=_end(text, topic.value[0][1]),
    )
    if topic.flow_style:
        return _replace(text, last, last, f", {key}: {written(value)}")
    column = topic.value[0][0].start_mark.column
    place = _with_comments(text, _line_end(text, last), column)
    return _insert(text, place, f"{' ' * column}{key}: {written(value)}")


def change_list(
    text: str, number: int, key: str, before: Sequence[str], after: Sequence[str]
) -> str:
    """The text with what a list of a topic said changed to what it is to say, written anew only
    where what stays changes places. Raises Unclear.
    """
    kept = [one for one in before if one in after]
    in_place = [*kept, *(one for one in after if one not in before)] == [*after]
    if not in_place or not _is_list(text, number, key):
        return text if before == after else set_key(text, number, key, list(after))
    for one in after:
        if one not in before:
            text = _put_entry(text, _list(text, number, key), one)
    for place, one in reversed([*enumerate(before)]):
        if one not in after:
            text = _cut_entry(text, _list(text, number, key), place)
    return text


def _root(text: str) -> Node | None:
    return compose(text, "")


def _pair(node: Node, key: str) -> tuple[Node, Node] | None:
    return next((pair for pair in node.value if pair[0].value == key), None)


def _topics(text: str) -> SequenceNode:
    root = _root(text)
    pair = _pair(root, "topics") if root else None
    if pair is None or not isinstance(pair[1], SequenceNode):
        raise Unclear
    return pair[1]


def _topic(text: str, number: int) -> MappingNode:
    topic = _topics(text).value[number]
    if not isinstance(topic, MappingNode):
        raise Unclear
    return topic


def _is_list(text: str, number: int, key: str) -> bool:
    pair = _pair(_topic(text, number), key)
    return pair is not None and isinstance(pair[1], SequenceNode)


def _list(text: str, number: int, key: str) -> SequenceNode:
    pair = _pair(_topic(text, number), key)
    if pair is None or not isinstance(pair[1], SequenceNode):
        raise Unclear
    return pair[1]


def _with_first_key(text: str, fields: Mapping[str, Any]) -> str:
    """The text with a key `topics` at its end."""
    begun = bool(text) and not text.endswith("\n")
    lines = ["topics:", *_entry(fields, 2)]
    new = _newline(text)
    return text + new * begun + new * bool(text.strip()) + new.join(lines) + new


def _put_entry(text: str, entries: SequenceNode, value: Any) -> str:
    last = entries.value[-1] if entries.value else None
    if entries.flow_style:
        place = _end(text, last) if last else text.index("[", entries.start_mark.index) + 1
        return _replace(text, place, place, ", " * bool(last) + written(value))
    dash = _dash(text, entries, len(entries.value) - 1)
    spread = isinstance(last, MappingNode) and not last.flow_style
    column = dash - _line_start(text, dash)
    lines = _entry(value, column) if spread else [f"{' ' * column}- {written(value)}"]
    parted = _blank_before(text, dash) < _line_before(text, dash)
    apart = parted if entries.value[1:] else spread
    return _insert(text, _entry_end(text, entries, -1), *([""] * apart), *lines)


def _cut_entry(text: str, entries: SequenceNode, number: int) -> str:
    start, end = (_flow_span if entries.flow_style else _block_span)(text, entries, number)
    return _replace(text, start, end, "")


def _flow_span(text: str, entries: SequenceNode, number: int) -> tuple[int, int]:
    """From where to where an entry stands, with the comma before it, else the one after it."""
    start, end = entries.value[number].start_mark.index, _end(text, entries.value[number])
    before = _end(text, entries.value[number - 1]) if number else start
    if number and "#" not in text[before:start]:
        return before, end
    comma = _COMMA.match(text, end)
    return start, comma.end() if comma else end


def _block_span(text: str, entries: SequenceNode, number: int) -> tuple[int, int]:
    """The lines of an entry with the blank ones before it, for the first one those after it."""
    dash, end = _dash(text, entries, number), _entry_end(text, entries, number)
    if number:
        return _blank_before(text, dash), end
    if len(entries.value) > 1:
        end = _after_blank(text, end)
    return _line_before(text, dash), end


def _entry(value: Any, column: int) -> list[str]:
    """The lines of a new entry: a key a line."""
    indent = " " * column
    lines = [f"{indent}  {key}: {written(one)}" for key, one in value.items()]
    return [f"{indent}- {lines[0].lstrip()}", *lines[1:]]


def _dash(text: str, entries: SequenceNode, number: int) -> int:
    """Where the dash of an entry of a block is."""
    first = _line_start(text, entries.start_mark.index)
    begun = _end(text, entries.value[number - 1]) if number else first
    dashes = [*_DASH.finditer(text, begun, entries.value[number].start_mark.index + 1)]
    if not dashes:
        raise Unclear
    return dashes[-1].end() - 1


def _entry_end(text: str, entries: SequenceNode, number: int) -> int:
    dash = _dash(text, entries, number % len(entries.value))
    end = _line_end(text, _end(text, entries.value[number]))
    return _with_comments(text, end, dash - _line_start(text, dash))


def _end(text: str, node: Node) -> int:
    """Where a node ends; the end that YAML has for a block takes in what follows it."""
    if not isinstance(node, CollectionNode) or node.flow_style:
        return len(text[: node.end_mark.index].rstrip())
    last = node.value[-1]
    return max(_end(text, one) for one in (last if isinstance(last, tuple) else (last,)))


def _with_comments(text: str, end: int, column: int) -> int:
    """The end of the lines right below that are nothing but comments, further in than a column."""
    found = re.compile(rf"(?:\r?\n[ ]{{{column + 1},}}#[^\r\n]*)*").match(text, end)
    return found.end() if found else end


def _blank_before(text: str, place: int) -> int:
    """The end of the last line before that of a place that is not blank."""
    return _line_end(text, len(text[: _line_start(text, place)].rstrip()))


def _after_blank(text: str, end: int) -> int:
    """The end of the last of the blank lines that follow the end of a line."""
    found = re.compile(r"(?:\r?\n[ \t]*(?=\r?\n))*").match(text, end)
    return found.end() if found else end


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def _line_before(text: str, place: int) -> int:
    """The end of the line before that of a place."""
    return _line_end(text, max(0, _line_start(text, place) - 1))


def _line_end(text: str, place: int) -> int:
    """Where the line of a place ends, before its line end."""
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    return end - (text[end - 1 : end] == "\r")


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _insert(text: str, place: int, *lines: str) -> str:
    """The text with lines after the line that ends at a place."""
    new = _newline(text)
    return _replace(text, place, place, "".join(new + line for line in lines))


def _replaced(text: str, node: Node, new: str) -> str:
    return _replace(text, node.start_mark.index, _end(text, node), new)


def _replace(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]

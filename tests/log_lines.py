"""Parses the lines of a log into events."""

import json
import re
from datetime import datetime
from typing import NamedTuple

_LINE = re.compile(r"(\S+) (INFO|WARNING|ERROR) (\d+) ([a-z]+)((?: [a-z_]+=(?:\"[^\n]*?\"|\S+))*)")
_FACT = re.compile(r' ([a-z_]+)=("(?:[^"\\]|\\.)*"|[^\s"=]+)')


class Event(NamedTuple):
    """A line of a log; all facts are text."""

    at: datetime
    level: str
    process: int
    name: str
    facts: dict

    def __getitem__(self, key):
        return self.facts[key] if isinstance(key, str) else tuple.__getitem__(self, key)


def events(text, *names):
    """The events of a log, optionally only those of these names; fails on a malformed line."""
    lines = [event(line) for line in text.splitlines()]
    return [line for line in lines if line.name in names or not names]


def event(line):
    """The event of a line; fails if any part of the line is malformed."""
    match = _LINE.fullmatch(line)
    assert match, line
    at, level, process, name, rest = match.groups()
    facts = {key: _text(value) for key, value in _FACT.findall(rest)}
    assert "".join(f" {key}={value}" for key, value in _FACT.findall(rest)) == rest, line
    time = datetime.fromisoformat(at)
    assert time.utcoffset() is not None, line
    return Event(time, level, int(process), name, facts)


def _text(value):
    return json.loads(value) if value.startswith('"') else value

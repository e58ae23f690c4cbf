"""The log as tests read it: lines as events."""

import json
import re
from datetime import datetime
from typing import NamedTuple

_LINE = re.compile(r"(\S+) (INFO|WARNING|ERROR) (\d+) ([a-z]+)((?: [a-z_]+=(?:\"[^\n]*?\"|\S+))*)")
_FACT = re.compile(r' ([a-z_]+)=("(?:[^"\\]|\\.)*"|[^\s"=]+)')


class Event(NamedTuple):
    """One line of a log, its facts as text."""

    at: datetime
    level: str
    process: int
    name: str
    facts: dict

    def __getitem__(self, key):
        return self.facts[key] if isinstance(key, str) else tuple.__getitem__(self, key)


def events(text, *names):
    """The events of a log, all or those of these names; every line must be one."""
    found = [event(line) for line in text.splitlines()]
    return [one for one in found if one.name in names or not names]


def event(line):
    """The event of a line, of which nothing may remain."""
    head = _LINE.fullmatch(line)
    assert head, line
    at, level, process, name, rest = head.groups()
    facts = {key: _text(value) for key, value in _FACT.findall(rest)}
    assert "".join(f" {key}={value}" for key, value in _FACT.findall(rest)) == rest, line
    moment = datetime.fromisoformat(at)
    assert moment.utcoffset() is not None, line
    return Event(moment, level, int(process), name, facts)


def _text(value):
    return json.loads(value) if value.startswith('"') else value

"""Changed configurations read as in `edits.txt`: which lines come, go and stay, to the last space.

`python tests/config/test_edited_texts.py` writes that file anew, for its differences to be read.
"""

from pathlib import Path

import pytest
from test_editing_topics import NEW, TEXTS

from papertrack.config.parsing import parse_config
from papertrack.config.rewriting import add_topic, edit_topic, remove_topic
from papertrack.errors import ConfigError, UsageError

EDITS = Path(__file__).with_name("edits.txt")
MORE = {
    "nothing": "",
    "blank": "\n\n",
    "no end": "library: /x",
    "another key": "library: /x\n",
    "null": "topics: ~\nlibrary: /x\n",
    "blanks between": "topics:\n- name: a\n  any:\n  - b\n\n\n- name: c\n  any: d\n\nlibrary: /x\n",
    "comments": "topics:\n- name: a # 1\n  any: b # 2\n  # 3\n    # 4\n# 5\n"
    "- name: c\n  any: [d]\n",
    "anchors": "topics:\n- &a {name: a, any: [b]}\n- {name: c, any: &x [d]}\n",
    "alias": "topics: [{name: a, any: &x [b]}, {name: c, any: *x}]\n",
    "windows": "topics:\r\n- name: a\r\n  any: [b]\r\n",
    "unknown key": "topic: []\n",
    "tabs": "topics:\n- name: a\t\n  any: [b,\tc]\n",
    "flow comments": "topics:\n- name: a\n  any: [b, # 1\n    c # 2\n    ]\n",
    "channel": "topics: [{name: a, any: b}]\n"
    "alerts: {channels: [{name: c, type: stdout, topics: a}]}\n",
}
ALL = {**TEXTS, **MORE}
del ALL["example"]
CHANGES = {
    "name": lambda topic: topic._replace(name="other name"),
    "case": lambda topic: topic._replace(name=topic.name.upper()),
    "threshold": lambda topic: topic._replace(threshold=80),
    "breadth": lambda topic: topic._replace(breadth="related"),
    "when": lambda topic: topic._replace(when=("new", "upvotes >= 5")),
    "any more": lambda topic: topic._replace(any=(*topic.any, "more: x", "last")),
    "any first gone": lambda topic: topic._replace(any=topic.any[1:]),
    "any last gone": lambda topic: topic._replace(any=topic.any[:-1]),
    "any turned": lambda topic: topic._replace(any=topic.any[::-1]),
    "any none": lambda topic: topic._replace(any=(), authors=("Ada One",)),
    "all": lambda topic: topic._replace(all=("z",)),
    "none": lambda topic: topic._replace(none=("y",), categories=("cs.CL",)),
}


def _tried(call):
    try:
        return call()
    except (UsageError, ConfigError) as error:
        return f"refused: {error.what} | {error.why} | {error.next_step}"


def _outcomes(text):
    """Every change of a text, with what comes of it."""
    yield "add", _tried(lambda: add_topic(text, "p", NEW))
    try:
        topics = parse_config(text, "p").topics
    except ConfigError:
        return
    for number, topic in enumerate(topics):
        yield f"add {number} again", _tried(lambda: add_topic(text, "p", topic))  # noqa: B023
        yield f"remove {number}", _tried(lambda: remove_topic(text, "p", topic))  # noqa: B023
        for name, change in CHANGES.items():
            new = change(topic)
            if new != topic:
                yield f"{number}: {name}", _tried(lambda: edit_topic(text, "p", topic, new))  # noqa: B023
        if number:
            other = topic._replace(name=topics[0].name)
            yield f"{number}: known name", _tried(lambda: edit_topic(text, "p", topic, other))  # noqa: B023


def _written(name):
    text = ALL[name]
    lines = [f"######## {name}", *_lines(text)]
    for what, outcome in _outcomes(text):
        lines += [f"#### {what}", *_changed(text, outcome)]
    return "\n".join(lines)


def _lines(text):
    return [f"  {_visible(one)}" for one in text.split("\n")]


def _changed(text, outcome):
    """The lines that went and came, with the last one that stays before them and its number."""
    if outcome.startswith("refused: "):
        return [outcome]
    old, new = text.split("\n"), outcome.split("\n")
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    rest = 0
    while rest < min(len(old), len(new)) - same and old[-1 - rest] == new[-1 - rest]:
        rest += 1
    gone, come = old[same : len(old) - rest], new[same : len(new) - rest]
    return [
        f"{same}",
        *(f"- {_visible(one)}" for one in gone),
        *(f"+ {_visible(one)}" for one in come),
    ]


def _visible(line):
    return line.replace("\r", "␍").replace("\t", "␉").replace("\ufeff", "␂")


@pytest.mark.parametrize("name", ALL)
def test_it_is_edited_as_it_was(name):
    known = EDITS.read_text(encoding="utf-8").split("\n\n")
    assert _written(name) == known[[*ALL].index(name)].rstrip("\n")


if __name__ == "__main__":
    EDITS.write_text("\n\n".join(map(_written, ALL)) + "\n", encoding="utf-8")

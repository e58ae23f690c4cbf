"""Edited configurations match `edits.txt`: the added and deleted lines, byte by byte.

`python tests/config/test_edited_texts.py` regenerates that file; review the differences.
"""

from pathlib import Path

import pytest
from test_editing_topics import NEW, TEXTS

from papertrack.config.parsing import parse_config
from papertrack.config.records import FeedSettings
from papertrack.config.rewriting import add_feeds, add_topic, edit_topic, remove_feed, remove_topic
from papertrack.errors import ConfigError, UsageError

EDITS = Path(__file__).with_name("edits.txt")
MORE = {
    "empty": "",
    "blank": "\n\n",
    "no final newline": "library: /x",
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
    "any without first": lambda topic: topic._replace(any=topic.any[1:]),
    "any without last": lambda topic: topic._replace(any=topic.any[:-1]),
    "any reversed": lambda topic: topic._replace(any=topic.any[::-1]),
    "any empty": lambda topic: topic._replace(any=(), authors=("Ada One",)),
    "all": lambda topic: topic._replace(all=("z",)),
    "none": lambda topic: topic._replace(none=("y",), categories=("cs.CL",)),
    "organizations": lambda topic: topic._replace(organizations=("The Lab",)),
}
FEED_TEXTS = {
    "no feeds": "",
    "no feeds, sources": "sources:\n  arxiv: {enabled: false}  # no\n    # 1\n  # 2\nlibrary: /x\n",
    "no feeds, empty sources": "sources: {}\n",
    "no feeds, null sources": "sources:\nlibrary: /x\n",
    "no feeds, written null": "sources: ~\n",
    "no feeds, flow sources": "sources: {arxiv: {enabled: false}}\n",
    "null feeds": "sources:\n  feeds:  # none\n  arxiv: {enabled: false}\n",
    "empty feeds": "sources: {feeds: []}\n",
    "feeds": "sources:\r\n  feeds:\r\n    - {name: a, url: 'https://a.org'}\r\n\r\n"
    "    - name: b\r\n      url: https://b.org # 1\r\n      # 2\r\n",
    "flow feeds": "sources: {feeds: [{name: a, url: 'https://a.org'},\n  # 1\n"
    "  {name: b, url: 'https://b.org'}]}\n",
    "feeds that are no list": "sources: {feeds: {name: a}}\n",
    "anchored feeds": "sources: {feeds: &a [&b {name: a, url: 'https://a.org'}]}\n",
}
FEED = FeedSettings("lab", "https://lab.org/f?x=1&y=2", "day")


def _outcome(edit):
    try:
        return edit()
    except (UsageError, ConfigError) as error:
        return f"refused: {error.what} | {error.why} | {error.next_step}"


def _outcomes(text):
    """Each change of a text with its outcome."""
    yield "add", _outcome(lambda: add_topic(text, "p", NEW))
    try:
        topics = parse_config(text, "p").topics
    except ConfigError:
        return
    for index, topic in enumerate(topics):
        yield f"add {index} again", _outcome(lambda: add_topic(text, "p", topic))  # noqa: B023
        yield f"remove {index}", _outcome(lambda: remove_topic(text, "p", topic))  # noqa: B023
        for name, change in CHANGES.items():
            new = change(topic)
            if new != topic:
                yield f"{index}: {name}", _outcome(lambda: edit_topic(text, "p", topic, new))  # noqa: B023
        if index:
            other = topic._replace(name=topics[0].name)
            yield f"{index}: name in use", _outcome(lambda: edit_topic(text, "p", topic, other))  # noqa: B023


def _feed_outcomes(text):
    """Each change of the feeds of a text with its outcome."""
    yield "add", _outcome(lambda: add_feeds(text, "p", [FEED]))
    more = [FEED._replace(name=name, url=f"https://{name}.org/f") for name in ("one", "two")]
    yield "add three", _outcome(lambda: add_feeds(text, "p", [FEED, *more]))
    yield "add by the hour", _outcome(lambda: add_feeds(text, "p", [FEED._replace(every="hour")]))
    for name in ("a", "b"):
        yield f"remove {name}", _outcome(lambda: remove_feed(text, "p", name))  # noqa: B023
    yield "add a", _outcome(lambda: add_feeds(text, "p", [FEED._replace(name="a")]))


def _report(name):
    text, outcomes = (ALL[name], _outcomes) if name in ALL else (FEED_TEXTS[name], _feed_outcomes)
    lines = [f"######## {name}", *_lines(text)]
    for change, outcome in outcomes(text):
        lines += [f"#### {change}", *_changed_lines(text, outcome)]
    return "\n".join(lines)


def _lines(text):
    return [f"  {_visible(line)}" for line in text.split("\n")]


def _changed_lines(text, outcome):
    """The number of lines before the change, and the deleted and added lines."""
    if outcome.startswith("refused: "):
        return [outcome]
    old, new = text.split("\n"), outcome.split("\n")
    before = 0
    while before < min(len(old), len(new)) and old[before] == new[before]:
        before += 1
    after = 0
    while after < min(len(old), len(new)) - before and old[-1 - after] == new[-1 - after]:
        after += 1
    deleted, added = old[before : len(old) - after], new[before : len(new) - after]
    return [
        f"{before}",
        *(f"- {_visible(line)}" for line in deleted),
        *(f"+ {_visible(line)}" for line in added),
    ]


def _visible(line):
    return line.replace("\r", "␍").replace("\t", "␉").replace("\ufeff", "␂")


NAMES = [*ALL, *FEED_TEXTS]


@pytest.mark.parametrize("name", NAMES)
def test_edits_match_the_golden_file(name):
    expected = EDITS.read_text(encoding="utf-8").split("\n\n")
    assert _report(name) == expected[NAMES.index(name)].rstrip("\n")


if __name__ == "__main__":
    EDITS.write_text("\n\n".join(map(_report, NAMES)) + "\n", encoding="utf-8")

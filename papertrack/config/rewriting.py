"""A configuration file's text with other topics in it, read again before anyone may write it."""

from collections.abc import Callable

from papertrack.config import editing
from papertrack.config.changes import LISTS, non_default_fields
from papertrack.config.parsing import BYTE_ORDER_MARK, parse_config
from papertrack.config.records import Config
from papertrack.errors import ConfigError, UsageError
from papertrack.models import Topic


def add_topic(text: str, path: str, topic: Topic) -> str:
    """The text of the file at `path` with one more topic, the last. Raises ConfigError for a text
    that has problems, UsageError where that name is there or the text cannot be changed.
    """
    config = parse_config(text, path)
    if topic.name.casefold() in (one.name.casefold() for one in config.topics):
        raise UsageError(
            f"there is a topic named {topic.name!r} already",
            f"in {path}",
            "change it with `papertrack topics edit`, or give another name",
        )
    intended = config._replace(topics=(*config.topics, topic))
    return _safely(text, lambda bare: editing.put_topic(bare, non_default_fields(topic)), intended)


def remove_topic(text: str, path: str, topic: Topic) -> str:
    """The text without one of its topics. Raises as `added`."""
    config = parse_config(text, path)
    _check_unnamed(config, topic)
    intended = config._replace(topics=tuple(one for one in config.topics if one != topic))
    number = config.topics.index(topic)
    return _safely(text, lambda bare: editing.cut_topic(bare, number), intended)


def edit_topic(text: str, path: str, before: Topic, after: Topic) -> str:
    """The text with one of its topics as it is to be. Raises as `added`."""
    config = parse_config(text, path)
    if after.name.casefold() != before.name.casefold():
        _check_unnamed(config, before)
    number = config.topics.index(before)
    others = [one.name.casefold() for one in config.topics if one != before]
    if after.name.casefold() in others:
        raise UsageError(f"there is a topic named {after.name!r} already", f"in {path}")
    topics = tuple(after if one == before else one for one in config.topics)
    intended = config._replace(topics=topics)
    return _safely(text, lambda bare: _changed(bare, number, before, after), intended)


def _check_unnamed(config: Config, topic: Topic) -> None:
    """Raise UsageError where a channel names the topic, which would name none afterwards."""
    for channel in config.alerts.channels:
        if channel.topics and channel.takes(topic.name):
            raise UsageError(
                f"the channel {channel.name!r} gets the topic {topic.name!r}",
                f"it is named under topics: of that channel in {config.path}",
                "change both, as with `papertrack topics edit NAME` without options",
            )


def _changed(text: str, number: int, before: Topic, after: Topic) -> str:
    for key in (*LISTS, "when"):
        text = editing.change_list(text, number, key, getattr(before, key), getattr(after, key))
    for key in ("threshold", "breadth", "name"):
        if getattr(before, key) != getattr(after, key):
            text = editing.set_key(text, number, key, getattr(after, key))
    return text


def _safely(text: str, change: Callable[[str], str], intended: Config) -> str:
    """What a change makes of a text, if that says what it is intended to."""
    path = intended.path or ""
    bare = text.removeprefix(BYTE_ORDER_MARK)  # which the marks of libyaml do not count
    try:
        new = text[: len(text) - len(bare)] + change(bare)
        if parse_config(new, path) == intended:
            return new
    except (editing.Unclear, ConfigError):
        pass
    raise UsageError(
        f"{path} is written in a way that is not changed safely from here",
        "nothing was changed: the file would not say just what it should afterwards",
        "change it by hand, as with `papertrack topics edit NAME` without options",
    )

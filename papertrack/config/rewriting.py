"""Adds, edits and removes topics and feeds in a configuration file, and verifies the result."""

from collections.abc import Callable, Sequence

from papertrack.config import editing
from papertrack.config.changes import LISTS, non_default_fields
from papertrack.config.parsing import BYTE_ORDER_MARK, parse_config
from papertrack.config.records import Config, FeedSettings, Sources
from papertrack.errors import ConfigError, UsageError
from papertrack.models import Topic


def add_topic(text: str, path: str, topic: Topic) -> str:
    """Return the text of the file at `path` with a topic appended.

    Raises ConfigError if the text has problems, UsageError if a topic of that name exists or the
    text cannot be edited safely.
    """
    config = parse_config(text, path)
    if topic.name.casefold() in (other.name.casefold() for other in config.topics):
        raise UsageError(
            f"topic {topic.name!r} already exists",
            f"in {path}",
            "change it with `papertrack topics edit`, or choose another name",
        )
    expected = config._replace(topics=(*config.topics, topic))
    return _apply_and_verify(
        text,
        lambda body: editing.insert_entry(body, editing.TOPICS, non_default_fields(topic)),
        expected,
    )


def remove_topic(text: str, path: str, topic: Topic) -> str:
    """Return the text without one of its topics. Raises ConfigError and UsageError."""
    config = parse_config(text, path)
    _check_unused(config, topic)
    expected = config._replace(topics=tuple(other for other in config.topics if other != topic))
    index = config.topics.index(topic)
    return _apply_and_verify(
        text, lambda body: editing.delete_entry(body, editing.TOPICS, index), expected
    )


def add_feeds(text: str, path: str, feeds: Sequence[FeedSettings]) -> str:
    """Return the text with feeds appended. Raises ConfigError and UsageError as `add_topic`."""
    config = parse_config(text, path)
    names = {other.name for other in config.sources.feeds}
    for feed in feeds:
        if feed.name in names:
            raise UsageError(
                f"feed {feed.name!r} already exists", f"in {path}", "choose another name"
            )
    defaults = FeedSettings._field_defaults
    entries = [
        {key: value for key, value in feed._asdict().items() if value != defaults.get(key)}
        for feed in feeds
    ]
    return _apply_and_verify(
        text,
        lambda body: editing.insert_entries(body, editing.FEEDS, entries),
        _with_feeds(config, (*config.sources.feeds, *feeds)),
    )


def remove_feed(text: str, path: str, name: str) -> str:
    """Return the text without one of its feeds. Raises ConfigError and UsageError."""
    config = parse_config(text, path)
    feeds = config.sources.feeds
    index = next((index for index, feed in enumerate(feeds) if feed.name == name), None)
    if index is None:
        names = ", ".join(feed.name for feed in feeds) or "none are configured"
        raise UsageError(f"no feed is named {name!r}", f"feeds: {names}")
    return _apply_and_verify(
        text,
        lambda body: editing.delete_entry(body, editing.FEEDS, index),
        _with_feeds(config, (*feeds[:index], *feeds[index + 1 :])),
    )


def _with_feeds(config: Config, feeds: tuple[FeedSettings, ...]) -> Config:
    return config._replace(sources=Sources(config.sources.keys_by_source, feeds))


def edit_topic(text: str, path: str, before: Topic, after: Topic) -> str:
    """Return the text with one of its topics changed. Raises ConfigError and UsageError."""
    config = parse_config(text, path)
    if after.name.casefold() != before.name.casefold():
        _check_unused(config, before)
    index = config.topics.index(before)
    other_names = [topic.name.casefold() for topic in config.topics if topic != before]
    if after.name.casefold() in other_names:
        raise UsageError(f"topic {after.name!r} already exists", f"in {path}")
    topics = tuple(after if topic == before else topic for topic in config.topics)
    expected = config._replace(topics=topics)
    return _apply_and_verify(text, lambda body: _edit(body, index, before, after), expected)


def _check_unused(config: Config, topic: Topic) -> None:
    """Raise UsageError if a channel refers to the topic by name."""
    for channel in config.alerts.channels:
        if channel.topics and channel.delivers(topic.name):
            raise UsageError(
                f"channel {channel.name!r} uses topic {topic.name!r}",
                f"it is listed under topics: of that channel in {config.path}",
                "change both in an editor: `papertrack topics edit NAME` without options",
            )


def _edit(text: str, index: int, before: Topic, after: Topic) -> str:
    for key in (*LISTS, "when"):
        text = editing.change_list(text, index, key, getattr(before, key), getattr(after, key))
    for key in ("threshold", "breadth", "name"):
        if getattr(before, key) != getattr(after, key):
            text = editing.set_key(text, index, key, getattr(after, key))
    return text


def _apply_and_verify(text: str, change: Callable[[str], str], expected: Config) -> str:
    """Apply a change to the text. Raises UsageError unless it then parses to `expected`."""
    path = expected.path or ""
    # The positions that libyaml reports do not count a byte order mark.
    body = text.removeprefix(BYTE_ORDER_MARK)
    try:
        changed = text[: len(text) - len(body)] + change(body)
        if parse_config(changed, path) == expected:
            return changed
    except (editing.UnsupportedYaml, ConfigError):
        pass
    raise UsageError(
        f"cannot edit {path} safely",
        "the edited text would not have the requested meaning; nothing was changed",
        "edit it by hand: `papertrack topics edit NAME` without options",
    )

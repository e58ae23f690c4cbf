"""The commands `topics add`, `remove` and `edit`, which change the configuration file."""

import os

from papertrack.cli import config_file
from papertrack.cli.exit_handling import print_message
from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.topic_options import command
from papertrack.config import rewriting
from papertrack.config.changes import LISTS, TopicChange, apply_change, difference
from papertrack.errors import UsageError
from papertrack.models import Topic
from papertrack.tracker import topic_named


def add(options: GlobalOptions, name: str, change: TopicChange) -> int:
    """Add a topic. Raises UsageError, ConfigError."""
    path = config_file.config_path(options)
    topic = apply_change(Topic(name), change)
    with config_file.lock_for_editing(path, new=True):
        created = not os.path.lexists(path)
        config_file.write(path, rewriting.add_topic(config_file.read_or_example(path), path, topic))
    file = f"the new file {path}" if created else path
    undo = command(options, "topics remove", topic.name)
    return _report(options, f"topic {topic.name!r} added to {file}", undo)


def remove(options: GlobalOptions, name: str) -> int:
    """Remove the topic with exactly that name. Raises UsageError, ConfigError."""
    path = config_file.config_path(options)
    with config_file.lock_for_editing(path):
        topic = topic_named(config_file.read_topics(path), name)
        if topic.name.casefold() != name.strip().casefold():
            raise UsageError(
                f"no topic is named {name!r}", next_step=f"did you mean {topic.name!r}?"
            )
        config_file.write(
            path, rewriting.remove_topic(config_file.read_or_example(path), path, topic)
        )
    undo = command(options, "topics add", topic.name, difference(Topic(topic.name), topic))
    return _report(options, f"topic {topic.name!r} removed from {path}", undo)


def edit(options: GlobalOptions, name: str, change: TopicChange) -> int:
    """Change a topic, or without a change open the editor. Raises UsageError, ConfigError."""
    path = config_file.config_path(options)
    if change == TopicChange():
        return _edit_by_hand(options, path)
    with config_file.lock_for_editing(path):
        before = topic_named(config_file.read_topics(path), name)
        after = apply_change(before, change)
        if after == before:
            print_message([f"topic {before.name!r} already has these values; nothing was changed"])
            return 0
        config_file.write(
            path, rewriting.edit_topic(config_file.read_or_example(path), path, before, after)
        )
    inverse = difference(after, before)
    is_exact = _are_equivalent(apply_change(after, inverse), before)
    undo = command(options, "topics edit", after.name, inverse) if is_exact else ""
    return _report(options, f"topic {after.name!r} changed in {path}", undo)


def _edit_by_hand(options: GlobalOptions, path: str) -> int:
    # Without the lock, because an editor may be open for hours; editors detect other changes.
    config_file.edit_by_hand(path)
    if not options.quiet:
        print_message([f"{path} is valid"])
    return 0


def _are_equivalent(first: Topic, second: Topic) -> bool:
    """Whether two topics differ at most in the order of their lists."""
    return _unordered(first) == _unordered(second)


def _unordered(topic: Topic) -> tuple[object, ...]:
    lists = [sorted(getattr(topic, name)) for name in (*LISTS, "when")]
    return (*lists, topic.name, topic.threshold, topic.breadth)


def _report(options: GlobalOptions, message: str, undo: str) -> int:
    if not options.quiet:
        print_message([message, *([f"undo: {undo}"] if undo else [])], truncate=False)
    return 0

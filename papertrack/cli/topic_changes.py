"""What topics add, remove and edit do: change the file, and say how to take it back."""

import os

from papertrack.cli import config_file
from papertrack.cli.exit_handling import print_error
from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.topic_options import command
from papertrack.config import rewriting
from papertrack.config.changes import LISTS, TopicChange, apply_change, difference
from papertrack.errors import UsageError
from papertrack.models import Topic
from papertrack.tracker import topic_named


def add(anywhere: GlobalOptions, name: str, change: TopicChange) -> int:
    """Write a new topic. Raises UsageError, ConfigError."""
    path = config_file.config_path(anywhere)
    topic = apply_change(Topic(name), change)
    with config_file.exclusive(path, new=True):
        created = not os.path.lexists(path)
        config_file.write(path, rewriting.add_topic(config_file.text_at(path), path, topic))
    where = f"{path}, which is new" if created else path
    back = command(anywhere, "topics remove", topic.name)
    return _said(anywhere, f"topic {topic.name!r} written to {where}", back)


def remove(anywhere: GlobalOptions, name: str) -> int:
    """Take out the topic of exactly that name. Raises UsageError, ConfigError."""
    path = config_file.config_path(anywhere)
    with config_file.exclusive(path):
        topic = topic_named(config_file.topics_at(path), name)
        if topic.name.casefold() != name.strip().casefold():
            raise UsageError(f"no topic is named {name!r}", f"one begins so: {topic.name!r}")
        config_file.write(path, rewriting.remove_topic(config_file.text_at(path), path, topic))
    anew = difference(Topic(topic.name), topic)
    back = command(anywhere, "topics add", topic.name, anew)
    return _said(anywhere, f"topic {topic.name!r} taken out of {path}", back)


def edit(anywhere: GlobalOptions, name: str, change: TopicChange) -> int:
    """Change a topic, or let the user do it. Raises UsageError, ConfigError."""
    path = config_file.config_path(anywhere)
    if change == TopicChange():
        return _edit_by_hand(anywhere, path)
    with config_file.exclusive(path):
        before = topic_named(config_file.topics_at(path), name)
        after = apply_change(before, change)
        if after == before:
            print_error([f"topic {before.name!r} says that already; nothing was changed"])
            return 0
        config_file.write(
            path, rewriting.edit_topic(config_file.text_at(path), path, before, after)
        )
    undoing = difference(after, before)
    exact = _same(apply_change(after, undoing), before)
    back = command(anywhere, "topics edit", after.name, undoing) if exact else ""
    return _said(anywhere, f"topic {after.name!r} changed in {path}", back)


def _edit_by_hand(anywhere: GlobalOptions, path: str) -> int:
    # Not alone: an editor may be open for hours, and tells itself when the file was changed.
    config_file.edit_by_hand(path)
    if not anywhere.quiet:
        print_error([f"{path} is good"])
    return 0


def _same(one: Topic, other: Topic) -> bool:
    """Whether two topics are equal but for the order of what they say."""
    lists = (*LISTS, "when")
    same = all(sorted(getattr(one, name)) == sorted(getattr(other, name)) for name in lists)
    rest = [(topic.name, topic.threshold, topic.breadth) for topic in (one, other)]
    return same and rest[0] == rest[1]


def _said(anywhere: GlobalOptions, what: str, back: str) -> int:
    if not anywhere.quiet:
        print_error([what, *([f"to take it back: {back}"] if back else [])], whole=True)
    return 0

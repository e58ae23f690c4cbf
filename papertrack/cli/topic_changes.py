"""What topics add, remove and edit do: change the file, and say how to take it back."""

import os

from papertrack.cli import settings
from papertrack.cli.anywhere import Anywhere
from papertrack.cli.ending import tell
from papertrack.cli.rules import command
from papertrack.config import rewriting
from papertrack.config.changes import LISTS, Change, changed, difference
from papertrack.errors import UsageError
from papertrack.models import Topic
from papertrack.tracker import choose


def add(anywhere: Anywhere, name: str, change: Change) -> int:
    """Write a new topic. Raises UsageError, ConfigError."""
    path = settings.located(anywhere)
    topic = changed(Topic(name), change)
    with settings.alone(path, new=True):
        created = not os.path.lexists(path)
        settings.put(path, rewriting.added(settings.text_at(path), path, topic))
    where = f"{path}, which is new" if created else path
    back = command(anywhere, "topics remove", topic.name)
    return _said(anywhere, f"topic {topic.name!r} written to {where}", back)


def remove(anywhere: Anywhere, name: str) -> int:
    """Take out the topic of exactly that name. Raises UsageError, ConfigError."""
    path = settings.located(anywhere)
    with settings.alone(path):
        topic = choose(settings.topics_at(path), name)
        if topic.name.casefold() != name.strip().casefold():
            raise UsageError(f"no topic is named {name!r}", f"one begins so: {topic.name!r}")
        settings.put(path, rewriting.removed(settings.text_at(path), path, topic))
    anew = difference(Topic(topic.name), topic)
    back = command(anywhere, "topics add", topic.name, anew)
    return _said(anywhere, f"topic {topic.name!r} taken out of {path}", back)


def edit(anywhere: Anywhere, name: str, change: Change) -> int:
    """Change a topic, or let the user do it. Raises UsageError, ConfigError."""
    path = settings.located(anywhere)
    if change == Change():
        return _edit_by_hand(anywhere, path)
    with settings.alone(path):
        before = choose(settings.topics_at(path), name)
        after = changed(before, change)
        if after == before:
            tell([f"topic {before.name!r} says that already; nothing was changed"])
            return 0
        settings.put(path, rewriting.edited(settings.text_at(path), path, before, after))
    undoing = difference(after, before)
    exact = _same(changed(after, undoing), before)
    back = command(anywhere, "topics edit", after.name, undoing) if exact else ""
    return _said(anywhere, f"topic {after.name!r} changed in {path}", back)


def _edit_by_hand(anywhere: Anywhere, path: str) -> int:
    # Not alone: an editor may be open for hours, and tells itself when the file was changed.
    settings.edit_by_hand(path)
    if not anywhere.quiet:
        tell([f"{path} is good"])
    return 0


def _same(one: Topic, other: Topic) -> bool:
    """Whether two topics are equal but for the order of what they say."""
    lists = (*LISTS, "when")
    same = all(sorted(getattr(one, name)) == sorted(getattr(other, name)) for name in lists)
    rest = [(topic.name, topic.threshold, topic.breadth) for topic in (one, other)]
    return same and rest[0] == rest[1]


def _said(anywhere: Anywhere, what: str, back: str) -> int:
    if not anywhere.quiet:
        tell([what, *([f"to take it back: {back}"] if back else [])], whole=True)
    return 0

"""Topics as they are to be: what to add to one, what to take out, and what a new one says."""

from typing import NamedTuple

from papertrack.config.editing import written
from papertrack.config.parsing import parse_config
from papertrack.errors import ConfigError, UsageError
from papertrack.models import Breadth, Topic
from papertrack.text import clean

LISTS = ("any", "all", "none", "authors", "categories")


class TopicChange(NamedTuple):
    """What to add to the lists of a topic, what to `drop` from whichever list has it, and its new
    threshold, name, breadth and events where those are to change.
    """

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    threshold: int | None = None
    rename: str | None = None
    breadth: Breadth | None = None
    when: tuple[str, ...] = ()


def apply_change(topic: Topic, change: TopicChange) -> Topic:
    """The topic after a change, its texts tidied as those of the file are; what is added twice, or
    is there, is added once. Raises UsageError for what no topic can say, or where what is dropped
    is not there.
    """
    kept = {name: _kept(getattr(topic, name), change.drop) for name in LISTS}
    _check_dropped(topic, change.drop)
    lists = {name: kept[name] + getattr(change, name) for name in LISTS}
    threshold = topic.threshold if change.threshold is None else change.threshold
    name = topic.name if change.rename is None else change.rename
    breadth = change.breadth or topic.breadth
    when = change.when or topic.when
    new = topic._replace(name=name, threshold=threshold, breadth=breadth, when=when, **lists)
    tidy = _tidied(new)
    lists = {name: _once(getattr(tidy, name), len(kept[name])) for name in LISTS}
    events = _once(tidy.when, 0 if change.when else len(topic.when))
    return tidy._replace(when=events, **lists)


def difference(before: Topic, after: Topic) -> TopicChange:
    """What makes one topic of another, apart from the order of its phrases."""
    gone = (one for name in LISTS for one in getattr(before, name))
    left = {one for name in LISTS for one in getattr(after, name)}
    lists = {
        name: tuple(one for one in getattr(after, name) if one not in getattr(before, name))
        for name in LISTS
    }
    return TopicChange(
        **lists,
        drop=tuple(dict.fromkeys(one for one in gone if one not in left)),
        threshold=None if after.threshold == before.threshold else after.threshold,
        rename=None if after.name == before.name else after.name,
        breadth=None if after.breadth == before.breadth else after.breadth,
        when=() if after.when == before.when else after.when,
    )


def non_default_fields(topic: Topic) -> dict[str, object]:
    """What has to be written of a topic: nothing that is usual."""
    usual = Topic(topic.name)
    said = {key: value for key, value in topic._asdict().items() if value != getattr(usual, key)}
    plain = {key: list(one) if isinstance(one, tuple) else one for key, one in said.items()}
    return {"name": topic.name} | plain


def _kept(phrases: tuple[str, ...], drop: tuple[str, ...]) -> tuple[str, ...]:
    dropped = {clean(one).casefold() for one in drop}
    return tuple(one for one in phrases if one.casefold() not in dropped)


def _check_dropped(topic: Topic, drop: tuple[str, ...]) -> None:
    there = [one for name in LISTS for one in getattr(topic, name)]
    for one in drop:
        if clean(one).casefold() not in map(str.casefold, there):
            raise UsageError(f"topic {topic.name!r} does not say {one!r}", f"it says: {there}")


def _once(phrases: tuple[str, ...], known: int) -> tuple[str, ...]:
    """The first `known` as they are, and of the others those that are not said before."""
    added = (one for one in phrases[known:] if one not in phrases[:known])
    return phrases[:known] + tuple(dict.fromkeys(added))


def _tidied(topic: Topic) -> Topic:
    """What the file would say if the topic stood in it. Raises UsageError where it cannot."""
    lists = (one for name in (*LISTS, "when") for one in getattr(topic, name))
    for text in (topic.name, *lists):
        if clean(text).replace(" ", "") != text.replace(" ", ""):
            why = "it has a control or invisible character, or a line end, in it"
            raise UsageError(f"{text!r} cannot stand in a topic", why, "leave that out")
    said = written([non_default_fields(topic)])
    try:
        (tidy,) = parse_config(f"topics: {said}", "").topics
    except ConfigError as error:
        problem = error.problems[0]
        where = problem.path.partition("].")[2] or f"topic {topic.name!r}"
        raise UsageError(f"{where}: {problem.message}", next_step=problem.suggestion) from error
    return tidy

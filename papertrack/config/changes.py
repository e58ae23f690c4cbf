"""Changes of a topic: how they are applied, and computed from two versions of the topic."""

from typing import NamedTuple

from papertrack.config.editing import inline_yaml
from papertrack.config.parsing import parse_config
from papertrack.errors import ConfigError, UsageError
from papertrack.models import Breadth, Topic
from papertrack.text import clean

LISTS = ("any", "all", "none", "authors", "organizations", "categories")


class TopicChange(NamedTuple):
    """Phrases to add to each list of a topic, phrases to `drop` from any list, and new values.

    `threshold`, `rename`, `breadth` and `when` replace the value of the topic unless they are None
    or empty.
    """

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    threshold: int | None = None
    rename: str | None = None
    breadth: Breadth | None = None
    when: tuple[str, ...] = ()


def apply_change(topic: Topic, change: TopicChange) -> Topic:
    """Return the changed topic, with its texts cleaned like those read from the file.

    A phrase that is added twice or already present occurs once. Raises UsageError if the topic
    would be invalid or does not contain a phrase to drop.
    """
    remaining = {name: _without(getattr(topic, name), change.drop) for name in LISTS}
    _check_dropped(topic, change.drop)
    lists = {name: remaining[name] + getattr(change, name) for name in LISTS}
    threshold = topic.threshold if change.threshold is None else change.threshold
    name = topic.name if change.rename is None else change.rename
    breadth = change.breadth or topic.breadth
    when = change.when or topic.when
    changed = topic._replace(name=name, threshold=threshold, breadth=breadth, when=when, **lists)
    cleaned = _clean_topic(changed)
    lists = {name: _deduplicate(getattr(cleaned, name), len(remaining[name])) for name in LISTS}
    events = _deduplicate(cleaned.when, 0 if change.when else len(topic.when))
    return cleaned._replace(when=events, **lists)


def difference(before: Topic, after: Topic) -> TopicChange:
    """Return the change that turns one topic into another, ignoring the order of phrases."""
    old_phrases = (phrase for name in LISTS for phrase in getattr(before, name))
    new_phrases = {phrase for name in LISTS for phrase in getattr(after, name)}
    additions = {
        name: tuple(
            phrase for phrase in getattr(after, name) if phrase not in getattr(before, name)
        )
        for name in LISTS
    }
    return TopicChange(
        **additions,
        drop=tuple(dict.fromkeys(phrase for phrase in old_phrases if phrase not in new_phrases)),
        threshold=None if after.threshold == before.threshold else after.threshold,
        rename=None if after.name == before.name else after.name,
        breadth=None if after.breadth == before.breadth else after.breadth,
        when=() if after.when == before.when else after.when,
    )


def non_default_fields(topic: Topic) -> dict[str, object]:
    """The keys to write for a topic: its name and every value that is not the default."""
    default = Topic(topic.name)
    fields = {
        key: value for key, value in topic._asdict().items() if value != getattr(default, key)
    }
    plain = {
        key: list(value) if isinstance(value, tuple) else value for key, value in fields.items()
    }
    return {"name": topic.name} | plain


def _without(phrases: tuple[str, ...], drop: tuple[str, ...]) -> tuple[str, ...]:
    dropped = {clean(phrase).casefold() for phrase in drop}
    return tuple(phrase for phrase in phrases if phrase.casefold() not in dropped)


def _check_dropped(topic: Topic, drop: tuple[str, ...]) -> None:
    present = [phrase for name in LISTS for phrase in getattr(topic, name)]
    for phrase in drop:
        if clean(phrase).casefold() not in map(str.casefold, present):
            raise UsageError(
                f"topic {topic.name!r} does not contain {phrase!r}",
                f"it contains: {', '.join(present)}",
            )


def _deduplicate(phrases: tuple[str, ...], unchanged: int) -> tuple[str, ...]:
    """The first `unchanged` phrases as they are, then each other phrase once."""
    added = (phrase for phrase in phrases[unchanged:] if phrase not in phrases[:unchanged])
    return phrases[:unchanged] + tuple(dict.fromkeys(added))


def _clean_topic(topic: Topic) -> Topic:
    """The topic as it would be read from the file. Raises UsageError if it is invalid."""
    lists = (phrase for name in (*LISTS, "when") for phrase in getattr(topic, name))
    for text in (topic.name, *lists):
        if clean(text).replace(" ", "") != text.replace(" ", ""):
            why = "it contains a control character, an invisible character or a line break"
            raise UsageError(f"{text!r} is not valid in a topic", why, "remove that character")
    entry = inline_yaml([non_default_fields(topic)])
    try:
        (cleaned,) = parse_config(f"topics: {entry}", "").topics
    except ConfigError as error:
        problem = error.problems[0]
        where = problem.path.partition("].")[2] or f"topic {topic.name!r}"
        raise UsageError(f"{where}: {problem.message}", next_step=problem.suggestion) from error
    return cleaned

"""The commands `topics add`, `remove` and `edit`, which change the configuration file."""

import os
import shlex
from functools import partial

from papertrack.cli import config_file
from papertrack.cli.exit_handling import print_message
from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.session import start_with_config
from papertrack.cli.topic_options import command
from papertrack.config import load_for_papers, rewriting
from papertrack.config.changes import LISTS, TopicChange, apply_change, difference
from papertrack.errors import LibraryBusy, LibraryError, UsageError
from papertrack.models import Topic
from papertrack.results import BroadPhrase, Forecast
from papertrack.tracker import topic_named
from papertrack.tracker.forecast import FORECAST_DAYS, forecast, spelling_notes
from papertrack.tracker.wording import count

_DAYS_OF_A_WEEK = 5  # on which sources list papers


def add(options: GlobalOptions, name: str, change: TopicChange) -> int:
    """Add a topic. Raises UsageError, ConfigError."""
    path = config_file.config_path(options)
    topic = apply_change(Topic(name), change)
    # A topic that cannot be added raises here, before its papers are counted.
    rewriting.add_topic(config_file.read_or_example(path), path, topic)
    if not options.quiet:
        print_message(_forecast_lines(options, topic), truncate=False)
    with config_file.lock_for_editing(path, new=True):
        created = not os.path.lexists(path)
        config_file.write(path, rewriting.add_topic(config_file.read_or_example(path), path, topic))
    file = f"the new file {path}" if created else path
    undo = command(options, "topics remove", topic.name)
    return _report(options, f"topic {topic.name!r} added to {file}", undo)


def _forecast_lines(options: GlobalOptions, topic: Topic) -> list[str]:
    """What a topic would have matched, and its phrases that are too broad; no lines if unknown.

    A library that cannot be read does not prevent a change of the configuration.
    """
    path = config_file.config_path(options)
    config = load_for_papers(path if os.path.lexists(path) else None, os.environ)
    session = start_with_config(options, config)
    try:
        tracker = session.tracker()
        result = forecast(tracker, topic) if tracker.library.papers_tables() else None
    except (LibraryBusy, LibraryError) as error:
        return [f"the stored papers are not counted: {error.lines()[0]}"]
    if result is None or not result.papers:
        return []
    notes = [] if result.matched else spelling_notes(topic)
    broad = map(partial(_broad_phrase_line, result), result.broad)
    return [_forecast_sentence(result), *notes, *broad]


def _forecast_sentence(result: Forecast) -> str:
    matched = f"{result.matched:,}" if result.matched else "none"
    if result.since is None:
        return f"matches {matched} of the {count(result.papers, 'stored paper')}"
    papers = f"the last {FORECAST_DAYS} days' {count(result.papers, 'paper')}"
    return ", ".join(filter(None, (f"matches {matched} of {papers}", _rate(result))))


def _rate(result: Forecast) -> str:
    """How many matches there were in a week with listings, as text; "" if that is unknown."""
    if not (result.matched and result.weeks):
        return ""
    a_week = round(result.matched / result.weeks)
    rate = f"about {a_week:,} a week" if a_week else "less than 1 a week"
    few = result.days < _DAYS_OF_A_WEEK
    return f"{rate} (only {count(result.days, 'day')} stored)" if few else rate


def _broad_phrase_line(result: Forecast, broad: BroadPhrase) -> str:
    share = f"{broad.papers / result.papers:.0%}"
    advice = "a longer phrase, --all or --category narrows it"
    if "*" in broad.phrase:
        quoted = shlex.quote(f'"{broad.phrase}"')
        advice = f"for a star itself, write it in quotes: --any {quoted}"
    return (
        f"warning: the phrase {broad.phrase!r} alone matches {broad.papers:,} of these papers "
        f"({share}); {advice}"
    )


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

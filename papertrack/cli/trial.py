"""The command `topics test`: test a topic on all stored papers."""

import sys
from typing import NamedTuple

from papertrack.cli.exit_handling import print_message
from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.options import choose_structured_format
from papertrack.cli.session import start
from papertrack.cli.topic_options import command
from papertrack.config.changes import TopicChange, apply_change
from papertrack.display import DrawStyle
from papertrack.errors import UsageError
from papertrack.models import Topic
from papertrack.tracker import topic_named

_DRAFT = "draft"


class _TrialRequest(NamedTuple):
    """The topic to test, and the configured topic to compare it with, if any."""

    topic: Topic
    configured: Topic | None


def run(
    options: GlobalOptions,
    name: str | None,
    change: TopicChange,
    weeks: int | None,
    format_name: str,
) -> int:
    """Test a topic and show the result. Raises UsageError, ConfigError, LibraryError."""
    from papertrack.display.trial import draw_trial, trial_lines
    from papertrack.tracker.forecast import spelling_notes
    from papertrack.tracker.trial import run_trial

    form = choose_structured_format(format_name)
    session = start(options)
    request = _trial_request(session.config.topics, name, change)
    trial = run_trial(session.tracker(), request.topic, request.configured, weeks)
    if form == "table":
        draw_trial(trial, sys.stdout, DrawStyle(options.color))
    else:
        sys.stdout.writelines(trial_lines(trial, form, session.now))
    sys.stdout.flush()
    if not trial.sent and not options.quiet:
        for note in spelling_notes(request.topic):
            print_message([note])
    if change != TopicChange() and not options.quiet:
        configured = request.configured
        verb = "topics edit" if configured else "topics add"
        save = command(options, verb, configured.name if configured else "NAME", change)
        print_message([f"nothing was changed; to save it: {save}"], truncate=False)
    return 0


def _trial_request(
    topics: tuple[Topic, ...], name: str | None, change: TopicChange
) -> _TrialRequest:
    if name is not None:
        configured = topic_named(topics, name)
        return _TrialRequest(apply_change(configured, change), configured)
    if change == TopicChange():
        raise UsageError(
            "no topic to test",
            "neither a name nor options were given",
            'papertrack topics test --any "world model"',
        )
    return _TrialRequest(apply_change(Topic(_DRAFT), change), None)

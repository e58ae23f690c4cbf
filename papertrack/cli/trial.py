"""What topics test does: try a topic on the stored past, and say how to keep it."""

import sys
from typing import NamedTuple

from papertrack.cli.exit_handling import print_error
from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.options import STRUCTURED
from papertrack.cli.session import choose_format, start
from papertrack.cli.topic_options import command
from papertrack.config.changes import TopicChange, apply_change
from papertrack.display import DrawStyle
from papertrack.errors import UsageError
from papertrack.models import Topic
from papertrack.tracker import topic_named

_DRAFT = "draft"


class _TrialRequest(NamedTuple):
    """The rule to try, and the one that it is compared with, if there is one."""

    topic: Topic
    present: Topic | None


def run(
    anywhere: GlobalOptions,
    name: str | None,
    change: TopicChange,
    weeks: int | None,
    asked_form: str,
) -> int:
    """Try a topic and show what came of it. Raises UsageError, ConfigError, LibraryError."""
    from papertrack.display.trial import draw_trial, trial_lines
    from papertrack.tracker.trial import run_trial

    form = choose_format(asked_form)
    if form not in STRUCTURED:
        raise UsageError(
            f"a test cannot be shown as {form}", next_step=f"formats: {', '.join(STRUCTURED)}"
        )
    session = start(anywhere)
    asked = _asked(session.config.topics, name, change)
    trial = run_trial(session.tracker(), asked.topic, asked.present, weeks)
    if form == "table":
        draw_trial(trial, sys.stdout, DrawStyle(anywhere.color))
    else:
        sys.stdout.writelines(trial_lines(trial, form, session.now))
    sys.stdout.flush()
    if change != TopicChange() and not anywhere.quiet:
        words = "topics edit" if asked.present else "topics add"
        keeping = command(anywhere, words, asked.present.name if asked.present else "NAME", change)
        print_error([f"nothing was changed; to keep it: {keeping}"], whole=True)
    return 0


def _asked(topics: tuple[Topic, ...], name: str | None, change: TopicChange) -> _TrialRequest:
    if name is not None:
        present = topic_named(topics, name)
        return _TrialRequest(apply_change(present, change), present)
    if change == TopicChange():
        raise UsageError(
            "no topic to test",
            "give the name of one, or what a new one is to say",
            'papertrack topics test --any "world model"',
        )
    return _TrialRequest(apply_change(Topic(_DRAFT), change), None)

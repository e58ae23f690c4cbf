"""What topics test does: try a topic on the stored past, and say how to keep it."""

import sys
from typing import NamedTuple

from papertrack.cli.anywhere import Anywhere
from papertrack.cli.ending import tell
from papertrack.cli.options import STRUCTURED
from papertrack.cli.rules import command
from papertrack.cli.session import choose_format, start
from papertrack.config.changes import Change, changed
from papertrack.display import Look
from papertrack.errors import UsageError
from papertrack.models import Topic
from papertrack.tracker import choose

_DRAFT = "draft"


class _Asked(NamedTuple):
    """The rule to try, and the one that it is compared with, if there is one."""

    topic: Topic
    present: Topic | None


def run(
    anywhere: Anywhere, name: str | None, change: Change, weeks: int | None, asked_form: str
) -> int:
    """Try a topic and show what came of it. Raises UsageError, ConfigError, LibraryError."""
    from papertrack.display.trial import draw_trial, trial_lines
    from papertrack.tracker.trying import try_topic

    form = choose_format(asked_form)
    if form not in STRUCTURED:
        raise UsageError(
            f"a test cannot be shown as {form}", next_step=f"formats: {', '.join(STRUCTURED)}"
        )
    session = start(anywhere)
    asked = _asked(session.config.topics, name, change)
    trial = try_topic(session.tracker(), asked.topic, asked.present, weeks)
    if form == "table":
        draw_trial(trial, sys.stdout, Look(anywhere.color))
    else:
        sys.stdout.writelines(trial_lines(trial, form, session.now))
    sys.stdout.flush()
    if change != Change() and not anywhere.quiet:
        words = "topics edit" if asked.present else "topics add"
        keeping = command(anywhere, words, asked.present.name if asked.present else "NAME", change)
        tell([f"nothing was changed; to keep it: {keeping}"], whole=True)
    return 0


def _asked(topics: tuple[Topic, ...], name: str | None, change: Change) -> _Asked:
    if name is not None:
        present = choose(topics, name)
        return _Asked(changed(present, change), present)
    if change == Change():
        raise UsageError(
            "no topic to test",
            "give the name of one, or what a new one is to say",
            'papertrack topics test --any "world model"',
        )
    return _Asked(changed(Topic(_DRAFT), change), None)

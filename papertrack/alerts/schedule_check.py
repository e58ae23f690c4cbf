"""Checks of the schedule of alerts and of the channels' last deliveries, for `doctor`."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from itertools import pairwise
from shutil import which

from papertrack.alerts.schedule import SCHEDULERS, Scheduler, scheduled_commands
from papertrack.errors import LibraryError, UsageError
from papertrack.escaping import command_line
from papertrack.library.library import Library
from papertrack.library.outbox import Outbox
from papertrack.results import CheckResult, CheckState
from papertrack.storage.files import UnusableFile
from papertrack.tracker.wording import count

_INSTALL = "papertrack alert schedule --install"
_PATH_OPTIONS = ("--config", "--library")
_LONGEST_PAUSE = 8  # days: a schedule for one day of the week, and a day


def check_schedule(library: Library, today: date, *, needed: bool) -> Iterator[CheckResult]:
    """Check that alerts are scheduled, what the schedule runs, and when alerts ran last.

    `needed` means that there are channels which are useful only with a schedule. `today` is local.
    """
    commands = list(_commands())
    for scheduler, command in commands:
        problem = _problem(command)
        if problem:
            message = f"{scheduler} runs {command[0] if command else 'nothing'}: {problem}"
            yield CheckResult("schedule", "problem", message, _INSTALL)
        else:
            yield CheckResult("schedule", "ok", f"{scheduler} runs {command[0]}")
    if not commands:
        state: CheckState = "warning" if needed else "ok"
        yield CheckResult("schedule", state, "alerts are not scheduled", _INSTALL)
    try:
        yield from _last_run(library, today, scheduled=bool(commands))
    except LibraryError as error:
        yield CheckResult("schedule", "problem", error.what, "papertrack library verify")


def _commands() -> Iterator[tuple[Scheduler, Sequence[str]]]:
    for scheduler in SCHEDULERS:
        # A schedule that cannot be read is not papertrack's, or its scheduler is not used here.
        with suppress(UsageError, OSError, UnusableFile, ValueError):
            yield from ((scheduler, command) for command in scheduled_commands(scheduler))


def _problem(command: Sequence[str]) -> str:
    """The program or file of a scheduled command that does not exist, as a message, or ""."""
    if not command or which(command[0]) is None:
        return "there is no such program"
    for option, value in pairwise(command):
        if option in _PATH_OPTIONS and not os.path.exists(value):
            return f"{value} does not exist"
    return ""


def _last_run(library: Library, today: date, *, scheduled: bool) -> Iterator[CheckResult]:
    statuses = Outbox(library).channel_statuses()
    for name, status in statuses.items():
        if status.failures:
            message = f"{name} failed {count(status.failures, 'time')} in a row: {status.problem}"
            yield CheckResult("channels", "warning", message, command_line("alert test", name))
    last = max((status.last_due for status in statuses.values()), default=None)
    if last is None:
        yield CheckResult("schedule", "ok", "alerts never ran on this library")
    elif scheduled and (today - last).days > _LONGEST_PAUSE:
        message = f"alerts last ran on {last}"
        yield CheckResult("schedule", "warning", message, "see the log of the scheduler")
    else:
        yield CheckResult("schedule", "ok", f"alerts last ran on {last}")

"""The bars of a command that reads papers: late enough for what is quick, and one at a time."""

import io
import sys

import pytest

from papertrack.cli import progress
from papertrack.cli.global_options import GlobalOptions


class _Terminal(io.StringIO):
    def isatty(self):
        return True


class _Command:
    """A command on a terminal, with steps of which each item takes a tenth of a second."""

    def __init__(self, monkeypatch):
        self.seconds, self._terminal = 0.0, _Terminal()
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(progress, "monotonic", lambda: self.seconds)
        self._monkeypatch = monkeypatch
        self._bars = progress.DelayedProgress(GlobalOptions())

    def step(self, items, verb, inside=iter):
        """Go through the items, each with `inside`; return what is drawn meanwhile."""
        # Here, as pytest replaces it between the setup of a test and its call.
        self._monkeypatch.setattr(sys, "stderr", self._terminal)
        before = len(self._terminal.getvalue())
        for item in self._bars(range(items), lambda: items, verb, "steps"):
            list(inside([item]))
            self.seconds += 0.1
        return self._terminal.getvalue()[before:]


@pytest.fixture
def command(monkeypatch):
    return _Command(monkeypatch)


def test_a_bar_appears_half_a_second_after_the_beginning_of_the_command(command):
    assert command.step(4, "Reading") == ""
    drawn = command.step(4, "Training")
    assert "Training" in drawn
    assert "steps" in drawn


def test_a_step_that_is_quick_has_no_bar(command):
    command.seconds = 2.0
    assert command.step(1, "Reading") == ""
    assert "Ranking" in command.step(3, "Ranking")


def test_what_is_read_inside_of_what_has_a_bar_has_none(command):
    command.seconds = 2.0
    drawn = command.step(6, "Ranking", lambda _: command.step(3, "Reading"))
    assert "Ranking" in drawn
    assert "Reading" not in drawn.partition("Ranking")[2]

"""The tool that injects faults at a chosen system call of a program."""

import errno
import os
import signal
import sys

import pytest
from tracing import Outcome, trace, unavailable

_PROGRAM = """
import os, sys
from tracing import counted

os.chdir(sys.argv[1])
open("before", "w").close()
with counted():
    open("before").close()
    print("not counted", flush=True)
    with open("new", "wb", buffering=0) as file:
        file.write(b"text")
        os.fsync(file.fileno())
    os.rename("new", "final")
open("after", "w").close()
"""
_CALLS = ("open", "write", "fsync", "rename")


@pytest.fixture
def run(tmp_path):
    """A function that runs the program in a new folder; returns the outcome and its files' text."""
    if reason := unavailable():
        pytest.skip(reason)
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM)

    def run(**options):
        folder = tmp_path / f"folder-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        outcome = trace([sys.executable, str(program), str(folder)], within=folder, **options)
        return outcome, {path.name: path.read_text() for path in folder.iterdir()}

    return run


def test_calls_that_change_files_are_counted_only_between_the_marks(run):
    outcome, files = run()
    assert outcome == Outcome("exited", 0, _CALLS, "not counted\n")
    assert files == {"before": "", "final": "text", "after": ""}


@pytest.mark.parametrize(
    ("at", "new"), [(1, {}), (2, {"new": ""}), (3, {"new": "text"}), (4, {"new": "text"})]
)
def test_a_kill_leaves_only_the_effects_of_the_calls_before(run, at, new):
    outcome, files = run(at=at)
    assert outcome[:3] == ("killed", signal.SIGKILL, _CALLS[:at])
    assert files == {"before": ""} | new


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_failing_call_raises_its_error_and_has_no_effect(run, at):
    outcome, files = run(at=at, fault=errno.ENOSPC)
    assert outcome[:3] == ("exited", 1, _CALLS[:at])
    assert os.strerror(errno.ENOSPC) in outcome.output
    assert files == {"before": ""} | [{}, {"new": ""}, {"new": "text"}, {"new": "text"}][at - 1]


def test_python_repeats_a_call_that_fails_with_eintr(run):
    outcome, files = run(at=2, fault=errno.EINTR)
    assert outcome[:3] == ("exited", 0, ("open", "write", "write", "fsync", "rename"))
    assert files["final"] == "text"


def test_an_interruption_is_a_keyboard_interrupt_after_the_call(run):
    outcome, files = run(at=3, fault="interrupt")
    # After an uncaught KeyboardInterrupt, Python ends itself by SIGINT.
    assert outcome[:3] == ("killed", signal.SIGINT, _CALLS[:3])
    assert "KeyboardInterrupt" in outcome.output
    assert files == {"before": "", "new": "text"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this ptrace")
def test_a_program_without_a_mark_runs_untraced(tmp_path):
    command = [sys.executable, "-c", "print('hello'); raise SystemExit(3)"]
    assert trace(command, within=tmp_path, at=1) == Outcome("exited", 3, (), "hello\n")

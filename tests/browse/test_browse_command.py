"""`papertrack browse` in a real terminal: how it begins, ends, and gives the terminal back."""

import os
import shlex
import signal
import subprocess
import sys

import pytest
from full_screen import FullScreen
from reader import fill, states

from papertrack.library.library import Library

pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
# What a terminal is told when a program gives it back: no alternate screen, a cursor.
GIVEN_BACK = (b"\x1b[?1049l", b"\x1b[?25h")


@pytest.fixture
def browse(papertrack):
    """Return a function that starts the reader in a terminal, on a library of 40 papers."""
    fill(papertrack.library)
    papertrack.configure("topics: [{name: agents, any: [agent]}]")

    def start(*arguments, size=(24, 80), **env):
        command = [*papertrack.line, "browse", *arguments]
        return FullScreen(command, papertrack.environ(**env), papertrack.home, size)

    return start


def given_back(output):
    """Whether the terminal was given back, after all that was drawn."""
    return all(sequence in output[-200:] for sequence in GIVEN_BACK)


def test_it_reads_marks_edits_a_note_and_ends(papertrack, browse):
    editor = papertrack.home / "editor"
    editor.write_text('#!/bin/sh\necho "from the editor" > "$1"\n')
    editor.chmod(0o755)
    run = browse("-t", "agents", EDITOR=shlex.quote(str(editor)))
    run.wait_for("40 papers")
    run.press("s")
    run.wait_for("starred")
    run.press("n")
    run.wait_for("noted")
    run.resize(50, 200)
    run.wait_for("Starred")
    run.resize(3, 10)
    run.resize(24, 80)
    run.press("q")
    ended = run.end()
    assert ended.code == 0
    assert given_back(ended.output)
    (state,) = states(papertrack.library).values()
    assert state.starred
    assert state.note == "from the editor"


def test_an_editor_that_fails_is_reported_on_the_same_screen(browse):
    run = browse("-t", "agents", EDITOR="false")
    run.wait_for("40 papers")
    run.press("n")
    run.wait_for("the editor 'false' failed; the note is unchanged")
    os.kill(run.pid, signal.SIGTERM)
    ended = run.end()
    assert ended.code == -signal.SIGTERM
    assert given_back(ended.output)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, -15), (signal.SIGHUP, -1), (signal.SIGINT, 130)]
)
def test_a_signal_ends_it_in_order(papertrack, browse, number, code):
    run = browse(NO_COLOR="1")
    run.wait_for("40 papers")
    run.press("s")
    run.wait_for("starred")
    os.kill(run.pid, number)
    ended = run.end()
    assert ended.code == code
    assert given_back(ended.output)
    assert len(states(papertrack.library)) == 1
    assert b"\x1b[38;" not in ended.output, "NO_COLOR"


def test_what_it_needs_is_said_in_a_line(papertrack, browse):
    result = papertrack("browse")
    assert result.code == 2
    assert "browse needs a terminal" in result.err
    assert "papertrack today" in result.err, "the commands that do the same"
    run = browse(TERM="dumb")
    ended = run.end()
    assert ended.code == 2
    assert b"cannot show a full screen" in ended.output
    hidden = papertrack.home / "hidden"
    hidden.mkdir()
    (hidden / "textual.py").write_text("raise ModuleNotFoundError(name='textual')")
    run = browse(PYTHONPATH=hidden)
    ended = run.end()
    assert ended.code == 2
    assert b"pip install 'papertrack-cli[tui]'" in ended.output


def test_nothing_else_imports_textual():
    code = "import sys, papertrack.cli.browse; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_library_that_is_damaged_or_missing_is_shown_as_far_as_it_is_known(papertrack, browse):
    (listing,) = papertrack.library.glob("listings.2026-03-31.json")
    listing.write_bytes(b"no JSON")
    run = browse()
    run.wait_for("is damaged")
    run.press("q")
    assert run.end().code == 0
    run = browse(PAPERTRACK_LIBRARY=papertrack.home / "none")
    run.wait_for("no papers")
    run.press("j", "s", "o", "w", "u", "q")
    assert run.end().code == 0


def test_no_lock_is_held_while_it_is_open(papertrack, browse):
    run = browse()
    run.wait_for("40 papers")
    with Library(str(papertrack.library)).transaction(timeout=0):
        pass
    run.press("q")
    assert run.end().code == 0

"""A library whose writers are killed, or which cannot be written to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from invented import DAY, contents, put, sighting
from writers import allow_writing, store_news, store_old

from papertrack.calendar import Span
from papertrack.library.library import Library

_WRITERS = str(Path(__file__).with_name("writers.py"))
_ENVIRON = os.environ | {
    "PYTHONPATH": os.pathsep.join(
        [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    )
}


def _start(*arguments):
    command = [sys.executable, _WRITERS, *map(str, arguments)]
    return subprocess.Popen(
        command, env=_ENVIRON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _run(*arguments):
    process = _start(*arguments)
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return out.splitlines()


def _answers(folder):
    """The results of all queries, with entries sorted."""
    library = Library(str(folder))
    entries = sorted(library.all_entries())
    ids = [entry.paper.id for entry in entries]
    days = Span(DAY.replace(day=1), DAY)
    return {
        "all": entries,
        "entries": library.entries(ids),
        "listed": sorted(library.listed_entries(days)),
        "counted": sorted(library.listed_entries(days, counted=True)),
        "within": sorted(library.entries_within(days)),
        "states": library.states(),
        "coverage": library.coverage(days),
        "size": library.paper_count(),
    }


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A library before and after storing news, and copies whose writers were killed meanwhile.

    Each was killed at another of its changes to the files.
    """
    root = tmp_path_factory.mktemp("killed")
    store_old(str(root / "before"))
    (root / "copies").mkdir()
    _run("kill_everywhere", root / "before", root / "copies")
    *copies, completed = sorted((root / "copies").iterdir(), key=lambda path: int(path.name))
    assert len(copies) > 20
    return root / "before", completed, copies


def test_a_writer_killed_at_any_change_leaves_no_reference_to_a_missing_paper(killed):
    before, _, copies = killed
    old = _answers(before)
    for copy in copies:
        answers = _answers(copy)
        ids = [entry.paper.id for entry in answers["all"]]
        assert len(set(ids)) == len(ids) == answers["size"] == len(answers["entries"])
        assert {entry.paper.id for entry in answers["listed"]} <= set(ids)
        assert {entry.paper.id for entry in old["all"]} <= set(ids)
        assert old["states"].items() <= answers["states"].items()


def test_repeating_a_killed_command_gives_the_library_of_an_undisturbed_run(killed):
    _, completed, copies = killed
    expected = _answers(completed)
    for copy in copies:
        store_news(str(copy))
        assert _answers(copy) == expected


def test_a_full_disk_changes_no_file(tmp_path):
    put(Library(str(tmp_path)), sighting("2603.00001"))
    before = contents(tmp_path)
    assert _run("fill_disk", tmp_path) == [f"LibraryError 5 cannot write the library at {tmp_path}"]
    assert contents(tmp_path) == before


def test_a_read_only_library_can_be_read(tmp_path):
    put(Library(str(tmp_path)), sighting("2603.00001"), sighting("2603.00002"))
    before = contents(tmp_path)
    ids, error = _run("read_without_permission", tmp_path)
    allow_writing(tmp_path)
    assert ids == "2603.00001 2603.00002"
    assert error.startswith("LibraryError 5 cannot lock the library")
    assert contents(tmp_path) == before

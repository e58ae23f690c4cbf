"""Several processes at one library, and processes that are killed."""

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
    """Everything that a library says, in an order of its own."""
    library = Library(str(folder))
    whole = sorted(library.all_entries())
    ids = [entry.paper.id for entry in whole]
    days = Span(DAY.replace(day=1), DAY)
    return {
        "everything": whole,
        "entries": library.entries(ids),
        "listed": sorted(library.listed(days)),
        "counted": sorted(library.listed(days, counted=True)),
        "within": sorted(library.entries_within(days)),
        "states": library.states(),
        "coverage": library.coverage(days),
        "size": library.size(),
    }


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A library before and after the news, and copies of it whose writers were killed at each
    change they made to the files.
    """
    root = tmp_path_factory.mktemp("killed")
    store_old(str(root / "before"))
    (root / "copies").mkdir()
    _run("kill_everywhere", root / "before", root / "copies")
    *copies, whole = sorted((root / "copies").iterdir(), key=lambda path: int(path.name))
    assert len(copies) > 20
    return root / "before", whole, copies


def test_a_writer_killed_at_any_change_leaves_nothing_that_points_to_nowhere(killed):
    before, _, copies = killed
    old = _answers(before)
    for copy in copies:
        answers = _answers(copy)
        ids = [entry.paper.id for entry in answers["everything"]]
        assert len(set(ids)) == len(ids) == answers["size"] == len(answers["entries"])
        assert {entry.paper.id for entry in answers["listed"]} <= set(ids)
        assert {entry.paper.id for entry in old["everything"]} <= set(ids)
        assert old["states"].items() <= answers["states"].items()


def test_doing_again_what_a_kill_cut_short_gives_the_library_of_an_unhurt_run(killed):
    _, whole, copies = killed
    expected = _answers(whole)
    for copy in copies:
        store_news(str(copy))
        assert _answers(copy) == expected


def test_a_full_disk_leaves_every_byte_as_it_was(tmp_path):
    put(Library(str(tmp_path)), sighting("2603.00001"))
    before = contents(tmp_path)
    assert _run("fill_disk", tmp_path) == [f"LibraryError 5 cannot write the library at {tmp_path}"]
    assert contents(tmp_path) == before


def test_a_library_that_may_not_be_written_to_can_be_read(tmp_path):
    put(Library(str(tmp_path)), sighting("2603.00001"), sighting("2603.00002"))
    before = contents(tmp_path)
    read, refused = _run("read_without_permission", tmp_path)
    allow_writing(tmp_path)
    assert read == "2603.00001 2603.00002"
    assert refused.startswith("LibraryError 5 cannot lock the library")
    assert contents(tmp_path) == before

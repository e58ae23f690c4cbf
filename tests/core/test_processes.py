"""Work shared among processes: the same results in the same order, whatever becomes of them."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_lines import events

from papertrack import log, processes
from papertrack.logfile import LogWriter, RotatingFile
from papertrack.processes import pieces, shared

if not hasattr(os, "fork"):
    pytest.skip("without forks all work is done by one process", allow_module_level=True)

HERE = os.getpid()
linux = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="elsewhere all work is done by one process"
)


@pytest.fixture(autouse=True)
def two_processors(monkeypatch):
    """Also on a machine that has one."""
    monkeypatch.setattr(processes, "_processors", lambda: 2)


def _with_place(piece):
    return piece, os.getpid()


def _left(before=frozenset()):
    """The processes that were made here and not ended; others of the test run are not ours."""
    listed = (path.read_text() for path in Path("/proc/self/task").glob("*/children"))
    return {int(number) for line in listed for number in line.split()} - before


@pytest.fixture(autouse=True)
def none_left():
    """Whatever happens, no process is left over."""
    before = _left()
    yield
    assert not _left(before)


@given(st.lists(st.integers()), st.integers(1, 5))
def test_pieces_are_lists_of_a_size_with_all_things_in_order(things, size):
    made = list(pieces(iter(things), size))
    assert list(chain.from_iterable(made)) == things
    assert all(len(piece) == size for piece in made[:-1])
    assert all(made)


@linux
@pytest.mark.parametrize("number", [0, 1, 2, 3, 20])
def test_results_come_in_order_the_first_made_here_and_the_others_by_several(number):
    found = list(shared(_with_place, range(number)))
    assert [piece for piece, _ in found] == list(range(number))
    assert all(place == HERE for _, place in found[:1])
    places = {place for _, place in found[1:]}
    assert HERE not in places
    assert len(places) == min(2, max(0, number - 1))


def test_one_processor_does_all_work_here(monkeypatch):
    monkeypatch.setattr(processes, "_processors", lambda: 1)
    assert list(shared(_with_place, range(4))) == [(piece, HERE) for piece in range(4)]


@linux
def test_helpers_know_what_the_work_has_learnt_and_begin_as_told():
    learnt, begun = [], []

    def work(piece):
        learnt.append(piece)
        return tuple(learnt), tuple(begun)

    found = list(shared(work, "abc", lambda: begun.append("told")))
    assert found == [
        (("a",), ()),
        (("a", "b"), ("told",)),
        (("a", "c"), ("told",)),
    ]


@linux
def test_helpers_write_no_log(tmp_path):
    path = tmp_path / "log"

    def work(piece):
        log.event("work")
        return piece

    log.enable(LogWriter(lambda: datetime.now(UTC), RotatingFile(str(path), pytest.fail)))
    try:
        assert list(shared(work, "abc")) == ["a", "b", "c"]
    finally:
        log.disable()
    assert [one.process for one in events(path.read_text())] == [HERE]


@linux
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_a_helper_that_is_killed_costs_nothing_but_time(sign):
    def work(piece):
        if piece == 3 and os.getpid() != HERE:
            os.kill(os.getpid(), sign)
        return 10 * piece

    assert list(shared(work, range(9))) == [10 * piece for piece in range(9)]


@linux
def test_a_program_that_does_not_care_for_ended_processes_gets_its_results():
    """As under some daemons: the system then takes ended helpers away itself."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert list(shared(str, range(7))) == list("0123456")
    finally:
        signal.signal(signal.SIGCHLD, before)


@linux
def test_what_cannot_travel_is_made_here():
    found = list(shared(lambda piece: (os.getpid(), lambda: piece), range(4)))
    assert [make() for _, make in found] == [0, 1, 2, 3]
    assert {place for place, _ in found} == {HERE}


@linux
def test_work_that_fails_does_so_here_after_the_results_before_it(capfd):
    def work(piece):
        return 12 // (4 - piece)

    found, results = [], shared(work, range(9))
    with pytest.raises(ZeroDivisionError):
        found.extend(results)
    assert found == [3, 4, 6, 12]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("processors", [1, 2])
def test_where_no_more_pieces_can_be_made_those_before_come_first(monkeypatch, processors):
    monkeypatch.setattr(processes, "_processors", lambda: processors)

    def made():
        yield from range(5)
        raise OSError("the disk is gone")

    found, results = [], shared(str, made())
    with pytest.raises(OSError, match="the disk is gone"):
        found.extend(results)
    assert found == ["0", "1", "2", "3", "4"]


@linux
def test_who_asks_for_no_more_leaves_no_process():
    results = shared(_with_place, iter(int, 1))
    assert len(list(islice(results, 5))) == 5
    results.close()


@linux
def test_a_helper_keeps_no_file_open(tmp_path):
    """Above all no lock, which would stay held for as long as it lives."""
    with (tmp_path / "lock").open("w") as file:
        found = list(shared(lambda _piece: _is_open(file.fileno()), range(4)))
    assert found == [True, False, False, False]


def _is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


_WITH_FEW_FILES = """
import os, resource, sys
from papertrack import processes
processes._processors = lambda: 2
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), most))
print([(piece, place == os.getpid()) for piece, place in
    processes.shared(lambda piece: (piece, os.getpid()), range(4))])
"""


@linux
@pytest.mark.parametrize(
    ("files", "elsewhere"),
    [(3, ()), (4, ()), (5, ()), (6, ()), (7, (1, 3)), (8, (1, 3)), (9, (1, 2, 3))],
)
def test_helpers_for_which_too_few_files_can_be_open_are_done_without(files, elsewhere):
    """The program has three open itself, a helper begins with four and keeps two."""
    done = subprocess.run(
        [sys.executable, "-c", _WITH_FEW_FILES, str(files)],
        capture_output=True,
        text=True,
        check=False,
    )
    expected = [(piece, piece not in elsewhere) for piece in range(4)]
    assert (done.stdout, done.stderr) == (f"{expected}\n", "")


_STALLING = """
import os, sys, time
from papertrack import processes
processes._processors = lambda: 2
def work(piece):
    if piece:
        open(f"{sys.argv[1]}/{os.getpid()}", "x").close()
        time.sleep(float(sys.argv[2]))
try:
    list(processes.shared(work, range(5)))
except KeyboardInterrupt:
    sys.exit(130)
"""


@linux
@pytest.mark.parametrize(
    ("sign", "seconds"), [(signal.SIGINT, 60), (signal.SIGTERM, 3), (signal.SIGKILL, 3)]
)
def test_no_helper_outlives_a_program_that_is_ended(tmp_path, sign, seconds):
    """Ctrl-C reaches them all, and only the program itself has something to say. Without a word to
    them they end as soon as their piece is done.
    """
    program = subprocess.Popen(
        [sys.executable, "-c", _STALLING, str(tmp_path), str(seconds)],
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    _until(lambda: len(list(tmp_path.iterdir())) == 2)
    (os.killpg if sign == signal.SIGINT else os.kill)(program.pid, sign)
    _, said = program.communicate(timeout=60)
    assert (program.returncode, said) == (130 if sign == signal.SIGINT else -sign, b"")
    _until(lambda: not any(Path(f"/proc/{file.name}").exists() for file in tmp_path.iterdir()))


def _until(happened):
    for _ in range(12_000):
        if happened():
            return
        time.sleep(0.005)
    pytest.fail("it never happened")

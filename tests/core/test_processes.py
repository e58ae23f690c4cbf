"""Work in several processes: same results in the same order, whatever happens to a worker."""

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
from papertrack.processes import batched, parallel_map

if not hasattr(os, "fork"):
    pytest.skip("without fork all work is done in one process", allow_module_level=True)

HERE = os.getpid()
linux = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="other systems do all work in one process"
)


@pytest.fixture(autouse=True)
def two_processors(monkeypatch):
    """Use two processors, also on a machine with one."""
    monkeypatch.setattr(processes, "_processors", lambda: 2)


def _with_pid(number):
    return number, os.getpid()


def _child_processes():
    lines = (path.read_text() for path in Path("/proc/self/task").glob("*/children"))
    return {int(number) for line in lines for number in line.split()}


@pytest.fixture(autouse=True)
def no_process_left():
    """Check that the test leaves no process; earlier ones are not its own."""
    before = _child_processes()
    yield
    assert not _child_processes() - before


@given(st.lists(st.integers()), st.integers(1, 5))
def test_batches_are_lists_of_a_size_with_all_items_in_order(items, size):
    batches = list(batched(iter(items), size))
    assert list(chain.from_iterable(batches)) == items
    assert all(len(batch) == size for batch in batches[:-1])
    assert all(batches)


@linux
@pytest.mark.parametrize("number", [0, 1, 2, 3, 20])
def test_results_are_in_order_the_first_made_here_and_the_others_by_several_workers(number):
    results = list(parallel_map(_with_pid, range(number)))
    assert [batch for batch, _ in results] == list(range(number))
    assert all(pid == HERE for _, pid in results[:1])
    workers = {pid for _, pid in results[1:]}
    assert HERE not in workers
    assert len(workers) == min(2, max(0, number - 1))


def test_with_one_processor_all_work_is_done_here(monkeypatch):
    monkeypatch.setattr(processes, "_processors", lambda: 1)
    assert list(parallel_map(_with_pid, range(4))) == [(number, HERE) for number in range(4)]


@linux
def test_workers_share_what_the_work_has_cached_and_call_start_first():
    cached, started = [], []

    def work(batch):
        cached.append(batch)
        return tuple(cached), tuple(started)

    results = list(parallel_map(work, "abc", lambda: started.append("yes")))
    assert results == [
        (("a",), ()),
        (("a", "b"), ("yes",)),
        (("a", "c"), ("yes",)),
    ]


@linux
def test_workers_write_no_log(tmp_path):
    path = tmp_path / "log"

    def work(batch):
        log.event("work")
        return batch

    log.enable(LogWriter(lambda: datetime.now(UTC), RotatingFile(str(path), pytest.fail)))
    try:
        assert list(parallel_map(work, "abc")) == ["a", "b", "c"]
    finally:
        log.disable()
    assert [event.process for event in events(path.read_text())] == [HERE]


@linux
@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_worker_costs_nothing_but_time(signum):
    def work(number):
        if number == 3 and os.getpid() != HERE:
            os.kill(os.getpid(), signum)
        return 10 * number

    assert list(parallel_map(work, range(9))) == [10 * number for number in range(9)]


@linux
def test_a_program_that_ignores_sigchld_gets_its_results():
    """Some daemons start programs so; the system then reaps ended workers itself."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert list(parallel_map(str, range(7))) == list("0123456")
    finally:
        signal.signal(signal.SIGCHLD, before)


@linux
def test_results_that_cannot_be_pickled_are_computed_here():
    results = list(parallel_map(lambda number: (os.getpid(), lambda: number), range(4)))
    assert [function() for _, function in results] == [0, 1, 2, 3]
    assert {pid for pid, _ in results} == {HERE}


@linux
def test_an_exception_of_the_work_is_raised_here_after_the_results_before_it(capfd):
    def work(number):
        return 12 // (4 - number)

    received, results = [], parallel_map(work, range(9))
    with pytest.raises(ZeroDivisionError):
        received.extend(results)
    assert received == [3, 4, 6, 12]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("processors", [1, 2])
def test_an_exception_of_the_batches_is_raised_after_the_results_before_it(monkeypatch, processors):
    monkeypatch.setattr(processes, "_processors", lambda: processors)

    def batches():
        yield from range(5)
        raise OSError("the disk is gone")

    received, results = [], parallel_map(str, batches())
    with pytest.raises(OSError, match="the disk is gone"):
        received.extend(results)
    assert received == ["0", "1", "2", "3", "4"]


@linux
def test_closing_the_results_early_leaves_no_process():
    results = parallel_map(_with_pid, iter(int, 1))
    assert len(list(islice(results, 5))) == 5
    results.close()


@linux
def test_a_worker_keeps_no_file_open(tmp_path):
    """A lock would otherwise stay held as long as the worker runs."""
    with (tmp_path / "lock").open("w") as file:
        results = list(parallel_map(lambda _batch: _is_open(file.fileno()), range(4)))
    assert results == [True, False, False, False]


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
_, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), limit))
print([(number, pid == os.getpid()) for number, pid in
    processes.parallel_map(lambda number: (number, os.getpid()), range(4))])
"""


@linux
@pytest.mark.parametrize(
    ("files", "in_workers"),
    [(3, ()), (4, ()), (5, ()), (6, ()), (7, (1, 3)), (8, (1, 3)), (9, (1, 2, 3))],
)
def test_work_is_done_here_if_too_few_files_can_be_open_for_workers(files, in_workers):
    """The program has three files open; starting a worker needs four more, and it keeps two."""
    done = subprocess.run(
        [sys.executable, "-c", _WITH_FEW_FILES, str(files)],
        capture_output=True,
        text=True,
        check=False,
    )
    expected = [(number, number not in in_workers) for number in range(4)]
    assert (done.stdout, done.stderr) == (f"{expected}\n", "")


_STALLING = """
import os, sys, time
from papertrack import processes
processes._processors = lambda: 2
def work(number):
    if number:
        open(f"{sys.argv[1]}/{os.getpid()}", "x").close()
        time.sleep(float(sys.argv[2]))
try:
    list(processes.parallel_map(work, range(5)))
except KeyboardInterrupt:
    sys.exit(130)
"""


@linux
@pytest.mark.parametrize(
    ("signum", "seconds"), [(signal.SIGINT, 60), (signal.SIGTERM, 3), (signal.SIGKILL, 3)]
)
def test_no_worker_outlives_its_program(tmp_path, signum, seconds):
    """Ctrl-C reaches all processes, and workers print nothing.

    If only the program gets a signal, its workers end with their current batch.
    """
    program = subprocess.Popen(
        [sys.executable, "-c", _STALLING, str(tmp_path), str(seconds)],
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    _wait_until(lambda: len(list(tmp_path.iterdir())) == 2)
    (os.killpg if signum == signal.SIGINT else os.kill)(program.pid, signum)
    _, errors = program.communicate(timeout=60)
    assert (program.returncode, errors) == (130 if signum == signal.SIGINT else -signum, b"")
    _wait_until(lambda: not any(Path(f"/proc/{file.name}").exists() for file in tmp_path.iterdir()))


def _wait_until(condition):
    for _ in range(12_000):
        if condition():
            return
        time.sleep(0.005)
    pytest.fail("the condition was never true")

"""Systems without what others have: flock, a home, memory, descriptors, a place for messages."""

import resource
import shlex
import signal
import subprocess
import sys
from datetime import date, timedelta

import pytest

from papertrack.sources.arxiv import ArXiv, ArxivSettings
from papertrack.sources.huggingface import HuggingFace, HuggingFaceSettings

_FLOCKLESS = """
import errno, fcntl, os
real = fcntl.flock

def flock(descriptor, operation):
    if operation & fcntl.LOCK_UN:
        return real(descriptor, operation)
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

fcntl.flock = flock
"""


@pytest.fixture
def flockless(papertrack, tmp_path):
    """Runs a command on a file system without flock."""
    (tmp_path / "sitecustomize.py").write_text(_FLOCKLESS)
    papertrack.configure("sources: {huggingface: {enabled: false}}")
    papers = papertrack.home / "papers.jsonl"
    papers.write_text('{"id": "2603.00001", "title": "T", "listed": "2026-03-31"}\n')
    assert papertrack("import", papers).code == 0, "with flock, which leaves its lock file"
    options = {"env": {"PYTHONPATH": tmp_path}, "program": papertrack.line}
    return lambda *words: papertrack(*words, **options)


def test_without_flock_a_library_is_written_also_one_that_was_made_with_it(flockless):
    for command in ("star", "read"):
        result = flockless(command, "2603.00001")
        assert result.code == 0
        assert "Warning" not in result.err


def test_without_flock_a_dead_holder_keeps_nobody_out(flockless, papertrack):
    held = papertrack.library / ".lock.held"
    killed = "import filelock, os, sys; lock = filelock.SoftFileLock(sys.argv[1]); lock.acquire()"
    subprocess.run([sys.executable, "-c", f"{killed}; os._exit(1)", held], check=False)
    assert held.exists()
    assert flockless("star", "2603.00001").code == 0


@pytest.mark.parametrize("words", [("list", "--all"), ("today", "--offline"), ("nosuch",)])
def test_messages_that_cannot_be_written_change_no_exit_code(papertrack, words):
    expected = papertrack(*words).code
    shell = f"{_quoted(papertrack.line, words)}"
    for redirection in ("2>/dev/full", "2>&-", "2>/dev/full 0<&-"):
        options = {"env": papertrack.environ(), "cwd": papertrack.home, "stdout": -3}
        run = subprocess.run(["sh", "-c", f"{shell} {redirection}"], check=False, **options)
        assert run.returncode == expected, redirection


def test_output_that_cannot_be_written_is_reported_even_if_the_report_cannot(papertrack):
    shell = f"{_quoted(papertrack.line, ('today', '--sample'))} >/dev/full 2>/dev/full"
    options = {"env": papertrack.environ(), "cwd": papertrack.home}
    assert subprocess.run(["sh", "-c", shell], check=False, **options).returncode == 74


def _quoted(line, words):
    return shlex.join([*map(str, line), *words])


@pytest.mark.parametrize("variables", [{"PYTHONWARNINGS": "error"}, {"HOME": "/nowhere"}])
def test_odd_variables_change_nothing(papertrack, variables):
    result = papertrack("today", "--sample", env=variables)
    assert (result.code, "Traceback" in result.err) == (0, False)


@pytest.mark.parametrize("now", ["1970-01-01T00:00:00Z", "2200-01-01T00:00:00Z"])
def test_a_clock_that_is_far_off_breaks_nothing(papertrack, now):
    papertrack.configure("topics: [{name: t, any: [t]}]\nsources: {huggingface: {enabled: false}}")
    papertrack.now = now
    for words in (
        *(("today", "--offline"), ("list", "--all"), ("coverage",), ("catchup",), ("trending",)),
        *(("alert",), ("alert", "--since", "1000-01-01"), ("fetch", "--dry-run"), ("sources",)),
    ):
        assert papertrack(*words).code == 0, words


def test_no_day_before_a_source_existed_is_requested():
    for source, first in (
        (HuggingFace(HuggingFaceSettings()), date(2023, 5, 1)),
        (ArXiv(ArxivSettings(categories=("cs.CL",))), date(1991, 8, 1)),
    ):
        assert source.lists_on(first)
        days = (first - timedelta(days=number) for number in range(1, 9))
        assert not any(map(source.lists_on, days))


def test_without_memory_a_run_ends_with_a_message(papertrack):
    result = papertrack.forked(
        "export", "--all", environ=papertrack.environ(), memory=1 << 20, timeout=60
    )
    assert result.returncode in (0, 5)
    assert b"bug" not in result.stderr


def test_few_descriptors_end_a_run_with_a_message(papertrack):
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))

    result = papertrack("library", "backup", preexec_fn=limit)
    assert "bug" not in result.err
    assert result.code in (0, 2, 5)


@pytest.mark.parametrize(
    "module",
    ["papertrack.cli.run", "typer", "papertrack.cli.date_ranges", "papertrack.tracker.marks"],
)
def test_an_interrupt_during_an_import_exits_with_130_and_no_traceback(papertrack, module):
    """From the first line of papertrack on; before it, Python itself is interrupted."""
    script = (
        "import os, signal, sys, papertrack.__main__ as program;"
        "sys.addaudithook(lambda event, details:"
        f" event == 'import' and details[0] == '{module}' and os.kill(os.getpid(), signal.SIGINT));"
        "program.main()"
    )
    options = {"program": [sys.executable, "-c", script], "preexec_fn": _interruptible}
    result = papertrack("star" if "marks" in module else "list", "x", **options)
    assert result.code == 130
    assert "Traceback" not in result.err


def test_an_interrupt_while_an_object_is_deleted_is_not_lost():
    """Nor is one that comes again while the first is dealt with."""
    script = """
import _thread, os, signal, time

start_new_thread = _thread.start_new_thread
def start_slowly(*arguments):
    start_new_thread(*arguments)
    time.sleep(0.05)
_thread.start_new_thread = start_slowly

from papertrack.interrupts import end_at_interrupt, raise_at_interrupt

class Deleted:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)

end_at_interrupt()
raise_at_interrupt()
try:
    Deleted()
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted")
"""
    options = {"capture_output": True, "text": True, "preexec_fn": _interruptible, "timeout": 50}
    run = subprocess.run([sys.executable, "-c", script], check=False, **options)
    assert (run.returncode, run.stdout, run.stderr) == (0, "interrupted\n", "")


def _interruptible():
    signal.signal(signal.SIGINT, signal.default_int_handler)

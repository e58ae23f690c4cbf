"""A process that has imported the program and forks a child for each run, in a tenth of the time.

Its standard input is a socket. Each message on it starts a run; it has the options of the run and
four file descriptors: stdin, stdout, stderr and a socket for the result. Closing that socket kills
the run. The process exits when its own socket is closed. It is kept small because each run inherits
its memory.
"""

import gc
import json
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from importlib import import_module
from pkgutil import walk_packages
from select import select
from traceback import print_exc
from typing import NamedTuple, NoReturn

import papertrack
from papertrack.__main__ import main as papertrack_main
from papertrack.cli import progress

LONGEST = 2**17  # bytes of a message
# Modules that the program imports only where it needs them.
_LATE_IMPORTS = (
    *("concurrent.futures.thread", "csv", "difflib", "email.message", "smtplib", "zipfile"),
    *("encodings.idna", "importlib.metadata", "importlib.resources", "sysconfig", "zoneinfo"),
    *("certifi", "defusedxml.ElementTree", "filelock", "httpcore", "httpx", "jinja2.sandbox"),
    *("msgspec", "platformdirs", "rapidfuzz.distance", "rapidfuzz.fuzz", "rich.cells"),
    *("rich.live", "rich.progress", "rich.table", "tenacity", "tinydb", "typer.completion", "yaml"),
)
# Few runs need the reader, and Textual would be a third of the memory that each run inherits.
_RARE = "papertrack.browse"


class Run(NamedTuple):
    """A process id, a descriptor that is readable after its exit, and the socket for the result."""

    process: int
    exited: int
    result: socket.socket


def main():
    for module in walk_packages(papertrack.__path__, "papertrack."):
        if not module.name.startswith(_RARE):
            import_module(module.name)
    for name in _LATE_IMPORTS:
        import_module(name)
    # Bars depend on the time, so on a loaded machine they would be in what a run draws.
    progress._DELAY = float("inf")  # noqa: SLF001
    assert threading.active_count() == 1, "a forked child has only the current thread"
    gc.freeze()
    control = socket.socket(fileno=sys.stdin.fileno())
    runs = []
    while True:
        watched = [control, *(run.exited for run in runs), *(run.result for run in runs)]
        ready = select(watched, [], [])[0]
        for run in runs:
            if run.exited not in ready and run.result in ready:
                os.kill(run.process, signal.SIGKILL)
        runs = [run for run in runs if run.exited not in ready or send_result(run)]
        if control in ready:
            message, files, *_ = socket.recv_fds(control, LONGEST, 4)
            if not message:
                return
            runs.append(start_run(json.loads(message), files))


def start_run(request, files):
    """Fork a child for a run."""
    process = os.fork()
    if process == 0:
        run_papertrack(files[:3], **request)
    for file in files[:3]:
        os.close(file)
    return Run(process, os.pidfd_open(process), socket.socket(fileno=files[3]))


def send_result(run):
    """Send the exit code of a run and its peak memory in kilobytes."""
    _, status, usage = os.wait4(run.process, 0)
    with suppress(BrokenPipeError), run.result:
        outcome = os.waitstatus_to_exitcode(status), usage.ru_maxrss
        run.result.sendall(json.dumps(outcome).encode())
    os.close(run.exited)


def run_papertrack(files, **request) -> NoReturn:
    """Run papertrack in this process and exit."""
    try:
        set_up_process(files, **request)
        papertrack_main()
    except BaseException:  # noqa: BLE001  # prints any exception as Python itself would
        print_exc()
    finally:
        os._exit(1)


def set_up_process(files, *, arguments, environ, folder, umask, memory):
    """Set up files, folder, limits, environment and arguments as for a new process.

    `memory` limits the address space, in bytes, if it is not None.
    """
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", closefd=False)
    os.chdir(folder)
    if umask is not None:
        os.umask(umask)
    if memory is not None:
        import resource  # not at the top: this module is also imported on systems without it

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    os.environ.clear()
    os.environ.update(environ)
    sys.path[:0] = environ["PYTHONPATH"].split(os.pathsep) if "PYTHONPATH" in environ else []
    time.tzset()
    sys.argv = ["papertrack", *arguments]


if __name__ == "__main__":
    main()

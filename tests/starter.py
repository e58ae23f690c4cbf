"""Starts the program in a tenth of the time: a process that has imported all of it forks one for
each run, which then is what `papertrack` is from its first line on.

Its standard input is a socket. A message there is a run: what it is to be, and four files, which
are its stdin, stdout and stderr and a socket for how it ended; closing that one ends the run. The
process is small, as each run inherits its size, and ends when nobody can send it runs any more.
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
from papertrack.__main__ import main as be_papertrack

LONGEST = 2**17  # bytes of a message
# What the program imports where it needs it.
_OTHERS = (
    *("concurrent.futures.thread", "csv", "difflib", "email.message", "smtplib", "zipfile"),
    *("encodings.idna", "importlib.metadata", "importlib.resources", "sysconfig", "zoneinfo"),
    *("certifi", "defusedxml.ElementTree", "filelock", "httpcore", "httpx", "jinja2.sandbox"),
    *("msgspec", "platformdirs", "rapidfuzz.distance", "rapidfuzz.fuzz", "rich.cells"),
    *("rich.live", "rich.progress", "rich.table", "tenacity", "tinydb", "typer.completion", "yaml"),
)


class Run(NamedTuple):
    """A process, what can be read from when it is over, and where that is to be told."""

    process: int
    over: int
    answer: socket.socket


def main():
    for module in walk_packages(papertrack.__path__, "papertrack."):
        import_module(module.name)
    for name in _OTHERS:
        import_module(name)
    assert threading.active_count() == 1, "a fork has one thread"
    gc.freeze()
    control = socket.socket(fileno=sys.stdin.fileno())
    runs = []
    while True:
        watched = [control, *(one.over for one in runs), *(one.answer for one in runs)]
        ready = select(watched, [], [])[0]
        for run in runs:
            if run.over not in ready and run.answer in ready:
                os.kill(run.process, signal.SIGKILL)
        runs = [one for one in runs if one.over not in ready or tell(one)]
        if control in ready:
            message, files, *_ = socket.recv_fds(control, LONGEST, 4)
            if not message:
                return
            runs.append(begin(json.loads(message), files))


def begin(asked, files):
    """Fork a run."""
    process = os.fork()
    if process == 0:
        become(files[:3], **asked)
    for file in files[:3]:
        os.close(file)
    return Run(process, os.pidfd_open(process), socket.socket(fileno=files[3]))


def tell(run):
    """Tell the exit code of a run and the kilobytes that it needed at most."""
    _, status, usage = os.wait4(run.process, 0)
    with suppress(BrokenPipeError), run.answer:
        told = os.waitstatus_to_exitcode(status), usage.ru_maxrss
        run.answer.sendall(json.dumps(told).encode())
    os.close(run.over)


def become(files, **asked) -> NoReturn:
    """Be papertrack, and nothing else ever again."""
    try:
        dress(files, **asked)
        be_papertrack()
    except BaseException:  # noqa: BLE001  # as Python itself tells what nobody caught
        print_exc()
    finally:
        os._exit(1)


def dress(files, *, arguments, environ, folder, umask, memory):
    """What a process is started with. `memory` is the most bytes that it may have, or None."""
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
        import resource  # here, as the other process reads this file also on systems without it

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    sys.argv = ["papertrack", *arguments]


if __name__ == "__main__":
    main()

"""Starts the program in a third of the time, and weighs it: a process that has imported the program
forks one for each run, which then is what `papertrack` is from its first line on.

It listens at the path that it is given, as long as its standard input is open. It is small: a
process that is started by that of the tests would inherit the size of that.
"""

import json
import os
import resource
import select
import signal
import socket
import sys
from importlib import import_module
from typing import NoReturn

from papertrack.cli.run import run

_IMPORTED = (
    "papertrack.cli.intake",
    "papertrack.cli.papers",
    "papertrack.cli.refreshing",
    "papertrack.display.structured",
    "papertrack.library.intake",
    "papertrack.sources.arxiv.asking",
    "papertrack.sources.http",
    "papertrack.sources.huggingface",
    "papertrack.tracker.asking",
    "defusedxml.ElementTree",
    "filelock",
)
_MOST_MEMORY = 2**31  # more than any run may need, less than what this machine has


def main():
    for name in _IMPORTED:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen()
        print("ready", flush=True)  # noqa: T201
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                attend(connection)
                os._exit(0)
            connection.close()


def attend(connection):
    """One run: answer with its exit code and the kilobytes that it needed at most."""
    asked = json.loads(connection.makefile().readline())
    process = os.fork()
    if process == 0:
        become(**asked)
    _, status, usage = os.wait4(process, 0)
    connection.sendall(json.dumps([os.waitstatus_to_exitcode(status), usage.ru_maxrss]).encode())


def become(arguments, environment, folder, out, err) -> NoReturn:
    """Be papertrack with these arguments."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate([os.devnull, out, err]):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
    run(arguments)


if __name__ == "__main__":
    main()

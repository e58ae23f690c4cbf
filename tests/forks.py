"""Asks the process that forks runs of the program, see starter.py, for one."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from select import select
from threading import Lock
from time import monotonic
from typing import NamedTuple

from starter import LONGEST

# Only Linux tells by a file when a process that another one made has ended.
FORKING = hasattr(os, "pidfd_open")


class Forked(NamedTuple):
    """What a run left behind, as subprocess tells it, and the megabytes that it took at most."""

    returncode: int
    stdout: bytes
    stderr: bytes
    megabytes: float


class Forks:
    """Runs of one process, which the first of them starts. What Python reads only when it starts,
    as the locale, is that of `environ` for all.
    """

    def __init__(self, environ):
        self.environ = environ
        self._starting = Lock()
        self._process = None

    def run(self, arguments, *, stdout=None, timeout=300, umask=None, memory=None, **where):
        """Run to the end with the `environ` and in the `folder` of `where`; stderr is a pipe, and
        stdout where it is not given. Raises TimeoutExpired, and kills the run, after as many
        seconds. `memory` is the most bytes that it may have.
        """
        asked = {"arguments": arguments, "umask": umask, "memory": memory} | where
        (out, to_out), (err, to_err), (ours, theirs) = _pipe(), _pipe(), socket.socketpair()
        with ours, out, err:
            with theirs, to_out, to_err, open(os.devnull, "rb") as nothing:
                files = [one.fileno() for one in (nothing, stdout or to_out, to_err, theirs)]
                socket.send_fds(self._control(), [json.dumps(asked).encode()], files)
            try:
                written = _read((out, err), monotonic() + timeout)
                ours.settimeout(timeout)
                code, kilobytes = json.loads(ours.recv(LONGEST))
            except TimeoutError:
                raise subprocess.TimeoutExpired(arguments, timeout) from None
        return Forked(code, *written, kilobytes / 1024)

    def _control(self):
        with self._starting:
            if self._process is None:
                self._socket, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
                command = [sys.executable, "-I", str(Path(__file__).with_name("starter.py"))]
                how = {"env": self.environ, "stdin": theirs, "stdout": subprocess.DEVNULL}
                self._process = subprocess.Popen(command, **how)
                theirs.close()
        return self._socket

    def end(self):
        """There will be no more runs."""
        if self._process is not None:
            self._socket.close()
            self._process.wait()
            self._process = None


def _pipe():
    reading, writing = os.pipe()
    return open(reading, "rb", buffering=0), open(writing, "wb", buffering=0)


def _read(pipes, until):
    """What is written to each until nobody can write any more. Raises TimeoutError."""
    written = dict.fromkeys(pipes, b"")
    still = set(pipes)
    while still:
        ready = select(still, [], [], max(0, until - monotonic()))[0]
        if not ready:
            raise TimeoutError
        for one in ready:
            part = one.read(65536)
            written[one] += part
            if not part:
                still.remove(one)
    return written.values()

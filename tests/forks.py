"""Client of the process that forks runs of the program (see starter.py)."""

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

# Only Linux has file descriptors for processes, which become readable when they exit.
FORKING = hasattr(os, "pidfd_open")


class Forked(NamedTuple):
    """The result of a run as in subprocess, and its peak memory in megabytes."""

    returncode: int
    stdout: bytes
    stderr: bytes
    megabytes: float


class Forks:
    """Runs that are forked from one process, which is started at the first run.

    Variables that Python reads only at start-up, such as the locale, come from `environ`.
    """

    def __init__(self, environ):
        self.environ = environ
        self._starting = Lock()
        self._process = None

    def run(self, arguments, *, stdout=None, timeout=300, umask=None, memory=None, **place):
        """Run to the end with the `environ` and the `folder` in `place`.

        stderr is a pipe, and stdout by default. `timeout` is in seconds; after it, the run is
        killed and TimeoutExpired raised. `memory` limits the address space, in bytes.
        """
        request = {"arguments": arguments, "umask": umask, "memory": memory} | place
        (out, to_out), (err, to_err) = _pipe(), _pipe()
        our_socket, their_socket = socket.socketpair()
        with our_socket, out, err:
            with their_socket, to_out, to_err, open(os.devnull, "rb") as stdin:
                files = [file.fileno() for file in (stdin, stdout or to_out, to_err, their_socket)]
                socket.send_fds(self._control(), [json.dumps(request).encode()], files)
            try:
                outputs = _read((out, err), monotonic() + timeout)
                our_socket.settimeout(timeout)
                code, kilobytes = json.loads(our_socket.recv(LONGEST))
            except TimeoutError:
                raise subprocess.TimeoutExpired(arguments, timeout) from None
        return Forked(code, *outputs, kilobytes / 1024)

    def _control(self):
        with self._starting:
            if self._process is None:
                self._socket, their_socket = socket.socketpair(type=socket.SOCK_SEQPACKET)
                command = [sys.executable, "-I", str(Path(__file__).with_name("starter.py"))]
                options = {"env": self.environ, "stdin": their_socket, "stdout": subprocess.DEVNULL}
                self._process = subprocess.Popen(command, **options)
                their_socket.close()
        return self._socket

    def end(self):
        """Stop the process; there can be no more runs."""
        if self._process is not None:
            self._socket.close()
            self._process.wait()
            self._process = None


def _pipe():
    reading, writing = os.pipe()
    return open(reading, "rb", buffering=0), open(writing, "wb", buffering=0)


def _read(pipes, deadline):
    """Read pipes until all are closed. Raises TimeoutError."""
    outputs = dict.fromkeys(pipes, b"")
    open_pipes = set(pipes)
    while open_pipes:
        ready = select(open_pipes, [], [], max(0, deadline - monotonic()))[0]
        if not ready:
            raise TimeoutError
        for pipe in ready:
            part = pipe.read(65536)
            outputs[pipe] += part
            if not part:
                open_pipes.remove(pipe)
    return outputs.values()

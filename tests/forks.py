"""Client of the process that forks runs of the program (see starter.py)."""

import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from select import select
from threading import Lock
from time import monotonic
from typing import NamedTuple

from starter import LONGEST

# Only Linux has file descriptors for processes, which become readable when they exit.
FORKING = hasattr(os, "pidfd_open")
_LEAST_OF_A_PIPE = 4096  # bytes that fit into every pipe


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

    def run(self, arguments, *, input=b"", stdout=None, timeout=300, **options):  # noqa: A002
        """Run to the end; see `_start` for the options.

        stdin and stderr are pipes, and stdout by default. `input` must fit into a pipe. `timeout`
        is in seconds; after it, the run is killed and TimeoutExpired raised.
        """
        (stdin, to_stdin), (out, to_out), (err, to_err) = _pipe(), _pipe(), _pipe()
        with to_stdin:
            assert len(input) <= _LEAST_OF_A_PIPE
            to_stdin.write(input)
        with out, err:
            with to_out, to_err, stdin:
                files = [stdin.fileno(), (stdout or to_out).fileno(), to_err.fileno()]
                result = self._start(arguments, files, **options)
            with result:
                try:
                    outputs = _read((out, err), monotonic() + timeout)
                    result.settimeout(timeout)
                    code, kilobytes = json.loads(result.recv(LONGEST))
                except TimeoutError:
                    raise subprocess.TimeoutExpired(arguments, timeout) from None
        return Forked(code, *outputs, kilobytes / 1024)

    @contextmanager
    def in_terminal(self, arguments, terminal, **options):
        """Start a run in a terminal and yield a function that returns its exit code at its end.

        See `_start` for the options.
        """
        with self._start(arguments, [terminal] * 3, **options) as result:
            yield lambda: json.loads(result.recv(LONGEST))[0]

    def _start(self, arguments, files, *, umask=None, memory=None, **place):
        """Start a run with the `environ` and the `folder` in `place` and return its socket.

        `files` are the descriptors of stdin, stdout and stderr. `memory` limits the address space,
        in bytes. Closing the socket kills the run.
        """
        request = {"arguments": arguments, "umask": umask, "memory": memory} | place
        our_socket, their_socket = socket.socketpair()
        with their_socket:
            message = [json.dumps(request).encode()]
            socket.send_fds(self._control(), message, [*files, their_socket.fileno()])
        return our_socket

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

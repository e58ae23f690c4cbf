"""Running the program of a channel: it cannot fill a disk, nor outlive papertrack."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import IO

_KEPT, _CHUNK = 4096, 2**16  # bytes
_OUTPUT_SECONDS = 1.0  # for the last output of a program that has exited
# Reads the number of a process group and then waits for the end of its input, which comes when
# papertrack ends in any way. No signal handler could cover SIGKILL.
_WATCH = 'read -r group; read -r _; kill -s KILL -- "-$group"'


class Program:
    """A running program, in a process group of its own.

    Its output goes to a pipe that is always read, of which the beginning is kept: no temporary
    file, which could fill a disk. If papertrack is killed, the process group is killed, too. A
    program that ends by itself may leave processes running. Raises OSError or ValueError if it
    cannot be started.
    """

    def __init__(self, run: Sequence[str], environ: Mapping[str, str]) -> None:
        watch = _start_watch()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # the user's own program, without a shell
                run,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environ,
                start_new_session=True,
                # Not by papertrack, which may be killed before it knows the number. Safe among
                # threads, as it calls nothing but the system.
                preexec_fn=partial(_announce, watch) if watch else None,  # noqa: PLW1509
            )
        except BaseException:
            _stop_watch(watch)
            raise
        self._watch = watch
        self._output = b""

    def finish(self, standard_input: bytes, seconds: float) -> int:
        """Write the input, and return the exit code; negative if a signal killed the program.

        Raises subprocess.TimeoutExpired after `seconds`, when the process group has been killed.
        """
        # Threads, because the program may not read its input, and processes that it leaves running
        # may keep its output open. They end with papertrack at the latest.
        self._reader = Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()
        Thread(target=_write, args=(self._process.stdin, standard_input), daemon=True).start()
        try:
            return self._process.wait(max(0.0, seconds))
        finally:
            _kill(self._process)
            _stop_watch(self._watch)

    def first_line(self) -> str:
        """The first line that is not empty of what the program printed."""
        self._reader.join(_OUTPUT_SECONDS)
        lines = self._output.decode(errors="replace").splitlines()
        return next(filter(str.strip, lines), "")

    def _read(self, pipe: IO[bytes]) -> None:
        with suppress(OSError), pipe:
            while chunk := os.read(pipe.fileno(), _CHUNK):
                self._output += chunk[: _KEPT - len(self._output)]


def _write(pipe: IO[bytes], content: bytes) -> None:
    with suppress(OSError), pipe:  # the program may end without reading
        pipe.write(content)


def _start_watch() -> "subprocess.Popen[bytes] | None":
    """Start a process that kills a process group when papertrack ends; None without a shell."""
    if os.name != "posix":
        return None
    try:
        return subprocess.Popen(  # noqa: S603  # a constant command
            ["/bin/sh", "-c", _WATCH],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={},
            start_new_session=True,
        )
    except OSError:
        return None


def _announce(watch: "subprocess.Popen[bytes]") -> None:
    """Tell the watching process the number of this process, which leads its group."""
    if watch.stdin:
        with suppress(OSError):
            os.write(watch.stdin.fileno(), b"%d\n" % os.getpid())


def _stop_watch(watch: "subprocess.Popen[bytes] | None") -> None:
    if watch:
        watch.kill()
        watch.wait()
        if watch.stdin:
            watch.stdin.close()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program that is still running, with its process group where the system has groups."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()

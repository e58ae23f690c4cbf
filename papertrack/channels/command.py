"""Delivery as JSON to a program of the user."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO

from papertrack.channels import Message
from papertrack.config.channels import CommandChannel
from papertrack.errors import DeliveryError
from papertrack.text import clean, shorten

_MAX_SHOWN = 200  # characters of the program's output
_MAX_READ = 4096  # bytes at the end of the output


class CommandSender:
    """Runs the program once per message, without a shell.

    The message is on its standard input, its id in $PAPERTRACK_MESSAGE_ID; the program may ignore
    both. Exit code 0 means success.
    """

    wants_html = False
    max_length: int | None = None

    def __init__(self, channel: CommandChannel, environ: Mapping[str, str]) -> None:
        self._channel, self._environ = channel, environ

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """Run the program; see Sender.send. After `seconds` its process group is killed."""
        # Files instead of pipes: the program may not read its input, and processes that it starts
        # may keep its output open.
        with TemporaryFile() as stdin, TemporaryFile() as output:
            stdin.write(json.dumps(dict(message.data)).encode() + b"\n")
            stdin.seek(0)
            process = self._start(message, stdin, output)
            try:
                code = process.wait(max(0.0, seconds))
            except subprocess.TimeoutExpired:
                what = f"{self._program} did not finish within {seconds:g} s"
                raise self._error("timeout", what, unknown=True) from None
            finally:
                _kill(process)
            if code:
                raise self._failure(code, output)
        return ()

    @property
    def _program(self) -> str:
        return os.path.basename(self._channel.run[0])

    def _start(
        self, message: Message, stdin: IO[bytes], output: IO[bytes]
    ) -> "subprocess.Popen[bytes]":
        environ = {**self._environ, "PAPERTRACK_MESSAGE_ID": message.id}
        try:
            return subprocess.Popen(  # noqa: S603  # the user's own program, without a shell
                self._channel.run,
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environ,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            next_step = "cron searches few folders: write the full path under run:"
            what = f"cannot start {self._channel.run[0]}: {reason}"
            raise self._error("program", what, next_step) from error

    def _failure(self, code: int, output: IO[bytes]) -> DeliveryError:
        output.seek(max(0, output.seek(0, os.SEEK_END) - _MAX_READ))
        text = shorten(clean(output.read().decode(errors="replace")), _MAX_SHOWN)
        detail = f": {text}" if text else ""
        if code < 0:  # killed by a signal, possibly after it had delivered the message
            what = f"{self._program} was killed by signal {-code}{detail}"
            return self._error("program", what, unknown=True)
        return self._error("refused", f"{self._program} exited with code {code}{detail}")

    def _error(
        self, kind: str, what: str, next_step: str = "", *, unknown: bool = False
    ) -> DeliveryError:
        return DeliveryError(self._channel.name, kind, what, next_step, unknown=unknown)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program that is still running, with its process group where the system has groups."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()

"""Messages as JSON to programs of the reader."""

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

_SHOWN = 200  # characters of what a program wrote
_READ = 4096  # bytes of it, at the end


class CommandSender:
    """Starts the program once a message, without a shell, with the message on its standard input
    and its id in the environment. It may ignore both; its exit code 0 is a yes.
    """

    wants_html = False
    longest: int | None = None

    def __init__(self, channel: CommandChannel, environ: Mapping[str, str]) -> None:
        self._channel, self._environ = channel, environ

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """As Sender. After `seconds` the program is killed, and what it started in its group."""
        # Files, not pipes: it may leave its input unread, and what it starts may keep its output.
        with TemporaryFile() as given, TemporaryFile() as written:
            given.write(json.dumps(dict(message.data)).encode() + b"\n")
            given.seek(0)
            process = self._started(message, given, written)
            try:
                code = process.wait(max(0.0, seconds))
            except subprocess.TimeoutExpired:
                what = f"{self._name} was not done within {seconds:g} s"
                raise self._error("timeout", what, unknown=True) from None
            finally:
                _end(process)
            if code:
                raise self._refusal(code, written)
        return ()

    @property
    def _name(self) -> str:
        return os.path.basename(self._channel.run[0])

    def _started(
        self, message: Message, given: IO[bytes], written: IO[bytes]
    ) -> "subprocess.Popen[bytes]":
        environ = {**self._environ, "PAPERTRACK_MESSAGE_ID": message.id}
        try:
            return subprocess.Popen(  # noqa: S603  # the reader's own program, without a shell
                self._channel.run,
                stdin=given,
                stdout=written,
                stderr=subprocess.STDOUT,
                env=environ,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            advice = "cron looks in few folders: write the whole path under run:"
            what = f"{self._channel.run[0]} cannot be started: {reason}"
            raise self._error("program", what, advice) from error

    def _refusal(self, code: int, written: IO[bytes]) -> DeliveryError:
        written.seek(max(0, written.seek(0, os.SEEK_END) - _READ))
        told = shorten(clean(written.read().decode(errors="replace")), _SHOWN)
        said = f": {told}" if told else ""
        if code < 0:  # by a signal, so that nobody knows what it had done
            killed = f"{self._name} was ended by signal {-code}{said}"
            return self._error("program", killed, unknown=True)
        return self._error("refused", f"{self._name} ended with exit code {code}{said}")

    def _error(
        self, kind: str, what: str, advice: str = "", *, unknown: bool = False
    ) -> DeliveryError:
        return DeliveryError(self._channel.name, kind, what, advice, unknown=unknown)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program that is still running, with its process group where the system has groups."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()

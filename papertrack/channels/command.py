"""Delivery as JSON to a program of the user."""

import json
import os
import subprocess
from collections.abc import Mapping

from papertrack.channels import Message
from papertrack.channels.programs import Program
from papertrack.channels.redaction import redact
from papertrack.config.channels import CommandChannel
from papertrack.config.records import names_secret
from papertrack.errors import DeliveryError
from papertrack.text import clean, shorten

_MAX_SHOWN = 200  # characters of the program's output


class CommandSender:
    """Runs the program once per message, without a shell.

    The message is on its standard input, its id in $PAPERTRACK_MESSAGE_ID; the program may ignore
    both. Exit code 0 means success. Of what a failing program prints, only the first line is kept,
    without secrets.
    """

    wants_html = False
    max_length: int | None = None

    def __init__(self, channel: CommandChannel, environ: Mapping[str, str]) -> None:
        self._channel, self._environ = channel, environ

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """Run the program; see Sender.send.

        After `seconds`, and when papertrack ends, its process group is killed.
        """
        environ = {**self._environ, "PAPERTRACK_MESSAGE_ID": message.id}
        try:
            program = Program(self._channel.run, environ)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            next_step = "cron searches few folders: write the full path under run:"
            what = f"cannot start {self._channel.run[0]}: {reason}"
            raise self._error("program", what, next_step) from error
        try:
            code = program.finish(json.dumps(dict(message.data)).encode() + b"\n", seconds)
        except subprocess.TimeoutExpired:
            what = f"{self._name} did not finish within {seconds:g} s"
            raise self._error("timeout", what, unknown=True) from None
        if code:
            raise self._failure(code, program.first_line())
        return ()

    @property
    def _name(self) -> str:
        return os.path.basename(self._channel.run[0])

    def _failure(self, code: int, line: str) -> DeliveryError:
        named = (value for name, value in self._environ.items() if names_secret(name))
        text = shorten(clean(redact(line, (*self._channel.run[1:], *named))), _MAX_SHOWN)
        detail = f": {text}" if text else ""
        if code < 0:  # killed by a signal, possibly after it had delivered the message
            what = f"{self._name} was killed by signal {-code}{detail}"
            return self._error("program", what, unknown=True)
        return self._error("refused", f"{self._name} exited with code {code}{detail}")

    def _error(
        self, kind: str, what: str, next_step: str = "", *, unknown: bool = False
    ) -> DeliveryError:
        return DeliveryError(self._channel.name, kind, what, next_step, unknown=unknown)

"""Delivery to standard output."""

from typing import TextIO

from papertrack.channels import Message
from papertrack.config.channels import StdoutChannel
from papertrack.errors import DeliveryError
from papertrack.storage.files import write_all
from papertrack.text import visible


class StdoutSender:
    """Writes messages to standard output, each followed by an empty line."""

    wants_html = False
    max_length: int | None = None

    def __init__(self, channel: StdoutChannel, stdout: TextIO) -> None:
        self._channel, self._stdout = channel, stdout

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """Write a message; see Sender.send. `seconds` is ignored: an unread pipe blocks the run."""
        del seconds
        body = message.markdown if self._channel.form == "markdown" else message.text
        encoding = self._stdout.encoding or "utf-8"
        try:
            self._stdout.flush()
            # Bypasses Python's buffer: text that a closed pipe refuses would remain in it, and fail
            # again when the process ends.
            text = "\n".join(map(visible, body.rstrip().split("\n")))
            content = f"{text}\n\n".encode(encoding, errors="replace")
            write_all(self._stdout.fileno(), content)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            what = f"cannot write to standard output: {reason}"
            raise DeliveryError(self._channel.name, "file", what, unknown=True) from error
        return ()

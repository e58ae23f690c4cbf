"""Messages on standard output."""

from typing import TextIO

from papertrack.channels import Message
from papertrack.config.channels import StdoutChannel
from papertrack.errors import DeliveryError
from papertrack.storage.files import write_all


class StdoutSender:
    """Writes messages one below the other, each followed by an empty line."""

    wants_html = False
    longest: int | None = None

    def __init__(self, channel: StdoutChannel, stdout: TextIO) -> None:
        self._channel, self._stdout = channel, stdout

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """As Sender; a reader who takes nothing more is waited for without end."""
        del seconds
        body = message.markdown if self._channel.form == "markdown" else message.text
        encoding = self._stdout.encoding or "utf-8"
        try:
            self._stdout.flush()
            # Past Python's buffer: what a closed pipe does not take must not be tried again there.
            written = f"{body.rstrip()}\n\n".encode(encoding, errors="replace")
            write_all(self._stdout.fileno(), written)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            what = f"standard output takes nothing more: {reason}"
            raise DeliveryError(self._channel.name, "file", what, unknown=True) from error
        return ()

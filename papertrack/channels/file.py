"""Delivery as markdown to files, one per day or a single one."""

import os

from papertrack.channels import Message
from papertrack.config.channels import FileChannel
from papertrack.errors import DeliveryError
from papertrack.storage import files

_PRIVATE = 0o700


class FileSender:
    """Appends messages to a file that the user may edit, too.

    The file is replaced atomically. Each message begins with a comment that contains its id: a
    message that is already in the file is not appended again.
    """

    wants_html = False
    max_length: int | None = None

    def __init__(self, channel: FileChannel) -> None:
        self._channel = channel

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """Append a message; see Sender.send. `seconds` is ignored."""
        del seconds
        path = self._path(message)
        try:
            os.makedirs(os.path.dirname(path), _PRIVATE, exist_ok=True)
            before = files.read(path) if os.path.lexists(path) else b""
            after = _with_message(before, message)
            if after != before:
                with files.open_replacement(path, files.permissions_or_private(path)) as descriptor:
                    files.write_all(descriptor, after)
                files.flush(os.path.dirname(path))
        except (OSError, files.UnusableFile) as error:
            reason = getattr(error, "strerror", None) or str(error)
            what = f"cannot write {path}: {reason}"
            raise DeliveryError(self._channel.name, "file", what) from error
        return ()

    def _path(self, message: Message) -> str:
        """The file for a message, by local date; links are resolved, so that none is replaced."""
        path = self._channel.path
        if not path.endswith(".md"):
            path = os.path.join(path, f"{message.at.astimezone().date()}.md")
        return os.path.realpath(path)


def _with_message(before: bytes, message: Message) -> bytes:
    marker = f"<!-- papertrack message {message.id} -->"
    if marker.encode() in before:
        return before
    gap = b"" if not before or before.endswith(b"\n\n") else b"\n"
    gap += b"" if not before or before.endswith(b"\n") else b"\n"
    body = f"{marker}\n\n{message.markdown.strip()}\n"
    return before + gap + body.encode(errors="replace")

"""Messages as markdown in files, one a day or one for all."""

import os

from papertrack.channels import Message
from papertrack.config.channels import FileChannel
from papertrack.errors import DeliveryError
from papertrack.storage import files

_OURS_ALONE = 0o700


class FileSender:
    """Appends messages to a file that the reader may write in, too: it is replaced in one step by
    itself with the message at its end. A line with the id of the message comes first, so that it
    stands there once however often it is sent.
    """

    wants_html = False
    longest: int | None = None

    def __init__(self, channel: FileChannel) -> None:
        self._channel = channel

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """As Sender; `seconds` do not matter."""
        del seconds
        path = self._path(message)
        try:
            os.makedirs(os.path.dirname(path), _OURS_ALONE, exist_ok=True)
            before = files.read(path) if os.path.lexists(path) else b""
            after = _appended(before, message)
            if after != before:
                with files.open_replacement(path, files.rights_of(path)) as descriptor:
                    files.write_all(descriptor, after)
                files.flush(os.path.dirname(path))
        except (OSError, files.UnusableFile) as error:
            reason = getattr(error, "strerror", None) or str(error)
            what = f"{path} cannot be written: {reason}"
            raise DeliveryError(self._channel.name, "file", what) from error
        return ()

    def _path(self, message: Message) -> str:
        """Of the day it is for the reader. A link stays one, as what it leads to is replaced."""
        path = self._channel.path
        if not path.endswith(".md"):
            path = os.path.join(path, f"{message.at.astimezone().date()}.md")
        return os.path.realpath(path)


def _appended(before: bytes, message: Message) -> bytes:
    mark = f"<!-- papertrack message {message.id} -->"
    if mark.encode() in before:
        return before
    gap = b"" if not before or before.endswith(b"\n\n") else b"\n"
    gap += b"" if not before or before.endswith(b"\n") else b"\n"
    body = f"{mark}\n\n{message.markdown.strip()}\n"
    return before + gap + body.encode(errors="replace")

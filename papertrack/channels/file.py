"""Delivery as markdown to files, one per day or a single one."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from papertrack.channels import Message
from papertrack.config.channels import FileChannel
from papertrack.errors import DeliveryError
from papertrack.storage import files
from papertrack.storage.lock import lock_file

_PRIVATE_FOLDER = 0o700
_LOCK_SECONDS = 10.0
# O_NONBLOCK for the reason in `files`.
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NONBLOCK", 0) | files.BINARY


class FileSender:
    """Appends messages to a file to which the user and other programs may write, too.

    The file is never replaced: whatever others write to it meanwhile remains. Each message begins
    with a comment that contains its id: a message that is already in the file is not appended
    again, and one that a crash cut off is completed.
    """

    wants_html = False
    max_length: int | None = None

    def __init__(self, channel: FileChannel) -> None:
        self._channel = channel

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """Append a message; see Sender.send. Waits at most `seconds` for the lock of the file."""
        path = self._path(message)
        try:
            os.makedirs(os.path.dirname(path), _PRIVATE_FOLDER, exist_ok=True)
            is_new = not os.path.lexists(path)
            while not _append_to(path, message, min(seconds, _LOCK_SECONDS)):
                pass  # an editor replaced the file: the message belongs in the new one
            if is_new:
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


def _append_to(path: str, message: Message, timeout: float) -> bool:
    """Append a message to a file, and return whether the file is still at this path."""
    with _open_locked(path, timeout) as descriptor:
        _append(descriptor, message)
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(path))
        except FileNotFoundError:
            return False


@contextmanager
def _open_locked(path: str, timeout: float) -> Iterator[int]:
    """Open a file to append to it, and lock it.

    Raises OSError, TimeoutError, and UnusableFile if it is not a regular file.
    """
    descriptor = os.open(path, _FLAGS, files.PRIVATE)
    try:
        lock_file(descriptor, timeout)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise files.UnusableFile("it is not a regular file")
        if status.st_size > files.SIZE_LIMIT:
            raise files.UnusableFile(f"it is too large: {status.st_size:,} bytes")
        yield descriptor
    finally:
        os.close(descriptor)


def _append(descriptor: int, message: Message) -> None:
    """Append a message to a file with a single write, unless the file has it.

    If the disk is full, the file is as long as before. Raises OSError.
    """
    size = os.fstat(descriptor).st_size
    missing = _missing(files.read_up_to(descriptor, size), message)
    if not missing:
        return
    try:
        files.write_all(descriptor, missing)
        os.fsync(descriptor)
    except OSError:
        written = os.fstat(descriptor).st_size - size
        os.lseek(descriptor, size, os.SEEK_SET)
        if missing.startswith(files.read_up_to(descriptor, written)):  # and nobody wrote more
            os.ftruncate(descriptor, size)
        raise


def _missing(before: bytes, message: Message) -> bytes:
    """Return what has to be appended so that a file has a message: nothing if it has it."""
    marker = f"<!-- papertrack message {message.id} -->".encode()
    text = marker + f"\n\n{message.markdown.strip()}\n".encode(errors="replace")
    _, own_marker, after = before.partition(marker)
    if own_marker:
        return text.removeprefix(own_marker + after) if text.startswith(own_marker + after) else b""
    gap = b"" if not before or before.endswith(b"\n\n") else b"\n"
    gap += b"" if not before or before.endswith(b"\n") else b"\n"
    return gap + text

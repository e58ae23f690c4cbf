"""Downloads of large files, written as they arrive and continued after an interruption."""

import os
import re
from collections.abc import Callable
from hashlib import sha256
from time import monotonic

import httpx

from papertrack.errors import SourceError
from papertrack.sources.responses import check_encoding, validator_of
from papertrack.storage import files

Progress = Callable[[int, int], None]  # bytes received, bytes of the file or 0 if unknown

_PARTIAL = 206
_PREFIX, _PART, _VALIDATOR = ".papertrack-", ".part", ".validator"
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(?:\d{1,15}|\*)", re.ASCII)
_STRONG_VALIDATOR = re.compile(r"(?:ETag: (?!W/)|Last-Modified: )([!-~][ -~]*)")
_MAX_VALIDATOR = 600  # bytes
_DIGITS = 16  # of the hash in the name of a partial file
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | files.BINARY
_APPEND = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | files.BINARY


def remove_old_parts(folder: str, before: float) -> int:
    """Delete what unfinished downloads left in a folder; return how many there were.

    Only those last written `before` a time in seconds since 1970. Raises OSError.
    """
    old = []
    with os.scandir(folder) as files_there:
        for file in files_there:
            is_ours = file.name.startswith(_PREFIX) and file.name.endswith(_PART + _VALIDATOR)
            if is_ours and file.is_file(follow_symlinks=False):
                part = file.path.removesuffix(_VALIDATOR)
                newest = max(
                    os.lstat(path).st_mtime for path in (part, file.path) if _is_file(path)
                )
                old += [(part, file.path)] if newest < before else []
    for paths in old:
        for path in paths:
            files.remove(path)
    return len(old)


def _is_file(path: str) -> bool:
    return os.path.isfile(path) and not os.path.islink(path)


class Download:
    """A file of at most `limit` bytes that is downloaded to `path`.

    Until it is finished, its bytes are in a hidden private file beside it, with the validator of
    the response, so that a later request can continue if the server still has the same file.
    `progress` is called from another thread.
    """

    def __init__(self, path: str, limit: int, progress: Progress) -> None:
        self._path = path
        self._limit = limit
        self._progress = progress
        # A browser's partial file may have the name of the file with ".part".
        folder, name = os.path.split(path)
        digest = sha256(os.fsencode(name)).hexdigest()[:_DIGITS]
        self.part = os.path.join(folder, f"{_PREFIX}{digest}{_PART}")
        self._validator = self.part + _VALIDATOR

    def headers(self) -> dict[str, str]:
        """Return the headers of the next request: for the missing bytes if some are stored."""
        headers = {"Accept-Encoding": "identity"}
        try:
            size = os.stat(self.part).st_size
            validator = files.read(self._validator, _MAX_VALIDATOR).decode("ascii")
        except (OSError, ValueError, files.UnusableFile):
            return headers
        match = _STRONG_VALIDATOR.fullmatch(validator)
        if size and match:
            headers |= {"Range": f"bytes={size}-", "If-Range": match[1]}
        return headers

    def receive(self, source: str, response: httpx.Response, until: float) -> None:
        """Write the body of a response with status 200, or append that of a response with 206.

        Raises SourceError of kind "too-large" or "connection", TimeoutError after `until`, a time
        of time.monotonic, UnusableFile if the file cannot be written, and httpx.RemoteProtocolError
        if the response has another part of the file than requested.
        """
        check_encoding(source, response, ())
        try:
            self._write(source, response, until)
        except TimeoutError:
            raise
        except OSError as error:  # of the file, as httpx raises its own errors for the network
            raise files.UnusableFile(error.strerror or str(error)) from error

    def finish(self) -> None:
        """Move the complete file to its path. Raises OSError."""
        files.flush(self.part)
        os.chmod(self.part, files.permissions_or_default(self._path))
        os.replace(self.part, self._path)
        files.remove(self._validator)

    def discard(self) -> None:
        """Delete what has been received. Raises OSError."""
        files.remove(self.part)
        files.remove(self._validator)

    def _write(self, source: str, response: httpx.Response, until: float) -> None:
        size = self._start(response)
        total = size + int(response.headers.get("Content-Length", "0"))
        host = response.url.host
        self._check_size(source, host, total)
        descriptor = self._open(response, append=size > 0)
        try:
            for chunk in response.iter_raw():
                if monotonic() > until:
                    raise TimeoutError
                size += len(chunk)
                self._check_size(source, host, size)
                files.write_all(descriptor, chunk)
                self._progress(size, max(total, size) if total else 0)
        finally:
            os.close(descriptor)

    def _start(self, response: httpx.Response) -> int:
        """The position of a response in the file: 0, or where the stored part ends."""
        if response.status_code != _PARTIAL:
            return 0
        match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        start = int(match[1]) if match else 0
        if not start or start != os.stat(self.part).st_size:
            self.discard()
            raise httpx.RemoteProtocolError("it has another part of the file than requested")
        return start

    def _open(self, response: httpx.Response, *, append: bool) -> int:
        """Open the partial file; a new file replaces an earlier part and its validator."""
        if append:
            return os.open(self.part, _APPEND)
        self.discard()
        # Empty without one: the file also says that the part is papertrack's.
        with open(self._validator, "x", encoding="ascii") as file:
            file.write(validator_of(response.headers) or "")
        return os.open(self.part, _CREATE, files.PRIVATE)

    def _check_size(self, source: str, host: str, size: int) -> None:
        if size > self._limit:
            self.discard()
            message = f"{host} sent more than {self._limit:,} bytes"
            raise SourceError(source, "too-large", message)

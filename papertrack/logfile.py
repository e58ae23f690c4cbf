"""Writing the log: to a file that rotates, to standard error, or both.

A line is the time (UTC), the level, the process, and an event as in papertrack.log:

    2026-03-31T18:00:00.123+00:00 INFO 4711 request source=arxiv method=GET url=... status=200

Text from papers and servers is cleaned and quoted, so that it cannot forge a line; a traceback is
indented below its line. Secrets are replaced by ***: the texts passed to papertrack.log.hide, user
and password of a URL, and query parameters whose name suggests a secret.
"""

import logging
import os
import re
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from itertools import pairwise
from json import dumps
from traceback import format_exception
from typing import TextIO

from papertrack.text import clean, clean_lines, shorten

SIZE_LIMIT, OLDER_FILES = 1_000_000, 5  # bytes of a file, and number of older files
_LOCK_SECONDS = 5.0
_MAX_VALUE, _MAX_LIST, _MAX_TRACEBACK = 500, 4_000, 20_000  # characters
# Without O_NONBLOCK, opening a named pipe would wait for a reader.
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
_MIN_PATH = 12  # characters: without its slash, a shorter path may be a word such as "hook"
_MIN_SECRET = 4  # characters: a shorter text also occurs inside ordinary words
_HIDDEN = "***"
_FORMAT = "%(asctime)s %(levelname)s %(process)d %(message)s"
_PLAIN = re.compile(r'[^\s"=]+')
_USERINFO = re.compile(r"(?<=://)[^/?#\s]*@")
_NAMED_SECRET = re.compile(
    r"(?i)([?&;][\w.-]*(?:key|token|secret|password|passwd|pass|auth|signature|sig)=)[^&;#\s\"']*"
)

Clock = Callable[[], datetime]


class RotatingFile(logging.Handler):
    """Appends to a file that only its owner can read, and rotates it.

    Before FILE exceeds `limit` bytes, it is renamed to FILE.1, FILE.1 to FILE.2 and so on; the last
    of the `older_files` is deleted. Several processes may write at once: the file is opened for
    each line, which is a single write, and rotation takes a lock. If renaming fails, as on systems
    where an open file cannot be renamed, the file exceeds its limit and no line is lost. If the
    file cannot be written, `warn` is called once with the reason, and nothing more is written.
    """

    def __init__(
        self,
        path: str,
        warn: Callable[[str], None],
        limit: int = SIZE_LIMIT,
        older_files: int = OLDER_FILES,
    ) -> None:
        super().__init__()
        self._path = os.path.realpath(path)
        self._warn: Callable[[str], None] | None = warn
        self._limit, self._older_files = limit, older_files

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, unless an earlier line could not be written."""
        if self._warn is None:
            return
        try:
            self._append(f"{self.format(record)}\n".encode(errors="replace"))
        except OSError as error:
            warn, self._warn = self._warn, None
            warn(f"cannot write the log {self._path}: {error.strerror or error}")

    def _append(self, line: bytes) -> None:
        descriptor = self._open()
        if not self._fits(os.fstat(descriptor), len(line)):
            os.close(descriptor)
            self._rotate(len(line))
            descriptor = self._open()
        try:
            while line:
                line = line[os.write(descriptor, line) :]
        finally:
            os.close(descriptor)

    def _fits(self, status: os.stat_result, size: int) -> bool:
        return not status.st_size or status.st_size + size <= self._limit

    def _open(self) -> int:
        try:
            descriptor = os.open(self._path, _FLAGS, 0o600)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            descriptor = os.open(self._path, _FLAGS, 0o600)
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            os.close(descriptor)
            raise OSError(None, "it is not a regular file")
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            with suppress(OSError):  # the file may belong to another user
                os.fchmod(descriptor, 0o600)
        return descriptor

    def _rotate(self, size: int) -> None:
        """Make room for `size` bytes, unless another process has just rotated."""
        from filelock import FileLock  # takes 40 ms to import, and few runs rotate

        folder, name = os.path.split(self._path)
        lock = FileLock(os.path.join(folder, f".{name}.lock"), timeout=_LOCK_SECONDS, mode=0o600)
        # After a failed rotation the file exceeds its limit, but no line is lost.
        with suppress(OSError, NotImplementedError), lock:
            if self._fits(os.stat(self._path), size):
                return
            names = [
                self._path,
                *(f"{self._path}.{number}" for number in range(1, self._older_files + 1)),
            ]
            for newer, older in reversed(list(pairwise(names))):
                with suppress(FileNotFoundError):
                    os.replace(newer, older)


class _StreamHandler(logging.Handler):
    """Writes to a stream; a closed stream is ignored."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(f"{self.format(record)}\n")
            self._stream.flush()


class _HiddenTexts:
    """The texts that must not appear in the log."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, *texts: str) -> None:
        secrets = {text for text in texts if len(text) >= _MIN_SECRET}
        # Longest first: replacing a prefix of another secret would leave its end visible.
        self._texts = sorted(secrets.union(self._texts), key=len, reverse=True)

    def redact(self, text: str) -> str:
        for secret in self._texts:
            text = text.replace(secret, _HIDDEN)
        text = _USERINFO.sub(f"{_HIDDEN}@", text)
        return _NAMED_SECRET.sub(rf"\g<1>{_HIDDEN}", text)


class _LineFormatter(logging.Formatter):
    """Formats lines with the time of a clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(_FORMAT)
        self._clock = clock

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802  # logging's signature
        """Return the time in UTC in milliseconds."""
        return self._clock().isoformat(timespec="milliseconds")


class LogWriter:
    """Writes the events of papertrack.log through `handlers`, with the time of `clock`."""

    def __init__(self, clock: Clock, *handlers: logging.Handler) -> None:
        self._logger = logging.getLogger("papertrack")
        self._logger.setLevel(logging.INFO)
        # Only events of papertrack are written: those of other packages may contain secrets.
        self._logger.propagate = False
        self._logger.handlers = list(handlers)
        self._secrets = _HiddenTexts()
        for handler in handlers:
            handler.setFormatter(_LineFormatter(clock))

    def write(
        self, level: int, name: str, facts: dict[str, object], error: BaseException | None = None
    ) -> None:
        """Write an event on one line, with the traceback of an error indented below it."""
        pairs = [f"{key}={self._value(fact)}" for key, fact in facts.items() if fact is not None]
        line = " ".join((name, *pairs))
        self._logger.log(level, "%s", f"{line}\n{self._traceback(error)}" if error else line)

    def hide(self, *secrets: str) -> None:
        """Replace these texts by ***; of a URL also its path, which servers repeat in replies."""
        paths = [secret.partition("://")[2].partition("/")[2] for secret in secrets]
        long_paths = [path for path in paths if len(path) >= _MIN_PATH]
        self._secrets.add(*secrets, *long_paths, *(f"/{path}" for path in paths))

    def _traceback(self, error: BaseException) -> str:
        text = self._secrets.redact("".join(format_exception(error)))
        lines = clean_lines(text[-_MAX_TRACEBACK:]).splitlines()
        return "\n".join(f"    {line}" for line in lines)

    def _value(self, fact: object) -> str:
        if isinstance(fact, float):
            return f"{fact:.3f}"
        if isinstance(fact, bool):
            return "yes" if fact else "no"
        if isinstance(fact, date):
            return fact.isoformat()
        limit = _MAX_VALUE
        if isinstance(fact, list | tuple):
            fact, limit = ",".join(map(str, fact)), _MAX_LIST
        text = shorten(clean(self._secrets.redact(str(fact))), limit)
        return text if _PLAIN.fullmatch(text) else dumps(text, ensure_ascii=False)


def open_log(
    path: str | None, clock: Clock, warn: Callable[[str], None], *, on_stderr: bool
) -> LogWriter:
    """Return a writer to the file at `path`, if any, and with `on_stderr` to standard error.

    `warn` is called once with the reason if the file cannot be written.
    """
    files = [RotatingFile(path, warn)] if path else []
    streams = [_StreamHandler(sys.stderr)] if on_stderr else []
    return LogWriter(clock, *files, *streams)

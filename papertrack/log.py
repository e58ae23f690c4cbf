"""The log of a run. Nothing is written until `enable`; before that an event costs a comparison.

Every package reports events here; papertrack.logfile writes them with the standard library's
`logging`, which only a run with a log imports. An event is a name with facts: "request" with
method, url, status, bytes and seconds. Facts that are None are left out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import ClassVar, Protocol

Facts = dict[str, object]
INFO, WARNING, ERROR = 20, 30, 40  # the numbers of `logging`


class Writer(Protocol):
    """Writes events. Its methods never raise: a log must not stop a run."""

    def write(self, level: int, name: str, facts: Facts, error: Exception | None = None) -> None:
        """Write an event, and the traceback of an error below it."""

    def hide(self, *secrets: str) -> None:
        """Replace these texts by *** in everything written from now on."""


class _Log:
    writer: ClassVar[Writer | None] = None


def enable(writer: Writer) -> None:
    """Write every event from now on, including those of other threads."""
    _Log.writer = writer


def disable() -> None:
    """Write nothing from now on."""
    _Log.writer = None


def is_on() -> bool:
    """Whether events are written; for callers whose facts take time to gather."""
    return _Log.writer is not None


def event(name: str, **facts: object) -> None:
    """Report what happened or was decided."""
    if _Log.writer:
        _Log.writer.write(INFO, name, facts)


def warning(name: str, **facts: object) -> None:
    """Report a failure that the run survives."""
    if _Log.writer:
        _Log.writer.write(WARNING, name, facts)


def error(name: str, traceback: Exception | None = None, **facts: object) -> None:
    """Report why a run ends, with the traceback of an unexpected exception."""
    if _Log.writer:
        _Log.writer.write(ERROR, name, facts, traceback)


def hide(*secrets: str) -> None:
    """Replace these texts by *** wherever they occur in the log."""
    if _Log.writer:
        _Log.writer.hide(*secrets)


@contextmanager
def timed(name: str, facts: Facts, later: Facts | None = None) -> Iterator[None]:
    """Report the body when it ends: `facts`, those added to `later` meanwhile, the seconds, and the
    kind of an exception; not its text, which may hold a secret.
    """
    later = {} if later is None else later
    started = monotonic()
    try:
        yield
    except Exception as error:
        kind = getattr(error, "kind", type(error).__name__)
        warning(name, **{**facts, **later, "seconds": monotonic() - started, "failed": kind})
        raise
    event(name, **{**facts, **later, "seconds": monotonic() - started})

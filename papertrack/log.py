"""The log of a run, to which every package reports events.

An event is a name with facts: "request" with method, url, status, bytes and seconds. Facts that are
None are omitted. Until `enable` is called nothing is written, and an event costs a comparison.
papertrack.logfile writes events with `logging`, which is imported only by runs with a log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import ClassVar, Protocol

Facts = dict[str, object]
INFO, WARNING, ERROR = 20, 30, 40  # the numbers of `logging`


class Writer(Protocol):
    """Writes events. Its methods never raise: a log must not stop a run."""

    def write(
        self, level: int, name: str, facts: Facts, error: BaseException | None = None
    ) -> None:
        """Write an event, and the traceback of an error below it."""

    def hide(self, *secrets: str) -> None:
        """Replace these texts by *** in every event written from now on."""


class _Log:
    writer: ClassVar[Writer | None] = None


def enable(writer: Writer) -> None:
    """Write all events from now on, including those of other threads."""
    _Log.writer = writer


def disable() -> None:
    """Write nothing from now on."""
    _Log.writer = None


def is_on() -> bool:
    """Whether events are written, for callers whose facts are expensive to compute."""
    return _Log.writer is not None


def event(name: str, **facts: object) -> None:
    """Report an event or a decision."""
    if _Log.writer:
        _Log.writer.write(INFO, name, facts)


def warning(name: str, **facts: object) -> None:
    """Report a failure that the run survives."""
    if _Log.writer:
        _Log.writer.write(WARNING, name, facts)


def exception(name: str, traceback: BaseException, **facts: object) -> None:
    """Report an unexpected exception that the run survives, with its traceback."""
    if _Log.writer:
        _Log.writer.write(WARNING, name, facts, traceback)


def error(name: str, traceback: BaseException | None = None, **facts: object) -> None:
    """Report why a run ends, with the traceback of an unexpected exception."""
    if _Log.writer:
        _Log.writer.write(ERROR, name, facts, traceback)


def hide(*secrets: str) -> None:
    """Replace these texts by *** wherever they occur in the log."""
    if _Log.writer:
        _Log.writer.hide(*secrets)


@contextmanager
def timed(name: str, facts: Facts, late_facts: Facts | None = None) -> Iterator[None]:
    """Report an event when the body ends, with its duration in seconds.

    The body may add to `late_facts`. If it raises an exception, the event is a warning with the
    kind of the exception, but not its text, which may contain a secret.
    """
    late_facts = {} if late_facts is None else late_facts
    started = monotonic()
    try:
        yield
    except Exception as error:
        kind = getattr(error, "kind", type(error).__name__)
        warning(name, **{**facts, **late_facts, "seconds": monotonic() - started, "failed": kind})
        raise
    event(name, **{**facts, **late_facts, "seconds": monotonic() - started})

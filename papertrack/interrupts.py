"""What Ctrl-C does: it ends the process, except that the work of a command may tidy up first.

Python's own handler raises KeyboardInterrupt wherever the program is. While modules are imported
or arguments parsed, that would be printed as a traceback, or taken for the end of the parser.
"""

# Not `signal`, whose import takes a tenth of the start-up; for the same reason no `types`.
import _signal  # type: ignore[import-not-found]  # typeshed has only `signal`
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_PAUSE = 0.01  # seconds between two tries to raise a lost interrupt
_EXIT_CODE = 130  # as errors.INTERRUPTED, which is not imported yet


def end_at_interrupt() -> None:
    """From now on, Ctrl-C ends the process with code 130; a process that ignores it still does."""
    if _signal.getsignal(_signal.SIGINT) in (_signal.default_int_handler, _raise):
        _signal.signal(_signal.SIGINT, _end)


def raise_at_interrupt() -> None:
    """From now on, Ctrl-C raises KeyboardInterrupt."""
    if _signal.getsignal(_signal.SIGINT) is _end:
        sys.unraisablehook = _raise_later
        _signal.signal(_signal.SIGINT, _raise)


def _end(_number: int, _frame: "FrameType | None") -> None:
    os._exit(_EXIT_CODE)


class _Lost:
    """Whether a KeyboardInterrupt was lost, and whether one that came now would be lost, too."""

    is_pending = False
    is_reported = False  # while `_raise_later` runs


def _raise(_number: int, _frame: "FrameType | None") -> None:
    if not _Lost.is_reported:
        _Lost.is_pending = False
        raise KeyboardInterrupt


def _raise_later(unraisable: "sys.UnraisableHookArgs") -> None:
    """Raise a KeyboardInterrupt again that came while an object was deleted.

    Python would print it as a traceback and go on as if Ctrl-C had not been pressed.
    """
    if unraisable.exc_type is KeyboardInterrupt:
        from _thread import start_new_thread

        _Lost.is_pending = _Lost.is_reported = True
        start_new_thread(_interrupt_until_raised, ())
        _Lost.is_reported = False
    else:
        sys.__unraisablehook__(unraisable)


def _interrupt_until_raised() -> None:
    from time import sleep

    while _Lost.is_pending:
        os.kill(os.getpid(), _signal.SIGINT)
        sleep(_PAUSE)

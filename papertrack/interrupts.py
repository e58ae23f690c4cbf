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


def _raise(_number: int, _frame: "FrameType | None") -> None:
    raise KeyboardInterrupt


def _raise_later(unraisable: "sys.UnraisableHookArgs") -> None:
    """Raise a KeyboardInterrupt again that came while an object was deleted.

    Python would print it as a traceback and go on as if Ctrl-C had not been pressed.
    """
    if unraisable.exc_type is KeyboardInterrupt:
        from _thread import start_new_thread

        # By a thread, as it would come while this function runs otherwise, and be lost again.
        start_new_thread(os.kill, (os.getpid(), _signal.SIGINT))
    else:
        sys.__unraisablehook__(unraisable)

"""What Ctrl-C does: while a command runs it raises KeyboardInterrupt, before and after it exits.

A KeyboardInterrupt while Python imports modules, or after the last handler, would be printed as a
traceback.
"""

# Not `signal`, whose import takes a tenth of the start-up.
import _signal  # type: ignore[import-not-found]  # typeshed has only `signal`
import os
from types import FrameType

_EXIT_CODE = 130  # as errors.INTERRUPTED, which is not imported yet


def end_at_interrupt() -> None:
    """From now on, Ctrl-C ends the process with code 130; a process that ignores it still does."""
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _end)


def raise_at_interrupt() -> None:
    """From now on, Ctrl-C raises KeyboardInterrupt."""
    if _signal.getsignal(_signal.SIGINT) is _end:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)


def _end(_number: int, _frame: FrameType | None) -> None:
    os._exit(_EXIT_CODE)

"""Report every failure as one to three lines on stderr and an exit code."""

import errno
import os
import sys
from collections.abc import Callable, Iterable, Sequence

from papertrack import log
from papertrack.errors import FOREIGN_ERRORS, INTERRUPTED, LibraryError, PapertrackError
from papertrack.interrupts import end_at_interrupt, raise_at_interrupt
from papertrack.text import clean

BUG = 70
OUTPUT_FAILED = 74  # sysexits.h calls it EX_IOERR
_MAX_LINE = 500  # characters
_LITTLE = 2**24  # bytes: more than the stack of a thread
# Opening any file may fail so, a module of papertrack among them.
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)


def interruptible_exit_code_of(work: Callable[[], int | None], *, debug: bool) -> int:
    """As exit_code_of, for work that stores what it has if Ctrl-C is pressed."""
    try:
        raise_at_interrupt()
        code = exit_code_of(work, debug=debug)
        end_at_interrupt()
    except KeyboardInterrupt:
        end_at_interrupt()
        return _report(["interrupted; papers stored so far are kept"], INTERRUPTED, debug=debug)
    return code


def exit_code_of(work: Callable[[], int | None], *, debug: bool) -> int:
    """Run some work and return its exit code; report any exception, with a traceback if `debug`."""
    try:
        code = work() or 0
        sys.stdout.flush()
    except PapertrackError as error:
        return _report(error.lines(), error.exit_code, debug=debug)
    except BrokenPipeError:
        # The reader closed the pipe, as `head` does. Python flushes its buffer at exit, which must
        # not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _report_failed_call(error, debug=debug)
    except FOREIGN_ERRORS as error:  # no exception may reach the user as a traceback
        return _report_bug(error, debug=debug)
    return code


def _report_failed_call(error: OSError, *, debug: bool) -> int:
    """Report an error of the system: that of a file, or else of the output, which has no name."""
    if error.errno in _EXHAUSTED:
        return _report_exhausted(error.strerror or "", debug=debug)
    why = error.strerror or type(error).__name__
    if error.filename is not None:
        lines = [f"cannot read or write {error.filename}", why]
        return _report(lines, LibraryError.exit_code, debug=debug, bug=error)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _report(["cannot write the output", why], OUTPUT_FAILED, debug=debug, bug=error)


def _report_bug(error: BaseException, *, debug: bool) -> int:
    if isinstance(error, MemoryError) or _is_exhausted():
        return _report_exhausted("no memory or no threads are left", debug=debug)
    why = f"{type(error).__name__}: {error}"
    next_step = "the library is unchanged; run again with --debug and report the output"
    return _report(["this is a bug in papertrack", why, next_step], BUG, debug=debug, bug=error)


def _is_exhausted() -> bool:
    """Whether there is no memory or no thread left, without which anything fails in odd ways.

    Imports then fail as if a module were broken, and Python returns errors without a type.
    """
    from _thread import start_new_thread

    try:
        bytearray(_LITTLE)
        start_new_thread(int, ())
    except (MemoryError, RuntimeError):
        return True
    return False


def _report_exhausted(why: str, *, debug: bool) -> int:
    lines = ["the system has reached a limit", why, "nothing was lost; end other programs"]
    return _report(lines, LibraryError.exit_code, debug=debug)


def print_message(lines: Iterable[str], *, truncate: bool = True) -> None:
    """Print a message on stderr: the first line after "papertrack:", the others indented.

    Lines over 500 characters are cut unless `truncate` is false, as for commands to be pasted.
    """
    for number, line in enumerate(lines):
        text = clean(line)
        short = text[:_MAX_LINE] + "…" if truncate and len(text) > _MAX_LINE else text
        sys.stderr.write(("  " if number else "papertrack: ") + short + "\n")


def _report(
    lines: Sequence[str], code: int, *, debug: bool, bug: BaseException | None = None
) -> int:
    log.error("failed", bug, code=code, problem="; ".join(lines))
    if debug:
        import traceback

        traceback.print_exc()
    print_message(lines)
    return code

"""How a run ends: every failure as one to three lines on stderr and an exit code."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence

from papertrack import log
from papertrack.errors import INTERRUPTED, PapertrackError
from papertrack.text import clean

BUG = 70
OUTPUT_FAILED = 74  # sysexits.h calls it EX_IOERR
_LONGEST = 500


def exit_code_of(work: Callable[[], int | None], *, debug: bool) -> int:
    """The exit code of some work; what it raises is told in words, and as a traceback on demand."""
    try:
        code = work() or 0
        sys.stdout.flush()
    except PapertrackError as error:
        return _told(error.lines(), error.exit_code, debug=debug)
    except KeyboardInterrupt:
        return _told(["interrupted; what was stored before is kept"], INTERRUPTED, debug=debug)
    except BrokenPipeError:
        # The reader has seen enough. What Python still wants to flush goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        why = error.strerror or type(error).__name__
        lines = ["the output could not be written", why]
        return _told(lines, OUTPUT_FAILED, debug=debug, bug=error)
    except Exception as error:  # noqa: BLE001  # the last door: a traceback helps no reader
        why = f"{type(error).__name__}: {error}"
        after = "the library is as it was; run it again with --debug and report what it prints"
        return _told(["this is a bug in papertrack", why, after], BUG, debug=debug, bug=error)
    return code


def print_error(lines: Iterable[str], *, whole: bool = False) -> None:
    """Say something on stderr: the first line with our name, the others indented. Lines are `whole`
    where they hold a command that can be typed, else cut where they are very long.
    """
    for number, line in enumerate(lines):
        text = clean(line)
        short = text if whole or len(text) <= _LONGEST else text[:_LONGEST] + "…"
        sys.stderr.write(("  " if number else "papertrack: ") + short + "\n")


def _told(lines: Sequence[str], code: int, *, debug: bool, bug: Exception | None = None) -> int:
    log.error("failed", bug, code=code, problem="; ".join(lines))
    if debug:
        import traceback

        traceback.print_exc()
    print_error(lines)
    return code

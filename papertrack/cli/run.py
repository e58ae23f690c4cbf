"""A run of the command line, from its arguments to the exit of the process."""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from time import monotonic
from typing import NoReturn

from papertrack import __version__, log
from papertrack.cli.exit_handling import (
    OUTPUT_FAILED,
    exit_code_of,
    interruptible_exit_code_of,
    print_message,
)
from papertrack.cli.global_options import TO_COMPLETE, GlobalOptions, split_options
from papertrack.cli.output import cleaned


def run(arguments: Sequence[str]) -> NoReturn:
    """Run the command line and exit the process."""
    # A run creates many objects and almost no cycles; collecting them takes 5% of the start-up.
    gc.set_threshold(100_000)
    started = monotonic()
    _make_output_safe()
    _ignore_warnings()
    if sys.stdout is None:
        print_message(["cannot write the output", "standard output is closed"])
        _exit(OUTPUT_FAILED)
    # Nothing is to be tidied up before the work of a command: Ctrl-C ends the process at once.
    code = exit_code_of(lambda: _dispatch(arguments), debug="--debug" in arguments)
    log.event("end", code=code, seconds=monotonic() - started)
    _exit(code)


def _dispatch(arguments: Sequence[str]) -> int:
    global_options, rest = split_options(arguments)
    if global_options.version:
        sys.stdout.write(f"papertrack {__version__}\n")
        return 0
    work = None if TO_COMPLETE in os.environ else _quick_work(global_options, rest)
    if work:
        return interruptible_exit_code_of(work, debug=global_options.debug)
    from papertrack.cli.app import run_typer

    return run_typer(global_options, rest)


def _quick_work(global_options: GlobalOptions, line: Sequence[str]) -> Callable[[], int] | None:
    """The work of a line that can be parsed without typer, None for any other line."""
    if line[:1] not in (["today"], ["trending"], ["search"]):
        return None
    from papertrack.cli.fast_path import parse_options
    from papertrack.cli.session import start

    if line[0] == "today":
        from papertrack.cli import today

        if (parsed := parse_options(line[1:], today.GRAMMAR)) is not None:
            options = today.TodayOptions(**parsed)
            return lambda: today.run(options, start(global_options))
    elif line[0] == "trending":
        from papertrack.cli import trending

        if (parsed := parse_options(line[1:], trending.GRAMMAR)) is not None:
            ranking = trending.TrendingOptions(**parsed)
            return lambda: trending.run(ranking, start(global_options))
    else:
        from papertrack.cli import search

        if (parsed := parse_options(line[1:], search.GRAMMAR)) is not None:
            query = search.SearchOptions(**parsed)
            return lambda: search.run(query, start(global_options))
    return None


def _make_output_safe() -> None:
    """Make sure that no character can fail to print, or act on the terminal.

    Characters that the terminal cannot show become question marks. Files and pipes are written in
    UTF-8 in any locale, because cron sets none. Errors of stderr are ignored, as there is no place
    to report them.
    """
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in filter(None, (sys.stdout, sys.stderr)):
        encoding = None if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=encoding, errors="replace")
    sys.stderr = cleaned(sys.stderr, lenient=True)
    if sys.stdout is not None:
        sys.stdout = cleaned(sys.stdout)


def _ignore_warnings() -> None:
    """Undo PYTHONWARNINGS=error, with which a deprecation in any package would end the run."""
    if sys.warnoptions:
        import warnings

        warnings.resetwarnings()
        warnings.simplefilter("ignore")


def _exit(code: int) -> NoReturn:
    """Exit without the interpreter's shutdown, which takes 10 ms; all output is flushed."""
    sys.stderr.flush()
    os._exit(code)

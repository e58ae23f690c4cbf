"""One run of the command line, from its arguments to the end of the process."""

import gc
import os
import sys
from collections.abc import Sequence
from time import monotonic
from typing import NoReturn

from papertrack import __version__, log
from papertrack.cli.exit_handling import OUTPUT_FAILED, exit_code_of, print_error
from papertrack.cli.global_options import TO_COMPLETE, split


def run(arguments: Sequence[str]) -> NoReturn:
    """Run and end the process."""
    # A run makes many objects and nearly no cycles; looking for them is a twentieth of the start.
    gc.set_threshold(100_000)
    started = monotonic()
    _make_output_safe()
    if sys.stdout is None:
        print_error(["the output could not be written", "standard output is closed"])
        _end(OUTPUT_FAILED)
    code = exit_code_of(lambda: _dispatch(arguments), debug="--debug" in arguments)
    log.event("end", code=code, seconds=monotonic() - started)
    _end(code)


def _dispatch(arguments: Sequence[str]) -> int:
    anywhere, rest = split(arguments)
    if anywhere.version:
        sys.stdout.write(f"papertrack {__version__}\n")
        return 0
    if TO_COMPLETE not in os.environ and rest[:1] == ["today"]:
        from papertrack.cli import fast_path, today
        from papertrack.cli.session import start

        if options := fast_path.parse_today(rest):
            return today.run(options, start(anywhere))
    from papertrack.cli.app import run_typer

    return run_typer(anywhere, rest)


def _make_output_safe() -> None:
    """No character may end a run: what the terminal cannot show becomes a question mark. Files
    and pipes get UTF-8 whatever the locale, as cron's has none.
    """
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in filter(None, (sys.stdout, sys.stderr)):
        encoding = None if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=encoding, errors="replace")


def _end(code: int) -> NoReturn:
    """End at once: all is written and flushed, and taking modules apart costs 10 ms."""
    sys.stderr.flush()
    os._exit(code)

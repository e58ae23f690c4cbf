"""A progress bar for the terminal."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

_PER_SECOND = 4  # drawings of a bar, each of which takes some milliseconds from the work it shows


@contextmanager
def bar(
    err: TextIO, verb: str, total: int, unit: str, *, color: bool
) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar of `total` units, with rate and time left, until the context ends.

    Yields a callback that takes the units done and the papers stored so far.
    """
    console = Console(file=err, no_color=not color or None)
    columns = (
        verb,
        BarColumn(),
        MofNCompleteColumn(),
        unit,
        "{task.fields[papers]}",
        "{task.fields[rate]}",
        TimeRemainingColumn(),
    )
    started = monotonic()
    with _progress(console, columns) as progress:
        task = progress.add_task(verb, total=total, papers="", rate="")

        def update(done: int, papers: int) -> None:
            progress.update(
                task,
                completed=done,
                papers=f"{papers:,} papers" if papers else "",
                rate=_rate(done, monotonic() - started),
            )

        yield update


@contextmanager
def download_bar(err: TextIO, verb: str, *, color: bool) -> Iterator[Callable[[int, int], None]]:
    """Show the progress of a download, with its speed, until the context ends.

    Yields a callback that takes the bytes received and the size, 0 if that is unknown. It may be
    called from any thread.
    """
    console = Console(file=err, no_color=not color or None)
    columns = (verb, BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with _progress(console, columns) as progress:
        task = progress.add_task(verb, total=None)
        yield lambda done, size: progress.update(task, completed=done, total=size or None)


def _rate(done: int, seconds: float) -> str:
    """Units per second, or per minute below one per second; "" in the first second."""
    if not done or seconds < 1:
        return ""
    per_second = done / seconds
    return f"{per_second:.1f}/s" if per_second >= 1 else f"{60 * per_second:.0f}/min"


def _progress(console: Console, columns: Sequence[ProgressColumn | str]) -> Progress:
    return Progress(*columns, console=console, transient=True, refresh_per_second=_PER_SECOND)

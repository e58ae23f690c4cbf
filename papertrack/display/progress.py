"""A progress bar on stderr for work that takes longer than a moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn


@contextmanager
def bar(
    err: TextIO, verb: str, total: int, unit: str, *, color: bool
) -> Iterator[Callable[[int, int], None]]:
    """A bar of `total` units that vanishes at its end, with rate and time left; call what it yields
    with units and papers done so far.
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
    began = monotonic()
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(verb, total=total, papers="", rate="")

        def told(done: int, papers: int) -> None:
            shown.update(
                task,
                completed=done,
                papers=f"{papers:,} papers" if papers else "",
                rate=_rate(done, monotonic() - began),
            )

        yield told


def _rate(done: int, seconds: float) -> str:
    """Units a second, or a minute where they come slowly; nothing before there is a rate."""
    if not done or seconds < 1:
        return ""
    a_second = done / seconds
    return f"{a_second:.1f}/s" if a_second >= 1 else f"{60 * a_second:.0f}/min"

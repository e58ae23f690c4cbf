"""A progress bar on stderr for work that takes longer than a moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def bar(
    err: TextIO, verb: str, total: int, unit: str, *, color: bool
) -> Iterator[Callable[[int, int], None]]:
    """A bar of `total` units that vanishes at its end; call what it yields with units and papers
    done so far.
    """
    console = Console(file=err, no_color=not color or None)
    columns = (
        TextColumn(verb),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TextColumn("{task.fields[papers]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(verb, total=total, papers="")

        def told(done: int, papers: int) -> None:
            shown.update(task, completed=done, papers=f"{papers:,} papers" if papers else "")

        yield told

"""How far long work is, on stderr where that is a terminal and nobody asked for quiet."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import TypeVar

from papertrack.cli.global_options import GlobalOptions

_T = TypeVar("_T")
ProgressCallback = Callable[[int, int], None]  # units done, papers found
_A_STEP = 100
_PATIENCE = 0.5  # seconds without a sign of life


def shows_progress(anywhere: GlobalOptions) -> bool:
    """Whether to draw progress bars; not with -vv, whose lines would break them."""
    return sys.stderr.isatty() and not anywhere.quiet and not anywhere.prints_log


@contextmanager
def progress(
    anywhere: GlobalOptions, verb: str, total: int, unit: str
) -> Iterator[ProgressCallback]:
    """A bar of `total` units, where it is watched."""
    if not shows_progress(anywhere):
        yield lambda _done, _papers: None
        return
    from papertrack.display.progress import bar

    with bar(sys.stderr, verb, total, unit, color=anywhere.color) as told:
        yield told


def with_progress(
    anywhere: GlobalOptions, papers: Iterable[_T], size: Callable[[], int]
) -> Iterator[_T]:
    """Pass papers on, with a bar once reading them takes longer than half a second."""
    started = monotonic()
    with ExitStack() as ending:
        told: ProgressCallback | None = None
        for number, paper in enumerate(papers):
            if number % _A_STEP == 0 and monotonic() - started > _PATIENCE:
                if told is None:
                    bar = progress(anywhere, "Reading", size(), "papers")
                    told = ending.enter_context(bar)
                told(number, 0)
            yield paper

"""Progress bars on stderr, shown only on a terminal and without --quiet."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import TypeVar

from papertrack.cli.global_options import GlobalOptions

_T = TypeVar("_T")
ProgressCallback = Callable[[int, int], None]  # units done, papers found
_STEP = 100  # papers between two updates of a bar
_DELAY = 0.5  # seconds until a bar appears


def shows_progress(options: GlobalOptions) -> bool:
    """Whether to draw progress bars; not with -vv, whose log lines would break them."""
    return sys.stderr.isatty() and not options.quiet and not options.prints_log


@contextmanager
def progress(
    options: GlobalOptions, verb: str, total: int, unit: str
) -> Iterator[ProgressCallback]:
    """Show a bar of `total` units while the context is open; yield the function that updates it."""
    if not shows_progress(options):
        yield lambda _done, _papers: None
        return
    from papertrack.display.progress import bar

    with bar(sys.stderr, verb, total, unit, color=options.color) as update:
        yield update


@contextmanager
def download_progress(options: GlobalOptions, verb: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while the context is open; yield the function that takes bytes and size."""
    if not shows_progress(options):
        yield lambda _done, _size: None
        return
    from papertrack.display.progress import download_bar

    with download_bar(sys.stderr, verb, color=options.color) as update:
        yield update


def with_progress(
    options: GlobalOptions, papers: Iterable[_T], size: Callable[[], int]
) -> Iterator[_T]:
    """Yield the papers, and show a bar once reading them takes longer than half a second."""
    started = monotonic()
    with ExitStack() as stack:
        update: ProgressCallback | None = None
        for number, paper in enumerate(papers):
            if number % _STEP == 0 and monotonic() - started > _DELAY:
                if update is None:
                    bar = progress(options, "Reading", size(), "papers")
                    update = stack.enter_context(bar)
                update(number, 0)
            yield paper

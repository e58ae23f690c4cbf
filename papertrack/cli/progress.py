"""Progress bars on stderr, shown only on a terminal and without --quiet."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import TypeVar

from papertrack.cli.global_options import GlobalOptions

_T = TypeVar("_T")
ProgressCallback = Callable[[int, int], None]  # units done, papers found
# Seconds until a bar appears: from the beginning of the command, and of what the bar is for.
_DELAY, _QUICK = 0.5, 0.1
_BETWEEN_UPDATES = 0.05  # seconds


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


class DelayedProgress:
    """The progress bars of a command that reads papers: none in its first half second.

    Nor has what is quick a bar, which would only flash up, or what is read inside of what has one.
    """

    def __init__(self, options: GlobalOptions) -> None:
        self._options, self._begun, self._is_shown = options, monotonic(), False

    def __call__(
        self,
        items: Iterable[_T],
        size: Callable[[], int],
        verb: str = "Reading",
        unit: str = "papers",
    ) -> Iterator[_T]:
        """Yield the items, and show how many of them have been."""
        next_update = max(self._begun + _DELAY, monotonic() + _QUICK)
        with ExitStack() as stack:
            update: ProgressCallback | None = None
            for number, item in enumerate(items):
                if monotonic() > next_update:
                    if update is None and not self._is_shown:
                        update = stack.enter_context(self._bar(verb, size(), unit))
                    if update:
                        update(number, 0)
                    next_update = monotonic() + _BETWEEN_UPDATES
                yield item

    @contextmanager
    def _bar(self, verb: str, total: int, unit: str) -> Iterator[ProgressCallback]:
        self._is_shown = True
        try:
            with progress(self._options, verb, total, unit) as update:
                yield update
        finally:
            self._is_shown = False

"""Map a function over batches in several processes, on systems that can fork.

`parallel_map` is the entry point. A process pool of the standard library would pickle the function
with its state, and it fails as a whole when one process is killed.
"""

import os
import pickle
import signal
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Generic, TypeVar

from papertrack import log

MAX_WORKERS = 3  # worker processes, each of up to 80 MB with a large library

_T = TypeVar("_T")
_Batch = TypeVar("_Batch")
_Result = TypeVar("_Result")


def batched(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Split items into lists of a size; the last list may be shorter."""
    items = iter(items)
    while batch := list(islice(items, size)):
        yield batch


def parallel_map(
    work: Callable[[_Batch], _Result],
    batches: Iterable[_Batch],
    start: Callable[[], object] = lambda: None,
) -> Iterator[_Result]:
    """Yield the result of each batch in order, while workers process the next ones.

    This process handles the first batch, as most calls have no more, and all batches if there is
    only one processor or the system is not Linux. The workers are then forked, so they share what
    `work` has cached so far; each calls `start` first. Batches and results are pickled, and `work`
    must change nothing but its own memory. If a worker fails, is killed or cannot be started, its
    batches are processed here instead.
    """
    limit = min(_processors(), MAX_WORKERS)
    source = _BatchSource(batches)
    remaining = iter(source)
    yield from map(work, islice(remaining, 1 if limit > 1 else None))
    workers: list[_Worker[_Batch, _Result]] = []
    busy: deque[_Worker[_Batch, _Result]] = deque()
    try:
        for batch in remaining:
            results = None
            if len(workers) < limit:
                workers.append(worker := _Worker(work, start))
            else:
                worker = busy.popleft()
                results = [worker.result()]
            worker.submit(batch)
            busy.append(worker)
            yield from results or ()
        for worker in busy:
            yield worker.result()
    finally:
        for worker in workers:
            worker.stop()
    source.raise_error()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


class _BatchSource(Generic[_Batch]):
    """Iterates over batches and defers an exception until the results before it are out."""

    def __init__(self, batches: Iterable[_Batch]) -> None:
        self._batches = iter(batches)
        self._error: Exception | None = None

    def __iter__(self) -> Iterator[_Batch]:
        try:
            yield from self._batches
        except Exception as error:  # noqa: BLE001 - raised again by `raise_error`
            self._error = error

    def raise_error(self) -> None:
        if self._error:
            raise self._error


class _Worker(Generic[_Batch, _Result]):
    """A forked process that handles one batch at a time."""

    def __init__(self, work: Callable[[_Batch], _Result], start: Callable[[], object]) -> None:
        self._work = work
        self._process = 0
        ends: list[int] = []
        try:
            ends += os.pipe()
            ends += os.pipe()
            self._process = self._fork(start, ends)
        except OSError:  # There are too many processes or files, or too little memory.
            for end in ends:
                os.close(end)

    def _fork(self, start: Callable[[], object], ends: Sequence[int]) -> int:
        batch_reader, batch_writer, result_reader, result_writer = ends
        with warnings.catch_warnings():
            # Python warns of forking with threads; a worker uses nothing of the progress bar's.
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
        if not process:
            _run_worker(self._work, start, batch_reader, result_writer)
        os.close(batch_reader)
        os.close(result_writer)
        self._batches, self._results = os.fdopen(batch_writer, "wb"), os.fdopen(result_reader, "rb")
        return process

    def submit(self, batch: _Batch) -> None:
        self._batch = batch
        if self._process:
            with suppress(OSError):  # `result` notices that the process has ended.
                pickle.dump(batch, self._batches, pickle.HIGHEST_PROTOCOL)
                self._batches.flush()

    def result(self) -> _Result:
        """The result of the last batch, computed here if the process has failed."""
        if self._process:
            with suppress(EOFError, OSError, pickle.UnpicklingError):
                result: _Result = pickle.load(self._results)  # noqa: S301 - its own process wrote it
                return result
        return self._work(self._batch)

    def stop(self) -> None:
        """Kill the process and close the pipes."""
        if self._process:
            with suppress(ProcessLookupError, ChildProcessError):  # if SIGCHLD is ignored
                os.kill(self._process, signal.SIGKILL)
                os.waitpid(self._process, 0)
            with suppress(OSError):
                self._batches.close()
            self._results.close()


def _run_worker(
    work: Callable[[_Batch], _Result],
    start: Callable[[], object],
    batch_reader: int,
    result_writer: int,
) -> None:
    """Process batches until the pipe is closed, then end the process.

    All other files are closed first, so that the worker keeps no lock of the parent.
    """
    try:
        log.disable()  # Its files are closed below.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        low, high = sorted((batch_reader, result_writer))
        os.closerange(0, low)
        os.closerange(low + 1, high)
        os.closerange(high + 1, os.sysconf("SC_OPEN_MAX"))
        start()
        with os.fdopen(batch_reader, "rb") as batches, os.fdopen(result_writer, "wb") as results:
            while True:
                batch: _Batch = pickle.load(batches)  # noqa: S301 - its own process wrote it
                pickle.dump(work(batch), results, pickle.HIGHEST_PROTOCOL)
                results.flush()
    finally:
        os._exit(0)  # The parent processes the batch again and reports any error.

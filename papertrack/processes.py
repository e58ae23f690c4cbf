"""Work on very many things, shared among processes where the system can split one in two."""

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

MOST = 3  # helpers, each of up to 80 MB over a large library

_T = TypeVar("_T")
_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")


def pieces(things: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Things in lists of a size, the last as long as it comes."""
    things = iter(things)
    while piece := list(islice(things, size)):
        yield piece


def shared(
    work: Callable[[_Piece], _Result],
    pieces: Iterable[_Piece],
    begin: Callable[[], object] = lambda: None,
) -> Iterator[_Result]:
    """What some work makes of each piece, in their order, while the next pieces are made ready.

    The first piece is worked on here, as most work ends with it, and all where there is one
    processor or no Linux. The others go to helpers, which know what the work has learnt by then,
    and call `begin` first. Pieces and results travel by pickle, and work may change nothing but
    its own memory. A helper that fails, is killed or cannot be made costs time alone: its pieces
    are worked on here.
    """
    most = min(_processors(), MOST)
    source = _Source(pieces)
    rest = iter(source)
    yield from map(work, islice(rest, 1 if most > 1 else None))
    helpers: list[_Helper[_Piece, _Result]] = []
    asked: deque[_Helper[_Piece, _Result]] = deque()
    try:
        for piece in rest:
            done = None
            if len(helpers) < most:
                helpers.append(helper := _Helper(work, begin))
            else:
                helper = asked.popleft()
                done = [helper.answer()]
            helper.ask(piece)
            asked.append(helper)
            yield from done or ()
        for helper in asked:
            yield helper.answer()
    finally:
        for helper in helpers:
            helper.end()
    source.fail()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


class _Source(Generic[_Piece]):
    """Pieces up to where no more can be made: what was made before comes first."""

    def __init__(self, pieces: Iterable[_Piece]) -> None:
        self._pieces = iter(pieces)
        self._error: Exception | None = None

    def __iter__(self) -> Iterator[_Piece]:
        try:
            yield from self._pieces
        except Exception as error:  # noqa: BLE001 - raised again by `fail`
            self._error = error

    def fail(self) -> None:
        """Raise why no more could be made, where that is so."""
        if self._error:
            raise self._error


class _Helper(Generic[_Piece, _Result]):
    """A process that does some work, asked for one piece at a time."""

    def __init__(self, work: Callable[[_Piece], _Result], begin: Callable[[], object]) -> None:
        self._work = work
        self._process = 0
        ends: list[int] = []
        try:
            ends += os.pipe()
            ends += os.pipe()
            self._process = self._split(begin, ends)
        except OSError:  # there are too many processes or files, or there is too little memory
            for end in ends:
                os.close(end)

    def _split(self, begin: Callable[[], object], ends: Sequence[int]) -> int:
        asked, asking, answers, answering = ends
        with warnings.catch_warnings():
            # Of other threads, as that of the progress bar, a helper touches nothing.
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
        if not process:
            _help(self._work, begin, asked, answering)
        os.close(asked)
        os.close(answering)
        self._asking, self._answers = os.fdopen(asking, "wb"), os.fdopen(answers, "rb")
        return process

    def ask(self, piece: _Piece) -> None:
        """Have it work on a piece."""
        self._piece = piece
        if self._process:
            with suppress(OSError):  # that it has ended is seen when it should answer
                pickle.dump(piece, self._asking, pickle.HIGHEST_PROTOCOL)
                self._asking.flush()

    def answer(self) -> _Result:
        """What it made of the piece."""
        if self._process:
            with suppress(EOFError, OSError, pickle.UnpicklingError):
                result: _Result = pickle.load(self._answers)  # noqa: S301 - its own process wrote it
                return result
        return self._work(self._piece)

    def end(self) -> None:
        """End the process, whatever it is at."""
        if self._process:
            with suppress(ProcessLookupError, ChildProcessError):  # where SIGCHLD is ignored
                os.kill(self._process, signal.SIGKILL)
                os.waitpid(self._process, 0)
            with suppress(OSError):
                self._asking.close()
            self._answers.close()


def _help(
    work: Callable[[_Piece], _Result], begin: Callable[[], object], asked: int, answering: int
) -> None:
    """Work on what is asked until nothing more can be, and end the process. It keeps no file of
    the other open, above all no lock.
    """
    try:
        log.disable()  # its files are closed below
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        low, high = sorted((asked, answering))
        os.closerange(0, low)
        os.closerange(low + 1, high)
        os.closerange(high + 1, os.sysconf("SC_OPEN_MAX"))
        begin()
        with os.fdopen(asked, "rb") as questions, os.fdopen(answering, "wb") as answers:
            while True:
                piece: _Piece = pickle.load(questions)  # noqa: S301 - its own process wrote it
                pickle.dump(work(piece), answers, pickle.HIGHEST_PROTOCOL)
                answers.flush()
    finally:
        os._exit(0)  # whatever went wrong is met again, and told, where the work came from

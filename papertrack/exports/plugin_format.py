"""A format of another package, which may never end or write without end."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from queue import Empty, Queue, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from papertrack.deadlines import start

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_SECONDS = 60.0  # without a step of the plugin
_MOST_CHARACTERS = 1 << 30  # of text after the last paper that it has read
_AHEAD = 100  # pieces that are not yet written
_Paper = Mapping[str, Any]


class _Ended(NamedTuple):
    """The end of a plugin, with what it raised."""

    error: BaseException | None = None


class _PaperRequest:
    """A request for the next paper."""


class PluginFormat:
    """Renders papers with the function of a plugin.

    The function runs in a thread of its own, which asks for each paper and gives each piece of
    text. Papers are read from the library in the thread that calls `render`.
    """

    def __init__(self, plugin: "EntryPoint", seconds: float = _SECONDS) -> None:
        self._plugin, self._seconds = plugin, seconds
        # What the plugin has done, and the papers for it, None after the last.
        self._steps: Queue[str | _Ended | _PaperRequest] = Queue(_AHEAD)
        self._papers: SimpleQueue[_Paper | None] = SimpleQueue()

    def render(self, papers: Iterator[_Paper]) -> Iterator[str]:
        """Return the text in pieces.

        Raises what the plugin raises, TimeoutError if it does nothing for a minute, and TypeError
        or ValueError for what is no text or too much.
        """
        start(self._run)
        size = 0
        while not isinstance(step := self._next_step(), _Ended):
            if isinstance(step, str):
                size += len(step)
                if size > _MOST_CHARACTERS:
                    raise ValueError("it writes without end")
                yield step
            else:
                size = 0
                self._papers.put(next(papers, None))
        if step.error:
            raise step.error

    def _next_step(self) -> str | _Ended | _PaperRequest:
        try:
            return self._steps.get(timeout=self._seconds)
        except Empty:
            raise TimeoutError(f"it did nothing for {self._seconds:.0f} seconds") from None

    def _run(self) -> None:
        try:
            write: Callable[[Iterator[_Paper]], Iterable[str]] = self._plugin.load()
            for piece in write(self._requested_papers()):
                self._steps.put(_require_text(piece))
        except BaseException as error:  # noqa: BLE001 - raised in the other thread
            self._steps.put(_Ended(error))
        else:
            self._steps.put(_Ended())

    def _requested_papers(self) -> Iterator[_Paper]:
        while True:
            self._steps.put(_PaperRequest())
            if (paper := self._papers.get()) is None:
                return
            yield paper


def _require_text(piece: object) -> str:
    if not isinstance(piece, str):
        raise TypeError(f"it returned {type(piece).__name__} instead of text")
    return piece

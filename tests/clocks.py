"""A clock for deadlines that moves only when a test moves it."""

from threading import Condition
from time import monotonic

from papertrack.sources.calls import Clock

MOMENT = 0.1  # seconds of real time
HANGING = 60.0  # seconds of real time after which a test that waits has failed


class HeldClock(Clock):
    """Stands still until it is moved, so that how busy the machine is decides nothing."""

    def __init__(self):
        self._now = monotonic()
        self._changed = Condition()

    def now(self):
        return self._now

    def move(self, seconds):
        """Let so many seconds pass at once."""
        with self._changed:
            self._now += seconds
            self._changed.notify_all()

    def awaited(self, future, until):
        future.add_done_callback(lambda _: self.move(0))
        with self._changed:
            ended = self._changed.wait_for(lambda: future.done() or self._now >= until, HANGING)
        assert ended, "neither an answer nor the end of the wait"
        return future.result(0)

    def rest(self, closed, seconds):
        if not closed.is_set():
            self.move(seconds)


class SkippingClock(HeldClock):
    """Goes to the end of each wait for which nothing comes in a moment of real time."""

    def awaited(self, future, until):
        try:
            return future.result(MOMENT)
        except TimeoutError:
            if future.done():
                raise
        self.move(max(0.0, until - self.now()))
        return future.result(0)

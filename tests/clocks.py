"""Clocks for the deadlines of clients: held by the test, or without pauses."""

from threading import Condition, Lock, local
from time import monotonic

from papertrack.network.calls import Clock

MOMENT = 0.1  # seconds of real time
HANGING = 60.0  # seconds of real time after which a waiting test has failed


class HeldClock(Clock):
    """Stands still until a test moves it, so that a loaded machine makes no difference."""

    def __init__(self):
        self._now = monotonic()
        self._changed = Condition()

    def now(self):
        return self._now

    def move(self, seconds):
        """Let the clock jump ahead."""
        with self._changed:
            self._now += seconds
            self._changed.notify_all()

    def wait_for(self, future, until):
        future.add_done_callback(lambda _: self.move(0))
        with self._changed:
            ended = self._changed.wait_for(lambda: future.done() or self._now >= until, HANGING)
        assert ended, "neither a result nor the end of the wait"
        return future.result(0)

    def sleep(self, closed, seconds):
        if not closed.is_set():
            self.move(seconds)


class SkippingClock(HeldClock):
    """Jumps to the end of each wait that has no result after a moment of real time.

    Threads that wait at the same time wait for the latest of them, not one after the other: a wait
    begins at the time that its thread saw last.
    """

    def __init__(self):
        super().__init__()
        self._seen = local()

    def now(self):
        self._seen.now = super().now()
        return self._seen.now

    def wait_for(self, future, until):
        try:
            return future.result(MOMENT)
        except TimeoutError:
            if future.done():
                raise
        self._jump(until)
        return future.result(0)

    def sleep(self, closed, seconds):
        if not closed.is_set():
            self._jump(self._seen.now + seconds)

    def _jump(self, until):
        with self._changed:
            self._now = max(self._now, until)
            self._changed.notify_all()


class RestlessClock(Clock):
    """The real clock, but a pause between two tries takes no time: the clock jumps to its end."""

    def __init__(self):
        self._skipped = 0.0
        self._lock = Lock()

    def now(self):
        return super().now() + self._skipped

    def sleep(self, closed, seconds):
        if not closed.is_set():
            with self._lock:
                self._skipped += seconds

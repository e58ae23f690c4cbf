"""Threads for all work that may take longer than a key may: each does its work in order."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypeVar

_T = TypeVar("_T")
# The lists and the papers that are shown; marks; numbers, related papers and changes by others;
# the network. Reading never waits for writing or for slow work.
ThreadName = Literal["reading", "writing", "counting", "fetching"]
_NAMES: tuple[ThreadName, ...] = ("reading", "writing", "counting", "fetching")


class Threads:
    """One thread for each kind of work."""

    def __init__(self) -> None:
        self._ended = False
        self._executors = {
            name: ThreadPoolExecutor(1, thread_name_prefix=f"papertrack-{name}") for name in _NAMES
        }

    async def run(self, name: ThreadName, work: Callable[[], _T]) -> _T:
        """Do some work in a thread and return its result; raises what it raises.

        Raises CancelledError after `end`.
        """
        if self._ended:
            raise asyncio.CancelledError
        return await asyncio.get_running_loop().run_in_executor(self._executors[name], work)

    async def finish_writing(self) -> None:
        """Wait until everything is written that was begun."""
        await self.run("writing", lambda: None)

    def end(self) -> None:
        """Begin no more work. What is running ends by itself, or with the process."""
        self._ended = True
        for executor in self._executors.values():
            executor.shutdown(wait=False, cancel_futures=True)

"""Threads that verify, a bounded queue before them, and an end to waiting.

A verification computes for a millisecond and may wait seconds for a responder or the database. In
threads the waiting costs nobody else; the computing of one process stays on one core, mostly, and
more cores are more processes.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from signet_protocol.service.problems import Problem, ProblemCode

Result = TypeVar("Result")


class Workers:
    """A pool of threads, used from one event loop.

    Args:
        threads: how many work at the same time.
        waiting: how much more is taken in.
        seconds: how long a result is waited for.
    """

    def __init__(self, threads: int, waiting: int, seconds: float) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="verify")
        self._room = threads + waiting
        self._seconds = seconds

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what the work returns.

        Work whose time is over goes on in its thread, and keeps its place in the queue until it
        ends: a thread cannot be stopped, and responders have time limits of their own.

        Raises:
            Problem: too much waits already, or it took too long.
            Exception: whatever the work raises.
        """
        if not self._room:
            raise Problem(ProblemCode.SERVICE_BUSY)
        self._room -= 1
        future = asyncio.get_running_loop().run_in_executor(self._executor, work)
        future.add_done_callback(self._leave)
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._seconds)
        except TimeoutError:
            if future.done():
                raise  # the work's own
            raise Problem(ProblemCode.SERVICE_TIMEOUT) from None

    def close(self) -> None:
        """Start nothing more; what is under way ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _leave(self, future: "asyncio.Future[Result]") -> None:
        self._room += 1
        if not future.cancelled():
            future.exception()  # looked at, or asyncio complains of it when nobody waited

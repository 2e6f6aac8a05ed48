"""Running something in a thread that may shut itself in: Landlock and seccomp bind one thread."""

import threading
from collections.abc import Callable
from typing import TypeVar

ResultT = TypeVar("ResultT")


def in_own_thread(work: Callable[[], ResultT]) -> ResultT:
    """Return what the work returned, or raise what it raised, from a thread that is gone then."""
    results: list[ResultT] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 -- handed on to the caller
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]

"""Starting programs so that none outlives the one who started it."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import IO, Self

FAREWELL_S = 5.0
"""How long a program may take to end when asked; then it is killed."""

TIED = ("setpriv", "--pdeathsig", "TERM", "--")
"""Linux ends the program when its starter is gone, however it went (util-linux 2.33)."""


class ChildProcess(AbstractContextManager["ChildProcess"]):
    """A running program; leaving it ends it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Take over a started program."""
        self.process = process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def output(self) -> IO[str]:
        """Return the program's standard output.

        Raises:
            ValueError: it was started without a pipe.
        """
        if self.process.stdout is None:
            message = "the program was started without a pipe"
            raise ValueError(message)
        return self.process.stdout

    @property
    def running(self) -> bool:
        """Whether the program still runs."""
        return self.process.poll() is None

    def end(self) -> None:
        """Ask the program and what it started to end, and kill what does not."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(FAREWELL_S)
                return


def start(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    output: int | IO[str] | None = None,
    errors: int | IO[str] | None = None,
    passed: tuple[int, ...] = (),
) -> ChildProcess:
    """Start a program in a session of its own, so that Ctrl-C reaches only its starter.

    ``output`` and ``errors`` are as for ``subprocess``; errors go where the output goes unless
    told otherwise.

    Raises:
        OSError: it cannot be started.
    """
    return ChildProcess(
        subprocess.Popen(  # noqa: S603 -- the commands are the demonstration's own
            [*TIED, *command],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors if errors is not None else output,
            pass_fds=passed,
            start_new_session=True,
            text=True,
        )
    )

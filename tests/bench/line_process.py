"""A process that is asked by lines of JSON and answers by lines of JSON."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.kit.source import TOP

CHILDREN = Path(__file__).with_name("children")

FAREWELL_S = 10.0
"""How long a process may take to end after its input was closed; then it is killed."""


class LineProcess(AbstractContextManager["LineProcess"]):
    """A started process; leaving the block ends it."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        by_signal: bool = False,
    ) -> None:
        """Start it at the top of the tree; ``by_signal`` when its input's end does not end it."""
        self._by_signal = by_signal
        self._name = " ".join(command)
        self._process = subprocess.Popen(
            command,
            cwd=TOP,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        if self._by_signal:
            self._process.terminate()
        try:
            self._process.wait(FAREWELL_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def read(self) -> Any:  # noqa: ANN401 -- any JSON
        """Return the next line.

        Raises:
            EOFError: the process ended; its error stream says why.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            message = f"{self._name} ended with {self._process.wait()}"
            raise EOFError(message)
        return json.loads(line)

    def ask(self, question: object = None) -> Any:  # noqa: ANN401 -- any JSON
        """Send one line and return the next one."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self.read()


def child(name: str, *arguments: str) -> list[str]:
    """Return the command of one of the bench's own children, which import nothing they need not."""
    return [sys.executable, str(CHILDREN / f"{name}.py"), *arguments]

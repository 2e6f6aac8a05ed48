"""A sample back end as a process, and a browser's part of speaking to it: JSON and one cookie."""

import http.client
import json
import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Self

from tests.kit.source import TOP

START_SECONDS = 120
"""Java compiles the sample first; a busy machine may take longer than usual."""

LISTENING = "listening on "


class SampleNotStartedError(Exception):
    """The sample ended, or said nothing in time; its errors are the message."""


@dataclass(frozen=True)
class Sample:
    """A running back end.

    Attributes:
        port: on the loopback.
        errors: the file of its standard error.
    """

    port: int
    errors: Path

    @classmethod
    @contextmanager
    def started(cls, folder: Path, words: Sequence[str]) -> Iterator[Self]:
        """Run a command from the top of the tree until the end of the block."""
        errors = folder / "sample.err"
        with errors.open("wb") as file:
            process = subprocess.Popen(
                words,
                cwd=TOP,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                env={**os.environ, "LANG": "C.UTF-8"},
            )
        # What says nothing is ended, so that reading its first line ends too.
        patience = threading.Timer(START_SECONDS, process.kill)
        patience.start()
        try:
            yield cls(cls._read_port(process, errors), errors)
        finally:
            patience.cancel()
            process.terminate()
            process.communicate()

    @staticmethod
    def _read_port(process: "subprocess.Popen[str]", errors: Path) -> int:
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith(LISTENING):
            raise SampleNotStartedError(errors.read_text("utf-8"))
        return int(line.removeprefix(LISTENING))

    def browser(self) -> "Browser":
        """Return a browser that has not been here before."""
        return Browser(self.port)


class Browser:
    """One browser: it keeps the cookie that it was given last."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.session = ""

    def post(self, path: str, document: object) -> tuple[int, Any]:
        """Send JSON; return status and answer."""
        return self.send(path, json.dumps(document).encode(), "application/json")

    def send(self, path: str, body: bytes, media_type: str) -> tuple[int, Any]:
        """Send octets; return status and answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=START_SECONDS)
        headers = {"Content-Type": media_type}
        if self.session:
            headers["Cookie"] = f"other=1; session={self.session}"
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            cookie = SimpleCookie(answer.getheader("Set-Cookie", "")).get("session")
            if cookie:
                assert cookie["httponly"]
                assert cookie["secure"]
                self.session = cookie.value
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

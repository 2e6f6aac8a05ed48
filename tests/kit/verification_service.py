"""The verification service as a process of its own, and the little of HTTP that its tests need.

with RunningService.started(folder, CONFIGURATION) as service:
    reply = service.post("/v1/nonces", {"origin": ORIGIN, "session": "a"})
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

START_SECONDS = 60
"""A service starts in half a second; a busy machine may take longer."""

ANSWER_SECONDS = 60
"""Longer than any answer that a test waits for."""

COMMAND = (sys.executable, "-m", "signet_protocol.service")


class ServiceNotStartedError(Exception):
    """The service ended instead of listening; the log is the message."""


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@dataclass(frozen=True)
class Reply:
    """What the service answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 -- a test looks into it
        """The body, parsed."""
        return json.loads(self.body)

    @property
    def reasons(self) -> list[str]:
        """The reasons of a report that are errors."""
        return [each["reason"] for each in self.json["findings"] if each["severity"] == "error"]


@dataclass(frozen=True)
class RunningService:
    """A service that listens.

    Attributes:
        process: its process.
        address: where it listens, as ``--listen`` takes it.
        log_file: its standard error.
    """

    process: "subprocess.Popen[bytes]"
    address: str
    log_file: Path

    @classmethod
    @contextmanager
    def started(cls, folder: Path, configuration: str, listen: str = "") -> Iterator[Self]:
        """Write a configuration, start the service, and stop it at the end.

        Raises:
            ServiceNotStartedError: it ended before it listened.
        """
        file = folder / "verification.toml"
        file.write_text(configuration, "utf-8")
        service = cls._start(file, listen)
        try:
            yield service
        finally:
            service.stop()

    @classmethod
    def _start(cls, file: Path, listen: str) -> Self:
        count = len(list(file.parent.glob("service-*.log")))
        log_file = file.parent / f"service-{count}.log"
        words = [*COMMAND, "--config", str(file), *(["--listen", listen] if listen else [])]
        with log_file.open("wb") as log:
            process = subprocess.Popen(words, stderr=log, env={**os.environ, "LANG": "C.UTF-8"})
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            ended = process.poll() is not None
            for line in _lines(log_file):
                if line.get("event") == "listening":
                    return cls(process, line["address"], log_file)
            if ended:
                break
            time.sleep(0.02)
        process.kill()
        raise ServiceNotStartedError(log_file.read_text("utf-8"))

    @property
    def url(self) -> str:
        """The address for clients that want one; over TCP only."""
        return f"http://{self.address}"

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of the log so far."""
        return _lines(self.log_file)

    def connect(self) -> http.client.HTTPConnection:
        """Return a new connection; the caller closes it."""
        if self.address.startswith("unix:"):
            return _UnixConnection(self.address.removeprefix("unix:"))
        return http.client.HTTPConnection(self.address, timeout=ANSWER_SECONDS)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request on a connection of its own."""
        connection = self.connect()
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, path: str) -> Reply:
        """Fetch a resource."""
        return self.request("GET", path)

    def post(self, path: str, document: object) -> Reply:
        """Send a document as JSON."""
        return self.send(path, json.dumps(document).encode("utf-8"))

    def send(self, path: str, body: bytes, media_type: str = "application/json") -> Reply:
        """Send octets."""
        return self.request("POST", path, body, {"Content-Type": media_type})

    def stop(self) -> int:
        """Ask the service to end, as the system's service manager does; return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(START_SECONDS)


def _lines(file: Path) -> list[dict[str, Any]]:
    """Return the complete lines that are JSON; a command's own sentence is none."""
    whole, _, _ = file.read_text("utf-8").rpartition("\n")
    return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

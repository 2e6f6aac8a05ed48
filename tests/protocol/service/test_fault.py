"""An error that nobody expected: the caller learns nothing of it, the log where it was."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from signet_protocol.service import log
from signet_protocol.service.ledger import Ledger
from signet_protocol.service.server import Service
from signet_protocol.service.settings import Configuration
from tests.protocol.service.department import ORIGIN, configuration


class BrokenNonces:
    """A ledger with errors in it, which quote what it was given.

    One of them is a timeout of its own, which must not pass for the service's.
    """

    def issue(self, session: str) -> str:
        raise KeyError(session)

    def redeem(self, nonce: str, session: str) -> None:
        raise TimeoutError(nonce)


@pytest.fixture
def lines() -> Iterator[list[dict[str, object]]]:
    """Lines of log as the service formats them, collected while a test runs."""
    collected: list[dict[str, object]] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            collected.append(json.loads(log.JsonLines().format(record)))

    collector, level = Collector(), log.LOGGER.level
    log.LOGGER.addHandler(collector)
    log.LOGGER.setLevel(logging.INFO)
    yield collected
    log.LOGGER.removeHandler(collector)
    log.LOGGER.setLevel(level)


@pytest.mark.parametrize(
    ("path", "more", "error"),
    [
        ("/v1/nonces", {}, "KeyError"),
        ("/v1/logins", {"nonce": "s-e-c-r-e-t", "token": {}}, "TimeoutError"),
    ],
)
async def test_a_fault_is_told_to_the_log_and_to_nobody_else(
    home: Path, lines: list[dict[str, object]], path: str, more: dict[str, object], error: str
) -> None:
    file = home / "verification.toml"
    file.write_text(configuration(), "utf-8")
    service = Service(Configuration.load(file), Ledger("memory", BrokenNonces()))
    body = {"origin": ORIGIN, "session": "s-e-c-r-e-t", **more}
    async with TestClient(TestServer(service.application())) as client:
        answer = await client.post(path, json=body)
        document = await answer.json(content_type="application/problem+json")
    service.close()
    assert (answer.status, document["code"]) == (500, "service.fault")
    assert document["detail"] == ""
    fault, request = lines
    assert fault["event"] == "fault"
    assert fault["error"] == error
    # asyncio makes a timeout anew, without the places that it came through.
    assert ("test_fault.py" in str(fault["places"])) is (error == "KeyError")
    assert fault["id"] == request["id"] == document["instance"]
    assert "s-e-c-r-e-t" not in json.dumps(lines)


@pytest.mark.quick
def test_a_librarys_line_names_the_library() -> None:
    record = logging.LogRecord("psycopg.pool", logging.WARNING, "", 0, "lost %s", ("one",), None)
    line = json.loads(log.JsonLines().format(record))
    assert (line["logger"], line["level"], line["event"]) == ("psycopg.pool", "warning", "lost one")

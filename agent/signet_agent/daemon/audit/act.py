"""One act in the log: its intent, every consent given for it, and what came of it."""

import asyncio
from types import TracebackType
from typing import Self

from signet_agent.daemon.audit.log import AuditLog, Entry
from signet_agent.errors import AgentError
from signet_protocol.errors import ErrorCode

DONE = "done"
"""The outcome of an act that came to its end; any other outcome is an error's code."""


class Act:
    """``async with`` writes the intent before its body and the outcome after it.

    Either may raise ``AuditUnavailableError``: then nothing is asked, or nothing is released.
    """

    def __init__(self, log: AuditLog, intent: Entry) -> None:
        """Take the log and the intent's facts; nothing is written yet."""
        self._log = log
        self._intent = intent
        self._attempts = 0
        self._certificate = ""
        self._tail = ""

    async def __aenter__(self) -> Self:
        await self._log.write(self._intent)
        return self

    async def approve(self, certificate: str, tail: str) -> None:
        """Record that the person agreed, before a key is touched; each PIN try is one consent.

        Raises:
            AuditUnavailableError: the consent is not on the disk.
        """
        self._attempts += 1
        self._certificate, self._tail = certificate, tail
        consent = Entry(
            "consent",
            consent=self._intent.consent,
            attempt=self._attempts,
            certificate=certificate,
            tail=tail,
        )
        await self._log.write(consent)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, trace
        outcome = Entry(
            "outcome",
            consent=self._intent.consent,
            outcome=outcome_of(error),
            attempt=self._attempts,
            certificate=self._certificate,
            tail=self._tail,
        )
        await self._log.write(outcome)


def outcome_of(error: BaseException | None) -> str:
    """Return the word the log keeps for how an act ended."""
    if error is None:
        return DONE
    if isinstance(error, asyncio.CancelledError):
        return ErrorCode.PAGE_CANCELLED.value
    if isinstance(error, AgentError):
        return error.code.value
    return ErrorCode.AGENT_FAULT.value

"""The way of one signature: the only place where its steps meet, in their order."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from signet_agent.channel.token_messages import Sign as SignOrder
from signet_agent.daemon.audit import Act, AuditLog, Entry
from signet_agent.daemon.consent import Approval, Consent
from signet_agent.daemon.keyring import Keyring, PinNotTakenError
from signet_agent.daemon.operations.base import Asker, Bound, Draft, Steps
from signet_agent.daemon.policy import Candidate, Decider, Site
from signet_agent.daemon.policy.decision import candidates
from signet_agent.daemon.policy.model import in_language
from signet_agent.errors import AgentError
from signet_agent.model import Choice, ConsentRecord, Operation
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import Call, ProgressState, Result

_CONSENT_ID_BYTES = 16

Report = Callable[[ProgressState], None]
"""Told how far a call has come."""


class Dispatcher:
    """Leads a call from its page to its key and back."""

    def __init__(
        self,
        decider: Decider,
        operations: Mapping[type[Call], Steps[Any]],
        consent: Consent,
        keys: Keyring,
        log: AuditLog,
        language: str,
    ) -> None:
        """Take the parts; the agent's wiring chooses them."""
        self._decider = decider
        self._operations = operations
        self._consent = consent
        self._keys = keys
        self._log = log
        self._language = language
        self.paused = False

    async def perform(self, asker: Asker, call: Call, report: Report) -> Result:
        """Carry out one call and return its answer.

        Raises:
            AgentError: it ended otherwise; the code says whose it is to cure.
        """
        operation = self._operations[type(call)]
        site = self._decider.admit(asker.origin, operation.name)
        self._require_running()
        report("preparing")
        draft = await operation.prepare(asker, site, call)
        tokens = await self._keys.tokens()
        offered = candidates(site, operation.use(call), tokens, int(time.time()), draft.wanted)
        record = self._record(asker, site, operation.name, draft, offered)
        async with self._consent.dialogue() as dialogue:
            async with Act(self._log, self._intent(record)) as act:
                await dialogue.ask(record, offered)
                report("waiting_for_person")
                async for approval in dialogue.approvals():
                    chosen = approval.chosen.certificate
                    await act.approve(chosen.fingerprint, chosen.tail)
                    report("signing")
                    bound = await operation.bind(asker, call, draft, chosen)
                    try:
                        signature = await self._use_key(record, approval, bound)
                    except PinNotTakenError as refusal:
                        await dialogue.reject(refusal.pin)
                        continue
                    result: Result = await operation.finish(call, draft, bound, signature)
                    break
            await dialogue.done()
        return result

    async def _use_key(self, record: ConsentRecord, approval: Approval, bound: Bound) -> bytes:
        """Have the bound octets signed and check what came back; no octets need no key."""
        if not bound.octets:
            return b""
        # Cryptography is loaded for the first signature, not at start: an idle agent stays small.
        from signet_agent.daemon.verification import compute_digest, verify_signature

        self._consent.require_fresh(approval)
        order = SignOrder(
            consent=record.id,
            key=bound.certificate.key,
            algorithm=bound.algorithm,
            digest=compute_digest(bound.certificate.spki, bound.algorithm, bound.octets),
            sealed_pin=approval.sealed_pin,
            last_try=approval.last_try,
        )
        signature = await self._keys.sign(order)
        verify_signature(bound.certificate.spki, bound.algorithm, bound.octets, signature)
        return signature

    def _require_running(self) -> None:
        if self.paused:
            raise AgentError("paused", ErrorCode.AGENT_PAUSED)

    def _record(
        self,
        asker: Asker,
        site: Site,
        name: Operation,
        draft: Draft,
        offered: Sequence[Candidate],
    ) -> ConsentRecord:
        """Return everything the window shows; site, mark and kind are policy's words."""
        return ConsentRecord(
            id=secrets.token_bytes(_CONSENT_ID_BYTES),
            operation=name,
            origin=str(asker.origin),
            site=in_language(site.name, self._language),
            mark=site.mark,
            kind=draft.kind,
            choices=tuple(_choice(candidate) for candidate in offered),
            paper=draft.paper,
            code=draft.code,
            digest=draft.digest,
            after=draft.after,
            language=self._language,
        )

    def _intent(self, record: ConsentRecord) -> Entry:
        """Return the intent's facts: no content, but its digest."""
        return Entry(
            "intent",
            consent=record.id.hex(),
            origin=record.origin,
            operation=record.operation.value,
            title=record.paper.title or record.kind,
            digest=record.digest,
        )


def _choice(candidate: Candidate) -> Choice:
    certificate, token = candidate.certificate, candidate.token
    return Choice(
        fingerprint=certificate.fingerprint,
        holder=certificate.holder,
        organisation=certificate.organisation,
        token_label=token.label,
        token_kind=token.kind,
        tail=certificate.tail,
        not_after=certificate.not_after,
        demo=token.demo,
        algorithm=certificate.algorithm,
    )

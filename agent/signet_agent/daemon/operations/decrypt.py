"""Decrypt: an envelope's content goes to the page; the window says who will read it."""

import hashlib
from base64 import b64encode

from signet_agent.daemon.operations.base import Asker, Bound, Draft, EnvelopeOpener, algorithm_of
from signet_agent.daemon.policy import Site
from signet_agent.daemon.preparation import read_base64
from signet_agent.model import Certificate, Item, KeyUse, Operation
from signet_protocol.messages import Decrypt, DecryptResult


class DecryptOperation:
    """Opening one envelope."""

    name = Operation.DECRYPT

    def __init__(self, documents: EnvelopeOpener) -> None:
        """Take the document room, which reads envelopes."""
        self._documents = documents

    def use(self, call: Decrypt) -> KeyUse:
        """An envelope needs keyEncipherment."""
        del call
        return KeyUse.OPEN

    async def prepare(self, asker: Asker, site: Site, call: Decrypt) -> Draft:
        """Find for whom the envelope was sealed.

        Raises:
            PageError: not base64, too large, or no envelope that is opened here.
            RoomError: the document room failed.
        """
        del asker, site
        envelope = read_base64(call.envelope)
        return Draft(
            contents=(envelope,),
            items=(Item("", len(envelope), ""),),
            digest=hashlib.sha256(envelope).hexdigest(),
            wanted=call.certificate,
            sealed=await self._documents.read_envelope(envelope),
        )

    async def bind(self, asker: Asker, call: Decrypt, draft: Draft, chosen: Certificate) -> Bound:
        """Return the content key as it was sealed for the chosen certificate."""
        del asker, call
        sealed = next(key for key in draft.sealed if key.recipient in chosen.recipient_ids)
        return Bound(chosen, algorithm_of(chosen), sealed=sealed)

    async def finish(
        self, call: Decrypt, draft: Draft, bound: Bound, made: tuple[bytes, ...]
    ) -> DecryptResult:
        """Open the envelope with its content key.

        Raises:
            PageError: it does not open (``page.envelope_unsuitable``).
            RoomError: the document room failed.
        """
        del call
        (envelope,), (key,) = draft.contents, made
        content = await self._documents.open_envelope(envelope, key)
        return DecryptResult(
            content=b64encode(content).decode("ascii"),
            certificate=b64encode(bound.certificate.der).decode("ascii"),
        )

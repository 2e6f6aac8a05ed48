"""Sign a document that is shown first.

The daemon keeps the octets frozen and hashes them itself. What comes back from the document room
is checked before a key sees it (``signed_octets``).
"""

import time
from base64 import b64encode
from collections.abc import Callable

from signet_agent.daemon.operations.base import Asker, Bound, Draft, SignedOctets, algorithm_of
from signet_agent.daemon.policy import Site
from signet_agent.daemon.preparation import Preparation
from signet_agent.model import Certificate, KeyUse, Operation
from signet_protocol.comparison import comparison_code
from signet_protocol.messages import Sign, SignResult


class SignOperation:
    """Signing one document."""

    name = Operation.SIGN

    def __init__(self, preparation: Preparation, clock: Callable[[], float] = time.time) -> None:
        """Take the way to make documents ready, and the clock of signing times."""
        self._preparation = preparation
        self._clock = clock

    def use(self, call: Sign) -> KeyUse:
        """A document needs nonRepudiation."""
        del call
        return KeyUse.SIGN

    async def prepare(self, asker: Asker, site: Site, call: Sign) -> Draft:
        """Freeze the document and have its preview made from the same octets.

        Raises:
            PageError: not base64, too large, not showable, or of a type not offered.
            PolicyDeniedError: the site may not have this format.
        """
        del asker
        self._preparation.require_format(site, call.format, call.media_type, call.packaging)
        document = await self._preparation.read(site, call.format, call.media_type, call.document)
        return Draft(
            contents=(document.content,),
            kind=document.kind,
            paper=document.paper,
            after=document.after,
            digest=document.digest.hex(),
            code=comparison_code(document.content),
            wanted=call.certificate,
        )

    async def bind(self, asker: Asker, call: Sign, draft: Draft, chosen: Certificate) -> Bound:
        """Return what is signed for the chosen certificate.

        Raises:
            PageError, RoomError: it may not be signed.
        """
        del asker
        algorithm = algorithm_of(chosen)
        (content,) = draft.contents
        octets = await self._preparation.bind(
            call.format, content, chosen, algorithm, int(self._clock())
        )
        return Bound(chosen, algorithm, (octets,))

    async def finish(
        self, call: Sign, draft: Draft, bound: Bound, signatures: tuple[bytes, ...]
    ) -> SignResult:
        """Return the signed document."""
        (octets,), (signature,) = bound.octets, signatures
        signed = SignedOctets(octets, bound.certificate.der, bound.algorithm, signature)
        content = draft.contents[0] if call.packaging == "attached" else None
        return SignResult(
            signature=await self._preparation.finish(call.format, signed, content),
            certificate=b64encode(bound.certificate.der).decode("ascii"),
            digest=draft.digest,
            format=call.format,
        )

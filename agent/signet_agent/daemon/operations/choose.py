"""Choose: the person shows the page one certificate; nothing is signed, no PIN is asked."""

from base64 import b64encode

from signet_agent.daemon.operations.base import Asker, Bound, Draft, algorithm_of
from signet_agent.daemon.policy import Site
from signet_agent.model import Certificate, KeyUse, Operation
from signet_protocol.messages import Choose, ChooseResult


class ChooseOperation:
    """Showing a certificate for a later signature."""

    name = Operation.CHOOSE

    def use(self, call: Choose) -> KeyUse:
        """The page says what it will ask for later."""
        return KeyUse(call.purpose)

    async def prepare(self, asker: Asker, site: Site, call: Choose) -> Draft:
        """There is nothing to prepare."""
        del asker, site, call
        return Draft()

    async def bind(self, asker: Asker, call: Choose, draft: Draft, chosen: Certificate) -> Bound:
        """Return nothing to sign."""
        del asker, call, draft
        return Bound(chosen, algorithm_of(chosen))

    async def finish(
        self, call: Choose, draft: Draft, bound: Bound, signatures: tuple[bytes, ...]
    ) -> ChooseResult:
        """Return the certificate."""
        del call, draft, signatures
        shown = bound.certificate
        return ChooseResult(b64encode(shown.der).decode("ascii"), shown.fingerprint)

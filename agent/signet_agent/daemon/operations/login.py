"""Log in: sign origin and nonce in the Web eID form, so that its validators accept the token.

SM2, for which Web eID has no name, signs a prefix before both hashes, in a form of its own.

The signed octets are H(origin) || H(nonce) with the algorithm's own hash (Web eID system
architecture, "authentication token"). They are 64, 96 or 128 octets, with SM2 80; no
document signature of ours ever signs anything of that form, and no verifier of ours takes a
document without attributes.
"""

import hashlib
from base64 import b64encode

from signet_agent import __version__
from signet_agent.daemon.operations.base import Asker, Bound, Draft, algorithm_of
from signet_agent.daemon.policy import Site
from signet_agent.errors import PageError
from signet_agent.model import Algorithm, Certificate, KeyUse, Operation
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import (
    SM2_LOGIN_FORM,
    SM2_LOGIN_PREFIX,
    WEB_EID_FORM,
    Login,
    LoginResult,
    WebEidToken,
    is_nonce,
)

_APP_VERSION = f"signet/{__version__}"


class LoginOperation:
    """Web eID authentication."""

    name = Operation.LOGIN

    def use(self, call: Login) -> KeyUse:
        """A login needs digitalSignature."""
        del call
        return KeyUse.LOGIN

    async def prepare(self, asker: Asker, site: Site, call: Login) -> Draft:
        """Check the nonce; there is nothing to show but who asks.

        Raises:
            PageError: the nonce is too weak (``page.nonce_weak``).
        """
        del asker, site
        if not is_nonce(call.nonce):
            raise PageError("weak nonce", ErrorCode.PAGE_NONCE_WEAK)
        return Draft()

    async def bind(self, asker: Asker, call: Login, draft: Draft, chosen: Certificate) -> Bound:
        """Return H(origin) || H(nonce), with SM2 after its prefix."""
        del draft
        algorithm = algorithm_of(chosen)
        origin = hashlib.new(algorithm.hash_name, asker.origin.encode("ascii")).digest()
        nonce = hashlib.new(algorithm.hash_name, call.nonce.encode("ascii")).digest()
        prefix = SM2_LOGIN_PREFIX if algorithm is Algorithm.SM2 else b""
        return Bound(chosen, algorithm, prefix + origin + nonce)

    async def finish(
        self, call: Login, draft: Draft, bound: Bound, signature: bytes
    ) -> LoginResult:
        """Return the token; ECDSA and SM2 signatures stay r || s."""
        del call, draft
        return LoginResult(
            WebEidToken(
                unverified_certificate=b64encode(bound.certificate.der).decode("ascii"),
                algorithm=bound.algorithm.value,
                signature=b64encode(signature).decode("ascii"),
                app_version=_APP_VERSION,
                format=SM2_LOGIN_FORM if bound.algorithm is Algorithm.SM2 else WEB_EID_FORM,
            )
        )

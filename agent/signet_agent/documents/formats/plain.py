"""Plain signatures: over the document's own octets, for pages of the old SOF_ kind.

There are no attributes and no container; what is left to do is to write the raw signature as old
servers expect it: RSASSA-PKCS1-v1_5 as it is, ECDSA as Ecdsa-Sig-Value (RFC 3279, section 2.2.3).
"""

from signet_agent.documents.formats.base import FormatError
from signet_agent.documents.formats.signature_value import write_signature
from signet_agent.model import Algorithm


class PlainFormat:
    """The format ``plain``."""

    def bind(
        self, digest: bytes, certificate: bytes, algorithm: Algorithm, signed_at: int
    ) -> bytes:
        """Refuse: what is signed are the document's octets, and those the daemon has.

        Raises:
            FormatError: always.
        """
        del digest, certificate, algorithm, signed_at
        message = "a plain signature has no attributes"
        raise FormatError(message)

    def finish(
        self,
        attributes: bytes,
        certificate: bytes,
        algorithm: Algorithm,
        signature: bytes,
        content: bytes | None,
    ) -> bytes:
        """Return the signature value.

        Raises:
            FormatError: the document was to be embedded, or the signature has no size of this
                algorithm.
        """
        del attributes, certificate
        if content is not None:
            message = "a plain signature is detached"
            raise FormatError(message)
        return write_signature(signature, algorithm)

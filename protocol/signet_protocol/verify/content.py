"""A document that is held elsewhere: its digest takes its place."""

from dataclasses import dataclass
from typing import Literal

from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from signet_protocol.verify.algorithms import compute_digest
from signet_protocol.verify.keys import Digest
from signet_protocol.verify.reasons import Reason, VerificationError

DigestName = Literal["SHA-256", "SHA-384", "SHA-512"]

_DIGESTS: dict[DigestName, Digest] = {"SHA-256": SHA256(), "SHA-384": SHA384(), "SHA-512": SHA512()}


@dataclass(frozen=True, slots=True)
class ContentDigest:
    """The digest of a document, for a department that keeps it in another place.

    A detached signature can only be compared with a digest of its own algorithm.

    Attributes:
        algorithm: its name (NIST FIPS 180-4).
        octets: the digest.
    """

    algorithm: DigestName
    octets: bytes

    def require_of(self, content: bytes) -> None:
        """Go on only with the document that this is the digest of.

        Raises:
            VerificationError: ``CONTENT_DIFFERENT``.
        """
        if compute_digest(_DIGESTS[self.algorithm], content) != self.octets:
            raise VerificationError(Reason.CONTENT_DIFFERENT)

    def require_same(self, digest: Digest, octets: bytes) -> None:
        """Go on only where a signature is over this digest.

        Raises:
            VerificationError: ``CONTENT_MISSING``: the signature's algorithm is another one;
                ``CONTENT_DIFFERENT``: it is over another document.
        """
        if digest.name != _DIGESTS[self.algorithm].name:
            detail = f"the signature's digest is {digest.name}, the one given {self.algorithm}"
            raise VerificationError(Reason.CONTENT_MISSING, detail)
        if octets != self.octets:
            raise VerificationError(Reason.CONTENT_DIFFERENT)

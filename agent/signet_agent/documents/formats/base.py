"""What every signature format offers, and how it refuses."""

from typing import Protocol

from signet_agent.model import Algorithm


class FormatError(Exception):
    """The format cannot take this certificate, algorithm, digest or signature.

    The token's certificate or the daemon is at fault, never the document. The text is for the log
    and names what was wrong, not what it held.
    """


class SignatureFormat(Protocol):
    """A format makes the bytes to sign, then puts the signed document together.

    It never sees a key: the daemon hashes what ``bind`` returns and has the token sign the hash.
    """

    def bind(
        self, digest: bytes, certificate: bytes, algorithm: Algorithm, signed_at: int
    ) -> bytes:
        """Return the bytes to sign for a document's digest.

        Args:
            digest: of the document's octets, by the hash the algorithm names.
            certificate: the signer's, DER.
            algorithm: by which the key will sign.
            signed_at: the time claimed for the signature, seconds since the epoch.

        Raises:
            FormatError: one of them does not fit.
        """

    def finish(
        self,
        attributes: bytes,
        certificate: bytes,
        algorithm: Algorithm,
        signature: bytes,
        content: bytes | None,
    ) -> bytes:
        """Return the signed document.

        Args:
            attributes: what ``bind`` returned.
            certificate: the same as for ``bind``.
            algorithm: the same as for ``bind``.
            signature: as the token gives it; ECDSA as r || s.
            content: the document's octets when they are to be embedded, else ``None``.

        Raises:
            FormatError: one of them does not fit.
        """

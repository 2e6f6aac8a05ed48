"""SM2 certificates (GM/T 0015), which ``cryptography`` reads and does not write.

It writes the certificate of another key; then key and algorithm are replaced, and the result is
signed anew.
"""

from dataclasses import dataclass
from typing import Annotated, Self

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.hashes import SHA256

from signet_protocol.cms import AlgorithmIdentifier
from signet_protocol.gm import DEFAULT_ID, Sm2PrivateKey
from signet_protocol.gm.gmt0010 import SM2_WITH_SM3
from signet_simulator.authority import AUTHORITY, Subject, make_p256_key, start_certificate


@asn1.sequence
class _Body:
    """TBSCertificate (RFC 5280, 4.1), version 3."""

    version: Annotated[int, asn1.Explicit(0)]
    serial: int
    signature: AlgorithmIdentifier
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    key: asn1.TLV
    extensions: Annotated[list[asn1.TLV], asn1.Explicit(3)]


@asn1.sequence
class _Certificate:
    """RFC 5280, 4.1."""

    body: _Body
    algorithm: AlgorithmIdentifier
    signature: asn1.BitString


@dataclass(frozen=True)
class Sm2Authority:
    """A root of SM2."""

    certificate: x509.Certificate
    key: Sm2PrivateKey

    @classmethod
    def create(cls, name: str) -> Self:
        """Make a root.

        Raises:
            Sm2UnavailableError: there is no SM2 here.
        """
        key = Sm2PrivateKey.generate()
        subject = Subject(name)
        return cls(_write(subject, AUTHORITY, subject.as_name(), key, key), key)

    def issue(
        self, subject: Subject, usage: frozenset[str], key: Sm2PrivateKey
    ) -> x509.Certificate:
        """Issue a certificate."""
        return _write(subject, usage, self.certificate.subject, key, self.key)


def _write(
    subject: Subject,
    usage: frozenset[str],
    issuer: x509.Name,
    key: Sm2PrivateKey,
    signer: Sm2PrivateKey,
) -> x509.Certificate:
    place_holder = make_p256_key()
    draft = start_certificate(subject, usage, issuer, place_holder).sign(place_holder, SHA256())
    body = asn1.decode_der(_Body, draft.tbs_certificate_bytes)
    algorithm = AlgorithmIdentifier(algorithm=SM2_WITH_SM3, parameters=None)
    body.signature = algorithm
    body.key = asn1.decode_der(asn1.TLV, key.public_key.spki)
    signature = signer.sign(asn1.encode_der(body), identity=DEFAULT_ID)
    whole = _Certificate(body=body, algorithm=algorithm, signature=asn1.BitString(signature, 0))
    return x509.load_der_x509_certificate(asn1.encode_der(whole))

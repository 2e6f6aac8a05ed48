"""Verify a document's signature: CMS SignedData as CAdES-B, attached or detached.

Only signatures over signed attributes count. One without them covers the content's octets alone,
and those could be the 64 to 128 octets of a login: whoever holds a login token would hold a
signed document. The other way round, signed attributes always have more octets than a login and
begin differently, so a signed document can never pass for a login.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signet_protocol.verify.algorithms import (
    compute_digest,
    read_algorithm,
    read_digest,
    require_algorithm,
)
from signet_protocol.verify.anchors import TrustAnchors
from signet_protocol.verify.attributes import SignedAttributes, read_attributes
from signet_protocol.verify.certificates import Purpose, require_aware, require_fit
from signet_protocol.verify.cms import (
    ID_DATA,
    SignedData,
    SignerInfo,
    find_certificates,
    read_signed_data,
)
from signet_protocol.verify.holder import Holder
from signet_protocol.verify.keys import Digest, is_signed, read_key
from signet_protocol.verify.reasons import Reason, VerificationError


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A signature that holds.

    Attributes:
        holder: who signed.
        signed_at: what the signer's clock showed; a claim, not a proof of time.
        content: the signed document.
        certificate_der: the signer's certificate.
        digest: SHA-256 of the content, lower-case hexadecimal, as the page was told it.
    """

    holder: Holder
    signed_at: datetime
    content: bytes
    certificate_der: bytes
    digest: str


def verify_signature(
    cms: bytes, *, content: bytes | None, anchors: TrustAnchors, at: datetime
) -> VerifiedSignature:
    """Verify a signature over a document.

    Args:
        cms: the signature, one CMS SignedData in DER.
        content: the document as the department itself holds it. A detached signature needs it;
            an attached one is compared with it.
        anchors: the authorities the department trusts.
        at: when the server received the signature, with a time zone. The certificate has to be
            valid then; the signer's own clock is not believed.

    Raises:
        VerificationError: the signature is not accepted.
        ValueError: ``at`` has no time zone; the caller's fault.
    """
    require_aware(at)
    signed_data, signer = read_signed_data(cms)
    attributes = read_attributes(signer)
    named, others = find_certificates(signed_data, signer)
    certificate = next(filter(attributes.refers_to, named), None)
    if certificate is None:
        raise VerificationError(Reason.CERTIFICATE_REFERENCE_WRONG)
    digest = _require_signed(signed_data, signer, attributes, certificate)
    signed = _read_content(signed_data, content, digest, attributes.message_digest)
    require_fit(certificate, Purpose.DOCUMENT, at)
    anchors.require_chain(certificate, at, others)
    return VerifiedSignature(
        holder=Holder.of(certificate),
        signed_at=attributes.signing_time,
        content=signed,
        certificate_der=certificate.public_bytes(Encoding.DER),
        digest=sha256(signed).hexdigest(),
    )


def _require_signed(
    signed_data: SignedData,
    signer: SignerInfo,
    attributes: SignedAttributes,
    certificate: x509.Certificate,
) -> Digest:
    """Check the signature over the attributes; return the digest that was used throughout."""
    key = read_key(certificate)
    named = read_algorithm(signer.digest_algorithm)
    digest = read_digest(named)
    # RFC 5652, 5.1: the list at the top is there so that one pass over the content is enough.
    if named not in map(read_algorithm, signed_data.digest_algorithms.as_list()):
        raise VerificationError(Reason.ALGORITHM_UNSUITABLE, "digestAlgorithms lacks the signer's")
    require_algorithm(read_algorithm(signer.signature_algorithm), digest, key)
    if not is_signed(key, digest, signer.signature, attributes.der):
        raise VerificationError(Reason.SIGNATURE_WRONG)
    return digest


def _read_content(
    signed_data: SignedData, held: bytes | None, digest: Digest, expected: bytes
) -> bytes:
    """Return the content that was signed, once it is the one the department holds."""
    if signed_data.encapsulated.kind != ID_DATA:
        raise VerificationError(Reason.ATTRIBUTES_WRONG, "the content is not plain data")
    embedded = signed_data.encapsulated.content
    if embedded is not None:
        if compute_digest(digest, embedded) != expected:
            raise VerificationError(Reason.DIGEST_WRONG)
        if held is not None and held != embedded:
            raise VerificationError(Reason.CONTENT_DIFFERENT)
        return embedded
    if held is None:
        raise VerificationError(Reason.CONTENT_MISSING)
    if compute_digest(digest, held) != expected:
        raise VerificationError(Reason.CONTENT_DIFFERENT)
    return held

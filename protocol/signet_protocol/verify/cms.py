"""CMS SignedData, exactly as RFC 5652, section 5, writes it down, read from strict DER only.

The grammar below is the RFC's, narrowed to what a signature over plain data needs; the decoder
refuses indefinite and padded lengths, SETs out of order, unknown members and trailing octets, and
leaves what is declared as ``TLV`` unread, so nesting costs nothing. ``cryptography`` calls this
decoder's interface unstable; the pinned version and the tests beside this package hold it.
"""

from contextlib import suppress
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from signet_protocol.verify.certificates import UNREADABLE, read_through
from signet_protocol.verify.reasons import Reason, VerificationError

MAX_SIGNATURE_BYTES = 512 * 1024
"""The largest inline document in attached form, with certificates, needs about half of it."""

MAX_CERTIFICATES = 16
"""A chain has three; more would only lengthen the search for one."""

ID_DATA = ObjectIdentifier("1.2.840.113549.1.7.1")
ID_SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")

_SIGNED_DATA_VERSIONS = (1, 3)
"""RFC 5652, 5.1: 1, or 3 when the signer is named by key identifier; others hold other things."""


@asn1.sequence
class Attribute:
    """RFC 5652, 5.3."""

    kind: ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class IssuerAndSerialNumber:
    """RFC 5652, 10.2.4."""

    issuer: asn1.TLV
    serial_number: int


@asn1.sequence
class SignerInfo:
    """RFC 5652, 5.3. Of the unsigned attributes, which prove nothing, only a time stamp counts."""

    version: int
    identifier: IssuerAndSerialNumber | Annotated[bytes, asn1.Implicit(0)]
    digest_algorithm: asn1.TLV
    signed_attributes: Annotated[asn1.SetOf[Attribute] | None, asn1.Implicit(0)]
    signature_algorithm: asn1.TLV
    signature: bytes
    unsigned_attributes: Annotated[asn1.SetOf[Attribute] | None, asn1.Implicit(1)]


_SIGNER_VERSIONS = {IssuerAndSerialNumber: 1, bytes: 3}
"""RFC 5652, 5.3: the version follows from how the signer is named."""


@asn1.sequence
class EncapsulatedContent:
    """RFC 5652, 5.2; without content the signature is detached."""

    kind: ObjectIdentifier
    content: Annotated[bytes | None, asn1.Explicit(0)]


@asn1.sequence
class SignedData:
    """RFC 5652, 5.1; of the kinds of certificate only X.509's."""

    version: int
    digest_algorithms: asn1.SetOf[asn1.TLV]
    encapsulated: EncapsulatedContent
    certificates: Annotated[asn1.SetOf[x509.Certificate] | None, asn1.Implicit(0)]
    revocation: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(1)]
    signers: asn1.SetOf[SignerInfo]


@asn1.sequence
class _ContentInfo:
    """RFC 5652, section 3, with the content read later: its kind decides its form."""

    kind: ObjectIdentifier
    content: Annotated[asn1.TLV, asn1.Explicit(0)]


def read_signed_data(der: bytes) -> tuple[SignedData, SignerInfo]:
    """Return the SignedData that octets hold, and its only signer.

    Raises:
        VerificationError: too large, not strict DER, not SignedData, or not one signer.
    """
    if len(der) > MAX_SIGNATURE_BYTES:
        raise VerificationError(Reason.SIGNATURE_TOO_LARGE)
    try:
        info = asn1.decode_der(_ContentInfo, der)
        if info.kind != ID_SIGNED_DATA:
            raise VerificationError(Reason.SIGNATURE_MALFORMED, "the CMS is not SignedData")
        signed_data: SignedData = info.content.parse(SignedData)
    except UNREADABLE:
        raise VerificationError(Reason.SIGNATURE_MALFORMED) from None
    if signed_data.version not in _SIGNED_DATA_VERSIONS:
        raise VerificationError(Reason.SIGNATURE_MALFORMED, "SignedData is of another version")
    signers = signed_data.signers.as_list()
    if len(signers) != 1:
        raise VerificationError(Reason.SIGNERS_WRONG)
    if signers[0].version != _SIGNER_VERSIONS[type(signers[0].identifier)]:
        raise VerificationError(Reason.SIGNATURE_MALFORMED, "SignerInfo is of another version")
    return signed_data, signers[0]


def find_certificates(
    signed_data: SignedData, signer: SignerInfo
) -> tuple[list[x509.Certificate], list[x509.Certificate]]:
    """Return the certificates that the signer's identifier names, and the others.

    Raises:
        VerificationError: none is named, there are too many, or one cannot be read.
    """
    certificates = signed_data.certificates.as_list() if signed_data.certificates else []
    if len(certificates) > MAX_CERTIFICATES:
        raise VerificationError(Reason.SIGNATURE_TOO_LARGE, "too many certificates")
    for certificate in certificates:
        read_through(certificate)
    named = [one for one in certificates if _is_named(one, signer.identifier)]
    if not named:
        raise VerificationError(Reason.CERTIFICATE_MISSING)
    return named, [one for one in certificates if one not in named]


def _is_named(certificate: x509.Certificate, identifier: IssuerAndSerialNumber | bytes) -> bool:
    """Whether a signer's identifier is this certificate's (RFC 5652, 5.3)."""
    if isinstance(identifier, IssuerAndSerialNumber):
        return (
            identifier.serial_number == certificate.serial_number
            and asn1.encode_der(identifier.issuer) == certificate.issuer.public_bytes()
        )
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return False
    return identifier == extension.value.digest


_OCSP_RESPONSE = ObjectIdentifier("1.3.6.1.5.5.7.16.2")
"""id-ri-ocsp-response, RFC 5940, 2.1."""

_SEQUENCE_TAG = b"\x30"
_OTHER_FORMAT_TAG = b"\xa1"
"""RFC 5652, 10.2.1: what is not a CRL."""


@asn1.sequence
class _OtherRevocationInfo:
    """RFC 5652, 10.2.1."""

    kind: ObjectIdentifier
    info: asn1.TLV


def find_revocation(signed_data: SignedData) -> tuple[list[bytes], list[bytes]]:
    """Return the CRLs and the OCSP responses that came with a signature; neither is judged.

    What is of another form is passed over: it is extra, and proves nothing.
    """
    crls, responses = [], []
    for choice in signed_data.revocation.as_list() if signed_data.revocation else ():
        der = asn1.encode_der(choice)
        if choice.tag_bytes == _SEQUENCE_TAG:
            crls.append(der)
        elif choice.tag_bytes == _OTHER_FORMAT_TAG:
            with suppress(*UNREADABLE):
                other = asn1.decode_der(_OtherRevocationInfo, _SEQUENCE_TAG + der[1:])
                if other.kind == _OCSP_RESPONSE:
                    responses.append(asn1.encode_der(other.info))
    return crls, responses

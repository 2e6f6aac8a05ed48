"""CMS SignedData, exactly as RFC 5652, section 5, writes it down, read from strict DER only.

GM/T 0010 writes the same structure under names of its own; a message has to keep to either.
"""

from collections.abc import Mapping
from contextlib import suppress

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from signet_protocol.cms import (
    GM_DATA,
    GM_SIGNED_DATA,
    ID_DATA,
    ID_SIGNED_DATA,
    ContentInfo,
    IssuerAndSerialNumber,
    SignedData,
    SignerInfo,
)
from signet_protocol.verify.certificates import UNREADABLE, read_through
from signet_protocol.verify.reasons import Reason, VerificationError

MAX_SIGNATURE_BYTES = 512 * 1024
"""The largest inline document in attached form, with certificates, needs about half of it."""

MAX_CERTIFICATES = 16
"""A chain has three; more would only lengthen the search for one."""

_SIGNED_DATA_VERSIONS = (1, 3)
"""RFC 5652, 5.1: 1, or 3 when the signer is named by key identifier; others hold other things."""


_SIGNER_VERSIONS = {IssuerAndSerialNumber: 1, bytes: 3}
"""RFC 5652, 5.3: the version follows from how the signer is named."""


Kinds = Mapping[ObjectIdentifier, ObjectIdentifier]
"""By the name of a message, the name of what it has to hold."""

PLAIN_DATA: Kinds = {ID_SIGNED_DATA: ID_DATA, GM_SIGNED_DATA: GM_DATA}
"""Of documents: both names are the RFC's, or both are GM/T 0010's."""


def read_signed_data(der: bytes, kinds: Kinds) -> tuple[SignedData, SignerInfo, ObjectIdentifier]:
    """Return the SignedData that octets hold, its only signer, and what it has to hold.

    Raises:
        VerificationError: too large, not strict DER, not SignedData, or not one signer.
    """
    if len(der) > MAX_SIGNATURE_BYTES:
        raise VerificationError(Reason.SIGNATURE_TOO_LARGE)
    try:
        info = asn1.decode_der(ContentInfo, der)
        if info.kind not in kinds:
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
    return signed_data, signers[0], kinds[info.kind]


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

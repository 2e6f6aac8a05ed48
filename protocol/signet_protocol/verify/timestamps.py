"""Time stamp tokens (RFC 3161, RFC 5816): alone over data, and within CAdES (EN 319 122-1, 5.3).

A stamp's own certificate has to be valid both at the time it states and now: proof beyond the
life of the authority's certificate needs archive stamps, which are not understood here.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID

from signet_protocol.cms import ID_SIGNED_DATA, SignerInfo
from signet_protocol.verify.algorithms import compute_digest, read_algorithm, read_digest
from signet_protocol.verify.certificates import UNREADABLE, find_extension
from signet_protocol.verify.cms import Kinds
from signet_protocol.verify.findings import FindingList, Part
from signet_protocol.verify.policy import CertificateUse
from signet_protocol.verify.reasons import Reason, VerificationError

SIGNATURE_TIME_STAMP = ObjectIdentifier("1.2.840.113549.1.9.16.2.14")
"""id-aa-signatureTimeStampToken, RFC 3161, appendix A: a stamp over the signature's value."""

STAMP_DATA: Kinds = {ID_SIGNED_DATA: ObjectIdentifier("1.2.840.113549.1.9.16.1.4")}
"""id-ct-TSTInfo, RFC 3161, 2.4.2."""

MAX_TIME_STAMPS = 2
"""Stamps looked at in one signature; a second authority is all that anybody uses."""

STAMP_USE = CertificateUse(
    key_usage=(),
    extended_key_usage=(ExtendedKeyUsageOID.TIME_STAMPING.dotted_string,),
    extended_key_usage_required=True,
)


@asn1.sequence
class _MessageImprint:
    """RFC 3161, 2.4.1."""

    algorithm: asn1.TLV
    digest: bytes


@asn1.sequence
class _Accuracy:
    """RFC 3161, 2.4.2."""

    seconds: int | None
    millis: Annotated[int | None, asn1.Implicit(0)]
    micros: Annotated[int | None, asn1.Implicit(1)]


@asn1.sequence
class StampInfo:
    """TSTInfo, RFC 3161, 2.4.2.

    ``authority`` is one general name behind an explicit tag, which reads like a list of one.
    """

    version: int
    policy: ObjectIdentifier
    imprint: _MessageImprint
    serial_number: int
    time: asn1.GeneralizedTime
    accuracy: _Accuracy | None
    ordering: Annotated[bool, asn1.Default(value=False)]
    nonce: int | None
    authority: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    extensions: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]

    def stated_time(self) -> datetime:
        """Return when the authority saw what it stamped."""
        return self.time.as_datetime()


def read_stamp_info(der: bytes) -> StampInfo:
    """Return what a time stamp says.

    Raises:
        VerificationError: it is not in form, or has extensions, none of which is understood.
    """
    try:
        info = asn1.decode_der(StampInfo, der)
    except UNREADABLE:
        raise VerificationError(Reason.TIMESTAMP_MALFORMED) from None
    if info.version != 1 or info.extensions is not None:
        raise VerificationError(Reason.TIMESTAMP_MALFORMED, "of another version, or extended")
    return info


def require_imprint(info: StampInfo, stamped: bytes) -> None:
    """Refuse a stamp over other octets.

    Raises:
        VerificationError: the digests differ, or the digest is not one that is accepted.
    """
    digest = read_digest(read_algorithm(info.imprint.algorithm))
    if compute_digest(digest, stamped) != info.imprint.digest:
        raise VerificationError(Reason.TIMESTAMP_DIFFERENT)


def is_for_stamps_alone(certificate: x509.Certificate) -> bool:
    """Whether a certificate is for time stamps, critically and for nothing else (RFC 3161, 2.3)."""
    usages = find_extension(certificate, x509.ExtendedKeyUsage)
    if usages is None or list(usages) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        return False
    return certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).critical


def find_stamps(signer: SignerInfo, findings: FindingList) -> Iterator[bytes]:
    """Yield the stamps over a signature, each a token in DER."""
    attributes = signer.unsigned_attributes
    tokens = [
        asn1.encode_der(value)
        for attribute in (attributes.as_list() if attributes else ())
        if attribute.kind == SIGNATURE_TIME_STAMP
        for value in attribute.values.as_list()
    ]
    if len(tokens) > MAX_TIME_STAMPS:
        findings.error(Reason.TIMESTAMP_MALFORMED, Part.TIMESTAMP, detail="too many time stamps")
    yield from tokens[:MAX_TIME_STAMPS]

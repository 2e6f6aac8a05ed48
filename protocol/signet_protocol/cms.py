"""The records of CMS SignedData (RFC 5652, section 5), which PKCS #7 and GM/T 0010 share.

The grammar is the RFC's, narrowed to what a signature over plain data needs; the decoder refuses
indefinite and padded lengths, SETs out of order, unknown members and trailing octets, and leaves
what is declared as ``TLV`` unread, so nesting costs nothing. ``cryptography`` calls this decoder's
interface unstable; the pinned version and the tests hold it.
"""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

ID_DATA = ObjectIdentifier("1.2.840.113549.1.7.1")
ID_SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")

GM_DATA = ObjectIdentifier("1.2.156.10197.6.1.4.2.1")
GM_SIGNED_DATA = ObjectIdentifier("1.2.156.10197.6.1.4.2.2")
"""GM/T 0010-2012, section 6: the same structures under names of their own."""

CONTENT_TYPE = ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = ObjectIdentifier("1.2.840.113549.1.9.4")
SIGNING_TIME = ObjectIdentifier("1.2.840.113549.1.9.5")
"""RFC 5652, section 11; GM/T 0010 takes over these names."""


@asn1.sequence
class AlgorithmIdentifier:
    """RFC 5280, 4.1.1.2, with NULL for parameters, or none: both occur in the field."""

    algorithm: ObjectIdentifier
    parameters: asn1.Null | None


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
class ContentInfo:
    """RFC 5652, section 3, with the content read later: its kind decides its form."""

    kind: ObjectIdentifier
    content: Annotated[asn1.TLV, asn1.Explicit(0)]

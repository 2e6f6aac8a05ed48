"""What a department accepts: certificates, algorithms, revocation, time stamps.

Every rule has a default that is safe, so an empty policy is a complete one. A policy is written as
TOML; a member that is not known is refused, so that a misspelt rule cannot go unnoticed.
"""

from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta, Struct, field

MAX_CLOCK_SKEW_SECONDS = 15 * 60
"""A server whose clock is further off has another problem; Web eID allows as much for OCSP."""

_DAY = 24 * 60 * 60
MAX_AGE_SECONDS = 366 * _DAY
"""Authorities that are offline renew their lists once a year, the slowest there are."""

Oid = Annotated[str, Meta(pattern=r"^[0-2](\.(0|[1-9][0-9]{0,37})){1,31}\Z")]
"""A dotted object identifier."""

Host = Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?\Z")]
"""A host, with the port where it is not the scheme's own."""

FileName = Annotated[str, Meta(min_length=1)]
"""A PEM file, relative to the policy's own folder."""

KeyUsageName = Literal[
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
]
"""RFC 5280, 4.2.1.3; content_commitment is also called nonRepudiation."""

AlgorithmName = Literal[
    "RSA-SHA256",
    "RSA-SHA384",
    "RSA-SHA512",
    "ECDSA-SHA256",
    "ECDSA-SHA384",
    "ECDSA-SHA512",
    "SM2-SM3",
]
"""RSA with PKCS #1 v1.5 padding, ECDSA, and SM2. What has no name here cannot be allowed."""

CurveName = Literal["secp256r1", "secp384r1", "secp521r1"]
"""P-256, P-384 and P-521."""

CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"
"""id-kp-documentSigning, RFC 9336."""
ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0"


class PolicyError(ValueError):
    """The department's policy cannot be used; a fault of its configuration."""


class CertificateUse(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a holder's certificate must be meant for.

    Attributes:
        key_usage: all of these must stand in keyUsage.
        extended_key_usage: one of these must stand in extendedKeyUsage. The extension is optional;
            where it stands it is exhaustive (RFC 5280, 4.2.1.12).
        extended_key_usage_required: whether a certificate without the extension is refused.
        certificate_policies: one of these must stand in certificatePolicies, of the certificate
            and of every authority between it and the root; no entry asks for none.
        algorithms: what the holder may sign with, where that is less than ``AlgorithmPolicy``
            accepts: a department may ask for SM2 in signatures and take RSA in logins.
    """

    key_usage: tuple[KeyUsageName, ...]
    extended_key_usage: tuple[Oid, ...]
    extended_key_usage_required: bool = False
    certificate_policies: tuple[Oid, ...] = ()
    algorithms: tuple[AlgorithmName, ...] = ()


class LoginUse(CertificateUse, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A certificate to log in with."""

    key_usage: tuple[KeyUsageName, ...] = ("digital_signature",)
    extended_key_usage: tuple[Oid, ...] = (CLIENT_AUTH, ANY_EXTENDED_KEY_USAGE)


class SignatureUse(CertificateUse, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A certificate to sign documents with."""

    key_usage: tuple[KeyUsageName, ...] = ("content_commitment",)
    extended_key_usage: tuple[Oid, ...] = (
        DOCUMENT_SIGNING,
        EMAIL_PROTECTION,
        ANY_EXTENDED_KEY_USAGE,
    )


class IdentityOids(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In which extensions of a certificate the holder's numbers stand.

    The first that a certificate has is taken. The defaults are those of GM/T 0015; some
    authorities write others, which a department asks them for.
    """

    cid: tuple[Oid, ...] = ("1.2.156.10260.4.1.1",)
    social_insurance_number: tuple[Oid, ...] = ("1.2.156.10260.4.1.2",)
    registration_number: tuple[Oid, ...] = ("1.2.156.10260.4.1.3",)
    uscc: tuple[Oid, ...] = ("1.2.156.10260.4.1.4",)
    tax_number: tuple[Oid, ...] = ("1.2.156.10260.4.1.5",)


class AlgorithmPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which algorithms and keys count, in signatures, certificates, CRLs, OCSP and time stamps.

    Attributes:
        accepted: signature algorithms.
        min_rsa_bits: 2048 are 112 bits of strength, the least that NIST SP 800-131A and
            ETSI TS 119 312 still accept.
        curves: curves of ECDSA keys.
    """

    accepted: tuple[AlgorithmName, ...] = (
        "RSA-SHA256",
        "RSA-SHA384",
        "RSA-SHA512",
        "ECDSA-SHA256",
        "ECDSA-SHA384",
        "ECDSA-SHA512",
        "SM2-SM3",
    )
    min_rsa_bits: Annotated[int, Meta(ge=2048, le=8192)] = 2048
    curves: tuple[CurveName, ...] = ("secp256r1", "secp384r1", "secp521r1")


class RevocationPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How revocation is asked for.

    Attributes:
        mode: what happens when it cannot be learned: ``require`` refuses, ``prefer`` accepts with
            a warning, ``ignore`` does not ask. A certificate known to be revoked is refused by the
            first two.
        authorities: whether the authorities between holder and root are asked for as well.
        max_crl_age_seconds: the oldest list that counts, whatever it says of its next update.
        max_ocsp_age_seconds: the oldest response that counts.
        ocsp_nonce_required: whether a responder has to repeat the request's nonce. Responders that
            answer from a store cannot (RFC 9654, section 3).
        hosts: who may be asked. The addresses in certificates are their senders' words, so a
            server connects to nobody who is not named here.
        timeout_seconds: how long one question may take in all.
    """

    mode: Literal["require", "prefer", "ignore"] = "require"
    authorities: bool = True
    max_crl_age_seconds: Annotated[int, Meta(ge=60, le=MAX_AGE_SECONDS)] = 8 * _DAY
    max_ocsp_age_seconds: Annotated[int, Meta(ge=60, le=MAX_AGE_SECONDS)] = _DAY
    ocsp_nonce_required: bool = False
    hosts: tuple[Host, ...] = ()
    timeout_seconds: Annotated[float, Meta(gt=0, le=60)] = 5.0


class TimeStampPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a time stamp over a signature counts for.

    Attributes:
        mode: ``require`` refuses a signature without a good one; ``accept`` takes its time when
            there is a good one; ``ignore`` does not look.
        authorities: PEM files of the time-stamping authorities' roots; the login's serve where
            none is named.
        policies: the time-stamping policies that count; no entry accepts each.
    """

    mode: Literal["require", "accept", "ignore"] = "accept"
    authorities: tuple[FileName, ...] = ()
    policies: tuple[Oid, ...] = ()


class VerificationPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a department decides about what it accepts.

    Attributes:
        authorities: PEM files of the trusted authorities; ``Verifier.load`` reads them.
        login: certificates to log in with.
        signature: certificates to sign with.
        identity: where the holder's numbers stand.
        algorithms: what counts as a signature.
        revocation: how revocation is asked for.
        timestamp: what a time stamp counts for.
        clock_skew_seconds: how far in the future another machine's time may lie: the begin of a
            certificate's validity, of a CRL's or an OCSP response's, a time stamp. Ends are exact.
    """

    authorities: tuple[FileName, ...] = ()
    login: LoginUse = field(default_factory=LoginUse)
    signature: SignatureUse = field(default_factory=SignatureUse)
    identity: IdentityOids = field(default_factory=IdentityOids)
    algorithms: AlgorithmPolicy = field(default_factory=AlgorithmPolicy)
    revocation: RevocationPolicy = field(default_factory=RevocationPolicy)
    timestamp: TimeStampPolicy = field(default_factory=TimeStampPolicy)
    clock_skew_seconds: Annotated[int, Meta(ge=0, le=MAX_CLOCK_SKEW_SECONDS)] = 60

    def __post_init__(self) -> None:
        accepted = self.algorithms.accepted
        for use in (self.login, self.signature):
            if not set(use.algorithms) <= set(accepted):
                raise ValueError("a use names an algorithm that algorithms.accepted does not")

    def algorithms_for(self, use: CertificateUse) -> AlgorithmPolicy:
        """Return what counts as a holder's own signature."""
        if not use.algorithms:
            return self.algorithms
        return msgspec.structs.replace(self.algorithms, accepted=use.algorithms)

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Read a policy.

        Raises:
            PolicyError: it is no TOML, has a member that is not known, or a value out of bounds.
        """
        try:
            return msgspec.toml.decode(text, type=cls)
        except msgspec.MsgspecError as error:
            raise PolicyError(f"the verification policy cannot be used: {error}") from error

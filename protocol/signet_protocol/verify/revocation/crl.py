"""Judging a CRL (RFC 5280, section 6.3): complete lists of the certificate's own authority.

Delta and indirect lists, and lists of some reasons only, are refused: each alone tells less than
it seems to.
"""

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from signet_protocol.verify.algorithms import require_signed
from signet_protocol.verify.certificates import UNREADABLE, find_extension, is_authority
from signet_protocol.verify.keys import read_key
from signet_protocol.verify.reasons import Reason, VerificationError
from signet_protocol.verify.reports import RevocationFacts, RevocationSourceKind, RevocationState
from signet_protocol.verify.revocation.base import Evidence, Method
from signet_protocol.verify.revocation.evidence import Circumstances

MAX_CRL_BYTES = 16 * 1024 * 1024
"""Some 400,000 revoked certificates; a city's authority has a few thousand."""

_UNDERSTOOD = frozenset(
    {
        ExtensionOID.ISSUING_DISTRIBUTION_POINT,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.CRL_NUMBER,
    }
)


def judge_crl(evidence: Evidence, asked: Circumstances) -> RevocationFacts:
    """Return what a list says of a certificate.

    Raises:
        VerificationError: it cannot be read or believed, or tells nothing of this certificate.
    """
    if len(evidence.der) > MAX_CRL_BYTES:
        raise VerificationError(Reason.REVOCATION_MALFORMED, "the list is too large")
    try:
        crl = x509.load_der_x509_crl(evidence.der)
        return _judge(crl, evidence.source, asked)
    except UNREADABLE:
        raise VerificationError(Reason.REVOCATION_MALFORMED) from None


def _judge(
    crl: x509.CertificateRevocationList, source: RevocationSourceKind, asked: Circumstances
) -> RevocationFacts:
    _require_issuer(crl, asked)
    _require_scope(crl, asked.certificate)
    entry = crl.get_revoked_certificate_by_serial_number(asked.certificate.serial_number)
    facts = RevocationFacts(
        state=RevocationState.REVOKED if entry else RevocationState.GOOD,
        method=Method.CRL,
        source=source,
        this_update=crl.last_update_utc,
        next_update=crl.next_update_utc,
        age_seconds=asked.age_seconds(crl.last_update_utc),
        revoked_at=entry.revocation_date_utc if entry else None,
        why=_why(entry) if entry else "",
    )
    at = asked.valid_at if source is RevocationSourceKind.EMBEDDED else asked.now
    asked.require_fresh(facts, at, asked.policy.max_crl_age_seconds)
    return facts


def _require_issuer(crl: x509.CertificateRevocationList, asked: Circumstances) -> None:
    """Refuse a list that another authority signed, or one whose authority may sign none."""
    untrusted = Reason.REVOCATION_UNTRUSTED
    if crl.issuer != asked.issuer.subject:
        raise VerificationError(Reason.REVOCATION_ELSEWHERE, "the list is another authority's")
    usage = find_extension(asked.issuer, x509.KeyUsage)
    if usage is None or not usage.crl_sign:
        raise VerificationError(untrusted, "the authority may not sign lists")
    signed = (crl.signature, crl.tbs_certlist_bytes)
    try:
        key = read_key(asked.issuer, asked.algorithms)
        require_signed(key, crl.signature_algorithm_oid, signed, asked.algorithms)
    except VerificationError as error:
        raise VerificationError(untrusted, f"the list: {error.reason.meaning}") from None


def _require_scope(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> None:
    """Refuse a list that is not about this certificate, or not about all of it."""
    elsewhere = Reason.REVOCATION_ELSEWHERE
    for extension in crl.extensions:
        if extension.oid == ExtensionOID.DELTA_CRL_INDICATOR:
            raise VerificationError(elsewhere, "a delta list tells only what is new")
        if extension.critical and extension.oid not in _UNDERSTOOD:
            raise VerificationError(elsewhere, "the list has an extension that is not understood")
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            detail = _scope_fault(extension.value, certificate)
            if detail:
                raise VerificationError(elsewhere, detail)


def _scope_fault(point: x509.IssuingDistributionPoint, certificate: x509.Certificate) -> str:
    """Return why a list of this scope (RFC 5280, 5.2.5) does not tell, or nothing."""
    if point.indirect_crl:
        return "the list is indirect"
    if point.only_some_reasons:
        return "the list is of some reasons only"
    if point.only_contains_attribute_certs:
        return "the list is of attribute certificates"
    if (
        is_authority(certificate)
        if point.only_contains_user_certs
        else (point.only_contains_ca_certs and not is_authority(certificate))
    ):
        return "the list is of the other kind of certificates"
    if point.relative_name is not None:
        return "the list's distribution point is named relatively"
    if point.full_name and not set(point.full_name) & set(_distribution_points(certificate)):
        return "the list is of another distribution point"
    return ""


def _distribution_points(certificate: x509.Certificate) -> list[x509.GeneralName]:
    points = find_extension(certificate, x509.CRLDistributionPoints)
    return [name for point in points or () for name in point.full_name or ()]


def _why(entry: x509.RevokedCertificate) -> str:
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return ""
    return reason.value

"""What an authority says of its certificates: lists and responses, right ones and wrong ones."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.kit.pki import LOGIN, Authority, Extension, PrivateKey, Subject, private_key

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class List:
    """A CRL before it is signed; an empty one of an hour ago unless told otherwise."""

    authority: Authority
    revoked: tuple[x509.Certificate, ...] = ()
    revoked_at: datetime = NOW - HOUR
    reason: x509.ReasonFlags | None = None
    this_update: datetime = NOW - HOUR
    next_update: datetime = NOW + HOUR
    extensions: tuple[Extension, ...] = ()
    key: PrivateKey | None = None

    def der(self) -> bytes:
        """Sign it."""
        builder = x509.CertificateRevocationListBuilder(
            self.authority.certificate.subject, self.this_update, self.next_update
        )
        for certificate in self.revoked:
            builder = builder.add_revoked_certificate(self._entry(certificate))
        for extension, critical in self.extensions:
            builder = builder.add_extension(extension, critical=critical)
        signed = builder.sign(self.key or self.authority.key, hashes.SHA256())
        return signed.public_bytes(Encoding.DER)

    def _entry(self, certificate: x509.Certificate) -> x509.RevokedCertificate:
        entry = x509.RevokedCertificateBuilder(certificate.serial_number, self.revoked_at)
        if self.reason:
            entry = entry.add_extension(x509.CRLReason(self.reason), critical=False)
        return entry.build()


@dataclass(frozen=True)
class Answer:
    """An OCSP response before it is signed; ``good`` of an hour ago unless told otherwise."""

    certificate: x509.Certificate
    authority: Authority
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD
    this_update: datetime = NOW - HOUR
    next_update: datetime | None = NOW + HOUR
    revoked_at: datetime = NOW - HOUR
    nonce: bytes = b""
    responder: Authority | None = None
    by_name: bool = True

    def der(self, *others: x509.Certificate) -> bytes:
        """Sign it; ``others`` go along."""
        revoked = self.status is ocsp.OCSPCertStatus.REVOKED
        signer = self.responder or self.authority
        encoding = ocsp.OCSPResponderEncoding
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=self.certificate,
                issuer=self.authority.certificate,
                algorithm=hashes.SHA1(),  # noqa: S303 -- names the authority, as responders do
                cert_status=self.status,
                this_update=self.this_update,
                next_update=self.next_update,
                revocation_time=self.revoked_at if revoked else None,
                revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
            )
            .responder_id(encoding.NAME if self.by_name else encoding.HASH, signer.certificate)
        )
        if others:
            builder = builder.certificates(list(others))
        if self.nonce:
            builder = builder.add_extension(x509.OCSPNonce(self.nonce), critical=False)
        return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def by(self, responder: Authority) -> bytes:
        """Sign it with a responder's key, and send the responder's certificate along."""
        return replace(self, responder=responder).der(responder.certificate)


def create_responder(
    authority: Authority,
    usages: Iterable[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.OCSP_SIGNING,),
    validity: tuple[datetime, datetime] = (NOW - 24 * HOUR, NOW + 24 * HOUR),
) -> Authority:
    """Return a responder with a certificate of an authority's."""
    key = private_key("p256", 11)
    usages = list(usages)
    certificate = authority.issue(
        Subject("证书状态应答（示例）"),
        key.public_key(),
        usage=LOGIN,
        extensions=[(x509.ExtendedKeyUsage(usages), False)] if usages else [],
        not_before=validity[0],
        not_after=validity[1],
    )
    return Authority(certificate, key)

"""Verified logins and signatures a second and core: what a back end pays beyond the public key.

The limit does the bare public-key operations of one verification (the holder's signature, and the
two of the chain) and parses the same octets, with ``cryptography`` alone.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from time import perf_counter

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from signet_protocol.verify import (
    RevocationPolicy,
    TrustAnchors,
    VerificationPolicy,
    Verifier,
)
from tests.bench.metric import Comparison, Figures, Goal, Metric
from tests.bench.plan import Plan
from tests.kit.pki import CITIZEN, Hierarchy
from tests.protocol.verify.draft import Draft, Signer

VERIFICATIONS = 300
"""In a round."""

RATE = Goal("ratio", ">=", 0.4)
"""Reports, policies and every check of RFC 5280 are Python's; more than that is to be mended."""

ORIGIN = "https://portal.example.com"
NONCE = b64encode(bytes(range(32))).decode("ascii")
CONTENT = b'{"form":"gs1/1","tax_due":"12840.00"}'


class BareCity:
    """A citizen with a P-256 key, a verifier that trusts her authority, and the bare operations."""

    def __init__(self) -> None:
        """Make the authorities and the citizen."""
        self.hierarchy = Hierarchy.create()
        key = ec.generate_private_key(ec.SECP256R1())
        self.signer = Signer(self.hierarchy.citizen.issue(CITIZEN, key.public_key()), key)
        self.verifier = Verifier(
            TrustAnchors.from_pem(self.hierarchy.pem),
            VerificationPolicy(revocation=RevocationPolicy(mode="ignore")),
            clock=lambda: datetime.now(UTC),
        )
        self.message = b"".join(hashlib.sha256(text.encode()).digest() for text in (ORIGIN, NONCE))
        der = self.signer.sign(self.message)
        raw = b"".join(number.to_bytes(32, "big") for number in utils.decode_dss_signature(der))
        self.token = {
            "unverifiedCertificate": b64encode(self.signer.der).decode(),
            "algorithm": "ES256",
            "signature": b64encode(raw).decode(),
            "format": "web-eid:1.0",
        }

    def bare_login(self) -> Callable[[], None]:
        """Return what decodes a token and does the operations of its verification."""
        token, message = self.token, self.message

        def bare() -> None:
            certificate = b64decode(token["unverifiedCertificate"])
            signature = b64decode(token["signature"])
            halves = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:]))
            self._check(certificate, utils.encode_dss_signature(*halves), message)

        return bare

    def bare_signature(self, draft: Draft) -> Callable[[], None]:
        """Sign a draft; return what parses the signature and does the same operations."""
        message = draft.signed_attributes()
        signature = draft.signature = self.signer.sign(message)
        octets = draft.build()

        def bare() -> None:
            (certificate,) = pkcs7.load_der_pkcs7_certificates(octets)
            assert hashlib.sha256(CONTENT).digest() in message
            self._check(certificate.public_bytes(Encoding.DER), signature, message)

        return bare

    def _check(self, der: bytes, signature: bytes, message: bytes) -> None:
        """Load a certificate; verify its owner's signature, its authority's and the root's."""
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, message, ec.ECDSA(SHA256()))
        certificate.verify_directly_issued_by(self.hierarchy.citizen.certificate)
        self.hierarchy.citizen.certificate.verify_directly_issued_by(
            self.hierarchy.root.certificate
        )


def measure_logins(plan: Plan) -> Iterator[Metric]:
    """Verify login tokens, against the same operations without a library around them."""
    city = BareCity()

    def ours() -> None:
        assert city.verifier.login(city.token, origin=ORIGIN, nonce=NONCE).accepted

    yield _compare(plan, ours, city.bare_login()).metric("verification.logins", "logins/s", RATE)


def measure_signatures(plan: Plan) -> Iterator[Metric]:
    """Verify detached CAdES-B signatures, against parsing them and the same operations."""
    city = BareCity()
    draft = Draft(city.signer, CONTENT)
    bare = city.bare_signature(draft)
    octets = draft.build()

    def ours() -> None:
        assert city.verifier.signature(octets, content=CONTENT).accepted

    yield _compare(plan, ours, bare).metric("verification.signatures", "signatures/s", RATE)


def _compare(plan: Plan, ours: Callable[[], None], bare: Callable[[], None]) -> Figures:
    count, rates = plan.count(VERIFICATIONS), Comparison()
    for _ in range(plan.rounds):
        rates.add([_rate(ours, count)], [_rate(bare, count)])
    return rates.medians()


def _rate(work: Callable[[], None], count: int) -> float:
    started = perf_counter()
    for _ in range(count):
        work()
    return count / (perf_counter() - started)

"""Another validator, written from the published rules, agrees with the library on every token."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from signet_protocol.verify import Reason, RevocationPolicy, VerificationPolicy, Verifier
from tests.kit.pki import DOCUMENT, Authority, KeyKind
from tests.protocol.verify.city import KINDS, NONCE, NOW, ORIGIN, City, write_token
from tests.protocol.verify.web_eid import validates

pytestmark = pytest.mark.quick

Token = dict[str, object]


def opinions(
    city: City, token: Token, origin: str = ORIGIN, nonce: str = NONCE
) -> tuple[bool, bool]:
    """Return what the library thinks, and what the other validator thinks."""
    policy = VerificationPolicy(revocation=RevocationPolicy(mode="ignore"), clock_skew_seconds=0)
    ours = Verifier(city.anchors, policy, clock=lambda: NOW)
    issuers = [city.hierarchy.citizen.certificate, city.hierarchy.enterprise.certificate]
    report = ours.login(token, origin=origin, nonce=nonce)
    return report.accepted, validates(json.dumps(token), origin, nonce, issuers, NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_both_accept_what_the_agent_makes(city: City, kind: KeyKind) -> None:
    assert opinions(city, write_token(city.signer(kind), kind)) == (True, True)


def test_both_accept_a_certificate_for_client_authentication(city: City) -> None:
    usage = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
    assert opinions(city, write_token(city.signer(extensions=[usage]), "p256")) == (True, True)


def _changed(member: str, value: object) -> Callable[[City], Token]:
    return lambda city: {**write_token(city.signer(), "p256"), member: value}


def _without(member: str) -> Callable[[City], Token]:
    def make(city: City) -> Token:
        token = write_token(city.signer(), "p256")
        del token[member]
        return token

    return make


def _expired(city: City) -> Token:
    validity = (NOW - timedelta(days=9), NOW - timedelta(hours=1))
    return write_token(city.signer(validity=validity), "p256")


def _for_servers(city: City) -> Token:
    usage = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    return write_token(city.signer(extensions=[usage]), "p256")


@pytest.mark.parametrize(
    "make",
    [
        lambda city: write_token(city.signer(), "p256", origin="https://evil.example"),
        lambda city: write_token(city.signer(), "p256", nonce="A" * 44),
        lambda city: write_token(city.signer(usage=DOCUMENT), "p256"),
        lambda city: write_token(city.signer(usage=None), "p256"),
        lambda city: write_token(city.signer(authority=Authority.create("陌生人")), "p256"),
        _expired,
        _for_servers,
        _changed("format", "web-eid:2.0"),
        _changed("format", ""),
        _changed("algorithm", "RS256"),
        _changed("algorithm", "ES384"),
        _changed("algorithm", "HS256"),
        _changed("algorithm", "none"),
        _changed("algorithm", "ES1"),
        _changed("signature", "AAAA"),
        _changed("signature", "not base64"),
        _changed("unverifiedCertificate", "MIIB"),
        *(_without(name) for name in ("format", "algorithm", "signature", "unverifiedCertificate")),
    ],
)
def test_both_refuse_the_same(city: City, make: Callable[[City], Token]) -> None:
    assert opinions(city, make(city)) == (False, False)


def test_both_refuse_a_weak_nonce(city: City) -> None:
    weak = "A" * 43
    token = write_token(city.signer(), "p256", nonce=weak)
    assert opinions(city, token, nonce=weak) == (False, False)


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [("p256", "RS256"), ("rsa2048", "ES256"), ("rsa2048", "PS256"), ("rsa2048", "HS256")],
)
def test_an_algorithm_of_another_key_confuses_nobody(
    city: City, kind: KeyKind, algorithm: str
) -> None:
    token = {**write_token(city.signer(kind), kind), "algorithm": algorithm}
    verdict = Verifier(city.anchors, clock=lambda: NOW).login(token, origin=ORIGIN, nonce=NONCE)
    reasons = {one.reason for one in verdict.errors}
    assert reasons & {Reason.ALGORITHM_UNSUITABLE, Reason.ALGORITHM_UNSUPPORTED}

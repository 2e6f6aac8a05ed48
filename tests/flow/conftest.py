"""Who issues the certificates of these tests, and the department that judges what comes of them."""

from datetime import UTC, datetime

import pytest

from signet_protocol.verify import (
    RevocationPolicy,
    TrustAnchors,
    VerificationPolicy,
    Verifier,
)
from tests.kit import pki
from tests.kit.national import Sm2Authority, Sm2Person


@pytest.fixture(scope="module")
def authority() -> Sm2Authority:
    return Sm2Authority.create("云汀市国密 CA")


@pytest.fixture(scope="module")
def citizen(authority: Sm2Authority) -> Sm2Person:
    return authority.issue()


@pytest.fixture(scope="module")
def city() -> pki.Hierarchy:
    return pki.Hierarchy.create()


@pytest.fixture
def verifier(authority: Sm2Authority, city: pki.Hierarchy) -> Verifier:
    return Verifier(
        TrustAnchors.from_pem(authority.pem + city.pem),
        VerificationPolicy(revocation=RevocationPolicy(mode="ignore")),
        clock=lambda: datetime.now(UTC),
    )

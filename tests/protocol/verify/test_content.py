"""A digest in the place of a document that the department keeps elsewhere."""

import hashlib
from dataclasses import replace

import pytest

from signet_protocol.verify import (
    ContentDigest,
    Reason,
    RevocationPolicy,
    VerificationPolicy,
    Verifier,
)
from signet_protocol.verify.content import DigestName
from tests.protocol.verify.city import CONTENT, City
from tests.protocol.verify.draft import Draft

pytestmark = pytest.mark.quick

RIGHT = ContentDigest("SHA-256", hashlib.sha256(CONTENT).digest())
WRONG = replace(RIGHT, octets=bytes(32))


def judge(
    city: City, digest: ContentDigest, *, held: bytes | None = None, attached: bool = False
) -> list[Reason]:
    """Return the reasons for which a signature over the content is refused."""
    policy = VerificationPolicy(revocation=RevocationPolicy(mode="ignore"))
    draft = Draft(city.signer(), CONTENT)
    draft.embedded = CONTENT if attached else None
    report = Verifier(city.anchors, policy).signature(draft.build(), content=held, digest=digest)
    if report.accepted:
        assert report.digest == RIGHT.octets.hex()
    return [error.reason for error in report.errors]


@pytest.mark.parametrize("held", [None, CONTENT])
@pytest.mark.parametrize("attached", [False, True])
def test_the_right_digest_is_accepted_beside_and_without_the_document(
    city: City, held: bytes | None, *, attached: bool
) -> None:
    assert judge(city, RIGHT, held=held, attached=attached) == []


@pytest.mark.parametrize("held", [None, CONTENT])
@pytest.mark.parametrize("attached", [False, True])
def test_a_wrong_digest_is_refused_beside_and_without_the_document(
    city: City, held: bytes | None, *, attached: bool
) -> None:
    assert judge(city, WRONG, held=held, attached=attached) == [Reason.CONTENT_DIFFERENT]


@pytest.mark.parametrize("name", ["SHA-384", "SHA-512"])
def test_a_digest_by_another_algorithm_serves_an_attached_signature_only(
    city: City, name: DigestName
) -> None:
    digest = ContentDigest(name, hashlib.new(name.replace("-", ""), CONTENT).digest())
    assert judge(city, digest, attached=True, held=CONTENT) == []
    assert judge(city, digest) == [Reason.CONTENT_MISSING]

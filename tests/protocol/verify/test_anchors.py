"""Which authorities a department trusts, and which ways lead to them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import NameOID, ObjectIdentifier

from signet_protocol.verify import Reason, TrustAnchorError, TrustAnchors
from signet_protocol.verify.anchors import MAX_AUTHORITIES
from tests.kit.pki import (
    AUTHORITY,
    CITIZEN,
    LOGIN,
    Authority,
    Extension,
    Hierarchy,
    key_usage,
    private_key,
)
from tests.protocol.verify.city import City, refused

pytestmark = pytest.mark.quick

NOW = datetime.now(UTC)
IS_AUTHORITY: Extension = (x509.BasicConstraints(ca=True, path_length=None), True)
MAY_ISSUE: Extension = (key_usage(AUTHORITY), True)


def issue(authority: Authority) -> x509.Certificate:
    return authority.issue(CITIZEN, private_key("p256").public_key())


def require_chain(root: Authority, issuer: Authority, others: Iterable[Authority] = ()) -> None:
    """Look for a chain from a person of one authority to a root, by way of others."""
    TrustAnchors([root.certificate]).require_chain(
        issue(issuer), NOW, [other.certificate for other in others]
    )


def test_a_file_of_three_certificates_gives_one_root_and_two_intermediates() -> None:
    hierarchy = Hierarchy.create()
    anchors = TrustAnchors.from_pem(hierarchy.pem)
    anchors.require_chain(issue(hierarchy.enterprise), NOW)
    anchors.require_chain(issue(hierarchy.citizen), NOW)


def test_a_root_may_issue_to_a_person_itself() -> None:
    root = Authority.create("根")
    require_chain(root, root)


def test_an_intermediate_may_come_with_the_signature() -> None:
    root = Authority.create("根")
    authority = Authority.create("中间", parent=root)
    require_chain(root, authority, [authority])


def test_without_its_intermediate_a_certificate_is_not_trusted() -> None:
    root = Authority.create("根")
    with refused(Reason.CERTIFICATE_UNTRUSTED):
        require_chain(root, Authority.create("中间", parent=root))


def test_a_root_that_came_with_the_signature_is_not_trusted() -> None:
    stranger = Authority.create("根")
    with refused(Reason.CERTIFICATE_UNTRUSTED):
        require_chain(Authority.create("根"), stranger, [stranger])


def test_an_intermediate_of_the_configuration_ends_no_chain() -> None:
    hierarchy, stranger = Hierarchy.create(), Hierarchy.create()
    anchors = TrustAnchors([hierarchy.root.certificate], [stranger.citizen.certificate])
    with refused(Reason.CERTIFICATE_UNTRUSTED):
        anchors.require_chain(issue(stranger.citizen), NOW)


def test_a_person_cannot_issue_certificates() -> None:
    root = Authority.create("根")
    key = private_key("p256", 1)
    person = Authority(root.issue(CITIZEN, key.public_key()), key)
    with refused(Reason.CERTIFICATE_UNTRUSTED):
        require_chain(root, person, [person])


@pytest.mark.parametrize(
    "extensions",
    [
        [MAY_ISSUE],
        [IS_AUTHORITY],
        [(x509.BasicConstraints(ca=False, path_length=None), True), MAY_ISSUE],
        [IS_AUTHORITY, (key_usage(LOGIN), True)],
        [
            IS_AUTHORITY,
            MAY_ISSUE,
            (x509.UnrecognizedExtension(ObjectIdentifier("1.2.3"), b""), True),
        ],
        [
            IS_AUTHORITY,
            MAY_ISSUE,
            (
                x509.NameConstraints(
                    [
                        x509.DirectoryName(
                            x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "FI")])
                        )
                    ],
                    None,
                ),
                True,
            ),
        ],
    ],
    ids=[
        "without basicConstraints",
        "without keyUsage",
        "basicConstraints say no",
        "keyUsage lacks keyCertSign",
        "unknown critical extension",
        "constrained to other names",
    ],
)
def test_an_authority_out_of_order_is_not_trusted(extensions: list[Extension]) -> None:
    root = Authority.create("根")
    authority = Authority.create("中间", parent=root, extensions=extensions)
    with refused(Reason.CERTIFICATE_UNTRUSTED):
        require_chain(root, authority, [authority])


@pytest.mark.parametrize(
    ("start", "end"),
    [(timedelta(days=-9), timedelta(days=-1)), (timedelta(days=1), timedelta(days=9))],
    ids=["expired", "not yet valid"],
)
def test_an_authority_outside_its_validity_is_not_trusted(start: timedelta, end: timedelta) -> None:
    root = Authority.create("根")
    old = Authority.create("中间", parent=root, not_before=NOW + start, not_after=NOW + end)
    with refused(Reason.CERTIFICATE_UNTRUSTED):
        require_chain(root, old, [old])
    old_root = Authority.create("根", not_before=NOW + start, not_after=NOW + end)
    with refused(Reason.CERTIFICATE_UNTRUSTED):
        require_chain(old_root, old_root)


def test_a_path_length_is_kept() -> None:
    no_further = (x509.BasicConstraints(ca=True, path_length=0), True)
    root = Authority.create("根")
    last = Authority.create("末级", parent=root, extensions=[no_further, MAY_ISSUE])
    require_chain(root, last, [last])
    below = Authority.create("越级", parent=last)
    with refused(Reason.CERTIFICATE_UNTRUSTED):
        require_chain(root, below, [last, below])


def test_a_chain_has_a_longest_length() -> None:
    chain = [Authority.create("0")]
    for number in range(1, MAX_AUTHORITIES + 2):
        chain.append(Authority.create(str(number), parent=chain[-1]))
    require_chain(chain[0], chain[MAX_AUTHORITIES], chain)
    with refused(Reason.CERTIFICATE_UNTRUSTED):
        require_chain(chain[0], chain[MAX_AUTHORITIES + 1], chain)


def test_authorities_that_vouch_for_each_other_end_in_a_refusal() -> None:
    keys = [private_key("p256", number) for number in (2, 3)]
    first = Authority.create("甲", key=keys[0])
    second = Authority.create("乙", parent=first, key=keys[1])
    back = Authority.create("甲", parent=second, key=keys[0])
    with refused(Reason.CERTIFICATE_UNTRUSTED):
        require_chain(Authority.create("根"), second, [second, back])


def test_an_authority_with_a_weak_key_is_not_trusted() -> None:
    root = Authority.create("根")
    strong = Authority.create("中间", parent=root, key=private_key("rsa2048"))
    require_chain(root, strong, [strong])
    weak = Authority.create("中间", parent=root, key=private_key("rsa1024"))
    with refused(Reason.CERTIFICATE_UNTRUSTED):
        require_chain(root, weak, [weak])


def test_a_file_without_certificates_is_refused() -> None:
    with pytest.raises(TrustAnchorError, match="cannot be read"):
        TrustAnchors.from_pem(b"nothing here")


def test_a_file_without_a_root_is_refused() -> None:
    with pytest.raises(TrustAnchorError, match="no root"):
        TrustAnchors.from_pem(Hierarchy.create().citizen.pem)


def test_a_file_with_a_person_in_it_is_refused(city: City) -> None:
    person = city.signer().certificate.public_bytes(Encoding.PEM)
    with pytest.raises(TrustAnchorError, match="not a certification authority's"):
        TrustAnchors.from_pem(city.hierarchy.pem + person)


def test_an_anchor_with_a_broken_extension_is_refused() -> None:
    broken = (x509.UnrecognizedExtension(ObjectIdentifier("2.5.29.19"), b"\x30\x05"), True)
    root = Authority.create("根", extensions=[broken])
    with pytest.raises(TrustAnchorError, match="cannot be read"):
        TrustAnchors([root.certificate])

"""Which ways lead from a certificate to a root, and what is wrong with the others."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509 import NameOID, ObjectIdentifier

from signet_protocol.verify import Reason, TrustAnchors
from signet_protocol.verify.chains import (
    MAX_AUTHORITIES,
    MAX_SIGNATURE_CHECKS,
    Chain,
    ChainBuilder,
    has_policy,
)
from signet_protocol.verify.policy import AlgorithmPolicy
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

pytestmark = pytest.mark.quick

NOW = datetime.now(UTC)
IS_AUTHORITY: Extension = (x509.BasicConstraints(ca=True, path_length=None), True)
MAY_ISSUE: Extension = (key_usage(AUTHORITY), True)


def issue(authority: Authority) -> x509.Certificate:
    return authority.issue(CITIZEN, private_key("p256").public_key())


def build(trust: TrustAnchors, certificate: x509.Certificate, *others: Authority) -> Chain:
    builder = ChainBuilder(trust, AlgorithmPolicy(), timedelta(seconds=60))
    return builder.build(certificate, NOW, [other.certificate for other in others])


def find_reasons(
    root: Authority, issuer: Authority, others: Iterable[Authority] = ()
) -> set[Reason]:
    """Look for a chain from a person of one authority to a root; say what is wrong with it."""
    chain = build(TrustAnchors([root.certificate]), issue(issuer), *others)
    return {finding.reason for finding in chain.findings}


def require_chain(root: Authority, issuer: Authority, others: Iterable[Authority] = ()) -> None:
    assert find_reasons(root, issuer, others) == set()


def test_a_file_of_three_certificates_gives_one_root_and_two_intermediates() -> None:
    hierarchy = Hierarchy.create()
    anchors = TrustAnchors.from_pem(hierarchy.pem)
    for authority in (hierarchy.enterprise, hierarchy.citizen):
        chain = build(anchors, issue(authority))
        assert chain.trusted
        assert [one.subject for one in chain.path[1:]] == [
            authority.certificate.subject,
            hierarchy.root.certificate.subject,
        ]


def test_a_root_may_issue_to_a_person_itself() -> None:
    root = Authority.create("根")
    require_chain(root, root)


def test_an_intermediate_may_come_with_the_signature() -> None:
    root = Authority.create("根")
    authority = Authority.create("中间", parent=root)
    require_chain(root, authority, [authority])


def test_without_its_intermediate_a_certificate_is_not_trusted() -> None:
    root = Authority.create("根")
    assert find_reasons(root, Authority.create("中间", parent=root)) == {
        Reason.CERTIFICATE_UNTRUSTED
    }


def test_a_root_that_came_with_the_signature_is_not_trusted() -> None:
    stranger = Authority.create("根")
    assert find_reasons(Authority.create("根"), stranger, [stranger]) == {
        Reason.CERTIFICATE_UNTRUSTED
    }


def test_an_intermediate_of_the_configuration_ends_no_chain() -> None:
    hierarchy, stranger = Hierarchy.create(), Hierarchy.create()
    anchors = TrustAnchors([hierarchy.root.certificate], [stranger.citizen.certificate])
    chain = build(anchors, issue(stranger.citizen))
    assert not chain.trusted
    assert len(chain.path) == 2
    assert [one.reason for one in chain.findings] == [Reason.CERTIFICATE_UNTRUSTED]


def test_a_person_cannot_issue_certificates() -> None:
    root = Authority.create("根")
    key = private_key("p256", 1)
    person = Authority(root.issue(CITIZEN, key.public_key()), key)
    assert find_reasons(root, person, [person]) == {Reason.AUTHORITY_UNSUITABLE}


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
    assert find_reasons(root, authority, [authority]) == {Reason.AUTHORITY_UNSUITABLE}


@pytest.mark.parametrize(
    ("start", "end"),
    [(timedelta(days=-9), timedelta(days=-1)), (timedelta(days=1), timedelta(days=9))],
    ids=["expired", "not yet valid"],
)
def test_an_authority_outside_its_validity_is_not_trusted(start: timedelta, end: timedelta) -> None:
    root = Authority.create("根")
    old = Authority.create("中间", parent=root, not_before=NOW + start, not_after=NOW + end)
    assert find_reasons(root, old, [old]) == {Reason.AUTHORITY_NOT_VALID}
    old_root = Authority.create("根", not_before=NOW + start, not_after=NOW + end)
    assert find_reasons(old_root, old_root) == {Reason.AUTHORITY_NOT_VALID}


def test_a_path_length_is_kept() -> None:
    no_further = (x509.BasicConstraints(ca=True, path_length=0), True)
    root = Authority.create("根")
    last = Authority.create("末级", parent=root, extensions=[no_further, MAY_ISSUE])
    require_chain(root, last, [last])
    below = Authority.create("越级", parent=last)
    assert find_reasons(root, below, [last, below]) == {Reason.AUTHORITY_UNSUITABLE}


def test_a_chain_has_a_longest_length() -> None:
    chain = [Authority.create("0")]
    for number in range(1, MAX_AUTHORITIES + 2):
        chain.append(Authority.create(str(number), parent=chain[-1]))
    require_chain(chain[0], chain[MAX_AUTHORITIES], chain)
    assert find_reasons(chain[0], chain[MAX_AUTHORITIES + 1], chain) == {
        Reason.CERTIFICATE_UNTRUSTED
    }


def test_authorities_that_vouch_for_each_other_end_in_a_refusal() -> None:
    keys = [private_key("p256", number) for number in (2, 3)]
    first = Authority.create("甲", key=keys[0])
    second = Authority.create("乙", parent=first, key=keys[1])
    back = Authority.create("甲", parent=second, key=keys[0])
    assert find_reasons(Authority.create("根"), second, [second, back]) == {
        Reason.CERTIFICATE_UNTRUSTED
    }


def test_an_authority_with_a_weak_key_is_not_trusted() -> None:
    root = Authority.create("根")
    strong = Authority.create("中间", parent=root, key=private_key("rsa2048"))
    require_chain(root, strong, [strong])
    weak = Authority.create("中间", parent=root, key=private_key("rsa1024"))
    assert find_reasons(root, weak, [weak]) == {Reason.CERTIFICATE_UNTRUSTED}


def constraints(
    permitted: list[x509.GeneralName] | None, excluded: list[x509.GeneralName] | None = None
) -> Extension:
    return (x509.NameConstraints(permitted, excluded), True)


def country(name: str) -> x509.GeneralName:
    return x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, name)]))


@pytest.mark.parametrize(
    ("constraint", "allowed"),
    [
        (constraints([country("CN")]), True),
        (constraints([country("FI"), country("CN")]), True),
        (constraints(None, [country("FI")]), True),
        (constraints(None, [country("CN")]), False),
        (constraints([x509.DNSName("example.com")]), True),
    ],
    ids=["permitted", "one of two", "others excluded", "excluded", "of another form"],
)
def test_names_are_held_to_what_their_authority_may_certify(
    constraint: Extension, *, allowed: bool
) -> None:
    root = Authority.create("根")
    limited = Authority.create(
        "中间", parent=root, extensions=[IS_AUTHORITY, MAY_ISSUE, constraint]
    )
    expected = set() if allowed else {Reason.AUTHORITY_UNSUITABLE}
    # The authority's own name has no country, so only holders are judged here.
    assert find_reasons(root, limited, [limited]) == expected


@pytest.mark.parametrize("name", [x509.DNSName("a.cn"), x509.RFC822Name("a@example.com")])
def test_a_constraint_that_is_not_compared_refuses_names_of_its_form(
    name: x509.GeneralName,
) -> None:
    root = Authority.create("根")
    limit = constraints([x509.DNSName("cn"), x509.RFC822Name("example.com")])
    limited = Authority.create("中间", parent=root, extensions=[IS_AUTHORITY, MAY_ISSUE, limit])
    named = (x509.SubjectAlternativeName([name]), False)
    person = limited.issue(CITIZEN, private_key("p256").public_key(), extensions=[named])
    chain = build(TrustAnchors([root.certificate]), person, limited)
    assert [one.reason for one in chain.findings] == [Reason.AUTHORITY_UNSUITABLE]


def test_of_two_ways_the_one_in_order_is_taken() -> None:
    root, key = Authority.create("根"), private_key("p256", 7)
    old = Authority.create(
        "中间", parent=root, key=key, not_before=NOW - timedelta(9), not_after=NOW - timedelta(1)
    )
    new = Authority.create("中间", parent=root, key=key)
    chain = build(TrustAnchors([root.certificate]), issue(new), old, new)
    assert chain.findings == ()
    assert chain.path[1] == new.certificate


def test_a_search_among_authorities_of_one_name_ends() -> None:
    root = Authority.create("根")
    crowd = [Authority.create("中间", parent=root) for _ in range(MAX_SIGNATURE_CHECKS + 1)]
    chain = build(TrustAnchors([root.certificate]), issue(crowd[-1]), *crowd)
    assert [one.reason for one in chain.findings] == [Reason.CERTIFICATE_UNTRUSTED]
    assert "too many" in chain.findings[0].detail


def test_a_policy_has_to_stand_in_every_certificate_below_the_root() -> None:
    def policies(*oids: str) -> Extension:
        named = [x509.PolicyInformation(ObjectIdentifier(oid), None) for oid in oids]
        return (x509.CertificatePolicies(named), False)

    root = Authority.create("根")
    for named, holds in [(["1.2.3"], True), (["2.5.29.32.0"], True), (["1.2.4"], False)]:
        extensions = [IS_AUTHORITY, MAY_ISSUE, policies(*named)]
        authority = Authority.create("中间", parent=root, extensions=extensions)
        person = authority.issue(
            CITIZEN, private_key("p256").public_key(), extensions=[policies("1.2.3")]
        )
        path = (person, authority.certificate, root.certificate)
        assert has_policy(path, ("9.9", "1.2.3")) is holds
        assert not has_policy(path, ("1.2.5",))

"""Whether a certificate was revoked: which lists and responses are believed, and what follows."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from signet_protocol.verify import (
    GivenRevocation,
    LoginReport,
    Reason,
    RevocationPolicy,
    RevocationSource,
    RevocationState,
    Severity,
    TrustAnchors,
    VerificationPolicy,
    Verifier,
)
from signet_protocol.verify.reports import RevocationSourceKind
from signet_protocol.verify.revocation import crl as crl_module
from signet_protocol.verify.revocation import judge as judge_module
from signet_protocol.verify.revocation import ocsp as ocsp_module
from tests.kit.pki import Authority, Extension, Subject, key_usage, private_key
from tests.protocol.verify.city import NONCE, ORIGIN, City, write_token
from tests.protocol.verify.draft import Signer
from tests.protocol.verify.status import HOUR, NOW, Answer, List, create_responder

pytestmark = pytest.mark.quick

CRL_ADDRESS = x509.UniformResourceIdentifier("http://crl.example/citizen.crl")


@pytest.fixture(scope="module")
def person(city: City) -> Signer:
    points = x509.CRLDistributionPoints([x509.DistributionPoint([CRL_ADDRESS], None, None, None)])
    return city.signer(extensions=[(points, False)])


def login(
    city: City,
    person: Signer,
    *sources: RevocationSource,
    mode: Literal["require", "prefer", "ignore"] = "require",
) -> LoginReport:
    """Log in where the holder's revocation counts and the authority's does not."""
    revocation = RevocationPolicy(mode=mode, authorities=False)
    verifier = Verifier(
        city.anchors,
        VerificationPolicy(revocation=revocation),
        revocation=sources,
        clock=lambda: NOW,
    )
    return verifier.login(write_token(person, "p256"), origin=ORIGIN, nonce=NONCE)


def reasons(report: LoginReport) -> list[Reason]:
    return [finding.reason for finding in report.findings]


def refuses(city: City, person: Signer, source: RevocationSource, reason: Reason) -> LoginReport:
    """Hand in evidence that is not believed, and see why."""
    report = login(city, person, source)
    assert reasons(report) == [reason, Reason.REVOCATION_UNKNOWN]
    assert [one.severity for one in report.findings] == [Severity.WARNING, Severity.ERROR]
    return report


def given_crl(draft: List) -> GivenRevocation:
    return GivenRevocation(crls=[draft.der()])


class TestLists:
    def test_a_certificate_that_is_not_on_its_authoritys_list_is_good(
        self, city: City, person: Signer
    ) -> None:
        report = login(city, person, given_crl(List(city.hierarchy.citizen)))
        assert report.accepted
        assert report.findings == ()
        facts = report.chain[0].revocation
        assert (facts.state, facts.method) == (RevocationState.GOOD, "crl")
        assert facts.source is RevocationSourceKind.GIVEN
        assert (facts.this_update, facts.next_update) == (NOW - HOUR, NOW + HOUR)
        assert facts.age_seconds == 3600
        assert report.chain[1].revocation.state is RevocationState.NOT_ASKED

    def test_a_revoked_certificate_is_refused(self, city: City, person: Signer) -> None:
        draft = List(
            city.hierarchy.citizen,
            (person.certificate,),
            reason=x509.ReasonFlags.affiliation_changed,
        )
        report = login(city, person, given_crl(draft))
        assert reasons(report) == [Reason.CERTIFICATE_REVOKED]
        facts = report.chain[0].revocation
        assert facts.state is RevocationState.REVOKED
        assert facts.revoked_at == NOW - HOUR
        assert facts.why == "affiliationChanged"

    def test_a_revocation_without_a_reason_is_one(self, city: City, person: Signer) -> None:
        draft = List(city.hierarchy.citizen, (person.certificate,))
        report = login(city, person, given_crl(draft), mode="prefer")
        assert reasons(report) == [Reason.CERTIFICATE_REVOKED]
        assert not report.accepted

    @pytest.mark.parametrize(
        ("this_update", "next_update"),
        [
            (NOW - 9 * HOUR, NOW - HOUR),
            (NOW - 24 * 9 * HOUR, NOW + HOUR),
            (NOW + HOUR, NOW + 2 * HOUR),
        ],
        ids=["past its next update", "too old", "of the future"],
    )
    def test_a_stale_list_is_not_believed(
        self, city: City, person: Signer, this_update: datetime, next_update: datetime
    ) -> None:
        draft = List(city.hierarchy.citizen, this_update=this_update, next_update=next_update)
        refuses(city, person, given_crl(draft), Reason.REVOCATION_STALE)

    def test_a_list_may_be_ahead_by_the_clock_skew_and_no_further(
        self, city: City, person: Signer
    ) -> None:
        ahead = List(city.hierarchy.citizen, this_update=NOW + timedelta(seconds=60))
        assert login(city, person, given_crl(ahead)).accepted
        ahead = replace(ahead, this_update=NOW + timedelta(seconds=61))
        refuses(city, person, given_crl(ahead), Reason.REVOCATION_STALE)

    def test_a_list_of_another_authority_tells_nothing(self, city: City, person: Signer) -> None:
        draft = List(city.hierarchy.enterprise)
        refuses(city, person, given_crl(draft), Reason.REVOCATION_ELSEWHERE)

    def test_a_list_that_a_stranger_signed_is_not_believed(
        self, city: City, person: Signer
    ) -> None:
        draft = List(city.hierarchy.citizen, key=private_key("p256", 5))
        refuses(city, person, given_crl(draft), Reason.REVOCATION_UNTRUSTED)

    def test_an_authority_that_may_not_sign_lists_is_not_believed(self, city: City) -> None:
        usage = key_usage(frozenset({"key_cert_sign"}))
        extensions = [(x509.BasicConstraints(ca=True, path_length=None), True), (usage, True)]
        silent = Authority.create("中间", parent=city.hierarchy.root, extensions=extensions)
        person = city.signer(authority=silent)
        verifier = Verifier(
            TrustAnchors(city.anchors.roots, [silent.certificate]),
            VerificationPolicy(revocation=RevocationPolicy(authorities=False)),
            revocation=[given_crl(List(silent))],
            clock=lambda: NOW,
        )
        report = verifier.login(write_token(person, "p256"), origin=ORIGIN, nonce=NONCE)
        assert reasons(report) == [Reason.REVOCATION_UNTRUSTED, Reason.REVOCATION_UNKNOWN]

    @pytest.mark.parametrize(
        ("extension", "believed"),
        [
            ((x509.DeltaCRLIndicator(1), True), False),
            (
                (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"), True),
                False,
            ),
            (
                (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"), False),
                True,
            ),
            ((x509.CRLNumber(7), False), True),
        ],
        ids=["delta", "unknown critical", "unknown", "number"],
    )
    def test_a_list_with_an_extension_is_believed_only_if_it_is_understood(
        self, city: City, person: Signer, extension: Extension, *, believed: bool
    ) -> None:
        draft = List(city.hierarchy.citizen, extensions=(extension,))
        report = login(city, person, given_crl(draft))
        assert report.accepted is believed

    @pytest.mark.parametrize(
        ("scope", "believed"),
        [
            ({"full_name": [CRL_ADDRESS]}, True),
            ({"only_contains_user_certs": True}, True),
            ({"full_name": [x509.UniformResourceIdentifier("http://crl.example/2.crl")]}, False),
            ({"only_contains_ca_certs": True}, False),
            ({"only_contains_attribute_certs": True}, False),
            ({"indirect_crl": True}, False),
            ({"only_some_reasons": frozenset({x509.ReasonFlags.key_compromise})}, False),
            (
                {
                    "relative_name": x509.RelativeDistinguishedName(
                        [x509.NameAttribute(x509.NameOID.COMMON_NAME, "1")]
                    )
                },
                False,
            ),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
    )
    def test_a_list_of_a_scope_counts_for_what_is_in_it(
        self, city: City, person: Signer, scope: dict[str, Any], *, believed: bool
    ) -> None:
        empty = dict.fromkeys(("full_name", "relative_name", "only_some_reasons"))
        kinds = ("only_contains_user_certs", "only_contains_ca_certs")
        flags = dict.fromkeys((*kinds, "only_contains_attribute_certs", "indirect_crl"), False)
        point = x509.IssuingDistributionPoint(**{**empty, **flags, **scope})
        draft = List(city.hierarchy.citizen, extensions=((point, True),))
        report = login(city, person, given_crl(draft))
        assert report.accepted is believed

    @pytest.mark.parametrize("octets", [b"", b"\x30\x80", b"\x30\x03\x02\x01\x01"])
    def test_octets_that_are_no_list_are_said_to_be_none(
        self, city: City, person: Signer, octets: bytes
    ) -> None:
        refuses(city, person, GivenRevocation(crls=[octets]), Reason.REVOCATION_MALFORMED)

    def test_a_list_cut_short_is_none(self, city: City, person: Signer) -> None:
        der = List(city.hierarchy.citizen).der()
        refuses(city, person, GivenRevocation(crls=[der[:-1]]), Reason.REVOCATION_MALFORMED)

    def test_a_list_that_is_too_large_is_not_read(
        self, city: City, person: Signer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(crl_module, "MAX_CRL_BYTES", 10)
        source = given_crl(List(city.hierarchy.citizen))
        refuses(city, person, source, Reason.REVOCATION_MALFORMED)

    def test_a_bad_list_does_not_hide_a_good_one(self, city: City, person: Signer) -> None:
        stranger = List(city.hierarchy.enterprise).der()
        good = List(city.hierarchy.citizen).der()
        report = login(city, person, GivenRevocation(crls=[stranger, good]))
        assert report.accepted
        assert reasons(report) == [Reason.REVOCATION_ELSEWHERE]

    def test_only_so_much_evidence_is_judged(
        self, city: City, person: Signer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(judge_module, "MAX_EVIDENCE", 2)
        good = List(city.hierarchy.citizen).der()
        report = login(city, person, GivenRevocation(crls=[b"", b"", good]))
        assert not report.accepted
        assert Reason.REVOCATION_UNKNOWN in reasons(report)


class TestResponses:
    @pytest.mark.parametrize("by_name", [True, False], ids=["by name", "by key"])
    def test_a_response_of_the_authority_is_believed(
        self, city: City, person: Signer, *, by_name: bool
    ) -> None:
        answer = Answer(person.certificate, city.hierarchy.citizen, by_name=by_name)
        report = login(city, person, GivenRevocation(ocsp=[answer.der()]))
        assert report.findings == ()
        assert report.chain[0].revocation.method == "ocsp"

    def test_a_response_of_a_responder_of_the_authoritys_own_is_believed(
        self, city: City, person: Signer
    ) -> None:
        answer = Answer(person.certificate, city.hierarchy.citizen)
        der = answer.by(create_responder(city.hierarchy.citizen))
        assert login(city, person, GivenRevocation(ocsp=[der])).accepted

    def test_a_revoked_certificate_is_refused(self, city: City, person: Signer) -> None:
        revoked = ocsp.OCSPCertStatus.REVOKED
        answer = Answer(person.certificate, city.hierarchy.citizen, revoked)
        report = login(city, person, GivenRevocation(ocsp=[answer.der()]))
        assert reasons(report) == [Reason.CERTIFICATE_REVOKED]
        assert report.chain[0].revocation.why == "keyCompromise"

    def test_a_certificate_that_the_responder_does_not_know_is_not_good(
        self, city: City, person: Signer
    ) -> None:
        unknown = ocsp.OCSPCertStatus.UNKNOWN
        answer = Answer(person.certificate, city.hierarchy.citizen, unknown)
        source = GivenRevocation(ocsp=[answer.der()])
        refuses(city, person, source, Reason.REVOCATION_ELSEWHERE)

    def test_a_response_about_another_number_tells_nothing(
        self, city: City, person: Signer
    ) -> None:
        key = private_key("p256", 4).public_key()
        other = city.hierarchy.citizen.issue(Subject("李四"), key)
        source = GivenRevocation(ocsp=[Answer(other, city.hierarchy.citizen).der()])
        refuses(city, person, source, Reason.REVOCATION_ELSEWHERE)

    def test_a_response_about_the_number_of_another_authority_tells_nothing(
        self, city: City, person: Signer
    ) -> None:
        # The citizen authority itself signs, but about the enterprise authority's number.
        answer = Answer(person.certificate, city.hierarchy.enterprise)
        der = replace(answer, responder=city.hierarchy.citizen).der()
        refuses(city, person, GivenRevocation(ocsp=[der]), Reason.REVOCATION_ELSEWHERE)

    def test_a_stranger_is_not_believed(self, city: City, person: Signer) -> None:
        answer = Answer(person.certificate, city.hierarchy.citizen)
        stranger = create_responder(Authority.create("云汀市证书服务中心（示例）市民 CA"))
        source = GivenRevocation(ocsp=[answer.by(stranger)])
        refuses(city, person, source, Reason.REVOCATION_UNTRUSTED)

    def test_a_responder_of_another_authority_is_not_believed(
        self, city: City, person: Signer
    ) -> None:
        answer = Answer(person.certificate, city.hierarchy.citizen)
        source = GivenRevocation(ocsp=[answer.by(create_responder(city.hierarchy.enterprise))])
        refuses(city, person, source, Reason.REVOCATION_UNTRUSTED)

    @pytest.mark.parametrize(
        "usages", [(), (ExtendedKeyUsageOID.CLIENT_AUTH,)], ids=["no usage", "another usage"]
    )
    def test_a_person_of_the_authoritys_cannot_answer_for_it(
        self, city: City, person: Signer, usages: tuple[x509.ObjectIdentifier, ...]
    ) -> None:
        answer = Answer(person.certificate, city.hierarchy.citizen)
        source = GivenRevocation(ocsp=[answer.by(create_responder(city.hierarchy.citizen, usages))])
        refuses(city, person, source, Reason.REVOCATION_UNTRUSTED)

    def test_a_responder_whose_certificate_is_over_is_not_believed(
        self, city: City, person: Signer
    ) -> None:
        validity = (NOW - 20 * HOUR, NOW - 10 * HOUR)
        old = create_responder(city.hierarchy.citizen, validity=validity)
        source = GivenRevocation(ocsp=[Answer(person.certificate, city.hierarchy.citizen).by(old)])
        refuses(city, person, source, Reason.REVOCATION_UNTRUSTED)

    @pytest.mark.parametrize(
        ("this_update", "next_update"),
        [
            (NOW - 9 * HOUR, NOW - HOUR),
            (NOW - 25 * HOUR, None),
            (NOW - 25 * HOUR, NOW + HOUR),
            (NOW + HOUR, NOW + 2 * HOUR),
        ],
        ids=["expired", "old, without next update", "too old", "of the future"],
    )
    def test_a_replayed_or_expired_response_is_not_believed(
        self, city: City, person: Signer, this_update: datetime, next_update: datetime | None
    ) -> None:
        answer = Answer(
            person.certificate,
            city.hierarchy.citizen,
            this_update=this_update,
            next_update=next_update,
        )
        source = GivenRevocation(ocsp=[answer.der()])
        refuses(city, person, source, Reason.REVOCATION_STALE)

    def test_a_responder_that_has_no_answer_is_unavailable(
        self, city: City, person: Signer
    ) -> None:
        status = ocsp.OCSPResponseStatus.TRY_LATER
        response = ocsp.OCSPResponseBuilder.build_unsuccessful(status)
        source = GivenRevocation(ocsp=[response.public_bytes(Encoding.DER)])
        refuses(city, person, source, Reason.REVOCATION_UNAVAILABLE)

    def test_a_response_with_one_bit_changed_is_not_believed(
        self, city: City, person: Signer
    ) -> None:
        der = bytearray(Answer(person.certificate, city.hierarchy.citizen).der())
        der[-1] ^= 1
        report = login(city, person, GivenRevocation(ocsp=[bytes(der)]))
        assert not report.accepted

    @pytest.mark.parametrize("octets", [b"", b"\x30\x80", b"\x30\x03\x0a\x01\x00"])
    def test_octets_that_are_no_response_are_said_to_be_none(
        self, city: City, person: Signer, octets: bytes
    ) -> None:
        refuses(city, person, GivenRevocation(ocsp=[octets]), Reason.REVOCATION_MALFORMED)

    def test_a_response_that_is_too_large_is_not_read(
        self, city: City, person: Signer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ocsp_module, "MAX_OCSP_BYTES", 10)
        source = GivenRevocation(ocsp=[Answer(person.certificate, city.hierarchy.citizen).der()])
        refuses(city, person, source, Reason.REVOCATION_MALFORMED)

    def test_answers_beyond_the_bound_are_not_looked_at(
        self, city: City, person: Signer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ocsp_module, "MAX_ANSWERS", 0)
        source = GivenRevocation(ocsp=[Answer(person.certificate, city.hierarchy.citizen).der()])
        refuses(city, person, source, Reason.REVOCATION_ELSEWHERE)


class TestPolicy:
    def test_what_cannot_be_learned_is_refused_unless_the_policy_prefers(
        self, city: City, person: Signer
    ) -> None:
        required = login(city, person)
        assert [(one.reason, one.severity) for one in required.findings] == [
            (Reason.REVOCATION_UNKNOWN, Severity.ERROR)
        ]
        preferred = login(city, person, mode="prefer")
        assert preferred.accepted
        assert [(one.reason, one.severity) for one in preferred.findings] == [
            (Reason.REVOCATION_UNKNOWN, Severity.WARNING)
        ]
        assert preferred.chain[0].revocation.state is RevocationState.UNKNOWN

    def test_a_policy_that_does_not_ask_says_so(self, city: City, person: Signer) -> None:
        draft = List(city.hierarchy.citizen, (person.certificate,))
        report = login(city, person, given_crl(draft), mode="ignore")
        assert report.accepted
        assert [(one.reason, one.severity) for one in report.findings] == [
            (Reason.REVOCATION_NOT_ASKED, Severity.NOTE)
        ]

    def test_an_authority_is_asked_for_too(self, city: City, person: Signer) -> None:
        own = List(city.hierarchy.citizen).der()
        above = List(city.hierarchy.root, (city.hierarchy.citizen.certificate,)).der()
        verifier = Verifier(
            city.anchors, revocation=[GivenRevocation(crls=[own, above])], clock=lambda: NOW
        )
        report = verifier.login(write_token(person, "p256"), origin=ORIGIN, nonce=NONCE)
        assert Reason.AUTHORITY_REVOKED in reasons(report)
        assert [one.revocation.state for one in report.chain] == [
            RevocationState.GOOD,
            RevocationState.REVOKED,
            RevocationState.NOT_ASKED,
        ]

    def test_a_chain_that_is_not_trusted_is_not_asked_for(self, city: City) -> None:
        person = city.signer(authority=Authority.create("陌生人"))
        report = login(city, person, given_crl(List(city.hierarchy.citizen)))
        assert reasons(report) == [Reason.CERTIFICATE_UNTRUSTED]

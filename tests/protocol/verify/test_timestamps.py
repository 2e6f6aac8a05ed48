"""Time stamps by openssl ts: alone over data, and over a signature as CAdES-T and B-LT."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from signet_protocol.verify import (
    GivenRevocation,
    Part,
    Reason,
    RevocationPolicy,
    RevocationState,
    Severity,
    TrustAnchors,
    VerificationPolicy,
    Verifier,
)
from signet_protocol.verify.policy import TimeStampPolicy
from signet_protocol.verify.reports import RevocationSourceKind
from signet_protocol.verify.timestamps import is_for_stamps_alone
from tests.kit.pki import Authority
from tests.protocol.verify.city import CONTENT, City
from tests.protocol.verify.draft import Draft, attribute, oid, sequence
from tests.protocol.verify.status import HOUR, NOW, Answer, List
from tests.protocol.verify.tsa import FOR_STAMPS, POLICY, TimeStamper

SIGNATURE_TIME_STAMP = "1.2.840.113549.1.9.16.2.14"
STRANGE_USE = x509.ObjectIdentifier("1.2.3")


@pytest.fixture(scope="module")
def tsa(city: City, tmp_path_factory: pytest.TempPathFactory) -> TimeStamper:
    return TimeStamper.create(tmp_path_factory.mktemp("tsa"), city.hierarchy.root)


def make_verifier(
    city: City,
    mode: Literal["require", "accept", "ignore"] = "accept",
    at: datetime | None = None,
    policies: tuple[str, ...] = (),
    trust: TrustAnchors | None = None,
) -> Verifier:
    policy = VerificationPolicy(
        revocation=RevocationPolicy(mode="ignore"),
        timestamp=TimeStampPolicy(mode=mode, policies=policies),
    )
    return Verifier(
        city.anchors, policy, timestamp_trust=trust, clock=lambda: at or datetime.now(UTC)
    )


def stamped(
    city: City,
    tsa: TimeStamper,
    *,
    over: bytes | None = None,
    validity: tuple[datetime, datetime] | None = None,
) -> Draft:
    """Return a signature with a time stamp over its value, or over other octets."""
    draft = Draft(city.signer(validity=validity), CONTENT)
    draft.signature = draft.signer.sign(draft.signed_attributes())
    token = tsa.stamp(draft.signature if over is None else over)
    draft.unsigned = [attribute(SIGNATURE_TIME_STAMP, token)]
    return draft


class TestAlone:
    @pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
    def test_a_stamp_over_data_holds(self, city: City, tsa: TimeStamper, digest: str) -> None:
        report = make_verifier(city).timestamp(tsa.stamp(b"octets", digest), content=b"octets")
        assert report.accepted, report.errors
        assert report.timestamp is not None
        assert abs(report.timestamp.at - datetime.now(UTC)) < timedelta(minutes=1)
        assert report.timestamp.policy == POLICY
        assert report.timestamp.serial_number
        assert len(report.chain) == 2
        assert report.chain[1].trusted

    def test_a_stamp_over_other_octets_does_not(self, city: City, tsa: TimeStamper) -> None:
        report = make_verifier(city).timestamp(tsa.stamp(b"octets"), content=b"others")
        assert [one.reason for one in report.errors] == [Reason.TIMESTAMP_DIFFERENT]
        assert report.timestamp is None
        assert report.chain

    def test_a_stamp_of_a_digest_that_is_not_accepted_does_not(
        self, city: City, tsa: TimeStamper
    ) -> None:
        report = make_verifier(city).timestamp(tsa.stamp(b"octets", "sha1"), content=b"octets")
        assert [one.reason for one in report.errors] == [Reason.ALGORITHM_UNSUPPORTED]

    def test_a_stamp_whose_signature_is_broken_does_not(self, city: City, tsa: TimeStamper) -> None:
        token = bytearray(tsa.stamp(b"octets"))
        token[-1] ^= 1
        report = make_verifier(city).timestamp(bytes(token), content=b"octets")
        assert not report.accepted
        assert {one.about for one in report.errors} == {Part.TIMESTAMP}

    def test_a_stamp_of_a_stranger_does_not(self, city: City, tmp_path: Path) -> None:
        stranger = TimeStamper.create(tmp_path, Authority.create("陌生人"))
        report = make_verifier(city).timestamp(stranger.stamp(b"octets"), content=b"octets")
        assert [one.reason for one in report.errors] == [Reason.CERTIFICATE_UNTRUSTED]

    def test_a_department_may_trust_other_authorities_for_stamps(
        self, city: City, tmp_path: Path
    ) -> None:
        root = Authority.create("时间戳根（示例）")
        token = TimeStamper.create(tmp_path, root).stamp(b"octets")
        trust = TrustAnchors([root.certificate])
        verifier = make_verifier(city, trust=trust)
        assert verifier.timestamp(token, content=b"octets").accepted

    def test_a_stamp_under_another_policy_does_not_count(
        self, city: City, tsa: TimeStamper
    ) -> None:
        token = tsa.stamp(b"octets")
        assert make_verifier(city, policies=(POLICY,)).timestamp(token, content=b"octets").accepted
        report = make_verifier(city, policies=("1.2.9",)).timestamp(token, content=b"octets")
        assert [one.reason for one in report.errors] == [Reason.TIMESTAMP_UNACCEPTED]

    def test_a_stamp_of_the_future_does_not_count(self, city: City, tsa: TimeStamper) -> None:
        early = datetime.now(UTC) - timedelta(hours=1)
        report = make_verifier(city, at=early).timestamp(tsa.stamp(b"octets"), content=b"octets")
        assert [one.reason for one in report.errors] == [Reason.TIMESTAMP_UNACCEPTED]
        assert "future" in report.errors[0].detail

    def test_a_stamp_does_not_outlive_its_authoritys_certificate(
        self, city: City, tmp_path: Path
    ) -> None:
        validity = (None, datetime.now(UTC) + timedelta(hours=1))
        tsa = TimeStamper.create(tmp_path, city.hierarchy.root, validity=validity)
        token, late = tsa.stamp(b"octets"), datetime.now(UTC) + timedelta(hours=2)
        report = make_verifier(city, at=late).timestamp(token, content=b"octets")
        assert [one.reason for one in report.errors] == [Reason.TIMESTAMP_UNACCEPTED]

    def test_a_certificate_with_a_strange_extension_does_not_stamp(
        self, city: City, tmp_path: Path
    ) -> None:
        strange = (x509.UnrecognizedExtension(STRANGE_USE, b"\x05\x00"), True)
        tsa = TimeStamper.create(tmp_path, city.hierarchy.root, [FOR_STAMPS, strange])
        report = make_verifier(city).timestamp(tsa.stamp(b"octets"), content=b"octets")
        assert [one.reason for one in report.errors] == [Reason.TIMESTAMP_UNACCEPTED]

    @pytest.mark.parametrize("token", [b"", b"\x30\x80", b"garbage"])
    def test_octets_that_are_no_token_are_refused(self, city: City, token: bytes) -> None:
        report = make_verifier(city).timestamp(token, content=b"")
        assert [one.reason for one in report.errors] == [Reason.SIGNATURE_MALFORMED]

    def test_a_documents_signature_is_no_stamp(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.embedded = CONTENT
        report = make_verifier(city).timestamp(draft.build(), content=CONTENT)
        assert not report.accepted
        assert report.timestamp is None

    def test_a_stamps_content_has_to_be_one(self, city: City) -> None:
        draft = Draft(city.signer(), b"nonsense")
        kind = "1.2.840.113549.1.9.16.1.4"
        draft.content_kind, draft.embedded = kind, b"nonsense"
        content_type = "1.2.840.113549.1.9.3"
        draft.attributes[content_type] = attribute(content_type, oid(kind))
        report = make_verifier(city).timestamp(draft.build(), content=b"")
        assert [one.reason for one in report.errors] == [Reason.TIMESTAMP_MALFORMED]


class TestOverSignature:
    def test_a_stamped_signature_outlives_its_certificate(
        self, city: City, tsa: TimeStamper
    ) -> None:
        start, end = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)
        draft = stamped(city, tsa, validity=(start, end))
        late = make_verifier(city, at=end + timedelta(hours=1))
        report = late.signature(draft.build(), content=CONTENT)
        assert report.accepted, report.errors
        assert report.timestamp is not None
        assert report.valid_at == report.timestamp.at
        draft.unsigned = []
        assert [one.reason for one in late.signature(draft.build(), content=CONTENT).errors] == [
            Reason.CERTIFICATE_EXPIRED
        ]

    def test_a_stamp_over_another_signature_counts_for_nothing(
        self, city: City, tsa: TimeStamper
    ) -> None:
        draft = stamped(city, tsa, over=b"another signature")
        report = make_verifier(city).signature(draft.build(), content=CONTENT)
        assert report.accepted
        assert report.timestamp is None
        assert (Reason.TIMESTAMP_DIFFERENT, Severity.WARNING) in [
            (one.reason, one.severity) for one in report.findings
        ]

    def test_a_policy_that_requires_a_stamp_refuses_without_a_good_one(
        self, city: City, tsa: TimeStamper
    ) -> None:
        strict = make_verifier(city, "require")
        assert strict.signature(stamped(city, tsa).build(), content=CONTENT).accepted
        for draft in (Draft(city.signer(), CONTENT), stamped(city, tsa, over=b"x")):
            report = strict.signature(draft.build(), content=CONTENT)
            assert [one.reason for one in report.errors] == [Reason.TIMESTAMP_MISSING]

    def test_a_policy_that_ignores_stamps_does_not_look(self, city: City, tsa: TimeStamper) -> None:
        report = make_verifier(city, "ignore").signature(
            stamped(city, tsa).build(), content=CONTENT
        )
        assert report.accepted
        assert report.timestamp is None

    def test_the_second_of_two_stamps_may_be_the_good_one(
        self, city: City, tsa: TimeStamper
    ) -> None:
        draft = stamped(city, tsa)
        assert draft.signature is not None
        tokens = (tsa.stamp(b"other"), tsa.stamp(draft.signature))
        draft.unsigned = [attribute(SIGNATURE_TIME_STAMP, *sorted(tokens))]
        assert make_verifier(city).signature(draft.build(), content=CONTENT).timestamp

    def test_too_many_stamps_are_refused(self, city: City, tsa: TimeStamper) -> None:
        draft = stamped(city, tsa)
        tokens = sorted(tsa.stamp(bytes([number])) for number in range(3))
        draft.unsigned = [attribute(SIGNATURE_TIME_STAMP, *tokens)]
        report = make_verifier(city).signature(draft.build(), content=CONTENT)
        assert Reason.TIMESTAMP_MALFORMED in [one.reason for one in report.errors]


class TestLongTerm:
    """Revocation information that a signature brings, as CAdES B-LT keeps it."""

    @pytest.fixture
    def strict(self, city: City) -> Verifier:
        rules = RevocationPolicy(authorities=False)
        policy = VerificationPolicy(revocation=rules, timestamp=TimeStampPolicy(mode="ignore"))
        return Verifier(city.anchors, policy, clock=lambda: NOW)

    def test_an_embedded_list_is_believed(self, city: City, strict: Verifier) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.revocation = [List(city.hierarchy.citizen).der()]
        report = strict.signature(draft.build(), content=CONTENT)
        assert report.accepted, report.errors
        assert report.chain[0].revocation.source is RevocationSourceKind.EMBEDDED

    def test_what_the_department_knows_goes_before_what_the_sender_brings(self, city: City) -> None:
        signer = city.signer()
        draft = Draft(signer, CONTENT)
        draft.revocation = [List(city.hierarchy.citizen, this_update=NOW - 2 * HOUR).der()]
        known = List(city.hierarchy.citizen, (signer.certificate,)).der()
        verifier = Verifier(
            city.anchors,
            VerificationPolicy(revocation=RevocationPolicy(authorities=False)),
            revocation=[GivenRevocation(crls=[known])],
            clock=lambda: NOW,
        )
        report = verifier.signature(draft.build(), content=CONTENT)
        assert [one.reason for one in report.errors] == [Reason.CERTIFICATE_REVOKED]

    def test_an_embedded_response_is_believed(self, city: City, strict: Verifier) -> None:
        signer = city.signer()
        draft = Draft(signer, CONTENT)
        answer = Answer(signer.certificate, city.hierarchy.citizen).der()
        other = sequence(oid("1.3.6.1.5.5.7.16.2"), answer)
        draft.revocation = [b"\xa1" + other[1:]]
        report = strict.signature(draft.build(), content=CONTENT)
        assert report.accepted, report.errors
        assert report.chain[0].revocation.method == "ocsp"

    @pytest.mark.parametrize(
        "choice", [b"\x05\x00", b"\xa1\x00", b"\xa1\x06" + oid("1.2.3") + b"\x05\x00"]
    )
    def test_what_is_of_another_form_is_passed_over(
        self, city: City, strict: Verifier, choice: bytes
    ) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.revocation = [choice]
        report = strict.signature(draft.build(), content=CONTENT)
        assert [one.reason for one in report.errors] == [Reason.REVOCATION_UNKNOWN]

    def test_a_list_of_the_time_of_receipt_serves_a_department_with_records(
        self, city: City, strict: Verifier
    ) -> None:
        draft = Draft(city.signer(), CONTENT)
        old = List(city.hierarchy.citizen, this_update=NOW - 3 * HOUR, next_update=NOW - HOUR).der()
        draft.revocation = [old]
        assert not strict.signature(draft.build(), content=CONTENT).accepted
        report = strict.signature(draft.build(), content=CONTENT, at=NOW - 2 * HOUR)
        assert report.accepted, report.errors
        assert report.valid_at == NOW - 2 * HOUR

    @pytest.mark.parametrize(
        ("reason", "accepted"),
        [
            (None, True),
            (x509.ReasonFlags.superseded, True),
            (x509.ReasonFlags.key_compromise, False),
        ],
        ids=["no reason", "superseded", "key compromise"],
    )
    def test_a_revocation_after_the_receipt_counts_only_where_the_key_was_stolen(
        self, city: City, reason: x509.ReasonFlags | None, *, accepted: bool
    ) -> None:
        signer = city.signer()
        draft = List(city.hierarchy.citizen, (signer.certificate,), NOW - HOUR, reason)
        verifier = Verifier(
            city.anchors,
            VerificationPolicy(revocation=RevocationPolicy(authorities=False)),
            revocation=[GivenRevocation(crls=[draft.der()])],
            clock=lambda: NOW,
        )
        cms = Draft(signer, CONTENT).build()
        report = verifier.signature(cms, content=CONTENT, at=NOW - 2 * HOUR)
        assert report.accepted is accepted
        assert report.chain[0].revocation.state is RevocationState.REVOKED
        expected = Reason.CERTIFICATE_REVOKED_LATER if accepted else Reason.CERTIFICATE_REVOKED
        assert expected in [one.reason for one in report.findings]
        assert not verifier.signature(cms, content=CONTENT).accepted


def test_a_certificate_for_more_than_stamps_is_refused(city: City) -> None:
    def certificate(*usages: x509.ObjectIdentifier, critical: bool) -> x509.Certificate:
        extended = (x509.ExtendedKeyUsage(list(usages)), critical)
        return city.signer(extensions=[extended]).certificate

    stamping = ExtendedKeyUsageOID.TIME_STAMPING
    assert is_for_stamps_alone(certificate(stamping, critical=True))
    assert not is_for_stamps_alone(certificate(stamping, critical=False))
    assert not is_for_stamps_alone(certificate(stamping, STRANGE_USE, critical=True))
    assert not is_for_stamps_alone(city.signer().certificate)

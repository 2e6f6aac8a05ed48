"""One call, one report: everything that was found, and nothing that the sender can hide."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signet_protocol.verify import (
    Part,
    PolicyError,
    Reason,
    RevocationPolicy,
    Severity,
    TrustAnchorError,
    VerificationError,
    VerificationPolicy,
    Verifier,
)
from signet_protocol.verify.policy import AlgorithmPolicy, LoginUse, SignatureUse
from signet_protocol.verify.reports import Report
from tests.kit.pki import LOGIN, Authority, Subject, private_key
from tests.protocol.verify.city import CONTENT, NONCE, NOW, ORIGIN, City, write_token
from tests.protocol.verify.draft import MESSAGE_DIGEST, Draft, Signer

pytestmark = pytest.mark.quick

WITHOUT_REVOCATION = RevocationPolicy(mode="ignore")


def verifier(city: City, **rules: object) -> Verifier:
    policy = VerificationPolicy(**{"revocation": WITHOUT_REVOCATION, **rules})  # type: ignore[arg-type]  # whichever rule a test is about
    return Verifier(city.anchors, policy, clock=lambda: NOW)


def error_reasons(report: Report) -> list[Reason]:
    return [finding.reason for finding in report.errors]


class TestEverything:
    def test_a_broken_login_also_says_that_its_certificate_is_expired_and_untrusted(
        self, city: City
    ) -> None:
        stranger = Authority.create("陌生人")
        validity = (NOW - timedelta(days=9), NOW - timedelta(days=1))
        signer = city.signer(authority=stranger, validity=validity, usage=LOGIN)
        token = write_token(signer, "p256", origin="https://other.example")
        token["format"] = "web-eid:2.0"
        report = verifier(city).login(token, origin=ORIGIN, nonce=NONCE)
        assert error_reasons(report) == [
            Reason.LOGIN_FORMAT_UNSUPPORTED,
            Reason.LOGIN_SIGNATURE_WRONG,
            Reason.CERTIFICATE_EXPIRED,
            Reason.CERTIFICATE_UNTRUSTED,
        ]
        assert report.holder is not None
        assert len(report.chain) == 1
        assert report.algorithm == "ECDSA-SHA256"

    def test_a_broken_signature_also_says_what_is_wrong_with_its_certificate(
        self, city: City
    ) -> None:
        validity = (NOW + timedelta(days=1), NOW + timedelta(days=9))
        signer = city.signer(authority=Authority.create("陌生人"), validity=validity, usage=LOGIN)
        draft = Draft(signer, CONTENT)
        draft.signature = signer.sign(b"something else")
        report = verifier(city).signature(draft.build(), content=b"another document")
        assert error_reasons(report) == [
            Reason.SIGNATURE_WRONG,
            Reason.CONTENT_DIFFERENT,
            Reason.CERTIFICATE_NOT_YET_VALID,
            Reason.CERTIFICATE_USAGE_UNSUITABLE,
            Reason.CERTIFICATE_UNTRUSTED,
        ]
        with pytest.raises(VerificationError, check=lambda e: e.reason is Reason.SIGNATURE_WRONG):
            report.require()

    def test_without_its_attributes_a_signature_still_has_a_certificate(self, city: City) -> None:
        draft = Draft(city.signer(usage=LOGIN), CONTENT)
        del draft.attributes[MESSAGE_DIGEST]
        report = verifier(city).signature(draft.build(), content=CONTENT)
        assert error_reasons(report) == [
            Reason.ATTRIBUTES_WRONG,
            Reason.CERTIFICATE_USAGE_UNSUITABLE,
        ]
        assert report.signed_at is None

    def test_a_token_of_nothing_has_nothing(self, city: City) -> None:
        report = verifier(city).login({}, origin=ORIGIN, nonce="weak")
        assert error_reasons(report)[0] is Reason.NONCE_WEAK
        assert Reason.LOGIN_MALFORMED in error_reasons(report)
        assert (report.holder, report.chain, report.algorithm) == (None, (), "")

    def test_octets_that_are_no_signature_have_nothing(self, city: City) -> None:
        report = verifier(city).signature(b"garbage", content=CONTENT)
        assert error_reasons(report) == [Reason.SIGNATURE_MALFORMED]
        assert (report.holder, report.chain, report.attached) == (None, (), False)

    def test_a_certificate_without_a_name_is_an_error_and_no_crash(self, city: City) -> None:
        key = private_key("p256")
        signer = Signer(city.hierarchy.citizen.issue(Subject(""), key.public_key()), key)
        report = verifier(city).login(write_token(signer, "p256"), origin=ORIGIN, nonce=NONCE)
        assert error_reasons(report) == [Reason.CERTIFICATE_MALFORMED]


class TestReport:
    def test_an_accepted_login_says_who_by_which_chain(self, city: City) -> None:
        report = verifier(city).login(
            write_token(city.signer("rsa2048"), "rsa2048"), origin=ORIGIN, nonce=NONCE
        )
        assert report.accepted
        report.require()
        assert report.holder is not None
        assert report.holder.name == "张三 样例"
        assert report.algorithm == "RSA-SHA256"
        assert [one.key for one in report.chain] == ["RSA-2048", "P-256", "P-256"]
        assert [one.trusted for one in report.chain] == [False, False, True]
        assert report.judged_at == NOW

    @pytest.mark.parametrize("attached", [True, False])
    def test_a_report_is_plain_data_for_json(self, city: City, *, attached: bool) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.embedded = CONTENT if attached else None
        report = verifier(city).signature(draft.build(), content=CONTENT)
        plain = json.loads(json.dumps(report.to_json()))
        assert plain["accepted"] is True
        assert plain["attached"] is attached
        assert plain["holder"]["kind"] == "citizen"
        assert plain["chain"][0]["revocation"]["state"] == "not_asked"
        assert plain["judged_at"].endswith("Z")
        assert plain["findings"] == [
            {
                "reason": "revocation.not_asked",
                "severity": "note",
                "about": "revocation",
                "certificate": "",
                "detail": "",
                "meaning": Reason.REVOCATION_NOT_ASKED.meaning,
                "sentence": "",
            }
        ]

    def test_a_finding_tells_the_person_only_what_stopped_her(self, city: City) -> None:
        report = verifier(city).signature(Draft(city.signer(), CONTENT).build(), content=b"")
        (error,) = report.errors
        assert (error.severity, error.about) == (Severity.ERROR, Part.CONTENT)
        assert error.sentence == Reason.CONTENT_DIFFERENT.sentence
        assert error.meaning == Reason.CONTENT_DIFFERENT.meaning


class TestPolicy:
    @pytest.mark.parametrize(
        ("rules", "reason"),
        [
            (
                {"algorithms": AlgorithmPolicy(accepted=("RSA-SHA256",))},
                Reason.ALGORITHM_UNSUPPORTED,
            ),
            (
                {"algorithms": AlgorithmPolicy(curves=("secp384r1",))},
                Reason.CERTIFICATE_KEY_UNSUITABLE,
            ),
            (
                {"login": LoginUse(extended_key_usage_required=True)},
                Reason.CERTIFICATE_USAGE_UNSUITABLE,
            ),
            (
                {"login": LoginUse(key_usage=("digital_signature", "key_agreement"))},
                Reason.CERTIFICATE_USAGE_UNSUITABLE,
            ),
            (
                {"login": LoginUse(certificate_policies=("1.2.3",))},
                Reason.CERTIFICATE_POLICY_UNSUITABLE,
            ),
        ],
        ids=["algorithm", "curve", "extended usage", "usage", "certificate policy"],
    )
    def test_a_stricter_policy_refuses(
        self, city: City, rules: dict[str, object], reason: Reason
    ) -> None:
        token = write_token(city.signer(), "p256")
        assert verifier(city).login(token, origin=ORIGIN, nonce=NONCE).accepted
        report = verifier(city, **rules).login(token, origin=ORIGIN, nonce=NONCE)
        assert error_reasons(report)[0] is reason

    def test_a_department_may_want_longer_rsa_keys(self, city: City) -> None:
        rules = {"algorithms": AlgorithmPolicy(min_rsa_bits=3072)}
        for kind, accepted in (("rsa2048", False), ("rsa3072", True)):
            cms = Draft(city.signer(kind), CONTENT).build()  # type: ignore[arg-type]  # from a tuple
            assert verifier(city, **rules).signature(cms, content=CONTENT).accepted is accepted

    def test_a_certificate_of_an_accepted_policy_is_taken(self, city: City) -> None:
        policy = x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)
        extension = (x509.CertificatePolicies([policy]), False)
        authority = Authority.create(
            "中间",
            parent=city.hierarchy.root,
            extensions=[
                (x509.BasicConstraints(ca=True, path_length=None), True),
                (
                    city.hierarchy.root.certificate.extensions.get_extension_for_class(
                        x509.KeyUsage
                    ).value,
                    True,
                ),
                extension,
            ],
        )
        draft = Draft(city.signer(authority=authority, extensions=[extension]), CONTENT)
        draft.certificates.append(authority.certificate.public_bytes(Encoding.DER))
        use = SignatureUse(certificate_policies=("1.2.3",))
        assert verifier(city, signature=use).signature(draft.build(), content=CONTENT).accepted

    def test_a_card_issued_by_a_clock_ahead_may_log_in_within_the_skew(self, city: City) -> None:
        start = NOW.replace(microsecond=0) + timedelta(seconds=30)
        token = write_token(city.signer(validity=(start, start + timedelta(days=1))), "p256")
        assert verifier(city).login(token, origin=ORIGIN, nonce=NONCE).accepted
        exact = verifier(city, clock_skew_seconds=0).login(token, origin=ORIGIN, nonce=NONCE)
        assert error_reasons(exact) == [Reason.CERTIFICATE_NOT_YET_VALID]

    @pytest.mark.parametrize(
        "text",
        [
            "=",
            "revokation = 1",
            '[revocation]\nmode = "never"',
            '[revocation]\nhosts = ["http://ocsp.example/"]',
            "[algorithms]\nmin_rsa_bits = 1024",
            '[algorithms]\naccepted = ["RSA-SHA1"]',
            '[identity]\ncid = ["one.two"]',
            "clock_skew_seconds = 86400",
        ],
    )
    def test_a_policy_with_a_mistake_is_refused(self, text: str) -> None:
        with pytest.raises(PolicyError):
            VerificationPolicy.from_toml(text)

    def test_an_empty_policy_is_a_complete_and_strict_one(self) -> None:
        assert VerificationPolicy.from_toml("") == VerificationPolicy()
        assert VerificationPolicy().revocation.mode == "require"


class TestLoad:
    def test_a_verifier_is_made_from_files(self, city: City, tmp_path: Path) -> None:
        (tmp_path / "city.pem").write_bytes(city.hierarchy.pem)
        (tmp_path / "stamps.pem").write_bytes(Authority.create("时间戳根").pem)
        file = tmp_path / "verification.toml"
        file.write_text(
            'authorities = ["city.pem"]\n[revocation]\nmode = "ignore"\n'
            '[timestamp]\nauthorities = ["stamps.pem"]\n'
        )
        made = Verifier.load(file)
        assert made.policy.revocation.mode == "ignore"
        token = write_token(city.signer(), "p256")
        assert made.login(token, origin=ORIGIN, nonce=NONCE).accepted

    def test_hosts_that_are_named_are_asked(self, city: City, tmp_path: Path) -> None:
        (tmp_path / "city.pem").write_bytes(city.hierarchy.pem)
        file = tmp_path / "verification.toml"
        file.write_text('authorities = ["city.pem"]\n[revocation]\nhosts = ["ocsp.example"]\n')
        report = Verifier.load(file).login(
            write_token(city.signer(), "p256"), origin=ORIGIN, nonce=NONCE
        )
        # The city's certificates name no address, so nobody was asked, and the policy is strict.
        assert set(error_reasons(report)) == {Reason.REVOCATION_UNKNOWN}

    def test_a_file_that_names_no_authority_trusts_nobody(self, tmp_path: Path) -> None:
        file = tmp_path / "verification.toml"
        file.write_text("")
        with pytest.raises(TrustAnchorError):
            Verifier.load(file)


@pytest.mark.parametrize(
    "call",
    [
        lambda made: made.login({}, origin="http://plain.example", nonce=NONCE),
        lambda made: made.signature(b"", content=b"", at=NOW.replace(tzinfo=None)),
    ],
)
def test_a_mistake_of_the_caller_is_no_finding(
    city: City, call: Callable[[Verifier], object]
) -> None:
    with pytest.raises(ValueError, match=r"origin|time zone"):
        call(verifier(city))


def test_a_clock_without_a_zone_is_the_callers_mistake(city: City) -> None:
    naive = Verifier(city.anchors, clock=lambda: NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        naive.timestamp(b"", content=b"")

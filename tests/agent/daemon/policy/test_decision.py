"""Which keys a site may be offered, and the most useful reason when there are none."""

from datetime import date

import pytest

from signet_agent.daemon.policy import Decider
from signet_agent.daemon.policy.decision import Offer, candidates, form_of, forms_in, plain_allowed
from signet_agent.daemon.policy.reading import parse_policy
from signet_agent.errors import AgentError, PolicyDeniedError
from signet_agent.model import Algorithm, Certificate, KeyUse, Operation, PinState, Token
from signet_protocol.errors import ErrorCode
from tests.kit.running_agent import POLICY, PORTAL

pytestmark = pytest.mark.quick

NOW = 1_000
DAY = date(2026, 11, 27)
DECIDER = Decider(parse_policy(POLICY))
SITE = DECIDER.admit(PORTAL, Operation.SIGN)


def certificate(
    der: bytes = b"one",
    uses: tuple[KeyUse, ...] = (KeyUse.LOGIN, KeyUse.SIGN),
    valid: tuple[int, int] = (0, 2_000),
    algorithm: Algorithm | None = Algorithm.RS256,
    recipient_ids: tuple[str, ...] = (),
) -> Certificate:
    return Certificate(
        key="pkcs11:one/1/01",
        token="pkcs11:one/1",
        der=der,
        spki=b"",
        holder="",
        organisation="",
        issuer="CN=CA",
        serial="",
        not_before=valid[0],
        not_after=valid[1],
        uses=uses,
        algorithm=algorithm,
        recipient_ids=recipient_ids,
    )


def token(*certificates: Certificate, uri: str = "pkcs11:one/1") -> Token:
    return Token(uri, "", "1", "usb-key", PinState(), certificates)


def code(*tokens: Token, site: object = SITE, wanted: str | None = None) -> str:
    with pytest.raises(AgentError) as caught:
        candidates(site, KeyUse.SIGN, tokens, NOW, wanted)  # type: ignore[arg-type]  # a Site
    return caught.value.code.value


def test_what_is_not_listed_is_not_allowed() -> None:
    assert DECIDER.allows_origin(PORTAL)
    assert not DECIDER.allows_origin(PORTAL + "/")
    assert DECIDER.offer("https://evil.example", DAY) == Offer()
    assert DECIDER.offer(PORTAL, DAY) == Offer((Operation.LOGIN, Operation.CHOOSE, Operation.SIGN))
    with pytest.raises(PolicyDeniedError):
        DECIDER.admit("https://evil.example", Operation.LOGIN)


def test_plain_signatures_end_with_the_last_day_that_policy_names() -> None:
    def site(line: str) -> Decider:
        return Decider(parse_policy(POLICY.replace('mark = "税"', f'mark = "税"\n{line}')))

    for line, expected in {
        "": False,
        "plain_until = 2026-11-26": False,
        "plain_until = 2026-11-27": True,
        "plain_until = 2026-11-28": True,
    }.items():
        decider = site(line)
        assert plain_allowed(decider.admit(PORTAL, Operation.SIGN), DAY) is expected
        assert decider.offer(PORTAL, DAY).plain is expected


def test_an_operation_that_is_not_listed_is_denied() -> None:
    decider = Decider(parse_policy(POLICY.replace('"login", "choose", "sign"', '"login"')))
    with pytest.raises(PolicyDeniedError):
        decider.admit(PORTAL, Operation.SIGN)


def test_all_fitting_certificates_are_offered() -> None:
    one, two = certificate(b"one"), certificate(b"two")
    offered = candidates(SITE, KeyUse.SIGN, [token(one, two)], NOW)
    assert [c.certificate for c in offered] == [one, two]


def test_a_named_certificate_is_the_only_one_offered() -> None:
    one, two = certificate(b"one"), certificate(b"two")
    offered = candidates(SITE, KeyUse.SIGN, [token(one, two)], NOW, two.fingerprint)
    assert [c.certificate for c in offered] == [two]


def test_an_envelope_is_offered_to_its_recipients_alone_also_after_they_expired() -> None:
    reader = certificate(b"reader", (KeyUse.OPEN,), (0, 500), recipient_ids=("one/1", "key/aa"))
    other = certificate(b"other", (KeyUse.OPEN,), recipient_ids=("two/2",))
    named = frozenset({"key/aa"})
    found = candidates(SITE, KeyUse.OPEN, [token(other, reader)], NOW, None, named)
    assert [each.certificate for each in found] == [reader]
    with pytest.raises(AgentError) as caught:
        candidates(SITE, KeyUse.OPEN, [token(other)], NOW, None, named)
    assert caught.value.code is ErrorCode.PAGE_CERTIFICATE_UNKNOWN


def test_a_certificate_in_two_places_is_offered_once_from_the_first() -> None:
    here, there = token(certificate()), token(certificate(), uri="pkcs11:two/1")
    (offered,) = candidates(SITE, KeyUse.SIGN, [here, there], NOW)
    assert offered.token is here


def test_the_reason_is_the_most_useful_one() -> None:
    assert code() == "token.absent"
    assert code(token()) == "token.absent"
    assert code(token(certificate()), wanted="0" * 64) == "page.certificate_unknown"
    assert code(token(certificate(uses=(KeyUse.OPEN,)))) == "token.certificate_unsuitable"
    assert code(token(certificate(algorithm=None))) == "token.certificate_unsuitable"
    assert code(token(certificate(valid=(0, 999)))) == "token.certificate_expired"
    assert code(token(certificate(valid=(1_001, 2_000)))) == "token.certificate_expired"


@pytest.mark.parametrize(
    ("keys", "passes"),
    [
        ('issuers = ["CN=CA"]', True),
        ('issuers = ["CN=Other CA"]', False),
        ('modules = ["one"]', True),
        ('modules = ["two"]', False),
        ('issuers = ["CN=CA"]\nmodules = ["two"]', False),
    ],
)
def test_policy_may_narrow_by_issuer_and_module(keys: str, passes: bool) -> None:
    policy = parse_policy(POLICY + f"\n[site.keys]\n{keys}\n")
    site = policy.site[0]
    if passes:
        assert candidates(site, KeyUse.SIGN, [token(certificate())], NOW)
    else:
        assert code(token(certificate()), site=site) == "policy.key_denied"


def test_forms_come_in_the_persons_language_and_chinese_where_it_is_missing() -> None:
    view = forms_in(SITE, "en")["gs1/1"]
    assert view.title == "Monthly VAT return"
    assert view.labels == {"tax_due": "Tax due"}
    assert view.after == ("应补税额 {tax_due} 元",)


def test_an_unknown_form_has_no_words() -> None:
    assert form_of(SITE, "gs9/1") is None
    assert form_of(SITE, "gs1/1") is not None

"""A login token is Web eID's: its own signed octets, its own names."""

import base64

import pytest
from msgspec.structs import replace

from signet_agent.daemon.operations.base import Asker, Bound, Draft
from signet_agent.daemon.operations.login import LoginOperation
from signet_agent.daemon.policy import Decider
from signet_agent.daemon.policy.reading import parse_policy
from signet_agent.errors import PageError
from signet_agent.model import Algorithm, Certificate, KeyUse, Operation, Origin
from signet_protocol.errors import ErrorCode
from signet_protocol.gm.sm3 import sm3
from signet_protocol.messages import Login
from tests.kit.running_agent import NONCE, POLICY, PORTAL

pytestmark = pytest.mark.quick

ASKER = Asker(Origin.parse(PORTAL))
SITE = Decider(parse_policy(POLICY)).admit(PORTAL, Operation.LOGIN)
CHOSEN = Certificate("k", "t", b"der", b"", "", "", "", "", 0, 0, (), Algorithm.ES384)


async def test_there_is_nothing_to_show_but_who_asks() -> None:
    assert await LoginOperation().prepare(ASKER, SITE, Login(NONCE)) == Draft()


@pytest.mark.parametrize("nonce", ["short", "a" * 43, "a" * 129, "!" * 44])
async def test_a_nonce_that_validators_would_refuse_is_refused_before_anyone_is_asked(
    nonce: str,
) -> None:
    with pytest.raises(PageError) as caught:
        await LoginOperation().prepare(ASKER, SITE, Login(nonce))
    assert caught.value.code is ErrorCode.PAGE_NONCE_WEAK


async def test_the_token_holds_certificate_algorithm_and_the_raw_signature() -> None:
    bound = Bound(CHOSEN, Algorithm.ES384, b"octets")
    token = (await LoginOperation().finish(Login(NONCE), Draft(), bound, b"rs")).token
    assert base64.b64decode(token.unverified_certificate) == b"der"
    assert base64.b64decode(token.signature) == b"rs"
    assert (token.algorithm, token.format) == ("ES384", "web-eid:1.0")
    assert token.app_version.startswith("signet/")


async def test_sm2_has_a_form_of_its_own_that_begins_with_a_prefix() -> None:
    chosen = replace(CHOSEN, algorithm=Algorithm.SM2)
    bound = await LoginOperation().bind(ASKER, Login(NONCE), Draft(), chosen)
    assert bound.octets == b"SIGNET-SM2-LOGIN" + sm3(PORTAL.encode()) + sm3(NONCE.encode())
    token = (await LoginOperation().finish(Login(NONCE), Draft(), bound, b"rs")).token
    assert (token.algorithm, token.format) == ("SM2", "signet-sm2:1")


def test_a_login_needs_the_certificate_for_logins() -> None:
    assert LoginOperation().use(Login(NONCE)) is KeyUse.LOGIN

"""Log in and sign with an SKF token: from a page's socket through real rooms to the verifier."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from signet_agent.app import token_rooms
from signet_agent.daemon.policy.reading import parse_policy
from signet_protocol.verify import (
    Verifier,
)
from tests.kit import pki
from tests.kit.national import Sm2Person
from tests.kit.running_agent import NONCE, POLICY, PORTAL, RunningAgent, code_of, running_agent
from tests.kit.scripted_prompt import Person
from tests.skf.build import SoftSkf
from tests.skf.devices import APPLICATION, PIN, Container, Pair, plug_in

CONTENT = "您好".encode()
DOCUMENT = base64.b64encode(CONTENT).decode()


@pytest.fixture
async def agent(
    tmp_path: Path, citizen: Sm2Person, city: pki.Hierarchy
) -> AsyncIterator[RunningAgent]:
    """Return an agent over one SKF token with a container of SM2 and one of RSA."""
    skf = SoftSkf.compile(tmp_path / "skf")
    other = pki.private_key("rsa2048")
    pair = Pair.of(citizen.key, citizen.certificate)
    rsa = Pair.of(other, city.citizen.issue(pki.CITIZEN, other.public_key()))
    plug_in(skf, {APPLICATION: {"a": Container(pair), "b": Container(rsa)}})
    policy = parse_policy(POLICY + f'[[skf]]\nname = "gm"\npath = "{skf.path}"\n')
    async with running_agent(
        tmp_path,
        policy=policy,
        person=Person(pins=(PIN,)),
        change=lambda parts: replace(parts, stores=token_rooms(policy)),
    ) as running:
        yield running


async def test_the_department_takes_a_login_with_an_skf_token(
    agent: RunningAgent, verifier: Verifier
) -> None:
    page = await agent.connect()
    answer = await page.call("login", nonce=NONCE)
    token = answer["result"]["token"]
    assert (token["format"], token["algorithm"]) == ("signet-sm2:1", "SM2")

    report = verifier.login(token, origin=PORTAL, nonce=NONCE)

    assert report.accepted, report.findings


async def test_an_rsa_container_of_the_same_token_logs_in_the_web_eid_way(
    agent: RunningAgent, verifier: Verifier
) -> None:
    agent.prompt.person = replace(agent.prompt.person, choice=1)
    page = await agent.connect()
    answer = await page.call("login", nonce=NONCE)
    token = answer["result"]["token"]
    assert (token["format"], token["algorithm"]) == ("web-eid:1.0", "RS256")
    assert verifier.login(token, origin=PORTAL, nonce=NONCE).accepted


@pytest.mark.parametrize("form", ["gmt0010", "cades-b"])
async def test_the_department_takes_a_document_that_an_skf_token_signed(
    agent: RunningAgent, verifier: Verifier, form: str
) -> None:
    page = await agent.connect()
    words = {"media_type": "text/plain", "format": form, "packaging": "detached"}
    answer = await page.call("sign", document=DOCUMENT, **words)
    assert code_of(answer) == "ok"
    signature = base64.b64decode(answer["result"]["signature"])

    assert verifier.signature(signature, content=CONTENT).accepted

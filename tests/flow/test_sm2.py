"""Log in and sign with SM2: from a page's socket through real rooms to the department's verifier.

The token is the software one, in a room of its own; the document room is the sandboxed one. What
comes back is also put before the ``openssl`` command and GmSSL, which share nothing with us.
"""

import asyncio
import base64
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import gmssl_pyx
import pytest

from signet_agent.app import token_rooms
from signet_agent.daemon.policy.reading import parse_policy
from signet_agent.model import Algorithm
from signet_agent.tokens.software import SoftwareKey, create_token
from signet_protocol.gm.gmt0009 import write_signature
from signet_protocol.gm.gmt0010 import Dialect, SignedMessage, read_signed_message
from signet_protocol.gm.sm3 import sm3
from signet_protocol.verify import (
    Reason,
    Verifier,
)
from tests.kit import pki
from tests.kit.national import Sm2Person
from tests.kit.running_agent import NONCE, POLICY, PORTAL, RunningAgent, code_of, running_agent
from tests.kit.scripted_prompt import Person

PIN = "246813"
CONTENT = "您好".encode()
DOCUMENT = base64.b64encode(CONTENT).decode()
ID = b"1234567812345678"
DIALECTS = {"gmt0010": Dialect.GM, "cades-b": Dialect.PKCS7}
"""Whose names the agent's formats write around a key of SM2."""


@pytest.fixture
async def agent(
    tmp_path: Path, citizen: Sm2Person, city: pki.Hierarchy
) -> AsyncIterator[RunningAgent]:
    """Return an agent over one token with a key of SM2 and one of ECDSA."""
    other = pki.private_key("p256")
    create_token(
        tmp_path / "token",
        label="市民卡",
        serial="YT-SMK-0073",
        pin=bytearray(PIN.encode()),
        keys=[
            SoftwareKey("01", citizen.key, citizen.certificate),
            SoftwareKey("02", other, city.citizen.issue(pki.CITIZEN, other.public_key())),
        ],
        kind="card",
    )
    policy = parse_policy(POLICY + f'[[software]]\npath = "{tmp_path / "token"}"\n')
    async with running_agent(
        tmp_path,
        policy=policy,
        person=Person(pins=(PIN,)),
        change=lambda parts: replace(parts, stores=token_rooms(policy)),
    ) as running:
        yield running


async def sign(agent: RunningAgent, form: str, packaging: str = "detached") -> bytes:
    page = await agent.connect()
    answer = await page.call(
        "sign", document=DOCUMENT, media_type="text/plain", format=form, packaging=packaging
    )
    assert code_of(answer) == "ok"
    assert answer["result"]["format"] == form
    return base64.b64decode(answer["result"]["signature"])


async def test_the_department_takes_a_login_with_sm2(
    agent: RunningAgent, verifier: Verifier, citizen: Sm2Person
) -> None:
    page = await agent.connect()
    answer = await page.call("login", nonce=NONCE)
    token = answer["result"]["token"]
    assert (token["format"], token["algorithm"]) == ("signet-sm2:1", "SM2")

    report = verifier.login(token, origin=PORTAL, nonce=NONCE)

    assert report.accepted, report.findings
    assert agent.prompt.records[-1].choices[0].algorithm is Algorithm.SM2
    assert report.holder is not None
    assert report.holder.name == "张三 样例"
    signature = write_signature(base64.b64decode(token["signature"]))
    signed = b"SIGNET-SM2-LOGIN" + sm3(PORTAL.encode()) + sm3(NONCE.encode())
    assert gmssl_pyx.sm2_verify(citizen.key.public_key.point[1:], signed, signature, ID)
    other = verifier.login(token, origin="https://other.example.com", nonce=NONCE)
    assert next(one.reason for one in other.findings) is Reason.LOGIN_SIGNATURE_WRONG


async def test_a_key_of_ecdsa_on_the_same_token_logs_in_the_web_eid_way(
    agent: RunningAgent, verifier: Verifier
) -> None:
    agent.prompt.person = replace(agent.prompt.person, choice=1)
    page = await agent.connect()
    answer = await page.call("login", nonce=NONCE)
    token = answer["result"]["token"]
    assert (token["format"], token["algorithm"]) == ("web-eid:1.0", "ES256")
    assert verifier.login(token, origin=PORTAL, nonce=NONCE).accepted


@pytest.mark.parametrize("packaging", ["detached", "attached"])
@pytest.mark.parametrize("form", DIALECTS)
async def test_the_department_takes_a_document_that_was_signed_with_sm2(
    agent: RunningAgent,
    verifier: Verifier,
    citizen: Sm2Person,
    form: str,
    packaging: str,
) -> None:
    signed = await sign(agent, form, packaging)

    report = verifier.signature(signed, content=CONTENT)

    assert report.accepted, report.findings
    assert report.attached is (packaging == "attached")
    message = read_signed_message(signed)
    assert (message.dialect, message.is_sm2) == (DIALECTS[form], True)
    gmssl_takes(message, citizen)


def gmssl_takes(message: SignedMessage, citizen: Sm2Person) -> None:
    """Have GmSSL check the signature over the attributes."""
    assert message.attributes is not None
    assert sm3(CONTENT) in message.attributes
    point = citizen.key.public_key.point[1:]
    assert gmssl_pyx.sm2_verify(point, message.attributes, message.signature, ID)


async def test_openssl_reads_and_verifies_a_signed_document(
    agent: RunningAgent, citizen: Sm2Person, tmp_path: Path
) -> None:
    signed = await sign(agent, "gmt0010")
    message = read_signed_message(signed)
    assert message.attributes is not None
    files = {"whole": signed, "key": citizen.key.public_key.spki}
    files |= {"value": message.signature, "attributes": message.attributes}
    for name, octets in files.items():
        (tmp_path / name).write_bytes(octets)
    printed = await openssl(tmp_path, "asn1parse -inform DER -in whole -i")
    assert printed.count("1.2.156.10197.6.1.4.2.1") == 2
    assert "1.2.156.10197.6.1.4.2.2" in printed
    check = f"dgst -sm3 -sigopt distid:{ID.decode()} -keyform DER -verify key -signature value"
    assert "Verified OK" in await openssl(tmp_path, f"{check} attributes")


async def openssl(folder: Path, line: str) -> str:
    """Run the command there; return what it wrote."""
    process = await asyncio.create_subprocess_exec(
        "openssl", *line.split(), cwd=folder, stdout=subprocess.PIPE
    )
    written, _ = await process.communicate()
    return written.decode()


async def test_a_key_of_ecdsa_signs_no_message_of_gmt_0010(agent: RunningAgent) -> None:
    agent.prompt.person = replace(agent.prompt.person, choice=1)
    page = await agent.connect()
    answer = await page.call("sign", document=DOCUMENT, media_type="text/plain", format="gmt0010")
    assert code_of(answer) == "page.format_unsupported"


async def test_hello_offers_both_formats(agent: RunningAgent) -> None:
    page = await agent.connect(hello=False)
    answer = await page.call("hello", version=1)
    assert answer["result"]["formats"] == ["cades-b", "gmt0010"]

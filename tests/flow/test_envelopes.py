"""An envelope's way: sealed by openssl for the person's certificate, opened with her consent."""

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signet_agent.model import Operation
from signet_protocol.messages import MAX_DOCUMENT_BYTES
from tests.kit.envelope import sealed
from tests.kit.mock_token import MockToken, opening_token
from tests.kit.running_agent import POLICY, RunningAgent, code_of, running_agent

pytestmark = pytest.mark.quick

OPENING_POLICY = POLICY.replace('"sign"]', '"sign", "decrypt"]')
LETTER = "工资单：48,627.65 元".encode()


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[RunningAgent]:
    async with running_agent(tmp_path, policy=OPENING_POLICY) as running:
        yield running


@pytest.fixture
def reader(agent: RunningAgent) -> MockToken:
    """The token whose key opens envelopes, plugged in beside the others."""
    token = opening_token(agent.authority)
    agent.reader.insert(token)
    return token


def text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def assert_nothing_was_opened(agent: RunningAgent) -> None:
    assert agent.private_ops == 0
    assert "consent" not in [body["kind"] for body in agent.bodies()]


@pytest.mark.parametrize(
    "words",
    [
        ("-aes-128-cbc",),
        ("-aes-256-cbc", "-keyid"),
        ("-aes-192-cbc", "-keyopt", "rsa_padding_mode:oaep"),
        ("-aes-256-cbc", "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"),
    ],
    ids=["PKCS #1", "by key identifier", "OAEP with SHA-1", "OAEP with SHA-256"],
)
async def test_an_envelope_of_openssl_is_opened_by_consent(
    agent: RunningAgent, reader: MockToken, tmp_path: Path, words: tuple[str, ...]
) -> None:
    envelope = sealed(tmp_path, reader.der, LETTER, *words)
    page = await agent.connect()
    answer = await page.call("decrypt", envelope=text(envelope))
    assert base64.b64decode(answer["result"]["content"]) == LETTER
    assert base64.b64decode(answer["result"]["certificate"]) == reader.der
    assert reader.counters.private_ops == reader.counters.pin_tries == 1
    assert agent.prompt.approvals == 1
    (record,) = agent.prompt.records
    assert record.operation is Operation.DECRYPT
    assert [choice.tail for choice in record.choices] == ["4822"]
    assert [item.size for item in record.items] == [len(envelope)]
    intent, consent, outcome = agent.bodies()[-3:]
    assert [intent["kind"], consent["kind"], outcome["kind"]] == ["intent", "consent", "outcome"]
    assert intent["digest"] == hashlib.sha256(envelope).hexdigest()
    assert answer["audit"]["head"] == agent.storage.records[-1].head.hex()


async def test_the_greeting_names_decrypt_where_policy_allows_it(agent: RunningAgent) -> None:
    page = await agent.connect(hello=False)
    assert "decrypt" in (await page.call("hello", version=1))["result"]["methods"]


async def test_a_site_that_may_not_open_gets_no_window(tmp_path: Path) -> None:
    async with running_agent(tmp_path) as other:
        token = opening_token(other.authority)
        other.reader.insert(token)
        page = await other.connect()
        answer = await page.call("decrypt", envelope=text(sealed(tmp_path, token.der, LETTER)))
        assert code_of(answer) == "policy.operation_denied"
        assert other.prompt.records == []
        assert_nothing_was_opened(other)


async def test_a_refusal_opens_nothing(
    agent: RunningAgent, reader: MockToken, tmp_path: Path
) -> None:
    agent.prompt.person.refuses = True
    page = await agent.connect()
    answer = await page.call("decrypt", envelope=text(sealed(tmp_path, reader.der, LETTER)))
    assert code_of(answer) == "user.refused"
    assert_nothing_was_opened(agent)


async def test_a_wrong_pin_may_be_typed_again(
    agent: RunningAgent, reader: MockToken, tmp_path: Path
) -> None:
    agent.prompt.person.pins = ("999999", *agent.prompt.person.pins)
    page = await agent.connect()
    answer = await page.call("decrypt", envelope=text(sealed(tmp_path, reader.der, LETTER)))
    assert base64.b64decode(answer["result"]["content"]) == LETTER
    assert (reader.counters.pin_tries, reader.counters.private_ops) == (2, 1)


async def test_an_envelope_for_nobody_here_asks_nobody(agent: RunningAgent, tmp_path: Path) -> None:
    absent = opening_token(agent.authority)
    page = await agent.connect()
    answer = await page.call("decrypt", envelope=text(sealed(tmp_path, absent.der, LETTER)))
    assert code_of(answer) == "page.certificate_unknown"
    assert agent.prompt.records == []


async def test_a_certificate_that_the_page_names_has_to_be_a_recipient(
    agent: RunningAgent, reader: MockToken, tmp_path: Path
) -> None:
    signing = next(t for t in agent.reader.present.values() if t is not reader)
    envelope = text(sealed(tmp_path, reader.der, LETTER))
    page = await agent.connect()
    unknown = signing.certificate().fingerprint
    answer = await page.call("decrypt", envelope=envelope, certificate=unknown)
    assert code_of(answer) == "page.certificate_unknown"
    named = reader.certificate().fingerprint
    answer = await page.call("decrypt", envelope=envelope, certificate=named)
    assert base64.b64decode(answer["result"]["content"]) == LETTER


async def test_a_key_that_only_signs_opens_nothing(agent: RunningAgent, tmp_path: Path) -> None:
    signing = next(t for t in agent.reader.present.values() if t.serial == "YT-UK-4821")
    page = await agent.connect()
    answer = await page.call("decrypt", envelope=text(sealed(tmp_path, signing.der, LETTER)))
    assert code_of(answer) == "token.certificate_unsuitable"
    assert agent.prompt.records == []


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        ("not base64", "page.invalid_params"),
        (text(b""), "page.envelope_unsuitable"),
        (text(b"\x30\x80" * 1000), "page.envelope_unsuitable"),
        (text(b"{}"), "page.envelope_unsuitable"),
        (text(bytes(MAX_DOCUMENT_BYTES + 1)), "page.too_large"),
    ],
)
async def test_what_is_no_envelope_asks_nobody(
    agent: RunningAgent, reader: MockToken, envelope: str, code: str
) -> None:
    page = await agent.connect()
    assert code_of(await page.call("decrypt", envelope=envelope)) == code
    assert agent.prompt.records == []
    assert reader.counters.opened == 0


@pytest.mark.parametrize("padding", ["pkcs1", "oaep"])
async def test_a_damaged_envelope_has_one_answer_wherever_it_is_damaged(
    agent: RunningAgent, reader: MockToken, tmp_path: Path, padding: str
) -> None:
    words = ("-aes-128-cbc", "-keyopt", f"rsa_padding_mode:{padding}")
    envelope = sealed(tmp_path, reader.der, LETTER, *words)
    page = await agent.connect()
    answers = set()
    in_the_key = envelope.index(b"\x04\x82\x01\x00") + 100
    for place in (in_the_key, len(envelope) - 17):  # the latter turns the count in the padding
        damaged = bytearray(envelope)
        damaged[place] ^= 1
        answer = await page.call("decrypt", envelope=text(bytes(damaged)))
        answers.add(answer["error"]["message"] + code_of(answer))
    assert len(answers) == 1
    assert code_of(answer) == "page.envelope_unsuitable"
    assert agent.bodies()[-1]["outcome"] == "page.envelope_unsuitable"

"""What the document room hands back is signed only if it is our attributes over our digest.

A login signs 64, 96 or 128 octets of two digests; a document signs a DER SET of attributes. Neither
can ever stand for the other, whatever a page or a broken document room does.
"""

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from signet_agent.channel.document_messages import FormView, Shown
from signet_agent.daemon.operations.base import Asker, Bound, Draft
from signet_agent.daemon.operations.login import LoginOperation
from signet_agent.daemon.operations.sign import LOGIN_LENGTHS, SignOperation
from signet_agent.daemon.policy import Decider
from signet_agent.daemon.policy.reading import parse_policy
from signet_agent.errors import PageError, RoomError
from signet_agent.model import Algorithm, Certificate, KeyUse, Operation, Origin, Paper
from signet_protocol.comparison import comparison_code
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import MAX_DOCUMENT_BYTES, Login, Sign
from tests.kit.running_agent import NONCE, POLICY, PORTAL, RunningAgent, code_of, running_agent

pytestmark = pytest.mark.quick

CONTENT = "您好".encode()
DOCUMENT = base64.b64encode(CONTENT).decode()
CALL = Sign(DOCUMENT, "text/plain")
ASKER = Asker(Origin.parse(PORTAL))
SITE = Decider(parse_policy(POLICY)).admit(PORTAL, Operation.SIGN)
SIGNED_AT = 1_763_000_000


def certificate(algorithm: Algorithm = Algorithm.RS256) -> Certificate:
    return Certificate("k", "t", b"der", b"", "", "", "", "", 0, 0, (KeyUse.SIGN,), algorithm)


def digest_of(algorithm: Algorithm) -> bytes:
    return hashlib.new(algorithm.hash_name, CONTENT).digest()


@dataclass
class Documents:
    """A document room whose attributes the test writes."""

    attributes: bytes | None = None
    form: str = ""
    wanted_format: str = ""
    asked_at: int = 0
    bound: int = 0
    embedded: bytes | None = b"never asked"

    def require_format(self, name: str) -> None:
        self.wanted_format = name

    async def show(self, media_type: str, content: bytes, forms: dict[str, FormView]) -> Shown:
        assert content == CONTENT
        return Shown(Paper(title="表"), self.form, ("之后",))

    async def bind(
        self, name: str, digest: bytes, certificate: bytes, algorithm: Algorithm, signed_at: int
    ) -> bytes:
        self.bound += 1
        self.asked_at = signed_at
        return b"1attributes:" + digest if self.attributes is None else self.attributes

    async def finish(
        self, name: str, bound: Bound, signature: bytes, content: bytes | None
    ) -> bytes:
        self.embedded = content
        return bound.octets + signature


def operation(documents: Documents) -> SignOperation:
    return SignOperation(documents, "zh-Hans", lambda: SIGNED_AT + 0.9)


async def bind(documents: Documents, algorithm: Algorithm = Algorithm.RS256) -> Bound:
    draft = Draft(content=CONTENT)
    return await operation(documents).bind(ASKER, CALL, draft, certificate(algorithm))


# --- the separation of login and document -----------------------------------------------------


@pytest.mark.parametrize("algorithm", list(Algorithm))
async def test_attributes_over_our_own_digest_are_signed(algorithm: Algorithm) -> None:
    documents = Documents()
    bound = await bind(documents, algorithm)
    assert bound.octets == b"1attributes:" + digest_of(algorithm)
    assert documents.asked_at == SIGNED_AT


@pytest.mark.parametrize("length", sorted(LOGIN_LENGTHS))
async def test_octets_of_a_logins_length_are_never_signed(length: int) -> None:
    digest = digest_of(Algorithm.RS256)
    attributes = (b"1" + digest).ljust(length, b"\0")
    assert len(attributes) == length
    with pytest.raises(RoomError):
        await bind(Documents(attributes))
    assert (await bind(Documents(attributes + b"\0"))).octets == attributes + b"\0"


@pytest.mark.parametrize(
    "attributes",
    [
        b"",
        b"1",
        b"1attributes of another document: " + hashlib.sha256(b"other").digest(),
        b"1attributes: " + hashlib.sha256(CONTENT).digest()[:-1],
        b"1attributes: " + hashlib.sha384(CONTENT).digest(),
        b"0attributes: " + hashlib.sha256(CONTENT).digest(),
        b"\xa0attributes: " + hashlib.sha256(CONTENT).digest(),
        hashlib.sha256(CONTENT).digest(),
        b" 1attributes: " + hashlib.sha256(CONTENT).digest(),
    ],
)
async def test_what_is_not_our_attributes_is_never_signed(attributes: bytes) -> None:
    with pytest.raises(RoomError, match="something else"):
        await bind(Documents(attributes))


@pytest.mark.parametrize("algorithm", list(Algorithm))
async def test_a_login_signs_a_length_no_document_has(algorithm: Algorithm) -> None:
    bound = await LoginOperation().bind(ASKER, Login(NONCE), Draft(), certificate(algorithm))
    assert len(bound.octets) in LOGIN_LENGTHS
    prefix = b"SIGNET-SM2-LOGIN" if algorithm is Algorithm.SM2 else b""
    assert bound.octets.startswith(prefix)
    hashes = bound.octets[len(prefix) :]
    size = len(hashes) // 2
    for half, text in ((hashes[:size], PORTAL), (hashes[size:], NONCE)):
        assert half == hashlib.new(algorithm.hash_name, text.encode("ascii")).digest()


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[RunningAgent]:
    async with running_agent(tmp_path) as running:
        yield running


@pytest.mark.parametrize("attributes", [b"1" + bytes(63), b"1no digest", b"0" + bytes(99)])
async def test_a_document_room_that_lies_gets_no_signature_from_any_key(
    agent: RunningAgent, monkeypatch: pytest.MonkeyPatch, attributes: bytes
) -> None:
    async def lie(*_: object) -> bytes:
        return attributes

    monkeypatch.setattr(agent.agent._parts.documents, "bind", lie)
    page = await agent.connect()
    answer = await page.call("sign", document=DOCUMENT, media_type="text/plain")
    assert code_of(answer) == "agent.fault"
    assert agent.private_ops == 0
    assert [t.counters.pin_tries for t in agent.reader.present.values()] == [0, 0]
    assert agent.bodies()[-1]["outcome"] == "agent.fault"


# --- preparing and finishing ------------------------------------------------------------------


async def test_what_is_shown_is_made_from_the_frozen_octets() -> None:
    documents = Documents(form="gs1/1")
    call = Sign(DOCUMENT, "text/plain", certificate="0" * 64)
    draft = await operation(documents).prepare(ASKER, SITE, call)
    assert draft == Draft(
        content=CONTENT,
        kind="申报表",
        paper=Paper(title="表"),
        after=("之后",),
        digest=hashlib.sha256(CONTENT).hexdigest(),
        code=comparison_code(CONTENT),
        wanted="0" * 64,
    )
    assert documents.wanted_format == "cades-b"


async def test_a_document_of_no_known_form_is_called_a_document() -> None:
    assert (await operation(Documents()).prepare(ASKER, SITE, CALL)).kind == "文件"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("QQ", ErrorCode.PAGE_INVALID_PARAMS),
        ("QR==", ErrorCode.PAGE_INVALID_PARAMS),
        ("Q Q=", ErrorCode.PAGE_INVALID_PARAMS),
        ("中文中文", ErrorCode.PAGE_INVALID_PARAMS),
        (base64.b64encode(bytes(MAX_DOCUMENT_BYTES + 1)).decode(), ErrorCode.PAGE_TOO_LARGE),
        (base64.b64encode(bytes(MAX_DOCUMENT_BYTES + 3)).decode(), ErrorCode.PAGE_TOO_LARGE),
    ],
    ids=["cut", "stray bits", "space", "foreign", "one octet too large", "too long"],
)
async def test_what_is_not_canonical_base64_of_a_fitting_document_is_the_pages_to_cure(
    document: str, code: ErrorCode
) -> None:
    with pytest.raises(PageError) as caught:
        await operation(Documents()).prepare(ASKER, SITE, Sign(document, "text/plain"))
    assert caught.value.code is code


@pytest.mark.parametrize(("packaging", "embedded"), [("detached", None), ("attached", CONTENT)])
async def test_only_an_attached_signature_embeds_the_document(
    packaging: Literal["detached", "attached"], embedded: bytes | None
) -> None:
    documents = Documents()
    call = Sign(DOCUMENT, "text/plain", packaging=packaging)
    draft = Draft(content=CONTENT, digest="d" * 64)
    bound = Bound(certificate(), Algorithm.RS256, b"1")
    result = await operation(documents).finish(call, draft, bound, b"rs")
    assert documents.embedded == embedded
    assert base64.b64decode(result.signature) == b"1rs"
    assert base64.b64decode(result.certificate) == b"der"
    assert (result.digest, result.format) == ("d" * 64, "cades-b")


def test_a_document_needs_the_certificate_for_documents() -> None:
    assert operation(Documents()).use(CALL) is KeyUse.SIGN

"""Several documents after one consent, files that come in pieces, and plain signatures."""

import asyncio
import base64
import hashlib
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate

from signet_agent.model import Operation
from signet_protocol.comparison import comparison_code
from signet_protocol.messages import MAX_BATCH_DOCUMENTS
from signet_protocol.verify import TrustAnchors, verify_signature
from tests.kit.running_agent import POLICY, RunningAgent, code_of, running_agent, until

pytestmark = pytest.mark.quick

FULL_POLICY = POLICY.replace(
    '"sign"]', '"sign", "sign_batch", "sign_file"]\nplain_until = 2099-12-31'
)
FILE = os.urandom(700_001)
GBK = "text/plain;charset=gbk"


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[RunningAgent]:
    async with running_agent(tmp_path, policy=FULL_POLICY) as running:
        yield running


def form(due: str) -> bytes:
    return b'{"form":"gs1/1","tax_due":"%s"}' % due.encode()


def documents(*contents: bytes, media_type: str = "application/json") -> list[dict[str, str]]:
    return [
        {
            "document": base64.b64encode(content).decode(),
            "media_type": media_type,
            "name": f"第 {number} 份",
        }
        for number, content in enumerate(contents, 1)
    ]


def verified(agent: RunningAgent, signature: str, content: bytes) -> bytes:
    """Return the content that the signature covers, as a department finds it."""
    signed = verify_signature(
        base64.b64decode(signature),
        content=content,
        anchors=TrustAnchors.from_pem(agent.authority.pem),
        at=datetime.now(UTC),
    )
    return signed.content


def assert_nothing_was_signed(agent: RunningAgent) -> None:
    assert agent.private_ops == 0
    assert "consent" not in [body["kind"] for body in agent.bodies()]


# --- a list -----------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", [0, 1])
async def test_a_list_is_signed_by_one_consent_and_one_pin(
    agent: RunningAgent, choice: int
) -> None:
    agent.prompt.person.choice = choice
    contents = [form(str(due)) for due in range(100, 125)]
    page = await agent.connect()
    answer = await page.call("sign_batch", documents=documents(*contents))
    items = answer["result"]["items"]
    for content, item in zip(contents, items, strict=True):
        assert verified(agent, item["signature"], content) == content
        assert item["digest"] == hashlib.sha256(content).hexdigest()
    assert agent.prompt.approvals == 1
    assert sum(t.counters.pin_tries for t in agent.reader.present.values()) == 1
    assert page.progress == ["preparing", "waiting_for_person", "signing"]


async def test_the_window_has_every_document_and_the_log_their_digest(agent: RunningAgent) -> None:
    contents = [form("1"), "您好".encode()]
    listed = [
        *documents(contents[0]),
        *documents(contents[1], media_type="text/plain"),
    ]
    page = await agent.connect()
    await page.call("sign_batch", documents=listed)
    (record,) = agent.prompt.records
    assert record.operation is Operation.SIGN_BATCH
    assert record.kind == "一批文件"
    assert [(item.name, item.size, item.code) for item in record.items] == [
        ("第 1 份", len(contents[0]), comparison_code(contents[0])),
        ("第 1 份", len(contents[1]), comparison_code(contents[1])),
    ]
    assert record.items[0].paper.title == "增值税纳税申报表（月报）"
    assert record.items[1].paper.text == "您好"
    digests = b"".join(hashlib.sha256(content).digest() for content in contents)
    intent = next(body for body in agent.bodies() if body["kind"] == "intent")
    assert intent["documents"] == 2
    assert intent["digest"] == hashlib.sha256(digests).hexdigest()
    assert "您好" not in json.dumps(agent.bodies(), ensure_ascii=False)


async def test_an_attached_list_embeds_each_document(agent: RunningAgent) -> None:
    page = await agent.connect()
    answer = await page.call(
        "sign_batch", documents=documents(form("1"), form("2")), packaging="attached"
    )
    for item, content in zip(answer["result"]["items"], (form("1"), form("2")), strict=True):
        assert content in base64.b64decode(item["signature"])


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"document": "e30", "media_type": "application/json"}, "page.invalid_params"),
        ({"document": "e30=", "media_type": "text/html"}, "page.format_unsupported"),
        ({"document": "eyB9", "media_type": "application/json"}, "page.document_unsuitable"),
        ({"document": "e30=", "media_type": GBK}, "page.format_unsupported"),
        (
            {"document": "e30=", "media_type": "application/json", "name": "\u202efdp.exe"},
            "page.invalid_params",
        ),
        (
            {"document": "e30=", "media_type": "application/json", "name": "x" * 121},
            "page.invalid_params",
        ),
    ],
    ids=["base64", "type", "spelling", "gbk", "a hidden direction", "a long name"],
)
async def test_one_bad_document_ends_the_list_before_anyone_is_asked(
    agent: RunningAgent, bad: dict[str, Any], code: str
) -> None:
    page = await agent.connect()
    answer = await page.call("sign_batch", documents=[*documents(form("1")), bad])
    assert code_of(answer) == code
    assert agent.prompt.records == []
    assert_nothing_was_signed(agent)


@pytest.mark.parametrize("count", [0, MAX_BATCH_DOCUMENTS + 1])
async def test_a_list_has_one_to_a_thousand_documents(agent: RunningAgent, count: int) -> None:
    page = await agent.connect()
    listed = [{"document": "YQ==", "media_type": "text/plain"}] * count
    assert code_of(await page.call("sign_batch", documents=listed)) == "page.invalid_params"


async def test_a_thousand_documents_are_one_act(agent: RunningAgent) -> None:
    page = await agent.connect()
    listed = [{"document": "YQ==", "media_type": "text/plain"}] * MAX_BATCH_DOCUMENTS
    answer = await page.call("sign_batch", documents=listed)
    assert len(answer["result"]["items"]) == MAX_BATCH_DOCUMENTS
    assert [body["kind"] for body in agent.bodies()] == ["start", "intent", "consent", "outcome"]


async def test_a_list_that_shows_too_much_for_one_window_is_refused(agent: RunningAgent) -> None:
    page = await agent.connect()
    hostile = base64.b64encode("\u202e".encode() * 10_000).decode()
    listed = [{"document": hostile, "media_type": "text/plain"}] * 10
    answer = await page.call("sign_batch", documents=listed)
    assert code_of(answer) == "page.document_unsuitable"
    assert agent.prompt.records == []


async def test_a_token_that_fails_midway_releases_nothing(agent: RunningAgent) -> None:
    token = next(iter(agent.reader.present.values()))

    def pull_at_the_third() -> None:
        if token.counters.private_ops == 2:
            agent.reader.remove(token)

    token.before_sign = pull_at_the_third
    page = await agent.connect()
    answer = await page.call("sign_batch", documents=documents(*(form(str(n)) for n in range(5))))
    assert code_of(answer) == "token.removed"
    assert "result" not in answer
    assert agent.bodies()[-1]["outcome"] == "token.removed"


async def test_a_token_that_lies_once_releases_nothing(agent: RunningAgent) -> None:
    token = next(iter(agent.reader.present.values()))

    def lie_at_the_second(signature: bytes) -> bytes:
        return bytes(len(signature)) if token.counters.private_ops == 2 else signature

    token.after_sign = lie_at_the_second
    page = await agent.connect()
    answer = await page.call("sign_batch", documents=documents(form("1"), form("2"), form("3")))
    assert code_of(answer) == "token.fault"


async def test_a_store_that_signs_another_number_releases_nothing(agent: RunningAgent) -> None:
    sign = agent.reader.sign

    async def forget_one(order: Any) -> tuple[bytes, ...]:  # noqa: ANN401 -- a store's order
        return (await sign(order))[1:]

    agent.reader.sign = forget_one  # type: ignore[method-assign]  # a store that lies
    page = await agent.connect()
    answer = await page.call("sign_batch", documents=documents(form("1"), form("2")))
    assert code_of(answer) == "token.fault"


async def test_a_site_needs_the_policys_word_for_lists_and_files(tmp_path: Path) -> None:
    async with running_agent(tmp_path) as agent:
        page = await agent.connect()
        for method, params in (
            ("sign_batch", {"documents": documents(form("1"))}),
            ("upload", {"size": 5}),
            ("sign_file", {"upload": "0" * 32, "name": "a.zip"}),
        ):
            assert code_of(await page.call(method, **params)) == "policy.operation_denied"
        assert agent.prompt.records == []


# --- a file -----------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", [0, 1])
async def test_a_file_is_signed_by_its_digest(agent: RunningAgent, choice: int) -> None:
    agent.prompt.person.choice = choice
    page = await agent.connect()
    upload = await page.upload(FILE)
    answer = await page.call("sign_file", upload=upload, name="施工图（一）.zip")
    assert verified(agent, answer["result"]["signature"], FILE) == FILE
    assert answer["result"]["digest"] == hashlib.sha256(FILE).hexdigest()
    (record,) = agent.prompt.records
    (item,) = record.items
    assert record.operation is Operation.SIGN_FILE
    assert (item.name, item.size) == ("施工图（一）.zip", len(FILE))
    assert item.code == comparison_code(FILE)
    assert page.received == len(FILE)
    assert "施工图" not in json.dumps(agent.bodies(), ensure_ascii=False)


async def test_an_upload_is_used_up_by_its_signature_and_by_nothing_else(
    agent: RunningAgent,
) -> None:
    page = await agent.connect()
    upload = await page.upload(FILE)
    agent.prompt.person.refuses = True
    refused = await page.call("sign_file", upload=upload, name="a.zip")
    assert code_of(refused) == "user.refused"
    agent.prompt.person.refuses = False
    assert code_of(await page.call("sign_file", upload=upload, name="a.zip")) == "ok"
    again = await page.call("sign_file", upload=upload, name="a.zip")
    assert code_of(again) == "page.upload_unknown"


async def test_an_upload_goes_on_after_the_connection_broke(agent: RunningAgent) -> None:
    page = await agent.connect()
    begun = (await page.call("upload", size=len(FILE)))["result"]
    await page.send_pieces(begun["upload"], FILE[:400_000])
    await page.call("cancel", call=99)
    await page.close()
    second = await agent.connect()
    again = await second.call("upload", size=len(FILE), resume=begun["upload"])
    assert again["result"]["received"] == 262_144
    await second.send_pieces(begun["upload"], FILE, 262_144)
    answer = await second.call("sign_file", upload=begun["upload"], name="a.zip")
    assert verified(agent, answer["result"]["signature"], FILE) == FILE


async def test_half_a_file_is_not_signed(agent: RunningAgent) -> None:
    page = await agent.connect()
    begun = (await page.call("upload", size=len(FILE)))["result"]
    await page.send_pieces(begun["upload"], FILE[:400_000])
    answer = await page.call("sign_file", upload=begun["upload"], name="a.zip")
    assert code_of(answer) == "page.upload_incomplete"
    assert agent.prompt.records == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"name": "a.zip", "upload": "f" * 32}, "page.upload_unknown"),
        ({"name": "a.zip", "upload": "../" * 10 + "ab"}, "page.invalid_params"),
        ({"name": "a\u202ezip"}, "page.invalid_params"),
        ({"name": "a\n"}, "page.invalid_params"),
        ({"name": "a.pdf", "media_type": "application/pdf"}, "page.format_unsupported"),
        ({"name": "a.zip", "format": "plain"}, "page.format_unsupported"),
        ({"name": "a.zip", "format": "xml"}, "page.format_unsupported"),
    ],
    ids=["unknown", "a path", "a direction", "a line", "a type", "plain", "a format"],
)
async def test_what_is_wrong_with_a_file_is_said_before_anyone_is_asked(
    agent: RunningAgent, params: dict[str, str], code: str
) -> None:
    page = await agent.connect()
    upload = await page.upload(b"hello")
    answer = await page.call("sign_file", **{"upload": upload, **params})
    assert code_of(answer) == code
    assert agent.prompt.records == []


async def test_an_upload_that_is_gone_when_the_person_agrees_is_not_signed(
    agent: RunningAgent,
) -> None:
    page = await agent.connect()
    upload = await page.upload(b"hello")
    agent.prompt.person.on_window = lambda _: agent.agent._uploads.forget(upload)
    answer = await page.call("sign_file", upload=upload, name="a.zip")
    assert code_of(answer) == "page.upload_unknown"
    assert agent.private_ops == 0


@pytest.mark.parametrize("frame", [b"", b"{}", b"0" * 24, b"0" * 25, bytes(24 + 65537)], ids=len)
async def test_a_binary_frame_that_is_no_piece_ends_the_connection(
    agent: RunningAgent, frame: bytes
) -> None:
    page = await agent.connect()
    await page.socket.send_bytes(frame)
    await page.socket.receive()
    assert page.socket.close_code == 1003


async def test_a_paused_agent_takes_no_octets(agent: RunningAgent) -> None:
    page = await agent.connect()
    await agent.agent.obey("pause")
    assert code_of(await page.call("upload", size=5)) == "agent.paused"


async def test_uploads_do_not_count_among_the_eight_calls(agent: RunningAgent) -> None:
    agent.prompt.person.waits = asyncio.Event()
    page = await agent.connect()
    for _ in range(8):
        await page.send("choose")
    await until(lambda: len(agent.prompt.records) == 1)
    await page.send("upload", size=5)
    answers = [await page.reply() for _ in range(8)]
    assert [code_of(each) for each in answers].count("agent.busy") == 7
    assert [each["result"]["received"] for each in answers if "result" in each] == [0]
    agent.prompt.person.waits.set()


# --- plain ------------------------------------------------------------------------------------


def is_plain_signature(result: dict[str, str], content: bytes) -> bool:
    """Whether an old server takes it: the signature is over the text itself."""
    certificate = load_der_x509_certificate(base64.b64decode(result["certificate"]))
    key, signature = certificate.public_key(), base64.b64decode(result["signature"])
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, content, padding.PKCS1v15(), SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, content, ec.ECDSA(SHA256()))
    return True


def plain(content: bytes, media_type: str = "text/plain") -> dict[str, str]:
    document = base64.b64encode(content).decode()
    return {"document": document, "media_type": media_type, "format": "plain"}


@pytest.mark.parametrize("choice", [0, 1])
@pytest.mark.parametrize(("encoding", "media_type"), [("utf-8", "text/plain"), ("gbk", GBK)])
async def test_a_plain_signature_is_over_the_shown_text(
    agent: RunningAgent, choice: int, encoding: str, media_type: str
) -> None:
    agent.prompt.person.choice = choice
    content = "本人同意以上内容。\r\n云汀".encode(encoding)
    page = await agent.connect()
    answer = await page.call("sign", **plain(content, media_type))
    assert is_plain_signature(answer["result"], content)
    assert agent.prompt.records[-1].paper.text.startswith("本人同意以上内容。")


@pytest.mark.parametrize("length", [64, 96, 128])
async def test_plain_text_as_long_as_a_login_is_never_signed(
    agent: RunningAgent, length: int
) -> None:
    page = await agent.connect()
    assert code_of(await page.call("sign", **plain(b"x" * length))) == "page.document_unsuitable"
    assert agent.prompt.records == []
    assert code_of(await page.call("sign", **plain(b"x" * (length + 1)))) == "ok"


@pytest.mark.parametrize(
    "content",
    [b"SIGNET-SM2-LOGIN of a kind", b"1\x01", b"a\x0bb", b"a\x1f", b"a\x08"],
)
async def test_plain_text_that_could_be_something_else_is_never_signed(
    agent: RunningAgent, content: bytes
) -> None:
    page = await agent.connect()
    assert code_of(await page.call("sign", **plain(content))) == "page.document_unsuitable"
    assert agent.prompt.records == []


async def test_plain_takes_detached_text_alone(agent: RunningAgent) -> None:
    page = await agent.connect()
    for params in (
        plain(form("1"), "application/json"),
        {**plain(b"a"), "packaging": "attached"},
        {**plain(b"a", GBK), "format": "cades-b"},
    ):
        assert code_of(await page.call("sign", **params)) == "page.format_unsupported"
    assert agent.prompt.records == []


async def test_text_that_is_not_of_its_encoding_is_not_signed(agent: RunningAgent) -> None:
    page = await agent.connect()
    for content, media_type in ((b"\xb1\xbe", "text/plain"), (b"\x80\xff", GBK)):
        answer = await page.call("sign", **plain(content, media_type))
        assert code_of(answer) == "page.document_unsuitable"


async def test_plain_is_refused_after_its_last_day(tmp_path: Path) -> None:
    policy = POLICY.replace('"sign"]', '"sign"]\nplain_until = 2020-01-01')
    async with running_agent(tmp_path, policy=policy) as agent:
        page = await agent.connect()
        assert code_of(await page.call("sign", **plain(b"a"))) == "policy.format_denied"
        assert agent.prompt.records == []


# --- the greeting -----------------------------------------------------------------------------


async def test_the_greeting_offers_what_policy_allows(agent: RunningAgent, tmp_path: Path) -> None:
    page = await agent.connect(hello=False)
    offer = (await page.call("hello", version=1))["result"]
    assert offer["methods"] == ["login", "choose", "sign", "sign_batch", "sign_file", "upload"]
    assert offer["formats"] == ["cades-b", "gmt0010", "plain"]
    assert offer["media_types"] == [
        "text/plain",
        "application/json",
        "application/octet-stream",
        GBK,
    ]
    async with running_agent(tmp_path / "other") as usual:
        plain_page = await usual.connect(hello=False)
        offer = (await plain_page.call("hello", version=1))["result"]
    assert offer["methods"] == ["login", "choose", "sign"]
    assert offer["formats"] == ["cades-b", "gmt0010"]
    assert offer["media_types"] == ["text/plain", "application/json"]

"""Pages in the old style work over the shim, in both browsers, without a PIN in the page."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from signet_agent.model import Operation
from signet_protocol.verify import TrustAnchors, verify_signature
from tests.kit.running_agent import POLICY, PORTAL, free_base_port, running_agent
from tests.kit.scripted_prompt import Person

if TYPE_CHECKING:
    from tests.legacy_pages.conftest import OldSite

pytestmark = pytest.mark.screen

PIN_SENTENCE = "PIN 码在签章助手的窗口里输入，这里不用填。"


def _is_signed(certificate: str, signature: str, text: bytes) -> bool:
    """Verify as the old back ends do: PKCS#1 over the text's own octets."""
    key = x509.load_der_x509_certificate(b64decode(certificate)).public_key()
    assert isinstance(key, RSAPublicKey)
    key.verify(b64decode(signature), text, padding.PKCS1v15(), SHA256())
    return True


def _as_gbk(character: str) -> str:
    """Return base64 of a character in GBK, or nothing where GBK has none."""
    try:
        return b64encode(character.encode("gbk")).decode("ascii")
    except UnicodeEncodeError:
        return ""


async def test_a_callback_page_lists_logs_in_and_signs(old_site: "OldSite") -> None:
    with old_site.open("callback.html"):
        assert await old_site.report("loaded") == 1
        assert old_site.agent.prompt.records == []
        await old_site.click("登录")
        told = await old_site.report("login")
    assert _is_signed(told["cert"], told["signature"], "登录 7Hk29（示例）".encode())
    assert told["ctx"] == "signet:choose"
    assert told["field"] == ["signet", True, PIN_SENTENCE]
    operations = [record.operation for record in old_site.agent.prompt.records]
    assert operations == [Operation.CHOOSE, Operation.SIGN]
    assert "123456" not in json.dumps(old_site.agent.bodies())


async def test_a_page_with_bjcas_names_goes_its_way_without_the_control(
    old_site: "OldSite",
) -> None:
    with old_site.open("bjca.html"):
        await old_site.click("提交")
        told = await old_site.report("submit")
    assert told["login"] is True
    assert told["holder"]
    assert _is_signed(told["cert"], told["signature"], "应补税额 48627.65 元".encode())
    assert told["verified"] == [False, "sof.server"]
    assert told["count"] == [-1, "sof.pin"]
    anchors = TrustAnchors.from_pem(old_site.agent.authority.pem)
    message = b64decode(told["message"])
    signed = verify_signature(message, content=None, anchors=anchors, at=datetime.now(UTC))
    assert signed.content == "回执".encode()


async def test_a_callback_page_without_an_agent_is_told(old_site: "OldSite") -> None:
    page = old_site.site.pages["/callback.html"]
    assert isinstance(page, bytes)
    here, nowhere = str(old_site.agent.port), str(free_base_port())
    ports = f'{nowhere}" data-tls-ports="{nowhere}'
    old_site.site.pages["/callback.html"] = page.replace(here.encode(), ports.encode())
    with old_site.open("callback.html"):
        await old_site.report("loaded")
        await old_site.click("登录")
        told = await old_site.report("login")
    assert (told["retVal"], told["code"]) == (False, "client.unreachable")
    assert told["message"].startswith("没有连上签章助手")


async def test_a_signature_after_the_last_day_is_refused_to_the_old_callback(
    old_site: "OldSite", tmp_path: Path
) -> None:
    (tmp_path / "later").mkdir()
    late = POLICY.replace(PORTAL, old_site.site.origin("old.localhost"))
    async with running_agent(tmp_path / "later", policy=late) as other:
        page = old_site.site.pages["/callback.html"]
        assert isinstance(page, bytes)
        ports = (str(old_site.agent.port).encode(), str(other.port).encode())
        old_site.site.pages["/callback.html"] = page.replace(*ports)
        with old_site.open("callback.html"):
            await old_site.report("loaded")
            await old_site.click("登录")
            told = await old_site.report("login")
        assert (told["signature"], told["code"]) == ("", "policy.format_denied")
        assert [each.operation for each in other.prompt.records] == [Operation.CHOOSE]


async def test_a_refusal_in_the_window_reaches_the_old_callback(old_site: "OldSite") -> None:
    old_site.agent.prompt.person = Person(refuses=True)
    with old_site.open("callback.html"):
        await old_site.report("loaded")
        await old_site.click("登录")
        told = await old_site.report("login")
    assert (told["retVal"], told["code"]) == (False, "user.refused")
    assert told["message"].startswith("您没有同意")


async def test_a_synchronous_page_in_gbk_in_a_frameset_signs(trusted_agent: "OldSite") -> None:
    with trusted_agent.open("frameset.html"):
        await trusted_agent.click("签名")
        told = await trusted_agent.report("sign")
    text = "应补税额：４８６２７元 镕"
    assert _is_signed(told["cert"], told["signature"], text.encode("gbk"))
    assert told["error"] == 0
    assert told["stood"] is True


async def test_gbk_is_written_as_the_agent_reads_it(old_site: "OldSite") -> None:
    with old_site.open("spelling.html"):
        told = await old_site.report("spelling")
    lines = "\n".join(_as_gbk(chr(code)) for code in range(0x10000))
    assert told == sha256(lines.encode("ascii")).hexdigest()


async def test_a_synchronous_page_without_a_trusted_certificate_is_told(
    old_site: "OldSite",
) -> None:
    with old_site.open("frameset.html"):
        await old_site.click("签名")
        told = await old_site.report("sign")
    assert told.startswith("没有连上签章助手")
    assert old_site.agent.prompt.records == []


async def test_a_synchronous_call_while_the_page_is_left(trusted_agent: "OldSite") -> None:
    with trusted_agent.open("frameset.html"):
        await trusted_agent.click("签名")
        await trusted_agent.report("sign")
        await trusted_agent.click("离开")
        told = await trusted_agent.report("left")
    # Chromium makes no synchronous request of a page that is being left; Firefox does.
    is_asked = trusted_agent.browser.name == "Firefox"
    assert bool(told["signature"]) is is_asked
    assert (told["error"] == 0) is is_asked

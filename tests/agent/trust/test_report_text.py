"""The report in sentences, for each state and fault, in both languages."""

import pytest

from signet_agent.trust.report import CertificateState, StoreReport, StoreState, TrustReport
from signet_agent.trust.report_text import trust_report_text
from signet_agent.trust.stores.base import StoreFault

pytestmark = pytest.mark.quick

ROOT_FILE = "/state/tls/root.pem"
NOT_AFTER = 1_830_000_000


def _text(
    language: str,
    certificate: CertificateState = CertificateState.USABLE,
    state: StoreState = StoreState.TRUSTS,
    fault: StoreFault | None = None,
) -> str:
    store = StoreReport("Firefox", "/profile", state, fault, "the tool's own words")
    return trust_report_text(
        TrustReport(certificate, (store,), not_after=NOT_AFTER), language, ROOT_FILE
    )


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_every_state_and_fault_has_its_own_sentence(language: str) -> None:
    assert len({_text(language, certificate=each) for each in CertificateState}) == 4
    assert len({_text(language, state=each) for each in StoreState}) == 5
    assert len({_text(language, fault=each) for each in StoreFault}) == len(StoreFault)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_sentences_are_calm_and_complete(language: str) -> None:
    for fault in StoreFault:
        text = _text(language, fault=fault)
        assert not set(text) & set("!！{}")
        assert "失败" not in text
        assert "/profile" in text


def test_the_day_of_expiry_is_told() -> None:
    assert "2027-12-28 到期" in _text("zh-Hans")
    assert "until 2027-12-28" in _text("en")


def test_a_locked_profile_is_told_which_file_to_import() -> None:
    assert ROOT_FILE in _text("zh-Hans", fault=StoreFault.LOCKED)


def test_a_missing_tool_is_named_with_its_package() -> None:
    assert "libnss3-tools" in _text("zh-Hans", fault=StoreFault.TOOL_MISSING)
    assert "libnss3-tools" in _text("en", fault=StoreFault.TOOL_MISSING)

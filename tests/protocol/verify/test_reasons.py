"""Each reason has words for the developer and calm words for the person."""

import pytest

from signet_protocol.verify import Reason, VerificationError

pytestmark = pytest.mark.quick


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_has_one_english_sentence(reason: Reason) -> None:
    assert reason.meaning.isascii()
    assert reason.meaning[0].isupper()
    assert reason.meaning.endswith(".")
    assert reason.meaning.count(".") == 1 or "1.x" in reason.meaning


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_tells_the_person_cause_state_and_cure(reason: Reason) -> None:
    told, cure = reason.sentence.removesuffix("。").split("。")
    cause, state = told.split("，")
    assert cause
    assert state.startswith(("您还没有", "本次操作没有", "文件没有", "签名没有"))
    assert cure.startswith("请")


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_frightens_nobody(reason: Reason) -> None:
    words = ["失败", "非法", "错误", "介质", "令牌", "！", "!", "你"]
    assert [word for word in words if word in reason.sentence] == []


@pytest.mark.parametrize("reason", Reason)
def test_no_two_reasons_mean_the_same(reason: Reason) -> None:
    assert [other for other in Reason if other.meaning == reason.meaning] == [reason]


def test_an_error_shows_its_detail_or_else_the_meaning() -> None:
    reason = Reason.CONTENT_MISSING
    assert str(VerificationError(reason, "no body")) == "content.missing: no body"
    assert str(VerificationError(reason)) == f"content.missing: {reason.meaning}"

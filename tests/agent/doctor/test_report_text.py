"""The report for people and for machines."""

import json

import pytest

from signet_agent.doctor import ALL_CHECKS
from signet_agent.doctor.base import Finding, Status, Words
from signet_agent.doctor.examination import examine
from signet_agent.doctor.report_text import findings_json, findings_text
from tests.agent.doctor.conftest import Spoil

pytestmark = pytest.mark.quick

FINE = Finding("a", Words("甲", "A"), Status.OK, Words("好。", "Good."), None, "a path")
ODD = Finding("b", Words("乙", "B"), Status.NOTICE, Words("怪。", "Odd."), Words("看。", "Look."))
BAD = Finding(
    "c", Words("丙", "C"), Status.PROBLEM, Words("坏。", "Bad."), Words("修。", "Mend."), "errno 5"
)


def test_the_gravest_stands_first_with_cure_and_detail() -> None:
    assert findings_text([FINE, ODD, BAD], "zh-Hans").splitlines() == [
        "签章助手体检：1 正常 · 1 提示 · 1 要处理",
        "",
        "[要处理] 丙 (c)：坏。",
        "    怎么办：修。",
        "    给管理员：errno 5",
        "[提示] 乙 (b)：怪。",
        "    怎么办：看。",
        "[正常] 甲 (a)：好。",
        "",
        "报告里没有 PIN 码、密钥和文件内容。",
    ]


def test_english_is_english_throughout() -> None:
    text = findings_text([FINE, ODD, BAD], "en")

    assert text.startswith("Signet, examined: 1 fine - 1 notice - 1 to cure\n")
    assert text.isascii()


def test_json_keeps_the_order_and_both_languages() -> None:
    decoded = json.loads(findings_json([FINE, BAD]))

    assert [each["check"] for each in decoded] == ["a", "c"]
    assert decoded[1] == {
        "check": "c",
        "title": {"zh": "丙", "en": "C"},
        "status": "problem",
        "sentence": {"zh": "坏。", "en": "Bad."},
        "cure": {"zh": "修。", "en": "Mend."},
        "detail": "errno 5",
    }


def test_the_words_of_every_check_are_calm(spoil: Spoil) -> None:
    bare = spoil(environment={}, layers=())
    text = findings_text(examine(ALL_CHECKS, bare), "zh-Hans")

    assert not [word for word in ("非法", "失败", "!", "！", "介质", "令牌") if word in text]

"""The findings for a terminal and as JSON; what needs a hand comes first."""

from collections.abc import Sequence

import msgspec

from signet_agent.doctor.base import Finding, Status, Words

_MARK = {
    Status.PROBLEM: Words("要处理", "to cure"),
    Status.NOTICE: Words("提示", "notice"),
    Status.OK: Words("正常", "fine"),
}

_HEADING = Words("签章助手体检", "Signet, examined")
_CURE = Words("怎么办", "What to do")
_DETAIL = Words("给管理员", "For IT")
_PRIVACY = Words(
    "报告里没有 PIN 码、密钥和文件内容。",
    "This report holds no PIN, no key and no document.",
)


def findings_text(findings: Sequence[Finding], language: str) -> str:
    """Return the findings as lines: a count, then each finding, the gravest first."""
    colon, dot = (": ", " - ") if language == "en" else ("：", " · ")
    counts = [
        f"{sum(each.status is status for each in findings)} {mark.in_language(language)}"
        for status, mark in reversed(_MARK.items())
    ]
    lines = [_HEADING.in_language(language) + colon + dot.join(counts), ""]
    for status in _MARK:
        for finding in findings:
            if finding.status is status:
                lines += _lines(finding, language, colon)
    return "\n".join([*lines, "", _PRIVACY.in_language(language)])


def findings_json(findings: Sequence[Finding]) -> str:
    """Return the findings as a JSON array, in the order of the checks, with both languages."""
    return msgspec.json.format(msgspec.json.encode(findings)).decode("utf-8")


def _lines(finding: Finding, language: str, colon: str) -> list[str]:
    """Return one finding: state, then cure, then what IT wants to know."""
    mark = _MARK[finding.status].in_language(language)
    title = finding.title.in_language(language)
    lines = [f"[{mark}] {title} ({finding.check}){colon}{finding.sentence.in_language(language)}"]
    if finding.cure is not None:
        lines.append(
            f"    {_CURE.in_language(language)}{colon}{finding.cure.in_language(language)}"
        )
    if finding.detail and finding.status is not Status.OK:
        lines.append(f"    {_DETAIL.in_language(language)}{colon}{finding.detail}")
    return lines

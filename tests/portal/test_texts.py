import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

import portal
from portal.departments import departments
from portal.texts import (
    Text,
    catalogue,
    numeral_date,
    prose_date,
    prose_day,
    prose_period,
    say,
    sayings,
    speaking,
)

pytestmark = pytest.mark.quick

PACKAGE = Path(portal.__file__).parent
FORBIDDEN = re.compile(r"非法|失败|！|!|介质|令牌|确定$")
"""Words the city does not use to people."""


def _texts() -> dict[str, Text]:
    found = dict(catalogue())
    for where in departments():
        for name, form in where.forms.items():
            for number, line in enumerate(form.fields):
                found[f"{name}.{number}"] = line.label
                if line.hint:
                    found[f"{name}.{number}.hint"] = line.hint
                for check in line.checks:
                    found[f"{name}.{number}.{check.test}"] = check.message
    return found


def test_both_languages_fill_the_same_braces() -> None:
    for key, text in catalogue().items():
        names = [
            {part[1] for part in Formatter().parse(each)} - {None} for each in text.both().values()
        ]
        if key != "refusal.unverified":
            assert names[0] == names[1], key


def test_no_text_blames_or_shouts() -> None:
    assert [key for key, text in _texts().items() if FORBIDDEN.search(text.zh)] == []


def test_chinese_texts_use_chinese_punctuation() -> None:
    between_han = re.compile(r"[\u4e00-\u9fff][,;:?()][\u4e00-\u9fff]")

    assert [key for key, text in _texts().items() if between_han.search(text.zh)] == []


def test_every_sentence_is_used_somewhere() -> None:
    sources = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]
    written = "\n".join(file.read_text("utf-8") for file in sources)
    scripts = "\n".join(file.read_text("utf-8") for file in (PACKAGE / "static").glob("*.js"))
    built = re.compile(r"source\.|receipt\.check\.|member\.|refusal\.")
    unused = [
        key
        for key in catalogue()
        if not built.match(key)
        and f'"{key}"' not in written
        and f"'{key}'" not in written
        and not (key.startswith("script.") and _is_in_scripts(key, scripts))
    ]

    assert unused == []


def _is_in_scripts(key: str, scripts: str) -> bool:
    name = key.removeprefix("script.")
    return re.search(rf"\b{name.removesuffix('_title')}\b", scripts) is not None


def test_every_refusal_that_is_raised_has_its_sentence() -> None:
    written = "\n".join(file.read_text("utf-8") for file in PACKAGE.rglob("*.py"))
    raised = set(re.findall(r'RefusedError\("(\w+)"', written))

    assert raised
    assert {f"refusal.{code}" for code in raised} <= catalogue().keys()


def test_an_unknown_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("no.such.sentence")
    with pytest.raises(KeyError):
        say("home.due")


def test_the_language_ends_with_the_request() -> None:
    with speaking("en"):
        assert say("page.home") == "Home"
    assert say("page.home") == "首页"


def test_scripts_get_their_sentences_unfilled() -> None:
    assert sayings("script")["fix"] == "还有 {count} 处要改，已标出来。"


def test_days_and_periods_are_prose() -> None:
    day = date(2026, 11, 6)

    assert prose_day(day) == "11 月 6 日"
    assert prose_date(day) == "2026 年 11 月 6 日"
    assert prose_period("2026-10") == "2026 年 10 月"
    assert prose_period("2025") == "2025 年度"
    with speaking("en"):
        assert prose_date(day) == "6 November 2026"
        assert prose_period("2026-10") == "October 2026"
        assert prose_period("2025") == "2025"


@pytest.mark.parametrize(
    ("day", "numerals"),
    [
        (date(2026, 11, 12), "二〇二六年十一月十二日"),
        (date(2030, 1, 1), "二〇三〇年一月一日"),
        (date(2026, 10, 20), "二〇二六年十月二十日"),
        (date(2026, 12, 31), "二〇二六年十二月三十一日"),
    ],
)
def test_official_paper_ends_with_numerals(day: date, numerals: str) -> None:
    assert numeral_date(day) == numerals

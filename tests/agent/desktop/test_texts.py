"""Every sentence stands in both languages, with the same places to fill."""

import re
from string import Formatter

import pytest

from signet_agent.desktop.catalogue import en, zh_hans
from signet_agent.desktop.texts import CATALOGUES, Texts
from signet_agent.model import Operation

pytestmark = pytest.mark.quick

FIXED = {
    "login.title": ("{dept}请您登录", "{dept} asks you to log in"),
    "login.learns": ("登录后，该网站会知道", "The site will learn"),
    "login.not": ("登录不是签名，不会签署任何文件", "Logging in signs nothing"),
    "sign.form": ("{dept}请您签署 1 份{kind}", "{dept} asks you to sign 1 {kind}"),
    "sign.after": ("签名之后", "When you sign"),
    "sign.final": ("签名不能撤回", "A signature cannot be undone"),
    "code.hint": ("与网页上的一致再签名", "Sign only if the page shows the same"),
    "pin.tries": ("还可输入 {n} 次", "{n} tries left"),
    "pin.wrong": ("PIN 码不对，还可输入 {n} 次", "Wrong PIN, {n} tries left"),
    "pin.last": ("PIN 码只剩最后 1 次机会", "Only one PIN try is left"),
    "pin.last.tick": (
        "我确定记得 PIN 码，要用最后一次机会",
        "I am sure of my PIN and want to use the last try",
    ),
    "pin.locked": ("{token}已锁住", "{token} is locked"),
    "insert.usb-key": ("请插入 USB Key", "Insert your USB key"),
    "removed.usb-key": ("USB Key 已拔出", "USB key removed"),
    "done.sign": ("已签名", "Signed"),
    "demo": ("演示证书，没有法律效力", "Demo certificate, no legal effect"),
    "idle": ("10 分钟无操作将自动拒绝", "Refuses by itself after 10 minutes without activity"),
}
"""Sentences the design settled word for word."""


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_both_languages_have_the_same_sentences() -> None:
    assert zh_hans.SENTENCES.keys() == en.SENTENCES.keys()


def test_both_languages_fill_the_same_places() -> None:
    for key, sentence in zh_hans.SENTENCES.items():
        assert places(sentence) == places(en.SENTENCES[key]), key


@pytest.mark.parametrize("operation", list(Operation))
def test_every_operation_has_its_words_in_window_tray_and_records(operation: Operation) -> None:
    for verb in ("window", "button", "working", "done", "does", "outcome"):
        assert f"{verb}.{operation}" in zh_hans.SENTENCES
    if operation.signs:
        assert f"button.later.{operation}" in zh_hans.SENTENCES
    else:
        assert f"{operation}.not" in zh_hans.SENTENCES


def test_no_sentence_is_empty() -> None:
    for catalogue in CATALOGUES.values():
        assert all(sentence.strip() for sentence in catalogue.values())


@pytest.mark.parametrize("key", FIXED)
def test_settled_sentences_are_word_for_word(key: str) -> None:
    assert (zh_hans.SENTENCES[key], en.SENTENCES[key]) == FIXED[key]


def test_chinese_uses_its_own_punctuation() -> None:
    for key, sentence in zh_hans.SENTENCES.items():
        assert not re.search(r"[一-鿿][,;:?!()]", sentence), key


def test_chinese_sets_one_space_between_han_and_latin_or_digits() -> None:
    for key, sentence in zh_hans.SENTENCES.items():
        assert not re.search(r"[一-鿿][A-Za-z0-9]|[A-Za-z0-9][一-鿿]", sentence), key


def test_nobody_is_shouted_at_or_blamed() -> None:
    for catalogue in CATALOGUES.values():
        for key, sentence in catalogue.items():
            assert not re.search(r"[!！]|非法|失败|介质|令牌|illegal|failed", sentence), key


def test_an_unknown_language_is_answered_in_chinese() -> None:
    assert Texts("fr").language == "zh-Hans"


def test_a_filled_in_text_is_never_read_as_a_sentence() -> None:
    assert Texts("en")("login.title", dept="{kind}") == "{kind} asks you to log in"


def test_one_is_counted_in_the_singular() -> None:
    assert Texts("en").count("pin.tries", 1) == "1 try left"
    assert Texts("en").count("pin.tries", 2) == "2 tries left"


def test_every_counted_sentence_has_a_singular() -> None:
    singular = {key.removesuffix(".one") for key in en.SENTENCES if key.endswith(".one")}
    counted = {key for key, sentence in en.SENTENCES.items() if places(sentence) == {"n"}}
    assert {key for key in counted if not key.endswith(".one")} == {
        key for key in singular if places(en.SENTENCES[key])
    }


def test_a_sentence_that_opens_with_a_place_opens_with_a_capital() -> None:
    assert Texts("en").opening("pin.locked", token="this USB key") == "This USB key is locked"

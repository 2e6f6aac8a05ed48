"""What a developer writes: sites, scripts, orders, the command line; and what is printed."""

import io
import json
from pathlib import Path

import pytest

from signet_simulator.arguments import preferred_language, read_arguments
from signet_simulator.console import Console
from signet_simulator.documents import require_showable
from signet_simulator.errors import CallEndedError, OriginError, ScriptError
from signet_simulator.origins import read_origin
from signet_simulator.scripts import WORDS, Director, Order, Script, read_order, read_script
from signet_simulator.texts import _TEXTS
from tests.kit.running_simulator import SITE

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    "origin",
    [
        "https://tax.example.gov",
        "https://tax.example.gov:8443",
        "https://10.0.0.1",
        "http://localhost:3000",
        "http://localhost",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
    ],
)
def test_an_origin_is_taken_as_a_browser_writes_it(origin: str) -> None:
    assert read_origin(origin) == origin


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "https://*",
        "https://*.example.gov",
        "https://tax.example.gov/",
        "https://tax.example.gov:443",
        "http://localhost:80",
        "http://tax.example.gov",
        "http://localhost.example.gov",
        "https://Tax.example.gov",
        "https://tax.example.gov:0",
        "tax.example.gov",
        "null",
        "",
        "https://tax.example.gov\n",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(OriginError) as caught:
        read_origin(text)
    assert "通配符" in caught.value.sentence("zh-Hans")


def _script(folder: Path, text: str) -> Script:
    file = folder / "script.toml"
    file.write_text(text, "utf-8")
    return read_script(file)


def test_a_script_is_read(tmp_path: Path) -> None:
    script = _script(
        tmp_path,
        'answer = "refuse"\nperson = "citizen"\n[[call]]\nanswer = "removed"\ntimes = 2\n'
        '[[call]]\nanswer = "allow"\nmethod = "sign"\ndelay = 1.5\nperson = "expired"\n',
    )

    assert (script.answer, script.person) == ("refuse", "citizen")
    assert script.call[1] == Order("allow", "sign", "expired", 1.5)


@pytest.mark.parametrize(
    "text",
    [
        "answer = ",
        'answer = "perhaps"',
        'person = "somebody"',
        "unknown = 1",
        '[[call]]\nanswer = "perhaps"',
        '[[call]]\nanswer = "allow"\nmethod = "hello"',
        '[[call]]\nanswer = "allow"\ntimes = 0',
        '[[call]]\nanswer = "allow"\ndelay = -1.0',
        '[[call]]\nanswer = "allow"\npin = "123456"',
    ],
)
def test_a_script_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ScriptError, match=r"script\.toml cannot be used"):
        _script(tmp_path, text)


def test_an_order_is_read() -> None:
    order = read_order("allow method=sign person=citizen delay=0.5 times=3\n")

    assert order == Order("allow", "sign", "citizen", 0.5, 3)


@pytest.mark.parametrize("line", ["", "perhaps", "allow delay", "allow x=1", "allow times=many"])
def test_an_order_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(ScriptError, match="is not understood"):
        read_order(line)


def test_a_default_may_be_for_one_method() -> None:
    director = Director(Script())
    director.add(Order("busy"))
    director.change_default(Order("refuse", method="sign"))

    assert Director(Script("busy"), Order("removed")).take("login").answer == "removed"
    assert [director.take("sign").answer, director.take("login").answer] == ["refuse", "allow"]


def test_the_command_line_goes_before_the_script(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text('answer = "refuse"\nperson = "citizen"\n')
    words = [
        "--origin",
        SITE,
        "--origin",
        "http://localhost:1",
        "--script",
        str(tmp_path / "s.toml"),
    ]

    plain = read_arguments(words, {})
    answered = read_arguments(
        [*words, "--answer", "removed delay=2 method=sign", "--", "a", "--", "b"], {}
    )
    asked = read_arguments([*words, "--person", "revoked"], {})

    assert plain.script == Script("refuse", "citizen")
    assert plain.origins == {SITE, "http://localhost:1"}
    assert plain.answer is None
    assert answered.script == plain.script
    assert answered.answer == Order("removed", method="sign", delay=2.0)
    assert answered.command == ("a", "--", "b")
    assert asked.script.person == "revoked"
    assert plain.language == "zh-Hans"


def test_the_language_is_the_sessions() -> None:
    assert preferred_language({"LC_ALL": "", "LANG": "en_US.UTF-8"}) == "en"
    assert preferred_language({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}) == "zh-Hans"
    assert preferred_language({}) == "zh-Hans"


def test_every_sentence_stands_in_both_languages_with_the_same_values() -> None:
    for chinese, english in _TEXTS.values():
        names = [
            sorted(part.split("}")[0] for part in text.split("{")[1:])
            for text in (chinese, english)
        ]
        assert names[0] == names[1]


def test_a_line_of_the_console_cannot_be_forged_by_a_page() -> None:
    stream = io.StringIO()
    console = Console(stream, "en", as_json=False, clock=lambda: 0.0)

    console.tell("hello", origin=SITE, client="x\n12:00:00  forged\x1b[2J")

    (line,) = stream.getvalue().splitlines()
    assert line.endswith("x\ufffd12:00:00  forged\ufffd[2J")


def test_events_are_json_one_a_line() -> None:
    stream = io.StringIO()
    console = Console(stream, "zh-Hans", as_json=True, clock=lambda: 0.0)

    console.say("title", version="1")
    console.tell("call", origin=SITE, method="login", outcome="allow", person="citizen")

    (line,) = stream.getvalue().splitlines()
    assert json.loads(line) == {
        "at": "1970-01-01T00:00:00.000+00:00",
        "event": "call",
        "simulated": True,
        "origin": SITE,
        "method": "login",
        "outcome": "allow",
        "person": "citizen",
    }


PLAIN = "text/plain"
FORM = "application/json"


@pytest.mark.parametrize(
    ("content", "media_type", "form"),
    [
        ("同意\r\n\t。".encode(), PLAIN, "cades-b"),
        (b"\x01", PLAIN, "cades-b"),
        ("同意".encode("gbk"), "text/plain;charset=gbk", "plain"),
        ("同意\r\n\t。".encode(), PLAIN, "plain"),
        (b'{"a":-1,"b":[true,null,{"c":"\\u0007\\n\xe7\xad\xbe"}]}', FORM, "cades-b"),
        ('{"\U0001f600":1,"\ufb33":2}'.encode(), FORM, "cades-b"),
    ],
)
def test_what_can_be_shown_is_signed(content: bytes, media_type: str, form: str) -> None:
    require_showable(content, media_type, form)


@pytest.mark.parametrize(
    ("content", "media_type", "form", "code"),
    [
        (b"", PLAIN, "cades-b", "page.document_unsuitable"),
        (b"\xff", PLAIN, "cades-b", "page.document_unsuitable"),
        (b"a\0b", PLAIN, "cades-b", "page.document_unsuitable"),
        (b"x" * 64, PLAIN, "plain", "page.document_unsuitable"),
        (b"x" * 96, PLAIN, "plain", "page.document_unsuitable"),
        (b"x" * 128, PLAIN, "plain", "page.document_unsuitable"),
        (b"SIGNET-SM2-LOGIN...", PLAIN, "plain", "page.document_unsuitable"),
        (b"a\x0bb", PLAIN, "plain", "page.document_unsuitable"),
        (b"{}", FORM, "plain", "page.format_unsupported"),
        (b"x", "text/plain;charset=gbk", "cades-b", "page.format_unsupported"),
        (b"x", "application/pdf", "cades-b", "page.format_unsupported"),
        (b"[]", FORM, "cades-b", "page.document_unsuitable"),
        (b'{"a": 1}', FORM, "cades-b", "page.document_unsuitable"),
        (b'{"b":1,"a":1}', FORM, "cades-b", "page.document_unsuitable"),
        (b'{"a":1,"a":1}', FORM, "cades-b", "page.document_unsuitable"),
        (b'{"a":1.5}', FORM, "cades-b", "page.document_unsuitable"),
        (b'{"a":NaN}', FORM, "cades-b", "page.document_unsuitable"),
        (b'{"a":9007199254740992}', FORM, "cades-b", "page.document_unsuitable"),
        (b'{"a":' + b"9" * 5000 + b"}", FORM, "cades-b", "page.document_unsuitable"),
        (b'{"a":"\\ud800"}', FORM, "cades-b", "page.document_unsuitable"),
        (b'{"a":' + b"[" * 100_000, FORM, "cades-b", "page.document_unsuitable"),
        (b"{", FORM, "cades-b", "page.document_unsuitable"),
    ],
)
def test_what_cannot_be_shown_is_not_signed(
    content: bytes, media_type: str, form: str, code: str
) -> None:
    with pytest.raises(CallEndedError) as caught:
        require_showable(content, media_type, form)
    assert caught.value.code.value == code


def test_every_short_word_and_every_code_is_an_answer() -> None:
    short = {word for word in WORDS if "." not in word}

    assert short == {
        *("allow", "allow-unchecked", "wait", "vanish", "refuse", "timeout", "wrong-pin"),
        *("absent", "removed", "locked", "busy", "paused", "denied"),
    }

"""Texts that are no request of the contract: MP-01 to MP-17, MP-22 to MP-25."""

import json
from base64 import b64encode

from tests.attacks.classes import BAD_REQUEST, PROTOCOL, UNSUPPORTED
from tests.attacks.hands import say
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.kit.running_agent import NONCE

DOCUMENT = b64encode(b"attack").decode()
SIGN = {"document": DOCUMENT, "media_type": "text/plain"}
CALLS: dict[str, dict[str, object]] = {
    "login": {"nonce": NONCE},
    "choose": {"purpose": "sign"},
    "sign": dict(SIGN),
    "cancel": {"call": 1},
}
"""An orderly call of each method; most of them would open a window."""


def call(method: object, params: object = None, **members: object) -> str:
    """Return the text of a request; members replace or follow its own."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
    return json.dumps({**request, **members}, ensure_ascii=False)


@plays("MP-01")
async def say_what_is_no_json(scene: Scene) -> None:
    """A text that is not JSON gets one error, and nothing of it comes back."""
    texts = ("", "a", "{", "'", "\0", " " * 65536, "{'id':1}", "undefined", "[", "\ufffd")
    for text in texts:
        await say(scene, repr(text[:12]), text)


@plays("MP-04")
async def nest_arrays(scene: Scene) -> None:
    """Arrays inside arrays do not exhaust a parser, closed or not."""
    for depth in (65, 1_000, 100_000, 300_000):
        await say(scene, f"{depth} arrays", "[" * depth + "]" * depth)
        await say(scene, f"{depth} open arrays", "[" * depth)
    await say(scene, "arrays in a call", call("choose").replace("{}", "[" * 5000 + "]" * 5000))


@plays("MP-05")
async def nest_objects(scene: Scene) -> None:
    """Objects inside objects neither."""
    for depth in (65, 5_000, 50_000):
        await say(scene, f"{depth} objects", '{"a":' * depth + "1" + "}" * depth)
        nested = '{"a":' * depth + "1" + "}" * depth
        await say(scene, f"{depth} objects in a call", call("choose").replace("{}", nested))


@plays("MP-06")
async def say_things_twice(scene: Scene) -> None:
    """A name that stands twice is refused wherever it stands, also in another spelling."""
    choose = '"params":{"purpose":"login"'
    texts = {
        "method": call("choose").replace('"method"', '"method": "login", "method"'),
        "id": call("choose").replace('"id"', '"id": 2, "id"'),
        "the same twice": call("choose").replace('"id"', '"id": 1, "id"'),
        "escaped": call("choose").replace('"method"', '"m\\u0065thod": "login", "method"'),
        "in params": call("choose").replace('"params": {', choose + ',"purpose":"sign"'),
        "params": call("choose").replace('"params"', '"params": {"x":1}, "params"'),
    }
    for label, text in texts.items():
        await say(scene, f"{label} twice", text)


@plays("MP-08")
async def say_what_is_no_number(scene: Scene) -> None:
    """Numbers that JSON does not know, or that no integer can be, are refused everywhere."""
    for number in ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1.0", "1e1", "-0.0"):
        await say(scene, f"id {number}", call("choose").replace('"id": 1', f'"id": {number}'))
        hello = call("hello", {"version": "V"}).replace('"V"', number)
        await say(scene, f"version {number}", hello, greets=False)


@plays("MP-09")
async def say_long_numbers(scene: Scene) -> None:
    """A number with thousands of digits is not even converted."""
    for digits in ("1" * 5_000, "-" + "9" * 10_000, "1" * 500_000, "9007199254740992"):
        label = f"{len(digits)} digits"
        await say(scene, f"id of {label}", call("choose").replace('"id": 1', f'"id": {digits}'))
        hello = call("hello", {"version": "V"}).replace('"V"', digits)
        await say(scene, f"version of {label}", hello, greets=False)
        cancel = call("cancel", {"call": "V"}).replace('"V"', digits)
        await say(scene, f"a cancelled call of {label}", cancel)


@plays("MP-10")
async def use_hostile_ids(scene: Scene) -> None:
    """An id is short and printable, or none is echoed."""
    mebibyte = "x" * 2**20
    ids: tuple[object, ...] = (-1, 1.5, True, False, None, {}, [], [1], {"a": 1}, "", mebibyte)
    for each in (*ids, "x" * 129, "x" * 65, "a b", "a\0b", "\x7f", "标", 2**53, "\u202e1"):
        await say(scene, f"id {str(each)[:12]!r}", call("choose", id=each))
    without = json.dumps({"jsonrpc": "2.0", "method": "choose"})
    await say(scene, "no id", without)
    for reply in scene.replies:
        echoed = str(json.loads(reply).get("id"))
        orderly = len(echoed) <= 128 and echoed.isascii() and echoed.isprintable()
        scene.require(orderly, f"an id of {len(echoed)} characters comes back")


@plays("MP-12")
async def say_control_characters(scene: Scene) -> None:
    """No text parameter takes a control character; as they are they are not even JSON."""
    for character in ("\0", "\t", "\n", "\r", "\x7f", "\x1b", "\u2028"):
        text = f"a{character}b"
        in_kind = {BAD_REQUEST, UNSUPPORTED}
        label = repr(character)
        await say(
            scene, f"client {label}", call("hello", {"version": 1, "client": text}), greets=False
        )
        for name in ("document", "certificate", "packaging"):
            await say(scene, f"{name} {label}", call("sign", {**SIGN, name: text}))
        for name in ("media_type", "format"):
            await say(scene, f"{name} {label}", call("sign", {**SIGN, name: text}), in_kind)
        await say(scene, f"nonce {label}", call("login", {"nonce": NONCE + character}))
        await say(scene, f"purpose {label}", call("choose", {"purpose": f"sign{character}"}))
        await say(scene, f"jsonrpc {label}", call("choose", jsonrpc=f"2.0{character}"))
        if ord(character) < 0x20:
            await say(scene, f"bare {label}", call("choose", id="V").replace("V", character))


@plays("MP-13")
async def say_it_in_other_encodings(scene: Scene) -> None:
    """Only UTF-8 without a mark is read; an encoding is never guessed."""
    text = call("choose")
    for encoding in ("utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "utf-32-be", "utf-8-sig"):
        octets = text.encode(encoding)
        accepted = {scene.expected} if _is_utf8(octets) else {PROTOCOL}
        await say(scene, encoding, octets, accepted)
    await say(scene, "utf-7", text.replace('"', "+ACI-"))
    await say(
        scene, "utf-7 for letters", call("choose").replace("choose", "+AGM-hoose"), {UNSUPPORTED}
    )


@plays("MP-14")
async def say_more_than_one_thing(scene: Scene) -> None:
    """One message holds one document and nothing behind it."""
    one, two = call("choose"), call("choose", id=2)
    texts = {
        "two documents": f"{one} {two}",
        "two lines": f"{one}\n{two}\n",
        "two without a gap": one + two,
        "a comma behind": one[:-1] + ",}",
        "a comma behind the document": one + ",",
        "a comment": one[:-1] + "/* */}",
        "a comment behind": one + "// choose",
        "NUL behind": one + "\0",
        "a record separator": "\x1e" + one,
    }
    for label, text in texts.items():
        await say(scene, label, text)


@plays("MP-16")
async def call_unknown_methods(scene: Scene) -> None:
    """There are five methods, and no others by any path."""
    names = ("rpc.discover", "system.exec", "../sign", "", "x" * 10240, "sign.sign", "__class__")
    for name in (*names, "ping", "Sign", "sign_hash", "unwrap", "*", "signet.login"):
        await say(scene, f"method {name[:12]!r}", call(name, {"purpose": "sign"}))


@plays("MP-17")
async def add_unknown_members(scene: Scene) -> None:
    """Every record of the contract is closed."""
    for method, params in CALLS.items():
        await say(scene, f"beside {method}", call(method, params, extra=1))
        await say(scene, f"in {method}", call(method, {**params, "extra": 1}))
        await say(scene, f"nameless in {method}", call(method, {**params, "": None}))
        await say(scene, f"__proto__ in {method}", call(method, {**params, "__proto__": {}}))
    hello = {"version": 1, "extra": 1}
    await say(scene, "in hello", call("hello", hello), greets=False)


@plays("MP-20")
async def send_batches(scene: Scene) -> None:
    """An array is refused as a whole, whatever it holds."""
    for count in (0, 1, 2, 1_000):
        batch = ",".join(call("choose", id=number) for number in range(count))
        await say(scene, f"a batch of {count}", f"[{batch}]")
    for scalar in ("null", "true", '"choose"', "1"):
        await say(scene, scalar, scalar)


@plays("MP-22")
async def answer_the_agent(scene: Scene) -> None:
    """A page asks; answers and notes from a page mean nothing."""
    answers: tuple[dict[str, object], ...] = (
        {"id": 1, "result": {}},
        {"id": 1, "error": {"code": -32000, "message": "x"}},
        {"id": 1, "result": {}, "method": "choose"},
        {"method": "progress", "params": {"call": 1, "state": "signing"}},
    )
    for answer in answers:
        text = json.dumps({"jsonrpc": "2.0", **answer})
        await say(scene, " and ".join(answer), text)


@plays("MP-24")
async def confuse_names(scene: Scene) -> None:
    """Only the exact name is a method; after unescaping it is the exact name, and judged so."""
    for name in (
        "Sign",
        "SIGN",
        "s\u0131gn",
        "sign ",
        " sign",
        "s\u0456gn",
        "\uff53ign",
        "sig\u200bn",
    ):
        await say(scene, f"method {name!r}", call(name, dict(SIGN)))
    escaped = call("sign", {"document": DOCUMENT}).replace('"sign"', '"si\\u0067n"')
    await say(scene, "an escaped letter", escaped, {BAD_REQUEST})


@plays("MP-25")
async def confuse_algorithms(scene: Scene) -> None:
    """The page names a format, nothing below it; digests of its own are never signed."""
    formats = (
        "none",
        "MD5",
        "SHA1",
        "sha256\0",
        "raw",
        "CKM_RSA_X_509",
        "cades-b\0",
        "CAdES-B",
        "",
    )
    for name in formats:
        await say(scene, f"format {name!r}", call("sign", {**SIGN, "format": name}))
    for name in ("application/octet-stream", "hash/sha-256", "text/plain; charset=gbk", ""):
        await say(scene, f"type {name!r}", call("sign", {**SIGN, "media_type": name}))
    for name in ("hash", "algorithm", "digest", "mechanism"):
        for value in ("SHA-256", "none", "MD5", "SHA1", "sha256\0", "CKM_RSA_X_509"):
            params = {**SIGN, name: value}
            await say(scene, f"{name} {value!r}", call("sign", params), {BAD_REQUEST})
    for size in (20, 31, 33, 36):
        params = {"digest": b64encode(bytes(size)).decode(), "hash": "SHA-256"}
        for method in ("sign", "login"):
            label = f"{method} of a digest of {size} octets"
            await say(scene, label, call(method, params), {BAD_REQUEST})
    await say(scene, "a method for digests", call("sign_hash", {"hash": "SHA-256"}))


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

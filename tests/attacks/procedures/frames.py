"""Frames that break RFC 6455: TR-09 to TR-13, MP-02 and MP-03."""

from tests.attacks.classes import BAD_REQUEST
from tests.attacks.hands import close_page, hear, open_page, post, send_frame
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.kit.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    closing_frame,
    masked_frame,
)

ORDERLY = b'{"jsonrpc":"2.0","id":1,"method":"choose","params":{}}'
"""Would open a window, if it were read."""

HELLO = b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"version":1,"client":"page"}}'

NOT_UTF8 = {
    "no UTF-8 at all": b"\xff\xfe\xfd",
    "a slash in the long form": b"\xc0\xaf",
    "NUL in the long form": b"\xc0\x80",
    "half a pair": b"\xed\xa0\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80",
    "cut off": b"\xe7\xad",
}


@plays("TR-09")
async def send_without_mask(scene: Scene) -> None:
    """Nothing without a mask is read, of whatever kind it is."""
    texts = {
        "a call": bytes((0x81, len(ORDERLY))) + ORDERLY,
        "a binary message": b"\x82\x02{}",
        "a ping": b"\x89\x00",
        "a closing frame": b"\x88\x02\x03\xe8",
    }
    for label, octets in texts.items():
        await send_frame(scene, label, octets)


@plays("TR-10")
async def set_reserved_bits(scene: Scene) -> None:
    """No extension was negotiated, so no reserved bit has a meaning."""
    for bits in (0x40, 0x20, 0x10, 0x70):
        for opcode in (TEXT, CONTINUATION, PING, CLOSE):
            label = f"bits {bits:02x} in a frame of kind {opcode}"
            await send_frame(scene, label, masked_frame(opcode, reserved=bits))


@plays("TR-12")
async def break_control_frames(scene: Scene) -> None:
    """Control frames are short, in one piece, and close with a code that exists."""
    broken = {
        "a ping of 126 octets": masked_frame(PING, b"x" * 126),
        "a pong of 64 KiB": masked_frame(PONG, b"x" * 65536),
        "a ping in parts": masked_frame(PING, final=False),
        "a close in parts": masked_frame(CLOSE, final=False),
        "half a close code": masked_frame(CLOSE, b"\x03"),
        "a reserved kind": masked_frame(11),
    }
    for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535):
        broken[f"close code {code}"] = closing_frame(code)
    for label, octets in broken.items():
        await send_frame(scene, label, octets)


@plays("TR-13")
async def break_fragments(scene: Scene) -> None:
    """A message comes in one piece, or in parts that belong together."""
    begin = masked_frame(TEXT, b"{", final=False)
    broken = {
        "a continuation of nothing": masked_frame(CONTINUATION, ORDERLY),
        "a part of nothing": masked_frame(CONTINUATION, b"{", final=False),
        "a message inside another": begin + masked_frame(TEXT, ORDERLY),
        "the beginning of a message inside another": begin + begin,
        "a binary message inside a text": begin + masked_frame(BINARY, b"}"),
        "a message inside one that began empty": masked_frame(TEXT, final=False)
        + masked_frame(TEXT, ORDERLY),
        "a continuation after the end": begin
        + masked_frame(CONTINUATION, b"}", final=False)
        + masked_frame(PING)
        + masked_frame(TEXT, b"}"),
    }
    for label, octets in broken.items():
        await send_frame(scene, label, octets)


@plays("MP-02")
async def send_binary(scene: Scene) -> None:
    """A message is text, even when binary octets would read the same."""
    for label, octets in {"a call": ORDERLY, "nothing": b"", "noise": bytes(range(256))}.items():
        await send_frame(scene, label, masked_frame(BINARY, octets))
    halves = masked_frame(BINARY, ORDERLY[:9], final=False) + masked_frame(
        CONTINUATION, ORDERLY[9:]
    )
    await send_frame(scene, "a call in two halves", halves)


@plays("MP-03")
async def send_what_is_no_utf8(scene: Scene) -> None:
    """Octets that are no UTF-8 are not put right, neither in a frame nor in a POST."""
    for label, octets in NOT_UTF8.items():
        hello = HELLO.replace(b"page", octets)
        await send_frame(scene, label, masked_frame(TEXT, octets))
        await send_frame(scene, f"{label}, in hello", masked_frame(TEXT, hello), greets=False)
        nonce = b'{"jsonrpc":"2.0","id":1,"method":"login","params":{"nonce":"' + octets + b'"}}'
        await post(scene, f"{label}, by POST", nonce, {BAD_REQUEST})
    halves = masked_frame(TEXT, b'"\xe7\xad', final=False) + masked_frame(CONTINUATION, b'"')
    page = await open_page(scene)
    page.send(halves)
    await hear(scene, "a character cut by the end of a message", page)
    await close_page(scene, "a character cut", page)

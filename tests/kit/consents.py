"""Consent records as the daemon would make them, and a token room's answers to them."""

import msgspec

from signet_agent.channel.desktop_messages import Agreed, PinReady, PinRejected
from signet_agent.channel.sealed_pin import PinBox
from signet_agent.model import Choice, ConsentRecord, Item, Operation, Paper, PinState, Row

CONSENT = bytes(range(16))
ORIGIN = "https://guoshui.localhost:8443"
CODE = "4718 0926 5530 8841"
DIGEST = "3f" * 32
PIN = "73519284"
"""Eight digits that are nowhere else by chance."""

_END_OF_2026 = 1_798_718_400

ENTERPRISE = Choice(
    "a" * 64, "张三 样例", "云汀样例科技有限公司", "E1", "usb-key", "4821", _END_OF_2026
)
CITIZEN = Choice("b" * 64, "张三 样例", "", "C01", "card", "0073", _END_OF_2026)
DEMO = Choice(
    *("c" * 64, "张三 样例", "云汀样例科技有限公司", "demo", "software", "4821", _END_OF_2026),
    demo=True,
)

FORM = Paper(
    "增值税纳税申报表（月报）",
    (
        Row("纳税人", "云汀样例科技有限公司"),
        Row("销项税额", "167,232.00"),
        Row("其中：服务", "1,232.00", level=1),
        Row("本期应补税额", "48,627.65", total=True),
    ),
)


LIST = (
    Item("2026 年 9 月", 1_204, CODE, FORM),
    Item("", 96, "0000 1111 2222 3333", Paper(text="本人同意以上内容。\n云汀样例科技有限公司")),
)
LETTER = Item("", 18_432, "")
FILE = Item("施工图（一期）.zip", 2_147_483_648, CODE)


def record_of(operation: Operation, **changes: object) -> ConsentRecord:
    """Return a record for an operation; for a signature with its document."""
    record = ConsentRecord(
        id=CONSENT,
        operation=operation,
        origin=ORIGIN,
        site="市国家税务局",
        mark="税",
        kind="申报表",
        choices=(ENTERPRISE,),
    )
    if operation is Operation.SIGN:
        document = {"paper": FORM, "code": CODE, "digest": DIGEST, "after": ("开始受理",)}
        record = msgspec.structs.replace(record, **document)
    if operation is Operation.SIGN_BATCH:
        record = msgspec.structs.replace(record, kind="一批文件", items=LIST, digest=DIGEST)
    if operation is Operation.SIGN_FILE:
        record = msgspec.structs.replace(record, kind="文件", items=(FILE,), digest=DIGEST)
    if operation is Operation.DECRYPT:
        record = msgspec.structs.replace(record, items=(LETTER,), digest=DIGEST)
    return msgspec.structs.replace(record, **changes)


class TokenDesk:
    """A token room of one token that counts its tries; ``pin`` is the right one."""

    def __init__(self, *, tries: int | None = 6, pin: str = PIN) -> None:
        """Plug the token in."""
        self._right = pin
        self.pin = self._state(tries, wrong_before=False)
        self._box = PinBox(CONSENT)

    def ready(self, fingerprint: str) -> PinReady:
        """Return a new one-time key and how the PIN stands."""
        self._box = PinBox(CONSENT)
        return PinReady(fingerprint, self._box.public, self.pin)

    def opens(self, agreed: Agreed) -> str:
        """Return the PIN of an agreement."""
        return self._box.open(agreed.sealed_pin).decode()

    def reject(self, fingerprint: str) -> PinRejected:
        """Count a wrong PIN and return the answer to it."""
        tries = None if self.pin.tries is None else self.pin.tries - 1
        self.pin = self._state(tries, wrong_before=True)
        self._box = PinBox(CONSENT)
        return PinRejected(fingerprint, b"" if self.pin.locked else self._box.public, self.pin)

    @staticmethod
    def _state(tries: int | None, *, wrong_before: bool) -> PinState:
        return PinState(tries=tries, final=tries == 1, locked=tries == 0, wrong_before=wrong_before)

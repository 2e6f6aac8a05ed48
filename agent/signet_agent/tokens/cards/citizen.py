"""The citizen card of the demonstration city: one P-256 key for login and signature.

A city's own card is a file like this one, and a line in ``rooms`` and in the policy's model.
"""

from signet_agent.tokens.apdu import PinReference
from signet_agent.tokens.cards.iso7816 import FileCard

CITIZEN_CARD = FileCard(
    label="市民卡",
    application=bytes.fromhex("f0592d534d4b01"),
    serial_file=0x2F02,
    certificate_file=0xC001,
    key=0x01,
    scheme=None,
    pin=PinReference(p2=0x81, min_length=6, max_length=12),
    block=4096,
)
"""F0 opens a proprietary identifier (ISO 7816-5); the rest spells the card's name."""

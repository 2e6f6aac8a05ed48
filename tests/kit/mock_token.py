"""Two of the seams: a token that signs in memory and counts, and a reader that holds such tokens.

A mock token does everything a token room does (one-time PIN keys, tries, real signatures), so
that a flow test proves the daemon and not the double. What it counts decides the attack cases:
private-key operations and PIN tries.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import SubjectKeyIdentifier

from signet_agent.channel.sealed_pin import PinBox, wipe
from signet_agent.channel.token_messages import PinKey, Sign, Unwrap
from signet_agent.daemon.keyring import PinNotTakenError
from signet_agent.errors import TokenError
from signet_agent.model import Algorithm, Certificate, KeyPadding, PinState, Token
from signet_agent.tokens.certificates import describe
from signet_protocol.errors import ErrorCode
from tests.kit.envelope import PADDINGS
from tests.kit.pki import BOTH, CITIZEN, ENCRYPTION, ENTERPRISE, Authority, PrivateKey, private_key

PIN = "246813"
"""The mock tokens' PIN; attack cases look for it in every reply and file."""

MAX_TRIES = 6

_HASHES = {"sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}


@dataclass
class Counters:
    """What a token was made to do."""

    private_ops: int = 0
    pin_tries: int = 0
    wrong_pins: int = 0
    opened: int = 0
    listed: int = 0


@dataclass
class MockToken:
    """One token with one key."""

    serial: str
    key: PrivateKey
    der: bytes
    label: str = "USB Key"
    tries: int = MAX_TRIES
    demo: bool = False
    counters: Counters = field(default_factory=Counters)
    before_sign: Callable[[], None] = lambda: None
    after_sign: Callable[[bytes], bytes] = lambda signature: signature

    @property
    def uri(self) -> str:
        return f"mock:mock/{self.serial}"

    @property
    def pin(self) -> PinState:
        return PinState(
            tries=self.tries,
            final=self.tries == 1,
            locked=self.tries == 0,
            wrong_before=self.tries < MAX_TRIES,
            min_length=4,
            max_length=16,
        )

    def certificate(self) -> Certificate:
        described = describe(self.der, self.uri, f"{self.uri}/01")
        assert described is not None
        return described

    def token(self) -> Token:
        return Token(
            uri=self.uri,
            label=self.label,
            serial=self.serial,
            kind="usb-key",
            pin=self.pin,
            certificates=(self.certificate(),),
            demo=self.demo,
        )

    def sign(self, algorithm: Algorithm, digest: bytes) -> bytes:
        """Sign a digest as a real token would."""
        self.before_sign()
        self.counters.private_ops += 1
        hashed = Prehashed(_HASHES[algorithm.hash_name])
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            half = (self.key.key_size + 7) // 8
            r, s = decode_dss_signature(self.key.sign(digest, ec.ECDSA(hashed)))
            return self.after_sign(r.to_bytes(half, "big") + s.to_bytes(half, "big"))
        return self.after_sign(self.key.sign(digest, padding.PKCS1v15(), hashed))

    def unwrap(self, encrypted: bytes, kind: KeyPadding) -> bytes:
        """Open a content key as a real token would."""
        self.before_sign()
        self.counters.private_ops += 1
        assert isinstance(self.key, rsa.RSAPrivateKey)
        return self.after_sign(self.key.decrypt(encrypted, PADDINGS[kind]))


class MockReader:
    """A key store whose tokens are plugged in and pulled out by the test."""

    def __init__(self, *tokens: MockToken) -> None:
        """Start with these tokens plugged in."""
        self.name = "mock"
        self.present: dict[str, MockToken] = {}
        self._boxes: dict[str, tuple[bytes, PinBox]] = {}
        for token in tokens:
            self.insert(token)

    def insert(self, token: MockToken) -> None:
        self.present[token.uri] = token

    def remove(self, token: MockToken) -> None:
        self.present.pop(token.uri, None)

    async def tokens(self) -> tuple[Token, ...]:
        for token in self.present.values():
            token.counters.listed += 1
        return tuple(token.token() for token in self.present.values())

    async def open_pin(self, consent: bytes, token: str) -> PinKey:
        held = self._held(token)
        held.counters.opened += 1
        box = PinBox(consent)
        self._boxes[token] = (consent, box)
        return PinKey(box.public, held.pin)

    async def sign(self, order: Sign) -> tuple[bytes, ...]:
        held = self._log_in(order)
        signatures = tuple(held.sign(order.algorithm, digest) for digest in order.digests)
        self._held(held.uri)
        return signatures

    async def unwrap(self, order: Unwrap) -> bytes:
        held = self._log_in(order)
        try:
            return held.unwrap(order.encrypted, order.padding)
        except ValueError:
            return b""  # a random key would open one content in 256 to nonsense, and fail a test

    def _log_in(self, order: Sign | Unwrap) -> MockToken:
        uri = order.key.rpartition("/")[0]
        held = self._held(uri)
        consent, box = self._boxes.pop(uri)
        assert consent == order.consent
        pin = box.open(order.sealed_pin)
        try:
            if held.pin.locked or (held.pin.final and not order.last_try):
                raise PinNotTakenError(held.pin)
            held.counters.pin_tries += 1
            if pin != PIN.encode():
                held.tries -= 1
                held.counters.wrong_pins += 1
                raise PinNotTakenError(held.pin)
        finally:
            wipe(pin)
        held.tries = MAX_TRIES
        return held

    def _held(self, uri: str) -> MockToken:
        if uri not in self.present:
            raise TokenError("pulled", ErrorCode.TOKEN_REMOVED)
        return self.present[uri]


def enterprise_token(authority: Authority) -> MockToken:
    """Return a USB key with one RSA-2048 key for login and signing."""
    key = private_key("rsa2048")
    certificate = authority.issue(ENTERPRISE, key.public_key(), usage=BOTH)
    return MockToken("YT-UK-4821", key, certificate.public_bytes(Encoding.DER))


def citizen_token(authority: Authority) -> MockToken:
    """Return a card with one P-256 key for login and signing."""
    key = private_key("p256")
    certificate = authority.issue(CITIZEN, key.public_key(), usage=BOTH)
    return MockToken("YT-SMK-0073", key, certificate.public_bytes(Encoding.DER), "市民卡")


def opening_token(authority: Authority) -> MockToken:
    """Return the same enterprise's other key, which opens envelopes and does nothing else."""
    key = private_key("rsa2048", 1)
    identifier = SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = authority.issue(
        replace(ENTERPRISE, serial_number=0x59542025E001482202),
        key.public_key(),
        usage=ENCRYPTION,
        extensions=[(identifier, False)],
    )
    return MockToken("YT-UK-4822", key, certificate.public_bytes(Encoding.DER))

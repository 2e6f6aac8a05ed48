"""Tokens behind a PKCS#11 module: python-pkcs11 lists them, ``cryptoki`` uses them.

One thread, by need: python-pkcs11 promises the module a single thread (C_Initialize with NULL).
Whatever a module does, it does to this process alone; the daemon ends it and starts another.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace
from pkcs11 import KeyType, PKCS11Error

from signet_agent.channel.sealed_pin import MAX_PIN_BYTES
from signet_agent.channel.token_messages import OpenModule, TokenFault
from signet_agent.model import Algorithm, Certificate, KeyPadding, PinState, Token
from signet_agent.tokens.base import SHA256_DIGEST_INFO, TokenRefusalError, admit_try
from signet_agent.tokens.certificates import shown
from signet_agent.tokens.cryptoki import (
    CKF_PROTECTED_AUTHENTICATION_PATH,
    CKF_USER_PIN_COUNT_LOW,
    CKF_USER_PIN_FINAL_TRY,
    CKF_USER_PIN_LOCKED,
    CKG_MGF1_SHA1,
    CKG_MGF1_SHA256,
    CKM_ECDSA,
    CKM_RSA_PKCS,
    CKM_SHA256,
    CKM_SHA_1,
    CryptokiError,
    NoSuchKeyError,
    Oaep,
    PrivateKey,
    TokenInfo,
)
from signet_agent.tokens.return_values import FAULTS, PIN_FAULTS
from signet_agent.tokens.slots import Present, Slots
from signet_agent.tokens.token_objects import COORDINATE_BYTES, read_certificates

KEPT_SECONDS = 5.0
"""How long a present token's certificates are not read again: they change when a certificate is
renewed, and reading them costs as much as a signature. Presence is asked every time."""

_OAEP = {
    KeyPadding.PKCS1: None,
    KeyPadding.OAEP_SHA1: Oaep(CKM_SHA_1, CKG_MGF1_SHA1),
    KeyPadding.OAEP_SHA256: Oaep(CKM_SHA256, CKG_MGF1_SHA256),
}


class _Reading(NamedTuple):
    """What was read from a token, and when (monotonic seconds)."""

    at: float
    present: Present
    certificates: tuple[Certificate, ...]


class Pkcs11Provider:
    """The tokens of one module. A new object of the same module looks at everything afresh."""

    def __init__(self, module: OpenModule) -> None:
        """Load and initialise the module.

        Raises:
            TokenRefusalError: it cannot be loaded, is no module, or fails at once.
        """
        if not Path(module.path).is_absolute():
            # The loader would search for a bare name, and might find a planted file.
            raise TokenRefusalError(TokenFault.MODULE, "the module's path is not absolute")
        try:
            self._slots = Slots(module.name, module.path, module.tokens)
        except (PKCS11Error, CryptokiError, OSError, AttributeError, ValueError) as error:
            raise _broken(error) from None
        self._readings: dict[str, _Reading] = {}

    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens in all slots, with the certificates that have a key beside them.

        Raises:
            TokenRefusalError: the module fails, even after it was initialised again.
        """
        try:
            found = tuple(self._list())
            if (found and not self._slots.doubtful) or not self._slots.may_reopen:
                return found
        except (PKCS11Error, CryptokiError) as error:
            if not self._slots.may_reopen:
                raise _broken(error) from None
        # Some modules see a token that came or went only after C_Initialize. Nothing is logged in
        # between two questions, so nothing is lost.
        try:
            self._slots.reopen()
            self._readings = {}
            return tuple(self._list())
        except (PKCS11Error, CryptokiError) as error:
            raise _broken(error) from None

    def pin_state(self, token: str) -> PinState:
        """Return what the token's flags tell; PKCS#11 has no counter.

        Raises:
            TokenRefusalError: the token is not here.
        """
        return _pin_state(self._slots.locate(token).info)

    def sign(
        self,
        key: str,
        algorithm: Algorithm,
        digests: Sequence[bytes],
        pin: bytearray,
        *,
        last_try: bool,
    ) -> tuple[bytes, ...]:
        """Return the signatures by one login that ends with them.

        Mechanisms that hash are not asked for: many modules lack them, and the bytes stay here.

        Raises:
            TokenRefusalError: there is no signature.
        """
        kind, mechanism = KeyType.RSA, CKM_RSA_PKCS
        inputs = [SHA256_DIGEST_INFO + digest for digest in digests]
        if algorithm.is_ecdsa:
            kind, mechanism, inputs = KeyType.EC, CKM_ECDSA, list(digests)
        wanted = self._admit(key, kind, pin, last_try=last_try)
        with self._refusals(key):
            values = self._slots.cryptoki.sign(wanted, mechanism, inputs, pin)
        if algorithm.is_ecdsa:
            values = [_fixed_length(value, algorithm) for value in values]
        return tuple(values)

    def unwrap(
        self, key: str, encrypted: bytes, padding: KeyPadding, pin: bytearray, *, last_try: bool
    ) -> bytes:
        """Return the content key by one login that ends with it.

        Raises:
            TokenRefusalError: there is no content key.
        """
        wanted = self._admit(key, KeyType.RSA, pin, last_try=last_try)
        with self._refusals(key):
            return self._slots.cryptoki.decrypt(wanted, _OAEP[padding], encrypted, pin)

    def _admit(self, key: str, kind: KeyType, pin: bytearray, *, last_try: bool) -> PrivateKey:
        """Return where the key is, if the PIN may be tried on its token."""
        uri, _, identity = key.rpartition("/")
        present = self._slots.locate(uri)
        admit_try(_pin_state(present.info), len(pin), last_try=last_try)
        return PrivateKey(present.slot.slot_id, bytes.fromhex(identity), kind)

    @contextmanager
    def _refusals(self, key: str) -> Iterator[None]:
        """Turn what goes wrong with a key into refusals in the channel's words."""
        uri = key.rpartition("/")[0]
        try:
            yield
        except NoSuchKeyError:
            raise self._refuse(TokenFault.KEY_MISSING, "", uri) from None
        except CryptokiError as error:
            # Modules have a dozen codes for a bad padding, the general ones among them.
            broken = TokenFault.ENVELOPE if error.function == "C_Decrypt" else TokenFault.MODULE
            raise self._refuse(FAULTS.get(error.code, broken), str(error), uri) from None

    def _list(self) -> Iterator[Token]:
        for uri, present in self._slots.look().items():
            try:
                certificates = self._certificates(uri, present)
            except PKCS11Error:
                self._slots.doubtful = True
                continue
            yield Token(
                uri=uri,
                label=shown(present.info.label),
                serial=shown(present.info.serial),
                kind="usb-key",
                pin=_pin_state(present.info),
                certificates=certificates,
            )

    def _certificates(self, uri: str, present: Present) -> tuple[Certificate, ...]:
        reading = self._readings.get(uri)
        now = time.monotonic()
        if reading and now - reading.at < KEPT_SECONDS and present.is_where(reading.present):
            return reading.certificates
        with present.slot.get_token().open() as session:
            listed = sorted(read_certificates(session, uri), key=lambda each: each.key)
        certificates = tuple(listed)
        self._readings[uri] = _Reading(now, present, certificates)
        return certificates

    def _refuse(self, fault: TokenFault, detail: str, uri: str) -> TokenRefusalError:
        """Return the refusal for a failed use of a key, after another look at the token."""
        try:
            state = _pin_state(self._slots.locate(uri).info)
        except TokenRefusalError:
            # Gone: whatever the module said, this is what the person can do something about.
            return TokenRefusalError(TokenFault.REMOVED, detail)
        if fault not in PIN_FAULTS:
            self._slots.doubtful = True
            return TokenRefusalError(fault, detail)
        if fault is TokenFault.PIN_LOCKED:
            state = replace(state, locked=True, tries=0)
        return TokenRefusalError(fault, detail, state)


def _broken(error: Exception) -> TokenRefusalError:
    return TokenRefusalError(TokenFault.MODULE, type(error).__name__)


def _pin_state(info: TokenInfo) -> PinState:
    """Return the PIN's state from a token's flags, with lengths a sealed PIN can have."""
    locked = bool(info.flags & CKF_USER_PIN_LOCKED)
    final = bool(info.flags & CKF_USER_PIN_FINAL_TRY) and not locked
    longest, shortest = info.max_pin_length, info.min_pin_length
    if not 1 <= longest <= MAX_PIN_BYTES:
        longest = MAX_PIN_BYTES
    return PinState(
        tries=0 if locked else 1 if final else None,
        final=final,
        locked=locked,
        wrong_before=final or bool(info.flags & CKF_USER_PIN_COUNT_LOW),
        min_length=shortest if 1 <= shortest <= longest else 1,
        max_length=longest,
        at_reader=bool(info.flags & CKF_PROTECTED_AUTHENTICATION_PATH),
    )


def _fixed_length(value: bytes, algorithm: Algorithm) -> bytes:
    """Return r || s with both halves of the curve's size; PKCS#11 allows shorter equal halves.

    Raises:
        TokenRefusalError: the module's output cannot be cut into two halves of the curve's size.
    """
    half, odd = divmod(len(value), 2)
    size = COORDINATE_BYTES[algorithm]
    if odd or not 0 < half <= size:
        raise TokenRefusalError(TokenFault.MODULE, "a signature of the wrong length")
    return value[:half].rjust(size, b"\0") + value[half:].rjust(size, b"\0")

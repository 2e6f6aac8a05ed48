"""Tokens behind a library of GM/T 0016: device, application, container.

An application has a PIN of its own, so each is a token here, and a device with two shows as two.
Nothing stays connected, open or logged in between two questions.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from cryptography.hazmat.primitives.padding import PKCS7
from msgspec.structs import replace

from signet_agent.channel.token_messages import OpenModule, TokenFault
from signet_agent.model import Algorithm, Certificate, KeyPadding, KeyUse, PinState, Token
from signet_agent.tokens.base import SHA256_DIGEST_INFO, TokenRefusalError, admit_try
from signet_agent.tokens.certificates import describe, shown
from signet_agent.tokens.return_values import PIN_FAULTS
from signet_agent.tokens.skf_library import SkfError, SkfLibrary
from signet_agent.tokens.skf_return_values import FAULTS
from signet_agent.tokens.skf_structures import DeviceInfo, SkfFormError
from signet_protocol.gm import GmFormatError
from signet_protocol.gm.gmt0009 import read_ciphertext
from signet_protocol.gm.sm4 import SM4_BYTES

KEPT_SECONDS = 5.0
"""How long a present token's certificates are not read again, as with PKCS#11."""

MAX_DEVICES = 64
MAX_APPLICATIONS = 16
MAX_CONTAINERS = 64
"""More than a machine, a device and an application have; a library that tells of more is broken."""

MAX_TRIES = 255
"""A counter beyond that is none; tokens allow six to ten."""

_SIGN, _OPEN = "sign", "open"

Watch = Callable[[SkfLibrary], None]


class SkfEnvelope(NamedTuple):
    """What is needed of an EnvelopedData (GM/T 0010): SM2 around a key of SM4, SM4-CBC."""

    wrapped_key: bytes
    """DER, GM/T 0009, section 7.2."""
    iv: bytes
    content: bytes


class _Place(NamedTuple):
    """Where a token was seen."""

    device: bytes
    application: bytes


class _Reading(NamedTuple):
    """What was read from a token, and when (monotonic seconds)."""

    at: float
    certificates: tuple[Certificate, ...]


class SkfProvider:
    """The tokens of one library."""

    def __init__(self, module: OpenModule, watch: Watch) -> None:
        """Load the library, and have its devices watched if policy says that it tells of them.

        Raises:
            TokenRefusalError: it cannot be loaded, or is no such library.
        """
        if not Path(module.path).is_absolute():
            # The loader would search for a bare name, and might find a planted file.
            raise TokenRefusalError(TokenFault.MODULE, "the library's path is not absolute")
        try:
            self.library = SkfLibrary(module.path, module.skf)
        except (OSError, AttributeError, ValueError) as error:
            raise _broken(error) from None
        self._name = module.name
        self._digest_info = module.skf.digest_info
        self._places: dict[str, _Place] = {}
        self._readings: dict[str, _Reading] = {}
        if module.skf.events:
            watch(self.library)

    def tokens(self) -> tuple[Token, ...]:
        """Return the applications of all devices, with the certificates that have a key.

        A device that fails does not hide the others.

        Raises:
            TokenRefusalError: the library fails, or every device does.
        """
        self._places = {}
        found: list[Token] = []
        failure: TokenRefusalError | None = None
        for device in self._devices():
            try:
                found += self._read_device(device)
            except (SkfError, SkfFormError) as error:
                failure = _refusal(error)
        if failure is not None and not found and failure.fault is not TokenFault.REMOVED:
            raise failure
        return tuple(found)

    def pin_state(self, token: str) -> PinState:
        """Return how the PIN stands, as the application counts.

        Raises:
            TokenRefusalError: the token is not here.
        """
        with self._application(token) as application:
            return self._pin_state(application)

    def sign(
        self,
        key: str,
        algorithm: Algorithm,
        digests: Sequence[bytes],
        pin: bytearray,
        *,
        last_try: bool,
    ) -> tuple[bytes, ...]:
        """Verify the PIN, sign in the key's container, forget the PIN.

        Raises:
            TokenRefusalError: there is no signature.
        """
        if not key.endswith(f"-{_SIGN}") or algorithm.is_ecdsa:
            raise TokenRefusalError(TokenFault.UNSUPPORTED, "SKF signs with RSA and SM2 only")
        with self.logged_in(key, pin, last_try=last_try) as container:
            return tuple(self._sign(container, algorithm, digest) for digest in digests)

    def unwrap(
        self, key: str, encrypted: bytes, padding: KeyPadding, pin: bytearray, *, last_try: bool
    ) -> bytes:
        """Refuse, before a PIN try is spent: no call of the standard gives out a content key.

        Raises:
            TokenRefusalError: always (``TokenFault.UNSUPPORTED``).
        """
        del key, encrypted, padding, pin, last_try
        raise TokenRefusalError(TokenFault.UNSUPPORTED, "SKF keeps session keys on the token")

    def open_envelope(
        self, key: str, envelope: SkfEnvelope, pin: bytearray, *, last_try: bool
    ) -> bytes:
        """Return an envelope's content; its session key is opened on the token and stays there.

        Raises:
            TokenRefusalError: it does not open; ``TokenFault.ENVELOPE`` when the token did its
                work.
        """
        wrapped = _ciphertext(envelope.wrapped_key)
        if len(envelope.iv) != SM4_BYTES:
            raise TokenRefusalError(TokenFault.ENVELOPE)
        with self._opening(key, pin, last_try=last_try) as container:
            words = (wrapped, envelope.iv, envelope.content)
            padded = self.library.decrypt_sm4(container, *words)
        try:
            unpadder = PKCS7(8 * SM4_BYTES).unpadder()
            return unpadder.update(padded) + unpadder.finalize()
        except ValueError:
            raise TokenRefusalError(TokenFault.ENVELOPE) from None

    def open_ciphertext(
        self, key: str, ciphertext: bytes, pin: bytearray, *, last_try: bool
    ) -> bytes:
        """Return the plaintext of a bare SM2 ciphertext (DER), by the maker's own function.

        The standard has no call for it; without one named in policy, this token cannot.

        Raises:
            TokenRefusalError: it does not open, or the token cannot.
        """
        parts = _ciphertext(ciphertext)
        with self._opening(key, pin, last_try=last_try) as container:
            return self.library.decrypt_sm2(container, *parts)

    @contextmanager
    def logged_in(self, key: str, pin: bytearray, *, last_try: bool) -> Iterator[int]:
        """Have a key's container, with the person logged in, for the time of the block.

        What the library raises in the block is refused in the channel's words, too.

        Raises:
            TokenRefusalError: the PIN was not taken, or the token failed.
        """
        uri, _, identity = key.rpartition("/")
        name = bytes.fromhex(identity.partition("-")[0])
        with self._application(uri) as application:
            state = self._pin_state(application)
            admit_try(state, len(pin), last_try=last_try)
            if 0 in pin:
                # A C string would end there, and a PIN that nobody typed would be tried.
                raise TokenRefusalError(TokenFault.PIN_LENGTH, pin=state)
            try:
                with (
                    self.library.login(application, pin),
                    self.library.container(application, name) as container,
                ):
                    yield container
            except SkfError as error:
                if FAULTS.get(error.code) in PIN_FAULTS:
                    raise self._pin_refusal(error, application) from None
                raise

    @contextmanager
    def _opening(self, key: str, pin: bytearray, *, last_try: bool) -> Iterator[int]:
        """Have the container of an encryption key, and tell nobody why something does not open."""
        if not key.endswith(f"-{_OPEN}"):
            raise TokenRefusalError(TokenFault.UNSUPPORTED, "the key is for signatures")
        with self.logged_in(key, pin, last_try=last_try) as container:
            try:
                yield container
            except SkfError as error:
                if error.code in FAULTS or self._is_gone(key.rpartition("/")[0]):
                    raise
                raise TokenRefusalError(TokenFault.ENVELOPE) from None

    def _sign(self, container: int, algorithm: Algorithm, digest: bytes) -> bytes:
        if algorithm is Algorithm.SM2:
            return self.library.sign_sm2(container, digest)
        data = SHA256_DIGEST_INFO + digest if self._digest_info else digest
        return self.library.sign_rsa(container, data)

    def _devices(self) -> list[bytes]:
        try:
            devices = self.library.devices()
        except (SkfError, SkfFormError) as error:
            raise _refusal(error) from None
        if len(devices) > MAX_DEVICES:
            raise TokenRefusalError(TokenFault.MODULE, "more devices than a machine has")
        return devices

    def _read_device(self, name: bytes) -> list[Token]:
        found = []
        with self.library.device(name) as device:
            info = self.library.device_info(device)
            for application in self._limited(self.library.applications(device), MAX_APPLICATIONS):
                uri = self._uri(info, application)
                if uri in self._places:
                    continue
                with self.library.application(device, application) as opened:
                    found.append(self._read(uri, info, application, opened))
                self._places[uri] = _Place(name, application)
        return found

    def _read(self, uri: str, info: DeviceInfo, name: bytes, application: int) -> Token:
        return Token(
            uri=uri,
            label=shown(info.label) or shown(name.decode("utf-8", "replace")),
            serial=shown(info.serial),
            kind="usb-key",
            pin=self._pin_state(application),
            certificates=self._certificates(uri, application),
        )

    def _certificates(self, uri: str, application: int) -> tuple[Certificate, ...]:
        reading, now = self._readings.get(uri), time.monotonic()
        if reading is not None and now - reading.at < KEPT_SECONDS:
            return reading.certificates
        certificates: list[Certificate] = []
        for name in self._limited(self.library.containers(application), MAX_CONTAINERS):
            with self.library.container(application, name) as container:
                for kind in (_SIGN, _OPEN):
                    certificates += self._certificate(container, f"{uri}/{name.hex()}-{kind}", uri)
        self._readings[uri] = _Reading(now, tuple(certificates))
        return tuple(certificates)

    def _certificate(self, container: int, key: str, uri: str) -> Iterator[Certificate]:
        """Yield the certificate of a key pair if there is one and the container has its key."""
        sign = key.endswith(_SIGN)
        der = self.library.certificate(container, sign=sign)
        certificate = describe(der, uri, key) if der is not None else None
        if certificate is None:
            return
        try:
            public = self.library.public_key(container, sign=sign)
        except SkfError as error:
            if FAULTS.get(error.code) is TokenFault.KEY_MISSING:
                return
            raise
        if public and public in certificate.spki:
            yield _as_usable(certificate)

    @contextmanager
    def _application(self, uri: str) -> Iterator[int]:
        """Open a listed token for the time of the block, or refuse in the channel's words."""
        try:
            with ExitStack() as stack:
                application = self._enter(stack, uri)
                if application is None:
                    # Plugged in anew it may have another name, or another one its old name.
                    self.tokens()
                    application = self._enter(stack, uri)
                if application is None:
                    raise TokenRefusalError(TokenFault.REMOVED)
                yield application
        except (SkfError, SkfFormError) as error:
            self._readings.pop(uri, None)
            refusal = _refusal(error)
            if refusal.fault is TokenFault.MODULE and self._is_gone(uri):
                refusal = TokenRefusalError(TokenFault.REMOVED, refusal.detail)
            raise refusal from None

    def _enter(self, stack: ExitStack, uri: str) -> int | None:
        """Open a token where it was seen, if it is the one that is there now."""
        place = self._places.get(uri)
        if place is None:
            return None
        try:
            device = stack.enter_context(self.library.device(place.device))
            if self._uri(self.library.device_info(device), place.application) != uri:
                return None
            return stack.enter_context(self.library.application(device, place.application))
        except SkfError as error:
            if FAULTS.get(error.code) is TokenFault.REMOVED:
                return None
            raise

    def _is_gone(self, uri: str) -> bool:
        """Whether a token's device is no longer listed; some libraries tell no other way."""
        try:
            return self._places[uri].device not in self.library.devices()
        except (KeyError, SkfError, SkfFormError):
            return False

    def _pin_state(self, application: int) -> PinState:
        most, left = self.library.pin_tries(application)
        if not left <= most <= MAX_TRIES:
            message = f"SKF_GetPINInfo tells of {left} tries of {most}"
            raise SkfFormError(message)
        return PinState(tries=left, final=left == 1, locked=left == 0, wrong_before=left < most)

    def _pin_refusal(self, error: SkfError, application: int) -> TokenRefusalError:
        """Return the refusal for a PIN that was not taken, with the counter as it is now."""
        state, fault = self._pin_state(application), FAULTS[error.code]
        if fault is TokenFault.PIN_LOCKED:
            state = replace(state, locked=True, tries=0)
        return TokenRefusalError(fault, str(error), state)

    def _uri(self, info: DeviceInfo, application: bytes) -> str:
        """Name a token; the device's number stands last, where a person's window shows its end."""
        number = quote(info.serial or info.label or "0", safe="")
        return f"skf:{self._name}/{quote(application, safe='')}:{number}"

    def _limited(self, names: list[bytes], most: int) -> list[bytes]:
        if len(names) > most:
            message = f"{len(names)} names in one list"
            raise SkfFormError(message)
        return names


def _as_usable(certificate: Certificate) -> Certificate:
    """Return a certificate without what the standard has no call for: RSA opens nothing here.

    So no PIN is asked for in vain.
    """
    if certificate.algorithm is Algorithm.SM2:
        return certificate
    return replace(
        certificate, uses=tuple(use for use in certificate.uses if use is not KeyUse.OPEN)
    )


def _ciphertext(der: bytes) -> tuple[bytes, bytes, bytes]:
    try:
        return read_ciphertext(der)
    except GmFormatError:
        raise TokenRefusalError(TokenFault.ENVELOPE) from None


def _broken(error: Exception) -> TokenRefusalError:
    return TokenRefusalError(TokenFault.MODULE, type(error).__name__)


def _refusal(error: SkfError | SkfFormError) -> TokenRefusalError:
    if isinstance(error, SkfError):
        return TokenRefusalError(FAULTS.get(error.code, TokenFault.MODULE), str(error))
    return TokenRefusalError(TokenFault.MODULE, str(error))

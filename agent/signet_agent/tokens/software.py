"""The embedded software token: a folder that behaves like a token, for demonstrations.

Its keys are files: whoever can read the folder can guess the PIN without the counter. So it is
used only where the machine policy names it, and it is marked in every window.

The keys are encrypted under a password that scrypt (RFC 7914) derives from the PIN: the library
wants its password as ``bytes``, which cannot be wiped, and the PIN itself must not be in any. A
key of SM2, which the library cannot encrypt, is sealed with AES-GCM under the same password.
"""

import hashlib
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_der_private_key,
)
from msgspec.structs import replace

from signet_agent.channel.token_messages import OpenModule, TokenFault
from signet_agent.model import Algorithm, PinState, Token
from signet_agent.tokens.base import TokenRefusalError, admit_try
from signet_agent.tokens.certificates import describe
from signet_agent.tokens.token_folder import (
    MAX_TRIES,
    FolderError,
    Kind,
    TokenFolder,
    TokenState,
    is_serial,
)
from signet_protocol.gm import Sm2PrivateKey, Sm2UnavailableError
from signet_protocol.gm.gmt0009 import read_signature

MIN_PIN_BYTES, MAX_PIN_BYTES = 4, 16

_SCRYPT_COST, _SCRYPT_BLOCK = 2**14, 8
"""16 MiB and some 40 ms for one guess (RFC 7914, section 2)."""

_SALT_BYTES = 16
_CHECK_BYTES = 16
_PASSWORD_BYTES = 32
_GCM_NONCE_BYTES = 12
_SM2_KEY = b"SM2"
"""What is sealed together with a key, so that no other octets pass for one."""

_HASHES: dict[Algorithm, hashes.HashAlgorithm] = {
    Algorithm.RS256: hashes.SHA256(),
    Algorithm.ES256: hashes.SHA256(),
    Algorithm.ES384: hashes.SHA384(),
    Algorithm.ES512: hashes.SHA512(),
}

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Sm2PrivateKey


@dataclass(frozen=True)
class SoftwareKey:
    """A key to put on a new software token, and its certificate; ``id`` is hexadecimal."""

    id: str
    private: PrivateKey
    certificate: x509.Certificate


def create_token(
    folder: Path,
    *,
    label: str,
    serial: str,
    pin: bytearray,
    keys: Sequence[SoftwareKey],
    kind: Kind = "software",
) -> None:
    """Make a software token in a new folder that only its owner can read; ``pin`` is not wiped.

    The folder appears complete or not at all.

    Raises:
        ValueError: the PIN has fewer than 4 or more than 16 octets, the serial number is not 4 to
            32 letters, digits and hyphens, or a key's id is not hexadecimal.
        OSError: the folder exists and is not empty, or cannot be written.
        FolderError: the disk is full.
    """
    if not MIN_PIN_BYTES <= len(pin) <= MAX_PIN_BYTES or not is_serial(serial):
        message = "a PIN has 4 to 16 octets, a serial number 4 to 32 letters, digits and hyphens"
        raise ValueError(message)
    salt = secrets.token_bytes(_SALT_BYTES)
    check, password = _derive(pin, salt)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as work:
        token = TokenFolder(Path(work, "token"))
        token.create()
        for key in keys:
            secret = _encrypt(key.private, password)
            token.add_key(key.id, secret, key.certificate.public_bytes(Encoding.DER))
        token.store(TokenState(label, serial, kind, MAX_TRIES, salt, check))
        token.path.rename(folder)


class SoftwareProvider:
    """The one token of a folder; while there is no folder, there is no token."""

    def __init__(self, module: OpenModule) -> None:
        """Take the folder; it is read with each question."""
        self._name = module.name
        self._folder = TokenFolder(Path(module.path))

    def tokens(self) -> tuple[Token, ...]:
        """Return the token with its certificates, or nothing.

        Raises:
            TokenRefusalError: the folder's content is damaged or closed to this user.
        """
        try:
            state = self._folder.load()
            if state is None:
                return ()
            uri = self._uri(state)
            listed = [
                describe(der, uri, f"{uri}/{identity}")
                for identity, der in self._folder.certificates()
            ]
        except FolderError as error:
            raise TokenRefusalError(TokenFault.MODULE, str(error)) from None
        token = Token(
            uri=uri,
            label=state.label,
            serial=state.serial,
            kind=state.kind,
            pin=_pin_state(state),
            certificates=tuple(certificate for certificate in listed if certificate),
            demo=True,
        )
        return (token,)

    def pin_state(self, token: str) -> PinState:
        """Return how many tries are left.

        Raises:
            TokenRefusalError: the folder is gone or damaged, or holds another token now.
        """
        try:
            return _pin_state(self._locate(token))
        except FolderError as error:
            raise TokenRefusalError(TokenFault.MODULE, str(error)) from None

    def sign(
        self, key: str, algorithm: Algorithm, digest: bytes, pin: bytearray, *, last_try: bool
    ) -> bytes:
        """Return the signature; a try is counted before the PIN is looked at.

        Raises:
            TokenRefusalError: there is no signature.
        """
        uri, _, identity = key.rpartition("/")
        try:
            password = self._spend_try(uri, pin, last_try=last_try)
            secret = self._folder.key(identity)
            if secret is None:
                raise TokenRefusalError(TokenFault.KEY_MISSING)
            return _sign(secret, password, algorithm, digest)
        except FolderError as error:
            raise TokenRefusalError(TokenFault.MODULE, str(error)) from None

    def _spend_try(self, uri: str, pin: bytearray, *, last_try: bool) -> bytes:
        """Return the keys' password for the right PIN.

        The counter goes down, durably, before the PIN is looked at, and up again only for the
        right one: neither a pulled plug nor an error gives a try back.
        """
        state = self._locate(uri)
        admit_try(_pin_state(state), len(pin), last_try=last_try)
        spent = replace(state, tries=state.tries - 1)
        self._folder.store(spent)
        check, password = _derive(pin, state.salt)
        if not compare_digest(check, state.check):
            after = _pin_state(spent)
            fault = TokenFault.PIN_LOCKED if after.locked else TokenFault.PIN_INCORRECT
            raise TokenRefusalError(fault, pin=after)
        self._folder.store(replace(state, tries=MAX_TRIES))
        return password

    def _uri(self, state: TokenState) -> str:
        return f"software:{self._name}/{state.serial}"

    def _locate(self, uri: str) -> TokenState:
        state = self._folder.load()
        if state is None or self._uri(state) != uri:
            raise TokenRefusalError(TokenFault.REMOVED)
        return state


def _pin_state(state: TokenState) -> PinState:
    return PinState(
        tries=state.tries,
        final=state.tries == 1,
        locked=state.tries == 0,
        wrong_before=state.tries < MAX_TRIES,
        min_length=MIN_PIN_BYTES,
        max_length=MAX_PIN_BYTES,
    )


def _derive(pin: bytearray, salt: bytes) -> tuple[bytes, bytes]:
    """Return what tells a right PIN from a wrong one, and the keys' password."""
    length = _CHECK_BYTES + _PASSWORD_BYTES
    secret = hashlib.scrypt(pin, salt=salt, n=_SCRYPT_COST, r=_SCRYPT_BLOCK, p=1, dklen=length)
    return secret[:_CHECK_BYTES], secret[_CHECK_BYTES:]


def _encrypt(key: PrivateKey, password: bytes) -> bytes:
    if isinstance(key, Sm2PrivateKey):
        nonce = secrets.token_bytes(_GCM_NONCE_BYTES)
        return nonce + AESGCM(password).encrypt(nonce, key.pkcs8, _SM2_KEY)
    encryption = BestAvailableEncryption(password)
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, encryption)


def _sign_sm2(secret: bytes, password: bytes, digest: bytes) -> bytes:
    """Sign e, the hash of Z and the message; return r || s."""
    nonce, sealed = secret[:_GCM_NONCE_BYTES], secret[_GCM_NONCE_BYTES:]
    try:
        key = Sm2PrivateKey.from_pkcs8(AESGCM(password).decrypt(nonce, sealed, _SM2_KEY))
        return read_signature(key.sign_digest(digest))
    except Sm2UnavailableError as error:
        raise TokenRefusalError(TokenFault.UNSUPPORTED, str(error)) from None
    except (InvalidTag, ValueError) as error:
        raise TokenRefusalError(TokenFault.MODULE, type(error).__name__) from None


def _sign(secret: bytes, password: bytes, algorithm: Algorithm, digest: bytes) -> bytes:
    """Sign with an encrypted key whose password fits: failing to open it means damage."""
    if algorithm is Algorithm.SM2:
        return _sign_sm2(secret, password, digest)
    try:
        key = load_der_private_key(secret, password)
    except ValueError as error:
        raise TokenRefusalError(TokenFault.MODULE, type(error).__name__) from None
    hashed = Prehashed(_HASHES[algorithm])
    if isinstance(key, rsa.RSAPrivateKey) and not algorithm.is_ecdsa:
        return key.sign(digest, padding.PKCS1v15(), hashed)
    if isinstance(key, ec.EllipticCurvePrivateKey) and algorithm.is_ecdsa:
        r, s = decode_dss_signature(key.sign(digest, ec.ECDSA(hashed)))
        size = (key.curve.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    raise TokenRefusalError(TokenFault.UNSUPPORTED, "the key is of another kind")

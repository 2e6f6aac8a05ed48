"""What every key store of this room can do, and how it says no."""

from collections.abc import Sequence
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signet_agent.channel.token_messages import TokenFault
from signet_agent.model import Algorithm, Certificate, KeyPadding, PinState, Token

SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DigestInfo up to the digest (RFC 8017, section 9.2, note 1)."""


class TokenRefusalError(Exception):
    """A key store cannot do what it was asked; the daemon learns all three attributes.

    Attributes:
        fault: why not.
        detail: for the log; the name of a return code or of an error class, nothing else.
        pin: how the PIN stands afterwards, when the refusal has to do with the PIN.
    """

    def __init__(self, fault: TokenFault, detail: str = "", pin: PinState | None = None) -> None:
        """Keep what the daemon is told."""
        super().__init__(fault, detail)
        self.fault = fault
        self.detail = detail
        self.pin = pin


class TokenProvider(Protocol):
    """One key store: a PKCS#11 module, a folder. Used from one thread."""

    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens that are here now, with their certificates.

        Raises:
            TokenRefusalError: the store cannot tell.
        """
        ...

    def pin_state(self, token: str) -> PinState:
        """Return how the PIN of a token stands, without spending a try.

        Raises:
            TokenRefusalError: the token is not here.
        """
        ...

    def sign(
        self,
        key: str,
        algorithm: Algorithm,
        digests: Sequence[bytes],
        pin: bytearray,
        *,
        last_try: bool,
    ) -> tuple[bytes, ...]:
        """Log in with the PIN, sign the digests, log out, and return the raw signatures.

        One PIN try pays for all of them; when one fails, none is returned. ``pin`` is UTF-8 in a
        buffer that the caller wipes; no copy of it may stay behind. It is empty where the person
        types it at the reader (``PinState.at_reader``). ``last_try`` says that the person agreed to
        spend the last try.

        Raises:
            TokenRefusalError: there is no signature; the fault says whether a try was spent.
        """
        ...

    def unwrap(
        self, key: str, encrypted: bytes, padding: KeyPadding, pin: bytearray, *, last_try: bool
    ) -> bytes:
        """Log in with the PIN, decrypt an envelope's content key by RSA, and log out.

        ``encrypted`` has the size of the modulus; ``pin`` and ``last_try`` are as for ``sign``.

        Raises:
            TokenRefusalError: there is no content key; ``TokenFault.ENVELOPE`` when the token did
                its work and what came out is none.
        """
        ...


def admit_try(state: PinState, length: int, *, last_try: bool) -> None:
    """Refuse a PIN that must not reach the token, before a try is spent on it.

    Where the PIN is typed at the reader, an empty one stands for it, and no other.

    Raises:
        TokenRefusalError: locked, of a length no PIN of this token has (in octets), or the last
            try without the person's word.
    """
    if state.locked:
        raise TokenRefusalError(TokenFault.PIN_LOCKED, pin=state)
    fits = length == 0 if state.at_reader else state.min_length <= length <= state.max_length
    if not fits:
        raise TokenRefusalError(TokenFault.PIN_LENGTH, pin=state)
    if state.final and not last_try:
        raise TokenRefusalError(TokenFault.LAST_TRY, pin=state)


def modulus_bytes(certificate: Certificate) -> int:
    """Return the size of an RSA key's modulus in octets; 0 for another kind of key."""
    public = load_der_public_key(certificate.spki)
    return (public.key_size + 7) // 8 if isinstance(public, rsa.RSAPublicKey) else 0

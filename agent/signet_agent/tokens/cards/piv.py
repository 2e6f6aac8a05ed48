"""The PIV application (NIST SP 800-73-4): login 9A, signature 9C, encryption 9D.

Plain commands only, without secure messaging; what is longer than a short command is chained, as
every PIV card must take it.
"""

from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from signet_agent.tokens.apdu import (
    OK,
    Command,
    Conversation,
    PinReference,
    StatusError,
    read_tlv,
    tlv,
)
from signet_agent.tokens.cards.base import (
    NO_SUCH_FILE,
    CardCertificate,
    CardFaultError,
    CardIdentity,
    KeyJob,
    NotThisCardError,
    pkcs1_block,
)

_APPLICATION = bytes.fromhex("a00000030800001000")
"""SP 800-73-4, part 1, section 2.2; the version is left off, so that later ones answer too."""

_SELECT, _GET_DATA, _GENERAL_AUTHENTICATE = 0xA4, 0xCB, 0x87

_CHUID = 0x5FC102
_CERTIFICATES = {"9a": 0x5FC105, "9c": 0x5FC10A, "9d": 0x5FC10B}
"""Key references and the data objects of their certificates (part 1, table 3)."""

_ALGORITHMS = {
    ("rsa", 256): 0x07,
    ("rsa", 384): 0x05,
    ("ec", 32): 0x11,
    ("ec", 48): 0x14,
}
"""By the key's kind and its size in octets (SP 800-78-5, table 6-2)."""


class PivCard:
    """A card with the PIV application."""

    extended = False
    pin = PinReference(p2=0x80, min_length=6, max_length=8, padded_length=8)
    usual_tries = 3

    def select(self, card: Conversation) -> CardIdentity:
        """Select the application; the number is the card's GUID (SP 800-73-4, part 1, 3.1.2)."""
        _, status = card.try_command(Command(_SELECT, 0x04, 0x00, _APPLICATION, 256))
        if status in NO_SUCH_FILE:
            raise NotThisCardError
        if status != OK:
            raise StatusError(status)
        guid = _objects(_get(card, _CHUID)).get(0x34, b"")
        if not any(guid):
            message = "a card without a GUID"
            raise CardFaultError(message)
        return CardIdentity("PIV", guid.hex().upper()[:32])

    def certificates(self, card: Conversation) -> Iterator[CardCertificate]:
        """Yield those that are there; compressed ones are left out."""
        for key, place in _CERTIFICATES.items():
            try:
                holder = _objects(_get(card, place))
            except StatusError as error:
                if error.status in NO_SUCH_FILE:
                    continue
                raise
            information = holder.get(0x71, b"\0")
            if holder.get(0x70) and not information[:1].strip(b"\0"):
                yield CardCertificate(key, holder[0x70])

    def sign(self, card: Conversation, job: KeyJob) -> bytes:
        """Use GENERAL AUTHENTICATE (part 2, section 3.2.4) with the digest as challenge."""
        kind = "ec" if job.algorithm.is_ecdsa else "rsa"
        challenge = job.digest if kind == "ec" else pkcs1_block(job.digest, job.size)
        signature = _use(card, job.key, _algorithm(kind, job.size), challenge)
        return _halves(signature, job.size) if kind == "ec" else signature

    def decipher(self, card: Conversation, key: str, block: bytes) -> bytes:
        """Use GENERAL AUTHENTICATE with the block as challenge."""
        return _use(card, key, _algorithm("rsa", len(block)), block)


def _algorithm(kind: str, size: int) -> int:
    """Return the algorithm's reference for a key of ``size`` octets."""
    algorithm = _ALGORITHMS.get((kind, size))
    if algorithm is None:
        message = f"PIV has no {kind} of {size * 8} bits"
        raise CardFaultError(message)
    return algorithm


def _use(card: Conversation, key: str, algorithm: int, challenge: bytes) -> bytes:
    template = tlv(0x7C, tlv(0x82, b"") + tlv(0x81, challenge))
    answer = card.ask(Command(_GENERAL_AUTHENTICATE, algorithm, int(key, 16), template, 256))
    return _objects(_objects(answer).get(0x7C, b"")).get(0x82, b"")


def _get(card: Conversation, place: int) -> bytes:
    """Return the content of a data object (part 2, section 3.1.2)."""
    query = tlv(0x5C, place.to_bytes(3, "big"))
    answer = card.ask(Command(_GET_DATA, 0x3F, 0xFF, query, 256))
    return _objects(answer).get(0x53, b"")


def _objects(octets: bytes) -> dict[int, bytes]:
    try:
        return read_tlv(octets)
    except ValueError as error:
        raise CardFaultError(str(error)) from None


def _halves(der: bytes, size: int) -> bytes:
    """Return r || s of an ECDSA signature that the card gives as DER."""
    try:
        return b"".join(part.to_bytes(size, "big") for part in decode_dss_signature(der))
    except (ValueError, OverflowError):
        message = "a signature that is none"
        raise CardFaultError(message) from None

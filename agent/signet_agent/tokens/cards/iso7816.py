"""Cards with one key and plain files (ISO 7816-4 and -8), described by data alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from signet_agent.tokens.apdu import OK, Command, Conversation, PinReference, StatusError
from signet_agent.tokens.cards.base import (
    NO_SUCH_FILE,
    CardCertificate,
    CardFaultError,
    CardIdentity,
    KeyJob,
    NotThisCardError,
    pkcs1_block,
)

_SELECT, _READ_BINARY, _MANAGE_SECURITY, _SECURITY_OPERATION = 0xA4, 0xB0, 0x22, 0x2A

_END_OF_FILE = frozenset({0x6282, 0x6B00})
"""Fewer octets than asked for; an offset behind the end."""

_MAX_FILE_BYTES = 16 * 1024
"""As much as a listed certificate may have; READ BINARY reaches 32 KiB."""


@dataclass(frozen=True)
class FileCard:
    """A card with one application, one PIN, one key for login and signature, and its certificate.

    Attributes:
        label: how people call it.
        application: the application's identifier (AID), 5 to 16 octets.
        serial_file: the file (id) that holds the card's number in ASCII.
        certificate_file: the file (id) that holds the certificate in DER.
        key: the key's reference for the digital signature template, one octet.
        scheme: the algorithm reference the card wants beside the key; ``None`` for none.
        block: octets of one READ BINARY; above 256 the card takes extended length.
        pin: where the PIN is.
        usual_tries: how many tries a fresh card has.
    """

    label: str
    application: bytes
    serial_file: int
    certificate_file: int
    key: int
    pin: PinReference
    scheme: int | None = None
    block: int = 256
    usual_tries: int = 3

    @property
    def extended(self) -> bool:
        """Whether commands may have extended length."""
        return self.block > 256  # noqa: PLR2004 -- what a short response holds

    def select(self, card: Conversation) -> CardIdentity:
        """Select the application and read the card's number."""
        _, status = card.try_command(Command(_SELECT, 0x04, 0x0C, self.application))
        if status in NO_SUCH_FILE:
            raise NotThisCardError
        if status != OK:
            raise StatusError(status)
        serial = self._read(card, self.serial_file).strip(b"\0 ")
        if not serial.isalnum() or not 4 <= len(serial) <= 32:  # noqa: PLR2004 -- as in CardIdentity
            message = "a card without a number"
            raise CardFaultError(message)
        return CardIdentity(self.label, serial.decode("ascii"))

    def certificates(self, card: Conversation) -> Iterator[CardCertificate]:
        """Yield the one certificate; what follows it in its file is cut off."""
        der = self._read(card, self.certificate_file)
        yield CardCertificate(f"{self.key:02x}", der[: _der_length(der)])

    def sign(self, card: Conversation, job: KeyJob) -> bytes:
        """Name the key (MANAGE SECURITY ENVIRONMENT), then COMPUTE DIGITAL SIGNATURE."""
        scheme = b"" if self.scheme is None else bytes((0x80, 1, self.scheme))
        template = bytes((0x84, 1, self.key)) + scheme
        card.ask(Command(_MANAGE_SECURITY, 0x41, 0xB6, template))
        data = job.digest if job.algorithm.is_ecdsa else pkcs1_block(job.digest, job.size)
        return card.ask(Command(_SECURITY_OPERATION, 0x9E, 0x9A, data, self.block))

    def decipher(self, card: Conversation, key: str, block: bytes) -> bytes:
        """Refuse: the one key signs.

        Raises:
            CardFaultError: always.
        """
        del card, key, block
        message = "a card without an encryption key"
        raise CardFaultError(message)

    def _read(self, card: Conversation, file: int) -> bytes:
        """Return a transparent file (section 7.2.3), up to 16 KiB."""
        card.ask(Command(_SELECT, 0x02, 0x0C, file.to_bytes(2, "big")))
        content = b""
        while len(content) < _MAX_FILE_BYTES:
            offset = len(content)
            read = Command(_READ_BINARY, offset >> 8, offset & 0xFF, b"", self.block)
            data, status = card.try_command(read)
            if status not in _END_OF_FILE and status != OK:
                raise StatusError(status)
            content += data
            if status in _END_OF_FILE or len(data) < self.block:
                break
        return content


def _der_length(der: bytes) -> int:
    """Return the length of the first DER object, of whatever stands in a file of fixed size."""
    if len(der) < 4 or der[1] != 0x82:  # noqa: PLR2004 -- two octets of length: any certificate
        return len(der)
    return 4 + int.from_bytes(der[2:4], "big")

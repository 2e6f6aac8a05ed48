"""Contents for cards, with certificates of the test PKI."""

from base64 import b64encode

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.kit import pki
from tests.kit.card.chip import CardContent, StoredKey
from tests.kit.softhsm import PIN

CITIZEN_SERIAL, PIV_SERIAL = "YTSMK0073", "YTPIV4821"


def stored(key: pki.PrivateKey, certificate: x509.Certificate) -> StoredKey:
    """Return a key and its certificate as they lie on a card."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return StoredKey(pem, b64encode(certificate.public_bytes(Encoding.DER)).decode())


def piv_content(authority: pki.Authority, serial: str = PIV_SERIAL) -> CardContent:
    """Return a PIV card: RSA-2048 for login and encryption, P-256 for signatures."""
    login, sign, opens = (
        pki.private_key("rsa2048", 1),
        pki.private_key("p256", 1),
        pki.private_key("rsa2048", 2),
    )
    return CardContent(
        kind="piv",
        serial=serial,
        pin=PIN,
        keys={
            "9a": stored(login, authority.issue(pki.CITIZEN, login.public_key(), usage=pki.LOGIN)),
            "9c": stored(sign, authority.issue(pki.CITIZEN, sign.public_key(), usage=pki.DOCUMENT)),
            "9d": stored(
                opens, authority.issue(pki.CITIZEN, opens.public_key(), usage=pki.ENCRYPTION)
            ),
        },
    )


def citizen_content(authority: pki.Authority, serial: str = CITIZEN_SERIAL) -> CardContent:
    """Return a city's card: one P-256 key for login and signature."""
    key = pki.private_key("p256", 2)
    certificate = authority.issue(pki.CITIZEN, key.public_key(), usage=pki.BOTH)
    return CardContent(
        kind="citizen", serial=serial, pin=PIN, keys={"01": stored(key, certificate)}
    )

"""A certification service and people of SM2, in memory."""

from dataclasses import dataclass
from functools import cache
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signet_protocol.gm import DEFAULT_ID, Sm2PrivateKey
from signet_protocol.gm.gmt0009 import read_signature
from signet_protocol.gm.issuing import convert
from tests.kit.pki import BOTH, CITIZEN, Authority, Subject, Usage, private_key


@cache
def sm2_key() -> Sm2PrivateKey:
    """Return one key for the whole process."""
    return Sm2PrivateKey.generate()


@dataclass(frozen=True)
class Sm2Person:
    """A certificate and its key, which signs as a token does."""

    certificate: x509.Certificate
    key: Sm2PrivateKey

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(Encoding.DER)

    def sign(self, octets: bytes) -> bytes:
        """Return r || s over octets."""
        return read_signature(self.key.sign(octets, identity=DEFAULT_ID))


@dataclass(frozen=True)
class Sm2Authority:
    """An authority whose certificate and whose people's are of SM2."""

    template: Authority
    certificate: x509.Certificate
    key: Sm2PrivateKey

    @classmethod
    def create(cls, name: str, parent: Self | None = None) -> Self:
        """Make an authority; without a parent it is a root."""
        template = Authority.create(name, parent=parent.template if parent else None)
        key = Sm2PrivateKey.generate()
        signer = parent.key if parent else key
        return cls(template, convert(template.certificate, key.public_key, signer), key)

    def issue(
        self, subject: Subject = CITIZEN, usage: Usage = BOTH, key: Sm2PrivateKey | None = None
    ) -> Sm2Person:
        """Issue a certificate for a person."""
        placeholder = private_key("p256").public_key()
        assert isinstance(placeholder, ec.EllipticCurvePublicKey)
        template = self.template.issue(subject, placeholder, usage=usage)
        own = key or sm2_key()
        return Sm2Person(convert(template, own.public_key, self.key), own)

    @property
    def pem(self) -> bytes:
        """The authority's certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

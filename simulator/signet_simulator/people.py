"""The demonstration people, and what a department's back end needs to know of their authority."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signet_protocol.gm import Sm2PrivateKey, Sm2UnavailableError
from signet_simulator.authority import (
    CID,
    ENCRYPTION,
    SIGNING,
    USCC,
    DemoAuthority,
    Subject,
    make_p256_key,
    make_rsa_key,
)
from signet_simulator.errors import PlaceError
from signet_simulator.keys import Holding
from signet_simulator.scripts import PersonName
from signet_simulator.sm2_certificates import Sm2Authority

_DEMO_CID = "000000199001010000"
"""Of the right length, and of no region and no valid check digit."""

_DEMO_USCC = "00000000DEMO00000X"

_SINGLE_KEYED: tuple[PersonName, ...] = ("citizen", "expired", "revoked")

_PERSON = Subject("张三", identities=((CID, _DEMO_CID),))
_OFFICER = Subject("张三", "样例科技有限公司", ((CID, _DEMO_CID), (USCC, _DEMO_USCC)))


@dataclass(frozen=True)
class Person:
    """One who may be asked: a signing certificate, and an encryption certificate where she has two.

    Attributes:
        name: by which scripts call her.
        signing: for logins and signatures.
        encryption: for envelopes.
    """

    name: PersonName
    signing: Holding
    encryption: Holding | None = None

    @property
    def is_expired(self) -> bool:
        """Whether the signing certificate's time is over."""
        return self.signing.certificate.not_valid_after_utc < datetime.now(UTC)


@dataclass(frozen=True)
class Crowd:
    """Everybody, and the authorities behind them.

    Attributes:
        people: by name; without ``sm2`` where this machine has no SM2.
        root: the authority to trust.
        issuing: the one below it, which issued every certificate but SM2's.
        sm2_root: the authority of SM2.
    """

    people: Mapping[PersonName, Person]
    root: DemoAuthority
    issuing: DemoAuthority
    sm2_root: Sm2Authority | None

    @classmethod
    def create(cls) -> Self:
        """Make everybody afresh."""
        root = DemoAuthority.create("演示根证书机构")
        issuing = DemoAuthority.create("演示证书机构", root)
        people: dict[PersonName, Person] = {"enterprise": _make_officer(issuing)}
        for name in _SINGLE_KEYED:
            key = make_p256_key()
            certificate = issuing.issue(_PERSON, SIGNING, key, expired=name == "expired")
            people[name] = Person(name, Holding(certificate, key))
        try:
            sm2_root = Sm2Authority.create("演示国密根证书机构")
        except Sm2UnavailableError:
            return cls(people, root, issuing, None)
        people["sm2"] = _make_sm2_officer(sm2_root)
        return cls(people, root, issuing, sm2_root)

    def write(self, folder: Path) -> list[Path]:
        """Write what a back end needs, never a key; return the files.

        Raises:
            PlaceError: the folder cannot be written.
        """
        written = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, octets in self._files().items():
                file = folder / name
                file.write_bytes(octets)
                written.append(file)
        except OSError as error:
            raise PlaceError("folder", folder=folder, reason=error.strerror) from error
        return written

    def _files(self) -> dict[str, bytes]:
        revoked = self.people["revoked"].signing.certificate
        files = {
            "demo-ca.pem": _pem(self.root.certificate) + _pem(self.issuing.certificate),
            "demo-root.crl": self.root.write_crl(),
            "demo-people.crl": self.issuing.write_crl([revoked]),
        }
        if self.sm2_root is not None:
            files["demo-sm2-ca.pem"] = _pem(self.sm2_root.certificate)
        for name, person in self.people.items():
            certificate = person.signing.certificate
            files[f"{name}.pem"] = _pem(certificate)
            if person.encryption is not None:
                files[f"{name}-encryption.pem"] = _pem(person.encryption.certificate)
            if name != "sm2":
                response = self.issuing.write_ocsp(certificate, revoked=name == "revoked")
                files[f"{name}.ocsp"] = response
        return files


def _make_officer(issuing: DemoAuthority) -> Person:
    """Make who acts for an enterprise, with two keys as the city's tokens have."""
    signing, encryption = make_rsa_key(), make_rsa_key()
    return Person(
        "enterprise",
        Holding(issuing.issue(_OFFICER, SIGNING, signing), signing),
        Holding(issuing.issue(_OFFICER, ENCRYPTION, encryption), encryption),
    )


def _make_sm2_officer(root: Sm2Authority) -> Person:
    signing, encryption = Sm2PrivateKey.generate(), Sm2PrivateKey.generate()
    return Person(
        "sm2",
        Holding(root.issue(_OFFICER, SIGNING, signing), signing),
        Holding(root.issue(_OFFICER, ENCRYPTION, encryption), encryption),
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)

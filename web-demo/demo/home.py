"""The demonstration's folder: made at the first start, kept for the next ones.

It holds certificates, two software tokens and the databases, and no key of any authority. It is
made aside and moved into place, so that a start that was broken off leaves nothing half done.
"""

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from demo.certificates import (
    ENCRYPTION,
    SIGNING,
    CertificationService,
    make_site_certificate,
)
from demo.identities import CITIZEN, ENTERPRISE, Identity
from portal.hosts import site_labels
from signet_agent.channel.sealed_pin import wipe
from signet_agent.tokens.software import SoftwareKey, create_token
from signet_agent.tokens.token_folder import Kind

DOMAIN = "localhost"
"""Browsers resolve every name below it to this machine by themselves."""

PIN_DIGITS = 6
"""What the city's tokens ask for."""

RENEW_BEFORE = timedelta(days=7)
"""A folder whose certificates end so soon is made anew: nothing of worth is in it."""

_RSA_BITS = 2048
_RSA_EXPONENT = 65537
_CARRIERS: dict[str, Kind] = {ENTERPRISE.key: "usb-key", CITIZEN.key: "card"}


@dataclass(frozen=True)
class DemoHome:
    """Where everything of one demonstration lies."""

    folder: Path

    @property
    def authorities(self) -> Path:
        """Return the demonstration's certification authorities (PEM)."""
        return self.folder / "certificates" / "ca.pem"

    @property
    def site_root(self) -> Path:
        """Return the root that the browser's profile trusts (PEM)."""
        return self.folder / "certificates" / "site-root.pem"

    @property
    def site_certificate(self) -> Path:
        """Return the certificate of the portal's hosts (PEM)."""
        return self.folder / "certificates" / "site.pem"

    @property
    def site_key(self) -> Path:
        """Return its key (PEM, for the owner only)."""
        return self.folder / "certificates" / "site.key"

    @property
    def portal_data(self) -> Path:
        """Return the folder of the portal's database."""
        return self.folder / "portal"

    @property
    def agent_state(self) -> Path:
        """Return the folder of the agent's log."""
        return self.folder / "agent"

    @property
    def browsers(self) -> Path:
        """Return the folder of the browsers' profiles."""
        return self.folder / "browsers"

    @property
    def policy(self) -> Path:
        """Return the machine policy of the demonstration (TOML)."""
        return self.folder / "policy.toml"

    def token(self, identity: Identity) -> Path:
        """Return the folder of somebody's software token."""
        return self.folder / "tokens" / identity.key

    def pin(self) -> str:
        """Return the PIN of both tokens, made at random with them."""
        return (self.folder / "pin.txt").read_text("ascii").strip()


def open_home(folder: Path) -> tuple[DemoHome, bool]:
    """Return the demonstration's folder, and whether it had to be made."""
    home = DemoHome(folder)
    if _is_usable(home):
        return home, False
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as aside:
        fresh = Path(aside) / "home"
        fresh.mkdir(mode=0o700)
        _fill(DemoHome(fresh))
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)
    return home, True


def _is_usable(home: DemoHome) -> bool:
    """Whether the folder is complete and its certificates are good for some days more."""
    try:
        home.pin()
        leaf = x509.load_pem_x509_certificate(home.site_certificate.read_bytes())
    except (OSError, ValueError):
        return False
    return leaf.not_valid_after_utc - RENEW_BEFORE > datetime.now(UTC)


def _fill(home: DemoHome) -> None:
    """Make PIN, certificates and tokens; the authorities' keys end with this call."""
    for folder in (home.site_root.parent, home.portal_data, home.agent_state, home.browsers):
        folder.mkdir(mode=0o700)
    pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
    _write_privately(home.folder / "pin.txt", pin.encode("ascii") + b"\n")
    _make_site(home)
    service = CertificationService()
    home.authorities.write_bytes(service.pem)
    for identity in (ENTERPRISE, CITIZEN):
        _make_token(home, service, identity, pin)


def _make_site(home: DemoHome) -> None:
    hosts = (*(f"{label}.{DOMAIN}" for label in site_labels()), DOMAIN)
    made = make_site_certificate(hosts)
    home.site_root.write_bytes(made.root.public_bytes(Encoding.PEM))
    home.site_certificate.write_bytes(made.leaf.public_bytes(Encoding.PEM))
    key = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_privately(home.site_key, key)


def _make_token(home: DemoHome, service: CertificationService, who: Identity, pin: str) -> None:
    """Make an enterprise's token with its pair of RSA keys, or a citizen's with one P-256 key."""
    keys = []
    usages = (SIGNING, ENCRYPTION)
    for number, serial in enumerate(who.certificate_serials):
        private = _new_key(who)
        issued = service.issue(who, private.public_key(), usages[number], serial)
        keys.append(SoftwareKey(f"{number + 1:02x}", private, issued))
    typed = bytearray(pin.encode("ascii"))
    create_token(
        home.token(who),
        label=who.label,
        serial=who.serial,
        pin=typed,
        keys=keys,
        kind=_CARRIERS[who.key],
    )
    wipe(typed)


def _new_key(who: Identity) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if who.organisation:
        return rsa.generate_private_key(public_exponent=_RSA_EXPONENT, key_size=_RSA_BITS)
    return ec.generate_private_key(ec.SECP256R1())


def _write_privately(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)

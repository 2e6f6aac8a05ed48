"""What the checks may know: plain records, gathered by whoever starts the doctor.

So no check reaches into a room, and every check can be tried in surroundings made for a test.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct


class KeyPlace(Struct, frozen=True):
    """A place of keys that policy names: a PKCS#11 or SKF library, or a software token's folder."""

    name: str
    kind: Literal["pkcs11", "skf", "software"]
    path: Path


class PolicyView(Struct, frozen=True):
    """The policy as it was read; ``fault`` is the reader's own sentence when it could not be.

    ``machine`` tells whether it is the one that IT installed, not one named at the start;
    ``cards`` are the names of the cards that need no driver.
    """

    path: Path
    machine: bool
    sites: int = 0
    keys: tuple[KeyPlace, ...] = ()
    cards: tuple[str, ...] = ()
    fault: str = ""


class Ports(Struct, frozen=True):
    """The ports the agent may take, and those that a running agent of this person has."""

    plain: tuple[int, ...]
    tls: tuple[int, ...]
    own: frozenset[int] = frozenset()


class TrustView(Struct, frozen=True):
    """The opt-in certificate; ``not_after`` in epoch seconds, ``distrusting`` as people find it.

    ``distrusting`` names the browsers' stores that do not trust the certificate in use.
    """

    certificate: Literal["absent", "usable", "expired", "damaged"] = "absent"
    not_after: int = 0
    distrusting: tuple[str, ...] = ()


class Layer(Struct, frozen=True):
    """One layer of the document room's sandbox, and what it said when it does not hold."""

    name: str
    holds: bool
    detail: str = ""


class Surroundings(Struct, frozen=True):
    """Everything outside the doctor. ``now`` is in epoch seconds."""

    policy: PolicyView
    audit_file: Path
    ports: Ports
    trust: TrustView
    layers: tuple[Layer, ...]
    environment: Mapping[str, str]
    now: int
    font_folders: tuple[Path, ...] = (
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
    )

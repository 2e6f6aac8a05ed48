"""Drivers that are known by name, and where their installers put the library on each system.

Only places that an administrator alone can write to. A driver that is not here is named by its path
in the policy; nothing is ever searched for beyond these places.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from signet_agent.daemon.policy.model import Pkcs11Module, Policy


class KnownModule(NamedTuple):
    """One driver: what it is called in a policy, and its places, the preferred one first.

    Places are patterns (``Path.glob``) below the root, or below the system's drive.
    """

    name: str
    linux: tuple[str, ...]
    windows: tuple[str, ...]


KNOWN_MODULES = (
    KnownModule(
        "opensc",
        ("usr/lib/*/opensc-pkcs11.so", "usr/lib64/opensc-pkcs11.so", "usr/lib/opensc-pkcs11.so"),
        ("Program Files/OpenSC Project/OpenSC/pkcs11/opensc-pkcs11.dll",),
    ),
    KnownModule(
        "softhsm",
        (
            "usr/lib/softhsm/libsofthsm2.so",
            "usr/lib/*/softhsm/libsofthsm2.so",
            "usr/lib64/*/libsofthsm2.so",
        ),
        ("SoftHSM2/lib/softhsm2-x64.dll",),
    ),
    KnownModule(
        "yubico",
        ("usr/lib/*/libykcs11.so*", "usr/lib64/libykcs11.so*"),
        ("Program Files/Yubico/Yubico PIV Tool/bin/libykcs11.dll",),
    ),
    KnownModule(
        "etoken",
        ("usr/lib/libeToken.so", "usr/lib64/libeToken.so"),
        ("Windows/System32/eTPKCS11.dll",),
    ),
    KnownModule(
        "epass2003",
        ("usr/lib/libcastle.so*", "usr/lib64/libcastle.so*", "usr/lib/*/libcastle.so*"),
        ("Windows/System32/eps2003csp11.dll",),
    ),
    KnownModule(
        "epass3003",
        ("usr/lib/libshuttle_p11v220.so*", "usr/local/lib/libshuttle_p11v220.so*"),
        ("Windows/System32/shuttle_p11.dll", "Program Files/ShuttleCSP/shuttle_p11.dll"),
    ),
    KnownModule(
        "watchdata",
        ("usr/lib/watchdata/lib/libwdpkcs.so", "usr/lib/watchdata/ICP/lib/libwdpkcs_icp.so"),
        ("Windows/System32/WDPKCS.dll",),
    ),
    KnownModule(
        "proxkey",
        ("usr/lib*/WatchData/ProxKey/lib/libwdpkcs_SignatureP11.so",),
        ("Windows/System32/SignatureP11.dll",),
    ),
)
"""Names and places as the vendors' installers and their users' instructions give them."""

KNOWN_NAMES = frozenset(each.name for each in KNOWN_MODULES)

_ROOT = Path("C:/" if sys.platform == "win32" else "/")


def modules_in(policy: Policy, root: Path = _ROOT) -> tuple[Pkcs11Module, ...]:
    """Return the drivers a policy names, each with its path, and those it lets be found.

    A known driver that is not installed has the path where it would be expected.
    """
    named = tuple(
        each if each.path else replace(each, path=_place(each.name, root)) for each in policy.module
    )
    if not policy.find_modules:
        return named
    return (*named, *_installed(named, root))


def _installed(named: tuple[Pkcs11Module, ...], root: Path) -> Iterator[Pkcs11Module]:
    names, paths = {each.name for each in named}, {each.path for each in named}
    for known in KNOWN_MODULES:
        found = next(_places(known, root), None)
        if found is not None and known.name not in names and str(found) not in paths:
            yield Pkcs11Module(known.name, str(found))


def _place(name: str, root: Path) -> str:
    known = next(each for each in KNOWN_MODULES if each.name == name)
    expected = root / _patterns(known)[0].replace("*/", "").replace("*", "")
    return str(next(_places(known, root), expected))


def _places(known: KnownModule, root: Path) -> Iterator[Path]:
    for pattern in _patterns(known):
        yield from (path for path in sorted(root.glob(pattern)) if path.is_file())


def _patterns(known: KnownModule) -> tuple[str, ...]:
    return known.windows if sys.platform == "win32" else known.linux

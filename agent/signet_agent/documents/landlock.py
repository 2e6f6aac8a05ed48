"""Landlock (Linux 5.13, man landlock(7)): this process reads the named trees, and nothing else.

Three system calls without a C library's wrapper, so by number; no privilege is needed.
"""

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""System calls younger than Linux 5.1 have one number on every architecture we build for."""

_ASK_VERSION = 1
_RULE_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_READ_FILE = 1 << 2
_READ_DIR = 1 << 3

_FILE_RIGHTS = ((1, 13), (2, 14), (3, 15), (5, 16))
"""How many of the rights over files each version of the interface knows; all are withdrawn. From
version 2 moving between folders, from 3 truncating, from 5 device control."""

_NETWORK_VERSION, _NETWORK_RIGHTS = 4, 0b11
"""Binding and connecting TCP."""

_SCOPE_VERSION, _SCOPES = 6, 0b11
"""Abstract Unix sockets of others, and signals to others."""


class LandlockError(Exception):
    """The kernel does not offer Landlock, or refused it."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("parent", ctypes.c_int32))


def interface_version() -> int:
    """Return the version of the kernel's interface.

    Raises:
        LandlockError: there is none.
    """
    return _call(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)


def restrict_files(readable: Iterable[Path]) -> int:
    """Leave this process and its children reading below these paths; return the version used.

    Files that are open already stay open. Paths that do not exist or cannot be opened are left
    out, which only makes the rule stricter.

    Raises:
        LandlockError: the kernel does not offer it or refused; nothing has changed then.
    """
    version = interface_version()
    ruleset = _Ruleset(
        (1 << max(count for since, count in _FILE_RIGHTS if version >= since)) - 1,
        _NETWORK_RIGHTS if version >= _NETWORK_VERSION else 0,
        _SCOPES if version >= _SCOPE_VERSION else 0,
    )
    # Older kernels take the longer record as long as what they do not know is zero.
    size = ctypes.c_size_t(ctypes.sizeof(ruleset))
    rules = _call(_CREATE_RULESET, ctypes.byref(ruleset), size, 0)
    try:
        for path in readable:
            _allow_reading(rules, path)
        _forbid_new_privileges()
        _call(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)
    return version


def _allow_reading(rules: int, path: Path) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights = _READ_FILE | _READ_DIR if path.is_dir() else _READ_FILE
        _call(_ADD_RULE, rules, _RULE_PATH_BENEATH, ctypes.byref(_PathBeneath(rights, parent)), 0)
    finally:
        os.close(parent)


def _forbid_new_privileges() -> None:
    """Give up set-user-id programs, which the kernel wants first (prctl(2))."""
    _checked(ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def _call(*arguments: object) -> int:
    if sys.platform != "linux":
        message = "Landlock exists on Linux only"
        raise LandlockError(message)
    return _checked(ctypes.CDLL(None, use_errno=True).syscall(*arguments))


def _checked(result: int) -> int:
    if result < 0:
        message = os.strerror(ctypes.get_errno())
        raise LandlockError(message)
    return result

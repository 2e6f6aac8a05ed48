"""What no driver of a token needs: the network, other programs, other processes (seccomp(2)).

A document's parser is allowed what it needs and nothing else (``documents/system_calls``). Of a
vendor's module nobody knows what it needs (devices, shared memory, the card service's socket), so
here it is the other way: what would let a planted module carry a PIN away is refused, and the rest
is left. It binds the thread that asks and all that it starts, and cannot be undone.
"""

import errno
import os
import socket
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyseccomp import Arg, SyscallFilter

_FAMILIES = (socket.AF_UNIX, 16)
"""The card service's socket, and AF_NETLINK, where libusb hears of devices."""

_FAMILY_COUNT = 64
"""Above the highest address family there is."""

PROGRAMS = ("execve", "execveat", "fork", "vfork")

OTHERS = (
    *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "pidfd_send_signal"),
    *("kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "kcmp", "process_madvise"),
)
"""Reading, steering or ending other processes of the same person."""

KERNEL = (
    *("io_uring_setup", "bpf", "userfaultfd", "perf_event_open", "add_key", "keyctl"),
    *("request_key", "mount", "move_mount", "fsopen", "pivot_root", "chroot", "setns", "unshare"),
    *("open_by_handle_at", "init_module", "finit_module", "kexec_load"),
)
"""Ways around the other rules, and doors to the kernel that a driver of a token does not use."""

WRITING = (
    *("creat", "mkdir", "mkdirat", "mknod", "mknodat", "rmdir", "unlink", "unlinkat", "truncate"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"),
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
)
"""Changing the file tree; with ``_OPENING`` all the ways there are."""

_OPENING = (("open", 1), ("openat", 2))
"""Ways to open a file, and which argument holds the flags."""

_OPENED_FOR_WRITING = (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC)

_BY_STRUCTURE = ("clone3", "openat2")
"""Their arguments lie in memory, where no rule sees them; libraries fall back to the older ones."""

_CLONE_THREAD = 0x0001_0000

Rule = tuple[str, tuple["Arg", ...]]
"""A call that is refused, and what must be true of its arguments for that."""


def confine() -> bool:
    """Refuse network, programs and other processes; whether this system could.

    Without libseccomp nothing is refused, and the doctor says that it is missing.
    """
    return _load(_rules_for_all())


def forbid_writing() -> bool:
    """Refuse new and changed files, too; whether this system could."""
    return _load(_writing_rules())


def _rules_for_all() -> Iterator[Rule]:
    from pyseccomp import EQ, GE, MASKED_EQ, NE, Arg

    for name in (*PROGRAMS, *OTHERS, *KERNEL):
        yield name, ()
    for family in range(_FAMILY_COUNT):
        if family not in _FAMILIES:
            yield "socket", (Arg(0, EQ, family),)
    yield "socket", (Arg(0, GE, _FAMILY_COUNT),)
    # Threads, not processes; and abort() sends a signal to itself.
    yield "clone", (Arg(0, MASKED_EQ, _CLONE_THREAD, 0),)
    yield "tgkill", (Arg(0, NE, os.getpid()),)


def _writing_rules() -> Iterator[Rule]:
    from pyseccomp import MASKED_EQ, Arg

    for name in WRITING:
        yield name, ()
    for name, flags in _OPENING:
        for flag in _OPENED_FOR_WRITING:
            yield name, (Arg(flags, MASKED_EQ, flag, flag),)


def _load(rules: Iterator[Rule]) -> bool:
    if sys.platform != "linux":
        return False
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError):
        return False
    refusals: SyscallFilter = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    architecture = pyseccomp.system_arch()
    try:
        for name, arguments in (*rules, *((name, ()) for name in _BY_STRUCTURE)):
            code = errno.ENOSYS if name in _BY_STRUCTURE else errno.EPERM
            # A call that this architecture does not have needs no rule.
            if pyseccomp.resolve_syscall(architecture, name) >= 0:
                refusals.add_rule(pyseccomp.ERRNO(code), name, *arguments)
        refusals.load()
    except OSError:
        return False
    return True

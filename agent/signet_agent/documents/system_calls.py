"""Seccomp (man seccomp(2)): this process makes the system calls named here, and no others.

A list of what is allowed, not of what is forbidden: a kernel gains calls every year. A call that
is not on it answers ENOSYS, as if the kernel were older, and libraries take their other way.
"""

import errno
import fcntl
import os
import termios
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyseccomp import Arg, SyscallFilter

MEMORY = ("brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "membarrier")
"""mprotect and mmap with execute right too: modules are loaded on first use."""

FILES = (
    *("read", "readv", "pread64", "write", "writev", "lseek", "close", "dup"),
    *("fstat", "newfstatat", "stat", "lstat", "statx", "access", "faccessat", "faccessat2"),
    *("getdents64", "getcwd", "readlink", "readlinkat"),
)
"""Writing goes to what is open already: the channel and the error stream."""

CHANNEL = ("recvfrom", "shutdown", "getsockopt", "getsockname", "poll", "ppoll")
"""On the inherited socket; there is no way to another one."""

PROCESS = (
    *("exit", "exit_group", "getpid", "getppid", "gettid", "uname", "sysinfo", "getrandom"),
    *("getuid", "geteuid", "getgid", "getegid", "getrusage", "arch_prctl", "sched_getaffinity"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
)

THREADS = ("futex", "set_robust_list", "rseq", "set_tid_address", "sched_yield")

TIME = (*("clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time"),)

_OPENING = (("open", 1), ("openat", 2))
"""Ways to open a file, and which argument holds the flags."""

_O_TMPFILE_ALONE = 0o20000000
"""O_TMPFILE without O_DIRECTORY, which it includes."""

_WRITING = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | _O_TMPFILE_ALONE

_DEVICE_CONTROLS = (termios.TCGETS, termios.FIOCLEX)
"""Python asks whether a file is a terminal, and closes files on exec."""

_DESCRIPTOR_CONTROLS = (
    *(fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL),
    *(fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC),
)
"""Not F_SETOWN: it makes the kernel send signals to others."""

_CLONE_THREAD = 0x00010000


class SystemCallsError(Exception):
    """Seccomp or libseccomp is missing, or the kernel refused the filter."""


def load_library() -> None:
    """Load libseccomp, before the other layers: finding it runs a program and writes a file.

    Raises:
        SystemCallsError: it is not installed.
    """
    try:
        import pyseccomp  # noqa: F401 -- loading is the purpose
    except (ImportError, RuntimeError, OSError) as error:
        message = "libseccomp is not installed"
        raise SystemCallsError(message) from error


def restrict_calls() -> None:
    """Leave this process the calls of this file; it cannot be undone.

    Raises:
        SystemCallsError: the library is missing, or the kernel refused.
    """
    load_library()
    import pyseccomp

    try:
        # Calls of another architecture, such as 32-bit ones, end the process.
        rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.ENOSYS))
        for name in (*MEMORY, *FILES, *CHANNEL, *PROCESS, *THREADS, *TIME):
            _allow(rules, name)
        _allow_by_arguments(rules)
        rules.load()
    except OSError as error:
        message = f"the kernel refused the filter: {error.strerror}"
        raise SystemCallsError(message) from error


def _allow_by_arguments(rules: "SyscallFilter") -> None:
    from pyseccomp import EQ, MASKED_EQ, Arg

    for name, flags in _OPENING:
        _allow(rules, name, Arg(flags, MASKED_EQ, _WRITING, os.O_RDONLY))
    for control in _DEVICE_CONTROLS:
        _allow(rules, "ioctl", Arg(1, EQ, control))
    for control in _DESCRIPTOR_CONTROLS:
        _allow(rules, "fcntl", Arg(1, EQ, control))
    # To the connected peer only: no address.
    _allow(rules, "sendto", Arg(4, EQ, 0))
    # Threads, not processes.
    _allow(rules, "clone", Arg(0, MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD))
    # abort() sends a signal to itself.
    _allow(rules, "tgkill", Arg(0, EQ, os.getpid()))
    # Reading one's own limits, not setting any.
    _allow(rules, "prlimit64", Arg(0, EQ, 0), Arg(2, EQ, 0))


def _allow(rules: "SyscallFilter", name: str, *arguments: "Arg") -> None:
    """Allow a call under conditions on its arguments, where the architecture has it."""
    from pyseccomp import ALLOW, resolve_syscall, system_arch

    if resolve_syscall(system_arch(), name) >= 0:
        rules.add_rule(ALLOW, name, *arguments)
